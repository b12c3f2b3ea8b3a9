"""From a chart to SVG text, alone or as a figure with both widths and its table."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib import resources

from headway.documents.charts.axes import empty
from headway.documents.charts.canvas import Canvas
from headway.documents.charts.chart import Chart
from headway.documents.charts.sparkline import SparklineChart, blank
from headway.documents.entities import Figure, Width
from headway.documents.words import Words

_SHEET = "charts.css"
_LIGHT = re.compile(r":root\s*\{(.*?)\}", re.DOTALL)
_STANDALONE = re.compile(r"/\* stand-alone \*/(.*?)/\* end of stand-alone \*/", re.DOTALL)
_NAMED = re.compile(r"var\((--hw-[a-z0-9-]+)\)")


def render(
    chart: Chart, width: Width = "wide", *, locale: str = "en", name: str = "", standalone: bool = False, font: str = ""
) -> str:
    """Draw a chart.

    Args: name: start of the ids inside, needed where one page shows equal charts; a digest of the chart when left out.
        standalone: carry the light style along, for e-mail and PDF; pages serve ``stylesheet()`` instead.
        font: family of a stand-alone drawing, where it is not Inter.
    """
    words = Words(locale)
    prefix = f"{name or _digest(chart, locale)}-{width}"
    canvas = Canvas(width, words, prefix)
    svg = canvas.svg(_draw(chart, canvas), chart.title, sentence_of(chart, words))
    if not standalone:
        return svg
    style = _light_style() if not font else _light_style().replace("font-family:Inter", f"font-family:{font},Inter")
    return svg.replace("<title", f"<style>{style}</style><title", 1)


def figure(chart: Chart, *, locale: str = "en", name: str = "") -> Figure:
    """Draw a chart at both widths, with its table and its sentence."""
    words = Words(locale)
    return Figure(
        title=chart.title,
        sentence=sentence_of(chart, words),
        wide_svg=render(chart, "wide", locale=locale, name=name),
        narrow_svg=render(chart, "narrow", locale=locale, name=name),
        table=chart.table(words),
    )


def sentence_of(chart: Chart, words: Words) -> str:
    """What is to be seen, or that there is nothing yet."""
    return words.say("empty_chart", title=chart.title) if chart.is_empty else chart.sentence(words)


def stylesheet() -> str:
    """The sheet that colours charts on pages, light and dark; to be served as it is."""
    return (resources.files("headway.documents") / _SHEET).read_text(encoding="utf-8")


def _draw(chart: Chart, canvas: Canvas) -> float:
    if not chart.is_empty:
        return chart.draw(canvas)
    return blank(canvas) if isinstance(chart, SparklineChart) else empty(canvas)


@cache
def _light_style() -> str:
    """The part of the sheet a drawing needs, with light colours instead of names: few readers of SVG know ``var()``."""
    sheet = stylesheet()
    light, rules = _LIGHT.search(sheet), _STANDALONE.search(sheet)
    if light is None or rules is None:
        raise ValueError(f"{_SHEET} has lost its :root block or its stand-alone part")
    colours = dict(re.findall(r"(--hw-[a-z0-9-]+):\s*([^;]+);", light.group(1)))
    named = _NAMED.sub(lambda match: colours[match.group(1)], rules.group(1))
    return re.sub(r"\s+", " ", named).replace(": ", ":").replace(" {", "{").strip()


def _digest(chart: Chart, locale: str) -> str:
    return "hw" + hashlib.sha256(f"{locale}{chart!r}".encode()).hexdigest()[:10]
