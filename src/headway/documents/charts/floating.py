"""Bars that float from one level to the next, in rows below each other: what contributions and waterfalls share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headway.documents.charts.axes import GAP
from headway.documents.charts.canvas import Canvas, baseline
from headway.documents.charts.lettering import LINE, text_width
from headway.documents.charts.scales import Linear

_THICK = 18.0
_ROW = 27.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Floating:
    """One row, from one level to another; ``is_level`` stands for a level of its own, not a change."""

    label: str
    start: float
    end: float
    text: str
    tip: str
    is_level: bool = False
    from_zero: bool = False


def draw_floating(canvas: Canvas, y: float, rows: Sequence[Floating]) -> float:
    """Draw rows with names at the left (above, on a phone) and figures beside the bars; returns the height."""
    levels = [level for row in rows for level in (row.start, row.end)]
    low, high = min(levels), max(levels)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        low, high = low - (abs(low) or 1.0), high + (abs(high) or 1.0)
    names = 0.0 if canvas.is_narrow else min(250.0, max(text_width(row.label) for row in rows) + 2 * GAP)
    figures = min(max(text_width(row.text) for row in rows) + 12, canvas.width * 0.3)
    scale = Linear(low, high, names + figures, canvas.width - figures)
    y += 2
    before: tuple[float, float] | None = None
    for row in rows:
        if canvas.is_narrow:
            canvas.text(0, y + 11, row.label, "hw-name", room=canvas.width)
            y += LINE + 2
        else:
            canvas.text(names - GAP, baseline(y + _THICK / 2), row.label, "hw-name", anchor="end", room=names - GAP + 1)
        if before is not None and not canvas.is_narrow:
            canvas.line(before[0], before[1], before[0], y, "hw-link")
        _draw_row(canvas, scale, row, y)
        before = (scale(row.end), y + _THICK)
        y += _ROW
    return y - 4


def _draw_row(canvas: Canvas, scale: Linear, row: Floating, y: float) -> None:
    start, end, middle = scale(row.start), scale(row.end), y + _THICK / 2
    left, right = min(start, end), max(start, end)
    if row.is_level and not row.from_zero:
        canvas.marker(end, middle, 3, radius=5.5, tip=row.tip, looks="hw-mark hw-total")
        right = end + 5
    elif row.is_level:
        canvas.rect(left, y, right - left, _THICK, "hw-bar hw-total", tip=row.tip, r=2)
    else:
        width = max(right - left, 1.5)
        canvas.fill(min(left, canvas.width - width), y, width, _THICK, 0 if row.end >= row.start else 1, tip=row.tip)
    if row.end < row.start:
        canvas.text(left - 6, baseline(middle), row.text, "hw-value", anchor="end", room=left - 6)
    else:
        canvas.text(right + 6, baseline(middle), row.text, "hw-value", room=canvas.width - right - 6)
