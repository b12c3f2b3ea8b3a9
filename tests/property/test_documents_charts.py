"""Every chart of whatever figures and names: well-formed, finite, inside its frame, escaped, with unique ids and a full table."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway import documents as d
from headway.documents.charts.canvas import clean
from headway.documents.charts.lettering import text_width
from headway.documents.charts.scales import Linear, nice_domain, serial, time_ticks
from headway.documents.words import Words, finite
from tests.factories.dose import examples

SVG = "{http://www.w3.org/2000/svg}"
SLACK = 1.5
UNHURRIED = settings(deadline=None, max_examples=examples(120))
"""A first drawing loads the tables of a language, which takes longer than a deadline allows."""

figures = st.one_of(
    st.none(),
    st.floats(),
    st.floats(-1e6, 1e6),
    st.integers(-(10**12), 10**12).map(float),
    st.sampled_from([0.0, -0.0, 5e-324, 1e-300, 1e300, -1e300, 1e15, 0.1, float("inf")]),
)
shares = st.floats(0, 1)
names = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "<b>&amp;",
            '"><script>alert(1)</script>',
            "Ä" * 40,
            "x" * 200,
            "a b c d",
            "日本語の長い名前",
            "\x00\x1b",
            "\ud800",
        ]
    ),
)
moments = st.one_of(
    st.lists(st.dates(), max_size=30, unique=True).map(sorted),
    st.lists(st.datetimes(), max_size=30, unique=True).map(sorted),
    st.lists(st.floats(-1e12, 1e12), max_size=30, unique=True).map(sorted),
)
units = st.sampled_from(
    [d.NUMBER, d.PERCENT, d.Unit(kind="money"), d.Unit(kind="money", currency="JPY"), d.Unit(digits=2, suffix=" ms")]
)


@st.composite
def line_charts(draw: st.DrawFn) -> d.LineChart:
    x = tuple(draw(moments))
    row = st.lists(figures, min_size=len(x), max_size=len(x)).map(tuple)
    series = st.builds(
        lambda n, v, b: d.Series(name=n, values=v, low=b[0], high=b[1]),
        names,
        row,
        st.one_of(st.just(((), ())), st.tuples(row, row)),
    )
    at: Any = st.sampled_from(x) if x else st.just(0.0)
    return d.LineChart(
        title=draw(names),
        x=x,
        series=tuple(draw(st.lists(series, max_size=8))),
        unit=draw(units),
        y_label=draw(names),
        x_label=draw(names),
        zero=draw(st.booleans()),
        rules=tuple(
            draw(st.lists(st.builds(lambda n, v: d.Rule(name=n, value=v), names, st.floats(-1e6, 1e6)), max_size=2))
        ),
        events=tuple(draw(st.lists(st.builds(lambda n, when: d.Event(name=n, at=when), names, at), max_size=2))),
    )


def rows_of(draw: st.DrawFn, count: int, *, whiskers: bool) -> tuple[d.Bars, ...]:
    row = st.lists(figures, min_size=count, max_size=count).map(tuple)
    pairs = st.one_of(st.just(((), ())), st.tuples(row, row)) if whiskers else st.just(((), ()))
    made = st.builds(lambda n, v, b: d.Bars(name=n, values=v, low=b[0], high=b[1]), names, row, pairs)
    return tuple(draw(st.lists(made, max_size=8)))


@st.composite
def bar_charts(draw: st.DrawFn) -> d.BarChart:
    categories = tuple(draw(st.lists(names, max_size=40)))
    series = rows_of(draw, len(categories), whiskers=True)
    rules = tuple(
        draw(st.lists(st.builds(lambda n, v: d.Rule(name=n, value=v), names, st.floats(-1e6, 1e6)), max_size=2))
    )
    horizontal = draw(st.booleans())
    return d.BarChart(
        title=draw(names),
        categories=categories,
        series=series,
        unit=draw(units),
        horizontal=horizontal,
        label=draw(names),
        rules=rules,
    )


@st.composite
def stacked_charts(draw: st.DrawFn) -> d.StackedChart:
    categories = tuple(draw(st.lists(names, max_size=40)))
    series = rows_of(draw, len(categories), whiskers=False)
    return d.StackedChart(
        title=draw(names), categories=categories, series=series, unit=draw(units), share=draw(st.booleans())
    )


@st.composite
def histogram_charts(draw: st.DrawFn) -> d.HistogramChart:
    edges = tuple(sorted(draw(st.lists(st.floats(-1e9, 1e9), max_size=40, unique=True))))
    count = max(0, len(edges) - 1)
    groups = st.builds(
        lambda n, c: d.Counts(name=n, counts=tuple(c)), names, st.lists(figures, min_size=count, max_size=count)
    )
    rules = st.builds(lambda n, v: d.Rule(name=n, value=v), names, st.floats(-1e9, 1e9))
    return d.HistogramChart(
        title=draw(names),
        edges=edges,
        groups=tuple(draw(st.lists(groups, max_size=2))),
        share=draw(st.booleans()),
        x_label=draw(names),
        rules=tuple(draw(st.lists(rules, max_size=3))),
    )


@st.composite
def heatmap_charts(draw: st.DrawFn) -> d.HeatmapChart:
    columns = tuple(draw(st.lists(names, max_size=30)))
    row = st.lists(figures, min_size=len(columns), max_size=len(columns)).map(tuple)
    rows = tuple(draw(st.lists(st.builds(lambda n, v: d.HeatRow(name=n, values=v), names, row), max_size=12)))
    middle = draw(st.one_of(st.none(), st.floats(-100, 100)))
    return d.HeatmapChart(title=draw(names), columns=columns, rows=rows, unit=draw(units), middle=middle)


@st.composite
def multiples_charts(draw: st.DrawFn) -> d.MultiplesChart:
    x: tuple[Any, ...] = tuple(
        draw(st.one_of(st.lists(st.dates(), max_size=20, unique=True).map(sorted), st.lists(names, max_size=20)))
    )
    row = st.lists(figures, min_size=len(x), max_size=len(x)).map(tuple)
    panels = tuple(draw(st.lists(st.builds(lambda n, v: d.Panel(name=n, values=v), names, row), max_size=10)))
    return d.MultiplesChart(title=draw(names), x=x, panels=panels, unit=draw(units), zero=draw(st.booleans()))


@st.composite
def gains_charts(draw: st.DrawFn) -> d.GainsChart:
    count = draw(st.integers(0, 40))
    taken, found = (sorted(draw(st.lists(shares, min_size=count, max_size=count))) for _ in range(2))
    points = tuple(d.GainsPoint(taken=t, found=f) for t, f in zip(taken, found, strict=True))
    return d.GainsChart(title=draw(names), points=points, marked=draw(shares))


bins = st.builds(
    lambda p, o, n: d.CalibrationBin(predicted=p, observed=o, rows=n),
    st.one_of(figures, shares),
    shares,
    st.integers(0, 10**9),
)
reasons = st.builds(
    lambda label, amount, value: d.Reason(label=label, amount=amount, value=value),
    names,
    st.one_of(st.floats(), st.floats(-5, 5)),
    names,
)
steps = st.builds(lambda n, a, t: d.Step(name=n, amount=a, is_total=t), names, figures, st.booleans())
groups = st.builds(lambda n, lift, r: d.LiftGroup(name=n, lift=lift, rate=r), names, figures, figures)

charts: st.SearchStrategy[d.Chart] = st.one_of(
    line_charts(),
    bar_charts(),
    stacked_charts(),
    histogram_charts(),
    heatmap_charts(),
    multiples_charts(),
    gains_charts(),
    st.builds(lambda t, b: d.CalibrationChart(title=t, bins=tuple(b)), names, st.lists(bins, max_size=20)),
    st.builds(
        lambda t, a, b, r: d.ContributionChart(title=t, reference=a, score=b, reasons=tuple(r)),
        names, st.floats(), st.floats(-1e9, 1e9), st.lists(reasons, max_size=20),
    ),
    st.builds(lambda t, s: d.WaterfallChart(title=t, steps=tuple(s)), names, st.lists(steps, max_size=20)),
    st.builds(lambda t, g: d.LiftChart(title=t, groups=tuple(g)), names, st.lists(groups, max_size=30)),
    st.builds(lambda t, v: d.SparklineChart(title=t, values=tuple(v)), names, st.lists(figures, max_size=40)),
)  # fmt: skip


def elements(svg: str) -> list[ElementTree.Element]:
    """All elements that are drawn (not the definitions of patterns)."""
    root = ElementTree.fromstring(svg)
    skipped = {id(one) for defs in root.iter(f"{SVG}defs") for one in defs.iter()}
    return [one for one in root.iter() if id(one) not in skipped]


def numbers(text: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", text)]


def corners(one: ElementTree.Element) -> list[tuple[float, float]]:
    """Where a drawn element reaches."""
    get = {k: float(v) for k, v in one.attrib.items() if k in ("x", "y", "x1", "y1", "x2", "y2", "width", "height")}
    if one.tag == f"{SVG}rect":
        return [(get["x"], get["y"]), (get["x"] + get["width"], get["y"] + get["height"])]
    if one.tag == f"{SVG}line":
        return [(get["x1"], get["y1"]), (get["x2"], get["y2"])]
    if one.tag == f"{SVG}text":
        wide = text_width(one.text or "")
        left = {"start": 0.0, "middle": wide / 2, "end": wide}[one.get("text-anchor", "start")]
        turn = math.radians(40) if one.get("transform") else 0.0
        ends = [-left, wide - left]
        return [(get["x"] + e * math.cos(turn), get["y"] - e * math.sin(turn)) for e in ends]
    if one.tag == f"{SVG}path" and "a" not in one.attrib["d"] and "H" not in one.attrib["d"]:
        flat = numbers(one.attrib["d"])
        return list(zip(flat[::2], flat[1::2], strict=True))
    return []


def check_drawing(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    left, top, wide, tall = numbers(root.attrib["viewBox"])
    assert (left, top) == (0, 0)
    assert "nan" not in re.sub(r">[^<]*<", "><", svg).lower()
    for one in elements(svg):
        assert "style" not in one.attrib
        assert not any(key.startswith("on") for key in one.attrib)
        for x, y in corners(one):
            assert -SLACK <= x <= wide + SLACK, (one.tag, one.attrib, one.text, wide)
            assert -SLACK <= y <= tall + SLACK, (one.tag, one.attrib, one.text, tall)
    found = [one.attrib["id"] for one in root.iter() if "id" in one.attrib]
    assert len(found) == len(set(found))
    named = root.attrib["aria-labelledby"].split()
    assert all(name in found for name in named)
    allowed = {"svg", "title", "desc", "defs", "pattern", "path", "rect", "line", "text", "circle"}
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= allowed


@given(chart=charts, locale=st.sampled_from(["en", "de", "de-AT"]), width=st.sampled_from(["wide", "narrow"]))
@UNHURRIED
def test_any_chart_is_drawn_inside_its_frame(chart: d.Chart, locale: str, width: d.Width) -> None:
    svg = d.render(chart, width, locale=locale)
    check_drawing(svg)
    title = ElementTree.fromstring(svg).find(f"{SVG}title")
    assert title is not None
    assert (title.text or "").replace("\r", "\n") == clean(chart.title).replace("\r\n", "\n").replace("\r", "\n")


@given(chart=charts, locale=st.sampled_from(["en", "de"]))
@UNHURRIED
def test_any_figure_has_both_drawings_and_a_whole_table(chart: d.Chart, locale: str) -> None:
    made = d.figure(chart, locale=locale)
    assert 'class="hw-chart hw-wide' in made.wide_svg
    assert 'class="hw-chart hw-narrow' in made.narrow_svg
    ids = set(re.findall(r' id="([^"]+)"', made.wide_svg)) & set(re.findall(r' id="([^"]+)"', made.narrow_svg))
    assert not ids, "both drawings stand on one page"
    assert made.sentence
    assert all(len(row) == len(made.table.headers) for row in made.table.rows)
    assert d.figure(chart, locale=locale) == made


@given(chart=charts)
@UNHURRIED
def test_a_stand_alone_drawing_names_no_variable(chart: d.Chart) -> None:
    svg = d.render(chart, standalone=True)
    style = ElementTree.fromstring(svg).find(f"{SVG}style")
    assert style is not None
    assert style.text
    assert "var(" not in style.text


@given(low=st.floats(-1e280, 1e280), high=st.floats(-1e280, 1e280), zero=st.booleans(), count=st.integers(2, 12))
def test_ticks_cover_the_range_and_rise(low: float, high: float, zero: bool, count: int) -> None:
    low, high = sorted((finite(low) or 0.0, finite(high) or 0.0))
    bottom, top, ticks = nice_domain(low, high, zero=zero, count=count)
    assert bottom < top
    if high - low > 1e-9 * max(abs(low), abs(high)):
        slack = 1e-8 * (top - bottom)
        assert bottom <= low + slack
        assert top >= high - slack
    assert not zero or bottom <= 0 <= top
    assert ticks == sorted(set(ticks))
    assert 2 <= len(ticks) <= count + 3


@given(values=st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=30))
def test_scales_keep_order(values: list[float]) -> None:
    low, high, _ = nice_domain(min(values), max(values), zero=False, count=5)
    scale = Linear(low, high, 200.0, 0.0)
    places = [scale(v) for v in sorted(values)]
    assert places == sorted(places, reverse=True)
    assert all(0 <= place <= 200 for place in places)


@given(days=st.lists(st.one_of(st.dates(), st.datetimes()), min_size=2, max_size=2), most=st.integers(2, 14))
@UNHURRIED
def test_time_ticks_rise_inside_the_range(days: list[date | datetime], most: int) -> None:
    low, high = sorted(map(serial, days))
    ticks, texts = time_ticks(low, high, most, Words())
    assert ticks == sorted(set(ticks))
    assert all(low - 1e-6 <= tick <= high + 1e-6 for tick in ticks)
    assert len(ticks) == len(texts) <= most + 2


@pytest.mark.parametrize("width", ["wide", "narrow"])
@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("name", sorted(d.gallery()))
def test_gallery_is_drawn_inside_its_frame(name: str, locale: str, width: d.Width) -> None:
    check_drawing(d.render(d.gallery()[name], width, locale=locale))
