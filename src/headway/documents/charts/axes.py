"""The frame of a chart: axes, grid, legend, and the figure that says that there is nothing yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from headway.documents.charts.canvas import Canvas, baseline, look
from headway.documents.charts.lettering import LINE, shortened, text_width, wrapped
from headway.documents.charts.scales import Band, Linear, nice_domain, thinned, time_ticks
from headway.documents.entities import Unit

Key = Literal["line", "fill", "veil", "rule"]
GAP = 8.0
_TURN = math.radians(40)
_LONGEST_TURNED = 92.0
_MOST_LINES = 3
EDGE = 6.0


@dataclass(frozen=True, slots=True)
class Plot:
    """The inner box of a chart and the scale of its upright axis."""

    left: float
    top: float
    right: float
    bottom: float
    value: Linear


def empty(canvas: Canvas, height: float = 120) -> float:
    """Say that there is nothing to be seen yet; returns the drawing's height."""
    canvas.rect(1, 1, canvas.width - 2, height - 2, "hw-empty", r=6)
    canvas.text(canvas.width / 2, baseline(height / 2), canvas.words.say("empty"), anchor="middle", room=canvas.width)
    return height


def legend(canvas: Canvas, y: float, items: Sequence[tuple[str, Key, int]]) -> float:
    """Name the looks of series, in as many lines as it takes; returns where the rest begins."""
    x = 0.0
    for name, key, index in items:
        room = canvas.width - 30
        wide = 22 + text_width(shortened(name, room))
        if x > 0 and x + wide > canvas.width:
            x, y = 0.0, y + LINE + 3
        _key(canvas, x, y + 7, key, index)
        canvas.text(x + 22, y + 11, name, "hw-name", room=room)
        x += wide + 18
    return y + LINE + 7 if items else y


def _key(canvas: Canvas, x: float, middle: float, key: Key, index: int) -> None:
    if key == "line":
        canvas.line(x, middle, x + 16, middle, f"hw-line hw-s{look(index)}")
        canvas.marker(x + 8, middle, index)
    elif key == "fill":
        canvas.fill(x + 1, middle - 6, 14, 12, index, r=2)
    elif key == "veil":
        canvas.rect(x + 1, middle - 6, 14, 12, f"hw-veil hw-f{look(index)}")
        canvas.polyline([(x + 1, middle - 6), (x + 15, middle - 6)], f"hw-line hw-s{look(index)}")
    else:
        canvas.line(x, middle, x + 16, middle, "hw-rule")


def upright(
    canvas: Canvas,
    top: float,
    height: float,
    bounds: tuple[float, float],
    *,
    unit: Unit,
    zero: bool,
    label: str = "",
    fixed: bool = False,
) -> Plot:
    """Draw the upright axis with its grid; the room at the left is what its figures need."""
    low, high, ticks = nice_domain(*bounds, zero=zero, count=max(2, round(height / 40)))
    if fixed:
        low, high = bounds
        ticks = [t for t in ticks if low <= t <= high]
    texts = canvas.words.ticks(ticks, unit)
    left = min(max(map(text_width, texts)) + GAP, canvas.width * 0.4)
    if label:
        canvas.text(0, top + 10, label, room=canvas.width)
        top += LINE + 4
    top += EDGE
    plot = Plot(left, top, canvas.width - EDGE, top + height, Linear(low, high, top + height, top))
    for tick, text in zip(ticks, texts, strict=True):
        y = plot.value(tick)
        canvas.line(left, y, plot.right, y, "hw-axis" if tick == 0 else "hw-grid")
        canvas.text(left - GAP, baseline(y), text, anchor="end", room=left - GAP + 2)
    return plot


def number_axis(canvas: Canvas, plot: Plot, scale: Linear, *, unit: Unit, label: str = "") -> float:
    """Draw a lying axis of figures below a plot; returns the y below it."""
    count = max(2, round((plot.right - plot.left) / 64))
    _, _, ticks = nice_domain(scale.low, scale.high, zero=False, count=count)
    ticks = [t for t in ticks if scale.low <= t <= scale.high]
    return _below(canvas, plot, scale, ticks, texts=canvas.words.ticks(ticks, unit), label=label)


def time_axis(canvas: Canvas, plot: Plot, scale: Linear, label: str = "") -> float:
    """Draw a lying axis of days or times below a plot; returns the y below it."""
    most = max(2, int((plot.right - plot.left) / 50))
    ticks, texts = time_ticks(scale.low, scale.high, most, canvas.words)
    return _below(canvas, plot, scale, ticks, texts=texts, label=label)


def _below(
    canvas: Canvas, plot: Plot, scale: Linear, ticks: Sequence[float], *, texts: Sequence[str], label: str
) -> float:
    canvas.line(plot.left, plot.bottom, plot.right, plot.bottom, "hw-axis")
    taken = -math.inf
    for tick, text in zip(ticks, texts, strict=True):
        x, half = scale(tick), text_width(text) / 2
        at = min(max(x, half), canvas.width - half)
        canvas.line(x, plot.bottom, x, plot.bottom + 4, "hw-axis")
        if at - half > taken + GAP and 2 * half <= canvas.width:
            canvas.text(at, plot.bottom + 17, text, anchor="middle")
            taken = at + half
    if label:
        canvas.text(plot.right, plot.bottom + 17 + LINE, label, anchor="end", room=plot.right)
    return plot.bottom + 22 + (LINE if label else 0)


def category_axis(canvas: Canvas, plot: Plot, band: Band, names: Sequence[str], label: str = "") -> float:
    """Name categories below a plot: level over up to three lines where they fit, else turned and cut, else every so many."""
    canvas.line(plot.left, plot.bottom, plot.right, plot.bottom, "hw-axis")
    room = band.step - 6
    lines = [wrapped(name, room, _MOST_LINES) for name in names]
    if all(" ".join(made) == " ".join(name.split()) for made, name in zip(lines, names, strict=True)):
        for at, made in enumerate(lines):
            for row, text in enumerate(made):
                canvas.text(band.middle(at), plot.bottom + 17 + row * LINE, text, anchor="middle")
        y = plot.bottom + 7 + LINE * max(1, *map(len, lines))
    elif len(names) == 1:
        canvas.text(band.middle(0), plot.bottom + 17, names[0], anchor="middle", room=room)
        y = plot.bottom + 22
    else:
        y = _turned(canvas, plot, band, names)
    if label:
        canvas.text(plot.right, y + 10, label, anchor="end", room=plot.right)
        y += LINE
    return y


def _turned(canvas: Canvas, plot: Plot, band: Band, names: Sequence[str]) -> float:
    shown = thinned(len(names), int((plot.right - plot.left) / (LINE * 1.25)))
    deepest = 0.0
    for at in shown:
        x, y = band.middle(at) + 4, plot.bottom + 13
        room = min(_LONGEST_TURNED, (x - 2) / math.cos(_TURN))
        canvas.text(x, y, names[at], anchor="end", room=room, turned=True)
        deepest = max(deepest, min(room, text_width(names[at])) * math.sin(_TURN))
    return plot.bottom + 20 + deepest
