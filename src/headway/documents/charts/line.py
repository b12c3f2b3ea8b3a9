"""Lines over time or over figures, each with a band if it has one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from headway.documents.charts.axes import Plot, legend, number_axis, time_axis, upright
from headway.documents.charts.canvas import Canvas, look
from headway.documents.charts.chart import need_equal
from headway.documents.charts.lettering import text_width
from headway.documents.charts.scales import Linear, serial
from headway.documents.entities import NUMBER, Moment, Number, Table, Unit
from headway.documents.words import Words, finite, present

MOST_MARKERS = 40
HEIGHT = {"wide": 230.0, "narrow": 190.0}
Place = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A line; ``low`` and ``high`` bound its band. None is a gap."""

    name: str
    values: tuple[Number, ...]
    low: tuple[Number, ...] = ()
    high: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A level to compare with, such as a limit."""

    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at a place of the lying axis."""

    name: str
    at: Moment | float


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart:
    """Lines over ``x``, which rises: days, times or figures."""

    title: str
    x: tuple[Moment | float, ...]
    series: tuple[Series, ...]
    unit: Unit = NUMBER
    x_label: str = ""
    y_label: str = ""
    x_unit: Unit = NUMBER
    zero: bool = False
    rules: tuple[Rule, ...] = ()
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        for one in self.series:
            bands = {f"{one.name} {side}": len(b) for side, b in (("low", one.low), ("high", one.high)) if b}
            need_equal(self.title, len(self.x), **{one.name: len(one.values)}, **bands)

    @property
    def is_empty(self) -> bool:
        """Whether no series has a figure."""
        return not any(present(one.values) for one in self.series)

    def table(self, words: Words) -> Table:
        """A row for each place of x."""
        headers = [self.x_label or ("" if self._is_time else "x")]
        columns: list[tuple[Number, ...]] = []
        for one in self.series:
            headers.append(one.name)
            columns.append(one.values)
            for key, values in (("low", one.low), ("high", one.high)):
                if values:
                    headers.append(words.say(key, name=one.name))
                    columns.append(values)
        rows = [
            (self._said(words, x), *(words.number(c[at], self.unit) for c in columns)) for at, x in enumerate(self.x)
        ]
        return Table(headers=tuple(headers), rows=tuple(rows), numeric=tuple(range(1, len(headers))))

    def sentence(self, words: Words) -> str:
        """Where each line begins, ends and turns."""
        told = []
        for one in self.series:
            found = [(v, at) for at, v in enumerate(map(finite, one.values)) if v is not None]
            if found:
                (low, low_at), (high, high_at) = min(found), max(found, key=lambda f: (f[0], -f[1]))
                told.append(
                    words.say(
                        "line_series",
                        name=one.name,
                        first=words.number(found[0][0], self.unit),
                        last=words.number(found[-1][0], self.unit),
                        low=words.number(low, self.unit),
                        low_at=self._said(words, self.x[low_at]),
                        high=words.number(high, self.unit),
                        high_at=self._said(words, self.x[high_at]),
                    )
                )
        ends = {"start": self._said(words, self.x[0]), "end": self._said(words, self.x[-1])}
        return words.say("line", title=self.title, **ends, series=" ".join(told))

    def draw(self, canvas: Canvas) -> float:
        """Bands first, then lines, rules, and the places to hover."""
        y = 0.0
        if len(self.series) > 1:
            y = legend(canvas, y, [(one.name, "line", at) for at, one in enumerate(self.series)])
        if self.events:
            y += 4
        plot = upright(
            canvas,
            y,
            HEIGHT[canvas.kind],
            self._bounds(),
            unit=self.unit,
            zero=self.zero,
            label=self.y_label,
        )
        across = self._across(plot)
        for at, one in enumerate(self.series):
            _band(canvas, plot, across, self._numbers, one=one, index=at)
        for at, one in enumerate(self.series):
            self._draw_line(canvas, plot, across, one, at)
        self._draw_rules(canvas, plot, across)
        self._draw_tips(canvas, plot, across)
        if self._is_time:
            return time_axis(canvas, plot, across, self.x_label)
        return number_axis(canvas, plot, across, unit=self.x_unit, label=self.x_label)

    @property
    def _is_time(self) -> bool:
        return bool(self.x) and isinstance(self.x[0], date)

    @property
    def _numbers(self) -> list[float]:
        return [_number(x) for x in self.x]

    def _said(self, words: Words, x: Moment | float) -> str:
        return words.moment(x) if isinstance(x, date) else words.number(x, self.x_unit)

    def _bounds(self) -> tuple[float, float]:
        seen = [v for one in self.series for v in present((*one.values, *one.low, *one.high))]
        seen += present([rule.value for rule in self.rules])
        return min(seen), max(seen)

    def _across(self, plot: Plot) -> Linear:
        numbers = self._numbers
        low, high = min(numbers), max(numbers)
        if high - low <= 1e-9 * max(abs(low), abs(high)) or high == low:
            around = 1.0 if self._is_time else abs(low) * 0.5 or 1.0
            low, high = low - around, high + around
        pad = 6.0 if len(numbers) > 1 else 0.0
        return Linear(low, high, plot.left + pad, plot.right - pad)

    def _draw_rules(self, canvas: Canvas, plot: Plot, across: Linear) -> None:
        for rule in self.rules:
            y = plot.value(rule.value)
            canvas.line(plot.left, y, plot.right, y, "hw-rule")
            above = y - 5 if y - plot.top > 18 else y + 14
            at_left = self._clear_left(plot, across, y)
            canvas.text(
                plot.left + 4 if at_left else plot.right,
                above,
                rule.name,
                "hw-note hw-halo",
                anchor="start" if at_left else "end",
                room=plot.right - plot.left - 4,
            )
        self._draw_events(canvas, plot, across)

    def _draw_events(self, canvas: Canvas, plot: Plot, across: Linear) -> None:
        for event in self.events:
            x = across(_number(event.at))
            canvas.line(x, plot.top - 2, x, plot.bottom, "hw-event")
            at_right = x + 5 + text_width(event.name) <= canvas.width
            room = canvas.width - x - 5 if at_right else x - 5
            canvas.text(
                x + 5 if at_right else x - 5,
                plot.top + 8,
                event.name,
                "hw-note hw-halo",
                anchor="start" if at_right else "end",
                room=room,
            )

    def _clear_left(self, plot: Plot, across: Linear, y: float) -> bool:
        """Whether the left end of a level has more room for its name than the right one."""
        third = (plot.right - plot.left) / 3
        near = {"left": math.inf, "right": math.inf}
        for one in self.series:
            for x, value in zip(self._numbers, map(finite, one.values), strict=True):
                at = across(x)
                side = "left" if at < plot.left + third else "right" if at > plot.right - third else ""
                if side and value is not None:
                    near[side] = min(near[side], abs(plot.value(value) - y))
        return near["left"] > near["right"]

    def _draw_line(self, canvas: Canvas, plot: Plot, across: Linear, one: Series, index: int) -> None:
        runs = list(_runs(self._numbers, one.values))
        for run in runs:
            if len(run) > 1:
                canvas.polyline([(across(x), plot.value(v)) for x, v in run], f"hw-line hw-s{look(index)}")
        marked = len(self.x) <= MOST_MARKERS / (1 + canvas.is_narrow)
        for run in runs:
            if marked or len(run) == 1:
                for x, v in run:
                    canvas.marker(across(x), plot.value(v), index, radius=2.8 if len(self.x) > 1 else 4)
        if not marked and len(runs[-1:]) and len(self.series) > 1:
            x, v = runs[-1][-1]
            canvas.marker(across(x), plot.value(v), index)

    def _draw_tips(self, canvas: Canvas, plot: Plot, across: Linear) -> None:
        places = [across(x) for x in self._numbers]
        for at, x in enumerate(places):
            left = plot.left if at == 0 else (places[at - 1] + x) / 2
            right = plot.right if at == len(places) - 1 else (places[at + 1] + x) / 2
            told = "; ".join(f"{one.name} {_with_band(canvas.words, one, at, self.unit)}" for one in self.series)
            tip = f"{self._said(canvas.words, self.x[at])}: {told}"
            canvas.rect(left, plot.top, right - left, plot.bottom - plot.top, "hw-hit", tip=tip)


def _number(x: Moment | float) -> float:
    return serial(x) if isinstance(x, date) else finite(x) or 0.0


def _with_band(words: Words, one: Series, at: int, unit: Unit) -> str:
    said = words.number(one.values[at], unit)
    if one.low and one.high:
        band = words.say("from_to", low=words.number(one.low[at], unit), high=words.number(one.high[at], unit))
        return f"{said} ({band})"
    return said


def _runs(xs: list[float], values: tuple[Number, ...]) -> Iterator[list[Place]]:
    """The stretches of a line between its gaps."""
    run: list[Place] = []
    for x, value in zip(xs, map(finite, values), strict=True):
        if value is not None:
            run.append((x, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _band(canvas: Canvas, plot: Plot, across: Linear, xs: list[float], *, one: Series, index: int) -> None:
    if not (one.low and one.high):
        return
    both = tuple(
        None if finite(low) is None or finite(high) is None else float(at)
        for at, (low, high) in enumerate(zip(one.low, one.high, strict=True))
    )
    for run in _runs(xs, both):
        upper = [(across(x), plot.value(finite(one.high[int(at)]) or 0.0)) for x, at in run]
        lower = [(across(x), plot.value(finite(one.low[int(at)]) or 0.0)) for x, at in reversed(run)]
        canvas.polyline([*upper, *lower], f"hw-band hw-f{look(index)}", closed=True)
