"""What ranking by score is worth: cumulative gains, and lift by group."""

from __future__ import annotations

from dataclasses import dataclass

from headway.documents.charts.axes import Plot, category_axis, legend, number_axis, upright
from headway.documents.charts.canvas import Canvas
from headway.documents.charts.lettering import text_width
from headway.documents.charts.line import HEIGHT
from headway.documents.charts.scales import Band, Linear
from headway.documents.entities import PERCENT, Number, Table, Unit
from headway.documents.errors import ChartMalformed
from headway.documents.words import Words, finite

_TIMES = Unit(digits=2)
_TAKEN = Unit(kind="percent", digits=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class GainsPoint:
    """Of the best ``taken`` share of cases, the share ``found`` of all successes."""

    taken: float
    found: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GainsChart:
    """Cumulative gains against picking at random; ``points`` rise, zero is added."""

    title: str
    points: tuple[GainsPoint, ...]
    marked: float = 0.1
    """The share whose gain is written into the drawing and the sentence."""
    taken_label: str = ""
    found_label: str = ""

    def __post_init__(self) -> None:
        shares = [share for point in self.points for share in (point.taken, point.found)]
        if any(finite(share) is None or not 0 <= share <= 1 for share in shares):
            raise ChartMalformed(f"{self.title}: gains are shares between 0 and 1")
        if any(b.taken < a.taken for a, b in zip(self.points, self.points[1:], strict=False)):
            raise ChartMalformed(f"{self.title}: the points of gains rise")

    @property
    def is_empty(self) -> bool:
        """Whether there is no point."""
        return not self.points

    def table(self, words: Words) -> Table:
        """A row for each point."""
        rows = [(words.number(p.taken, _TAKEN), words.number(p.found, PERCENT)) for p in self.points]
        return Table(headers=(self._taken(words), self._found(words)), rows=tuple(rows), numeric=(0, 1))

    def sentence(self, words: Words) -> str:
        """What the marked share finds."""
        point = self._nearest()
        said = {"share": words.number(point.taken, _TAKEN), "found": words.number(point.found, PERCENT)}
        return words.say("gains", title=self.title, **said)

    def draw(self, canvas: Canvas) -> float:
        """The curve, the diagonal of chance, and the marked point."""
        words = canvas.words
        y = legend(canvas, 0.0, [(words.say("by_score"), "line", 0), (words.say("at_random"), "rule", 0)])
        plot = upright(
            canvas,
            y,
            HEIGHT[canvas.kind] + 20,
            (0.0, 1.0),
            unit=PERCENT,
            zero=True,
            label=self._found(words),
            fixed=True,
        )
        across = Linear(0.0, 1.0, plot.left, plot.right)
        canvas.line(across(0), plot.value(0), across(1), plot.value(1), "hw-rule")
        curve = [(across(0), plot.value(0)), *((across(p.taken), plot.value(p.found)) for p in self.points)]
        canvas.polyline([*curve, (across(1), plot.value(0))], "hw-band hw-f1", closed=True)
        canvas.polyline(curve, "hw-line hw-s1")
        for point in self.points:
            self._point(canvas, plot, across, point)
        self._mark(canvas, plot, across)
        return number_axis(canvas, plot, across, unit=PERCENT, label=self._taken(words))

    def _point(self, canvas: Canvas, plot: Plot, across: Linear, point: GainsPoint) -> None:
        x, y = across(point.taken), plot.value(point.found)
        said = {"share": canvas.words.number(point.taken, _TAKEN), "found": canvas.words.number(point.found, PERCENT)}
        if len(self.points) <= 24:
            canvas.marker(x, y, 0, radius=2.8)
        canvas.spot(x, y, 8, canvas.words.say("gains_tip", **said))

    def _mark(self, canvas: Canvas, plot: Plot, across: Linear) -> None:
        point, words = self._nearest(), canvas.words
        x, y = across(point.taken), plot.value(point.found)
        said = {"share": words.number(point.taken, _TAKEN), "found": words.number(point.found, PERCENT)}
        text = words.say("gains_tip", **said)
        canvas.marker(x, y, 0, radius=5)
        below = min(y + 22, plot.bottom - 8)
        at = x + 12
        if at + text_width(text) > plot.right:
            canvas.text(x - 8, y + 4, text, "hw-value hw-halo", anchor="end", room=x - 8)
        else:
            canvas.text(at, below, text, "hw-value hw-halo")

    def _nearest(self) -> GainsPoint:
        return min(self.points, key=lambda point: abs(point.taken - self.marked))

    def _taken(self, words: Words) -> str:
        return self.taken_label or words.say("contacted")

    def _found(self, words: Words) -> str:
        return self.found_label or words.say("found")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftGroup:
    """A group of cases, best first: how many times the average rate it has; rate and share found so far if known."""

    name: str
    lift: Number
    rate: Number = None
    captured: Number = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftChart:
    """Lift by group against the average, which is 1."""

    title: str
    groups: tuple[LiftGroup, ...]
    group_label: str = ""
    label: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether no group has a lift."""
        return all(finite(group.lift) is None for group in self.groups)

    def table(self, words: Words) -> Table:
        """A row for each group."""
        headers = (self._group(words), words.say("lift_word"), words.say("rate"), words.say("captured"))
        rows = [
            (
                group.name,
                words.number(group.lift, _TIMES),
                words.number(group.rate, PERCENT),
                words.number(group.captured, PERCENT),
            )
            for group in self.groups
        ]
        return Table(headers=headers, rows=tuple(rows), numeric=(1, 2, 3))

    def sentence(self, words: Words) -> str:
        """The best group and the last."""
        lifts = [group.lift for group in self.groups if finite(group.lift) is not None]
        best, last = words.number(lifts[0], _TIMES), words.number(lifts[-1], _TIMES)
        return words.say("lift", title=self.title, best=best, last=last)

    def draw(self, canvas: Canvas) -> float:
        """A column a group, with the line of the average."""
        lifts = [finite(group.lift) for group in self.groups]
        words, known = canvas.words, [lift for lift in lifts if lift is not None]
        plot = upright(
            canvas,
            0.0,
            HEIGHT[canvas.kind],
            (min(0.0, *known), max(1.0, *known)),
            unit=Unit(),
            zero=True,
            label=self.label or words.say("lift_word"),
        )
        band = Band(len(lifts), plot.left, plot.right)
        wide = min(48.0, band.step * 0.74)
        for at, lift in enumerate(lifts):
            if lift is not None:
                top, zero = plot.value(lift), plot.value(0.0)
                tip = f"{self.groups[at].name}: {words.number(lift, _TIMES)}"
                canvas.fill(band.middle(at) - wide / 2, min(top, zero), wide, abs(zero - top), 0, tip=tip, r=2)
        level = plot.value(1.0)
        canvas.line(plot.left, level, plot.right, level, "hw-rule")
        for at, lift in enumerate(lifts):
            if lift is not None:
                self._figure(canvas, plot, band, at, words.number(lift, Unit(digits=1)))
        canvas.text(plot.right, level - 5, f"{words.say('average')} = 1", "hw-note hw-halo", anchor="end")
        return category_axis(canvas, plot, band, [group.name for group in self.groups], self._group(words))

    def _figure(self, canvas: Canvas, plot: Plot, band: Band, at: int, text: str) -> None:
        lift = finite(self.groups[at].lift) or 0.0
        top = plot.value(max(lift, 0.0)) - 5
        if text_width(text) + 2 <= band.step and top - 10 > plot.top - 6:
            canvas.text(band.middle(at), top, text, "hw-value hw-halo", anchor="middle")

    def _group(self, words: Words) -> str:
        return self.group_label or words.say("group")
