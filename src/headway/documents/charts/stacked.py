"""Stacked bars: parts of a whole by category, as figures or as shares."""

from __future__ import annotations

from dataclasses import dataclass

from headway.documents.charts.axes import Plot, category_axis, legend, upright
from headway.documents.charts.bars import Bars
from headway.documents.charts.canvas import Canvas
from headway.documents.charts.chart import need_equal
from headway.documents.charts.line import HEIGHT
from headway.documents.charts.scales import Band
from headway.documents.entities import NUMBER, PERCENT, Table, Unit
from headway.documents.words import Words, finite, present


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedChart:
    """Parts on top of each other; figures below zero stack downwards. ``share`` makes each bar one whole."""

    title: str
    categories: tuple[str, ...]
    series: tuple[Bars, ...]
    unit: Unit = NUMBER
    share: bool = False
    label: str = ""
    category_label: str = ""

    def __post_init__(self) -> None:
        need_equal(self.title, len(self.categories), **{one.name: len(one.values) for one in self.series})

    @property
    def is_empty(self) -> bool:
        """Whether no part has a figure."""
        return not any(present(one.values) for one in self.series)

    def table(self, words: Words) -> Table:
        """A row for each category, with its sum."""
        headers = (self.category_label or words.say("category"), *(one.name for one in self.series), words.say("total"))
        rows = [
            (
                category,
                *(words.number(one.values[at], self.unit) for one in self.series),
                words.number(self._total(at), self.unit),
            )
            for at, category in enumerate(self.categories)
        ]
        return Table(headers=headers, rows=tuple(rows), numeric=tuple(range(1, len(headers))))

    def sentence(self, words: Words) -> str:
        """The largest sum, or the shares of the last bar."""
        if self.share:
            last = len(self.categories) - 1
            parts = [f"{one.name} {words.number(self._part(one, last), PERCENT)}" for one in self.series]
            counts = {"parts": len(self.series), "count": len(self.categories)}
            last_name = self.categories[last]
            return words.say("shares", title=self.title, **counts, last=last_name, list=", ".join(parts))
        high, top = max((self._total(at), category) for at, category in enumerate(self.categories))
        return words.say(
            "stacked",
            title=self.title,
            parts=len(self.series),
            count=len(self.categories),
            top=top,
            high=words.number(high, self.unit),
        )

    def draw(self, canvas: Canvas) -> float:
        """A column for each category."""
        y = legend(canvas, 0.0, [(one.name, "fill", at) for at, one in enumerate(self.series)])
        heights = [self._heights(at) for at in range(len(self.categories))]
        lows, highs = [sum(h for h in hs if h < 0) for hs in heights], [sum(h for h in hs if h > 0) for hs in heights]
        unit = PERCENT if self.share else self.unit
        plot = upright(
            canvas, y, HEIGHT[canvas.kind], (min(lows), max(highs)), unit=unit, zero=True, label=self.label
        )  # fmt: skip
        band = Band(len(self.categories), plot.left, plot.right)
        for at in range(len(self.categories)):
            self._column(canvas, plot, band, at, heights[at])
        canvas.line(plot.left, plot.value(0.0), plot.right, plot.value(0.0), "hw-axis")
        return category_axis(canvas, plot, band, self.categories, self.category_label)

    def _column(self, canvas: Canvas, plot: Plot, band: Band, at: int, heights: list[float]) -> None:
        wide = min(56.0, band.step * 0.74)
        up = down = 0.0
        for index, (one, height) in enumerate(zip(self.series, heights, strict=True)):
            if height == 0:
                continue
            start = up if height > 0 else down
            a, b = plot.value(start), plot.value(start + height)
            share = f" ({canvas.words.number(height, PERCENT)})" if self.share else ""
            tip = f"{self.categories[at]}, {one.name}: {canvas.words.number(one.values[at], self.unit)}{share}"
            canvas.fill(band.middle(at) - wide / 2, min(a, b), wide, abs(a - b), index, tip=tip)
            if height > 0:
                up += height
            else:
                down += height

    def _heights(self, at: int) -> list[float]:
        if self.share:
            return [self._part(one, at) for one in self.series]
        return [finite(one.values[at]) or 0.0 for one in self.series]

    def _total(self, at: int) -> float:
        return sum(finite(one.values[at]) or 0.0 for one in self.series)

    def _part(self, one: Bars, at: int) -> float:
        """The share of a part; of what lies below zero there is none."""
        whole = sum(max(0.0, finite(other.values[at]) or 0.0) for other in self.series)
        return max(0.0, finite(one.values[at]) or 0.0) / whole if whole else 0.0
