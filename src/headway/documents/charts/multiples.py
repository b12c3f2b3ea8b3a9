"""Small multiples: the same lines for many, each in its own panel, all on one scale."""

from __future__ import annotations

from dataclasses import dataclass

from headway.documents.charts.axes import GAP, legend
from headway.documents.charts.canvas import Canvas, baseline
from headway.documents.charts.chart import need_equal
from headway.documents.charts.lettering import LINE, text_width
from headway.documents.charts.line import Rule
from headway.documents.charts.scales import Linear, nice_domain
from headway.documents.entities import NUMBER, Moment, Number, Table, Unit
from headway.documents.words import Words, finite, present

COLUMNS = {"wide": 3, "narrow": 2}
_TALL = 74.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The figures of one, over the shared places."""

    name: str
    values: tuple[Number, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiplesChart:
    """Panels over one row of places (days, times or names) and one scale."""

    title: str
    x: tuple[Moment | str, ...]
    panels: tuple[Panel, ...]
    unit: Unit = NUMBER
    zero: bool = False
    rule: Rule | None = None
    x_label: str = ""

    def __post_init__(self) -> None:
        need_equal(self.title, len(self.x), **{panel.name: len(panel.values) for panel in self.panels})

    @property
    def is_empty(self) -> bool:
        """Whether no panel has a figure."""
        return not any(present(panel.values) for panel in self.panels)

    def table(self, words: Words) -> Table:
        """A row for each place, a column for each panel."""
        rows = [
            (self._said(words, x), *(words.number(panel.values[at], self.unit) for panel in self.panels))
            for at, x in enumerate(self.x)
        ]
        headers = (self.x_label or words.say("position"), *(panel.name for panel in self.panels))
        return Table(headers=headers, rows=tuple(rows), numeric=tuple(range(1, len(headers))))

    def sentence(self, words: Words) -> str:
        """The panels whose last figures are highest and lowest."""
        last = [(seen[-1], panel.name) for panel in self.panels if (seen := present(panel.values))]
        (low, bottom), (high, top) = min(last), max(last)
        said = {"high": words.number(high, self.unit), "low": words.number(low, self.unit)}
        return words.say("multiples", title=self.title, count=len(self.panels), top=top, bottom=bottom, **said)

    def draw(self, canvas: Canvas) -> float:
        """A grid of panels, read line by line."""
        columns = min(COLUMNS[canvas.kind], max(1, len(self.panels)))
        seen = [v for panel in self.panels for v in present(panel.values)]
        seen += present([self.rule.value]) if self.rule else []
        low, high, ticks = nice_domain(min(seen), max(seen), zero=self.zero, count=2)
        if len(ticks) > 4:
            ticks = [ticks[0], *([ticks[len(ticks) // 2]] if len(ticks) % 2 else []), ticks[-1]]
        texts = canvas.words.ticks(ticks, self.unit)
        left = max(map(text_width, texts)) + GAP
        wide = (canvas.width - left - 14 * (columns - 1)) / columns
        y = legend(canvas, 0.0, [(self.rule.name, "rule", 0)]) if self.rule else 0.0
        for start in range(0, len(self.panels), columns):
            scale = Linear(low, high, y + LINE + 8 + _TALL, y + LINE + 8)
            for at, panel in enumerate(self.panels[start : start + columns]):
                self._panel(canvas, panel, scale, ticks, x=left + at * (wide + 14), wide=wide)
            for tick, text in zip(ticks, texts, strict=True):
                canvas.text(left - GAP, baseline(scale(tick)), text, anchor="end")
            y += LINE + 8 + _TALL + 26
        return y - 2

    def _panel(self, canvas: Canvas, panel: Panel, scale: Linear, ticks: list[float], *, x: float, wide: float) -> None:
        words, top, bottom = canvas.words, scale.end, scale.start
        for tick in ticks:
            canvas.line(x, scale(tick), x + wide, scale(tick), "hw-axis" if tick == ticks[0] else "hw-grid")
        if self.rule:
            canvas.line(x, scale(self.rule.value), x + wide, scale(self.rule.value), "hw-rule")
        found = [at for at, value in enumerate(panel.values) if finite(value) is not None]
        last = words.number(panel.values[found[-1]], self.unit) if found else words.number(None)
        figure = min(text_width(last), wide * 0.5)
        canvas.text(x, top - 10, panel.name, "hw-name", room=wide - figure - 6)
        canvas.text(x + wide, top - 10, last, "hw-value", anchor="end", room=wide * 0.5)
        across = Linear(0, max(1, len(self.x) - 1), x + 3, x + wide - 4)
        self._line(canvas, panel, across, scale)
        if found:
            canvas.marker(across(found[-1]), scale(finite(panel.values[found[-1]]) or 0.0), 0, radius=3)
        self._ends(canvas, x, wide, bottom)
        tip = f"{panel.name}: {', '.join(words.number(v, self.unit) for v in panel.values[-12:])}"
        canvas.rect(x, top, wide, bottom - top, "hw-hit", tip=tip)

    def _line(self, canvas: Canvas, panel: Panel, across: Linear, scale: Linear) -> None:
        run: list[tuple[float, float]] = []
        for at, value in enumerate((*map(finite, panel.values), None)):
            if value is not None:
                run.append((across(at), scale(value)))
                continue
            if len(run) > 1:
                canvas.polyline(run, "hw-line hw-s1")
            elif run:
                canvas.marker(*run[0], 0, radius=2)
            run = []

    def _ends(self, canvas: Canvas, x: float, wide: float, bottom: float) -> None:
        first, last = self._said(canvas.words, self.x[0], short=True), self._said(canvas.words, self.x[-1], short=True)
        canvas.text(x, bottom + 14, first, room=wide * 0.48)
        if len(self.x) > 1:
            canvas.text(x + wide, bottom + 14, last, anchor="end", room=wide * 0.48)

    def _said(self, words: Words, x: Moment | str, *, short: bool = False) -> str:
        if isinstance(x, str):
            return x
        return words.moment(x, "yMMM" if short and len(self.x) > 12 else "MMMd") if short else words.moment(x)
