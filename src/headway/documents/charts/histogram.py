"""A histogram of one group, or of two over each other."""

from __future__ import annotations

from dataclasses import dataclass

from headway.documents.charts.axes import Plot, legend, number_axis, upright
from headway.documents.charts.canvas import Canvas, look
from headway.documents.charts.chart import need_equal
from headway.documents.charts.line import HEIGHT, Rule
from headway.documents.charts.scales import Linear
from headway.documents.entities import NUMBER, PERCENT, Number, Table, Unit
from headway.documents.errors import ChartMalformed
from headway.documents.words import Words, finite, present

MOST_GROUPS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many of a group lie in each range."""

    name: str
    counts: tuple[Number, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramChart:
    """Counts between rising ``edges`` (one more than ranges); ``share`` compares groups of unequal size.

    ``rules`` are upright lines at figures of the lying axis, such as where a band begins.
    """

    title: str
    edges: tuple[float, ...]
    groups: tuple[Counts, ...]
    unit: Unit = NUMBER
    share: bool = False
    label: str = ""
    x_label: str = ""
    rules: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        if len(self.groups) > MOST_GROUPS:
            raise ChartMalformed(f"{self.title}: at most two groups can be told apart, not {len(self.groups)}")
        need_equal(self.title, max(0, len(self.edges) - 1), **{one.name: len(one.counts) for one in self.groups})
        if any(not b > a for a, b in zip(self.edges, self.edges[1:], strict=False)):
            raise ChartMalformed(f"{self.title}: the edges of a histogram rise")
        if any(finite(edge) is None for edge in self.edges):
            raise ChartMalformed(f"{self.title}: the edges of a histogram are finite")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted."""
        return not any(sum(present(one.counts)) > 0 for one in self.groups)

    def table(self, words: Words) -> Table:
        """A row for each range."""
        rows = [
            (self._range(words, at), *(words.number(height, self._height_unit) for height in self._heights(at)))
            for at in range(max(0, len(self.edges) - 1))
        ]
        headers = (self.x_label or words.say("range"), *(one.name for one in self.groups))
        return Table(headers=headers, rows=tuple(rows), numeric=tuple(range(1, len(headers))))

    def sentence(self, words: Words) -> str:
        """Where each group is most frequent."""
        told = []
        for one in self.groups:
            counts = [finite(count) or 0.0 for count in one.counts]
            if sum(counts) > 0:
                told.append(words.say("peak", name=one.name, at=self._range(words, counts.index(max(counts)))))
        return words.say(
            "histogram",
            title=self.title,
            count=len(self.edges) - 1,
            low=words.number(self.edges[0], self.unit),
            high=words.number(self.edges[-1], self.unit),
            series=" ".join(told),
        )

    def draw(self, canvas: Canvas) -> float:
        """Filled bars; a second group as a pattern with an outline over them."""
        y = 0.0
        if len(self.groups) > 1:
            y = legend(canvas, y, [(self.groups[0].name, "fill", 0), (self.groups[1].name, "veil", 1)])
        tallest = max(height for at in range(len(self.edges) - 1) for height in self._heights(at))
        if self.rules:
            y += 4
        plot = upright(
            canvas, y, HEIGHT[canvas.kind], (0.0, tallest), unit=self._height_unit, zero=True, label=self.label
        )  # fmt: skip
        across = Linear(self.edges[0], self.edges[-1], plot.left, plot.right)
        for at in range(len(self.edges) - 1):
            self._draw_range(canvas, plot, across, at)
        if len(self.groups) > 1:
            self._outline(canvas, plot, across)
        for at in range(len(self.edges) - 1):
            left, right = across(self.edges[at]), across(self.edges[at + 1])
            canvas.rect(left, plot.top, right - left, plot.bottom - plot.top, "hw-hit", tip=self._tip(canvas.words, at))
        self._draw_rules(canvas, plot, across)
        return number_axis(canvas, plot, across, unit=self.unit, label=self.x_label)

    def _draw_range(self, canvas: Canvas, plot: Plot, across: Linear, at: int) -> None:
        left, right = across(self.edges[at]), across(self.edges[at + 1])
        gap = min(1.0, (right - left) * 0.1)
        for index, height in enumerate(self._heights(at)):
            top = plot.value(height)
            if height > 0 and index == 0:
                canvas.fill(left + gap / 2, top, right - left - gap, plot.bottom - top, 0)
            elif height > 0:
                canvas.rect(left, top, right - left, plot.bottom - top, f"hw-veil hw-f{look(index)}")

    def _outline(self, canvas: Canvas, plot: Plot, across: Linear) -> None:
        steps = [(across(self.edges[0]), plot.bottom)]
        for at in range(len(self.edges) - 1):
            y = plot.value(self._heights(at)[1])
            steps += [(across(self.edges[at]), y), (across(self.edges[at + 1]), y)]
        canvas.polyline([*steps, (across(self.edges[-1]), plot.bottom)], "hw-line hw-s2")

    def _draw_rules(self, canvas: Canvas, plot: Plot, across: Linear) -> None:
        for at, rule in enumerate(sorted(self.rules, key=lambda rule: rule.value)):
            x = across(rule.value)
            canvas.line(x, plot.top - 4, x, plot.bottom, "hw-rule")
            y = plot.top + 8 + 14 * (at % 4)
            if x < canvas.width * 0.6:
                canvas.text(x + 5, y, rule.name, "hw-note hw-halo", room=canvas.width - x - 5)
            else:
                canvas.text(x - 5, y, rule.name, "hw-note hw-halo", anchor="end", room=x - 5)

    @property
    def _height_unit(self) -> Unit:
        return PERCENT if self.share else NUMBER

    def _heights(self, at: int) -> list[float]:
        made = []
        for one in self.groups:
            count, whole = max(0.0, finite(one.counts[at]) or 0.0), sum(present(one.counts))
            made.append(count / whole if self.share and whole > 0 else count)
        return made

    def _range(self, words: Words, at: int) -> str:
        low, high = self.edges[at], self.edges[at + 1]
        return words.say("from_to", low=words.number(low, self.unit), high=words.number(high, self.unit))

    def _tip(self, words: Words, at: int) -> str:
        told = [
            f"{one.name} {words.number(height, self._height_unit)}"
            for one, height in zip(self.groups, self._heights(at), strict=True)
        ]
        return f"{self._range(words, at)}: {'; '.join(told)}"
