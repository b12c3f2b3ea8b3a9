"""A heat map: a table of cells in seven steps of one colour, or of two around a middle."""

from __future__ import annotations

from dataclasses import dataclass

from headway.documents.charts.axes import GAP
from headway.documents.charts.canvas import Canvas, baseline
from headway.documents.charts.chart import need_equal
from headway.documents.charts.lettering import FONT_SIZE, LINE, text_width
from headway.documents.charts.scales import thinned
from headway.documents.entities import NUMBER, Number, Table, Unit
from headway.documents.words import Words, finite

STEPS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRow:
    """A row of cells; None is a cell of which nothing is known."""

    name: str
    values: tuple[Number, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatmapChart:
    """Rows of cells under ``columns``; with ``middle`` the colours part there."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    unit: Unit = NUMBER
    middle: float | None = None
    row_label: str = ""

    def __post_init__(self) -> None:
        need_equal(self.title, len(self.columns), **{row.name: len(row.values) for row in self.rows})

    @property
    def is_empty(self) -> bool:
        """Whether no cell has a figure."""
        return not self._cells

    def table(self, words: Words) -> Table:
        """The cells as they are."""
        rows = [(row.name, *(words.number(value, self.unit) for value in row.values)) for row in self.rows]
        numeric = tuple(range(1, len(self.columns) + 1))
        return Table(headers=(self.row_label, *self.columns), rows=tuple(rows), numeric=numeric)

    def sentence(self, words: Words) -> str:
        """The highest and the lowest cell."""
        (low, low_at), (high, high_at) = min(self._cells), max(self._cells)
        return words.say(
            "heatmap",
            title=self.title,
            rows=len(self.rows),
            columns=len(self.columns),
            high=words.number(high, self.unit),
            high_at=high_at,
            low=words.number(low, self.unit),
            low_at=low_at,
        )

    def draw(self, canvas: Canvas) -> float:
        """Column names, cells with their figures where they fit, and a key."""
        figures = [figure for figure, _ in self._cells]
        low, high = min(figures), max(figures)
        most = canvas.width * (0.3 if canvas.is_narrow else 0.34)
        left = min(most, max((text_width(row.name) for row in self.rows), default=0.0) + GAP)
        step = (canvas.width - left - 1) / len(self.columns)
        y, tall = self._head(canvas, left, step), 26.0
        texts = [[canvas.words.number(value, self.unit) for value in row.values] for row in self.rows]
        fits = max(text_width(text) for row in texts for text in row) + 4 <= step
        for row, said in zip(self.rows, texts, strict=True):
            canvas.text(left - GAP, baseline(y + tall / 2), row.name, "hw-name", anchor="end", room=left - GAP + 1)
            for at, value in enumerate(row.values):
                tip = f"{row.name}, {self.columns[at]}: {said[at]}"
                shade = self._shade(value, low, high)
                text = said[at] if fits else ""
                self._cell(canvas, left + at * step, y, step, tall, shade=shade, text=text, tip=tip)
            y += tall
        return self._key(canvas, left, y + 10)

    @property
    def _cells(self) -> list[tuple[float, str]]:
        return [
            (value, f"{row.name}, {column}")
            for row in self.rows
            for column, value in zip(self.columns, map(finite, row.values), strict=True)
            if value is not None
        ]

    def _head(self, canvas: Canvas, left: float, step: float) -> float:
        """Column names above, level or turned."""
        widest = max(map(text_width, self.columns))
        if widest + 4 <= step:
            for at, name in enumerate(self.columns):
                canvas.text(left + (at + 0.5) * step, FONT_SIZE, name, anchor="middle")
            return LINE + 4
        room = min(widest, 92.0)
        deep = room * 0.6428 + 10
        for at in thinned(len(self.columns), int((canvas.width - left) / (LINE * 1.2))):
            x = left + (at + 0.4) * step
            free = (canvas.width - x - 4) / 0.766
            canvas.text(x, deep, self.columns[at], room=min(room, free), turned=True)
        return deep + 8

    def _cell(
        self, canvas: Canvas, x: float, y: float, wide: float, tall: float, *, shade: str, text: str, tip: str
    ) -> None:
        if not shade:
            canvas.hatched(x + 1, y + 1, wide - 2, tall - 2, tip)
            return
        canvas.rect(x + 1, y + 1, wide - 2, tall - 2, f"hw-cell hw-{shade}", tip=tip, r=2)
        canvas.text(x + wide / 2, baseline(y + tall / 2), text, f"hw-celltext hw-on-{shade}", anchor="middle")

    def _shade(self, value: Number, low: float, high: float) -> str:
        """The step of colour; empty where nothing is known."""
        clean = finite(value)
        if clean is None:
            return ""
        if self.middle is None:
            share = (clean - low) / (high - low) if high > low else 0.5
            return f"h{min(STEPS - 1, int(share * STEPS))}"
        far = max(high - self.middle, self.middle - low) or 1.0
        share = (clean - self.middle) / far
        return f"d{min(STEPS - 1, max(0, round((share + 1) / 2 * (STEPS - 1))))}"

    def _key(self, canvas: Canvas, left: float, y: float) -> float:
        figures = [figure for figure, _ in self._cells]
        low, high = min(figures), max(figures)
        if self.middle is not None:
            far = max(abs(figure - self.middle) for figure in figures)
            low, high = self.middle - far, self.middle + far
        first, last = canvas.words.number(low, self.unit), canvas.words.number(high, self.unit)
        wide, kind = 16.0, "h" if self.middle is None else "d"
        start = max(text_width(first) + 6, min(left, canvas.width - STEPS * wide - text_width(last) - 8))
        if start + STEPS * wide + text_width(last) + 6 > canvas.width:
            return y
        canvas.text(start - 6, baseline(y + 6), first, anchor="end")
        for at in range(STEPS):
            canvas.rect(start + at * wide, y, wide, 12, f"hw-cell hw-{kind}{at}")
        canvas.text(start + STEPS * wide + 6, baseline(y + 6), last)
        return y + 16
