"""A waterfall: how changes lead from one total to the next. Upright where there is room, in rows on a phone."""

from __future__ import annotations

from dataclasses import dataclass

from headway.documents.charts.axes import Plot, category_axis, upright
from headway.documents.charts.canvas import Canvas
from headway.documents.charts.floating import Floating, draw_floating
from headway.documents.charts.lettering import text_width
from headway.documents.charts.line import HEIGHT
from headway.documents.charts.scales import Band
from headway.documents.entities import NUMBER, Number, Table, Unit
from headway.documents.words import Words, finite


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A change, or with ``is_total`` the level reached (its amount None) or set (a figure)."""

    name: str
    amount: Number = None
    is_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterfallChart:
    """Changes one after the other, from zero or from a first total."""

    title: str
    steps: tuple[Step, ...]
    unit: Unit = NUMBER
    label: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether no step has an amount."""
        return all(finite(step.amount) is None for step in self.steps)

    def table(self, words: Words) -> Table:
        """A row for each step with the level after it."""
        rows = [
            (row.label, "" if row.is_level else row.text, words.number(row.end, self.unit)) for row in self._rows(words)
        ]
        headers = (words.say("step"), words.say("amount"), words.say("running"))
        return Table(headers=headers, rows=tuple(rows) if not self.is_empty else (), numeric=(1, 2))

    def sentence(self, words: Words) -> str:
        """Both ends and every change between."""
        rows = self._rows(words)
        changes = [f"{row.label} {row.text}" for row in rows if not row.is_level]
        return words.say(
            "waterfall",
            title=self.title,
            first_name=rows[0].label,
            first=words.number(rows[0].end, self.unit),
            last_name=rows[-1].label,
            last=words.number(rows[-1].end, self.unit),
            steps="; ".join(changes) + "." if changes else "",
        )

    def draw(self, canvas: Canvas) -> float:
        """Upright, or in rows."""
        rows = self._rows(canvas.words)
        if canvas.is_narrow:
            return draw_floating(canvas, 0.0, rows)
        levels = [level for row in rows for level in (row.start, row.end)]
        plot = upright(
            canvas, 0.0, HEIGHT[canvas.kind], (min(levels), max(levels)), unit=self.unit, zero=True, label=self.label
        )
        band = Band(len(rows), plot.left, plot.right)
        for at, row in enumerate(rows):
            self._column(canvas, plot, band, row, at)
        return category_axis(canvas, plot, band, [row.label for row in rows])

    def _column(self, canvas: Canvas, plot: Plot, band: Band, row: Floating, at: int) -> None:
        wide = min(64.0, band.step * 0.7)
        left, a, b = band.middle(at) - wide / 2, plot.value(row.start), plot.value(row.end)
        top, tall = min(a, b), max(abs(a - b), 1.5)
        if row.is_level:
            canvas.rect(left, top, wide, tall, "hw-bar hw-total", tip=row.tip, r=2)
        else:
            canvas.fill(left, top, wide, tall, 0 if row.end >= row.start else 1, tip=row.tip)
        if at < band.count - 1:
            canvas.line(left + wide, b, band.middle(at + 1) - wide / 2, b, "hw-link")
        if text_width(row.text) + 4 <= band.step:
            above = top - 5 if top - 14 > plot.top - 8 else top + 14
            canvas.text(band.middle(at), above, row.text, "hw-value", anchor="middle")

    def _rows(self, words: Words) -> list[Floating]:
        level, rows = 0.0, []
        for step in self.steps:
            amount = finite(step.amount)
            if step.is_total:
                level = level if amount is None else amount
                text = words.number(level, self.unit)
                start, end = 0.0, level
            else:
                start, end = level, level + (amount or 0.0)
                text, level = words.signed(amount, self.unit), end
            tip = f"{step.name}: {text}"
            rows.append(
                Floating(
                    label=step.name,
                    start=start,
                    end=end,
                    text=text,
                    tip=tip,
                    is_level=step.is_total,
                    from_zero=step.is_total,
                )
            )
        return rows
