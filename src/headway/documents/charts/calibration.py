"""A reliability diagram: what was predicted against what came, with the number of rows behind each point."""

from __future__ import annotations

import math
from dataclasses import dataclass

from headway.documents.charts.axes import Plot, legend, number_axis, upright
from headway.documents.charts.canvas import Canvas
from headway.documents.charts.lettering import LINE
from headway.documents.charts.scales import Linear, nice_domain
from headway.documents.entities import PERCENT, Number, Table
from headway.documents.words import Words, finite

HEIGHT = {"wide": 260.0, "narrow": 230.0}
_STRIP = 34.0
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """A group of rows: mean prediction, share observed, rows."""

    predicted: Number
    observed: Number
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationChart:
    """Groups of rows by prediction, all as shares between 0 and 1."""

    title: str
    bins: tuple[CalibrationBin, ...]
    predicted_label: str = ""
    observed_label: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether no group has rows."""
        return not self._known

    def table(self, words: Words) -> Table:
        """A row for each group, with the 95 % interval of what came."""
        headers = (self._predicted(words), self._observed(words), words.say("interval"), words.say("rows"))
        rows = [
            (
                words.number(one.predicted, PERCENT),
                words.number(one.observed, PERCENT),
                _band(words, one),
                str(one.rows),
            )
            for one in self.bins
        ]
        return Table(headers=headers, rows=tuple(rows), numeric=(0, 1, 2, 3))

    def sentence(self, words: Words) -> str:
        """The group that is furthest from what was predicted."""
        at = max(self._known, key=lambda point: abs(point[0] - point[1]))
        return words.say(
            "calibration",
            title=self.title,
            count=len(self._known),
            predicted=words.number(at[0], PERCENT),
            observed=words.number(at[1], PERCENT),
            gap=words.number(abs(at[0] - at[1]), PERCENT),
        )

    def draw(self, canvas: Canvas) -> float:
        """Points with intervals against the line of perfect calibration; below, a strip of row counts."""
        words = canvas.words
        most = max(max(p, o, wilson(o, n)[1]) for p, o, n in self._known)
        high = min(1.0, nice_domain(0.0, most, zero=True, count=5)[1])
        y = legend(canvas, 0.0, [(self._observed(words), "line", 0), (words.say("perfect"), "rule", 0)])
        plot = upright(
            canvas,
            y,
            HEIGHT[canvas.kind],
            (0.0, high),
            unit=PERCENT,
            zero=True,
            label=self._observed(words),
            fixed=True,
        )
        across = Linear(0.0, high, plot.left, plot.right)
        canvas.line(across(0.0), plot.value(0.0), across(high), plot.value(high), "hw-rule")
        self._points(canvas, plot, across)
        y = number_axis(canvas, plot, across, unit=PERCENT, label=self._predicted(words))
        return self._strip(canvas, plot, across, y + 8)

    @property
    def _known(self) -> list[tuple[float, float, int]]:
        known = []
        for one in self.bins:
            predicted, observed = finite(one.predicted), finite(one.observed)
            if predicted is not None and observed is not None and one.rows > 0:
                known.append((min(1.0, max(0.0, predicted)), min(1.0, max(0.0, observed)), one.rows))
        return sorted(known)

    def _points(self, canvas: Canvas, plot: Plot, across: Linear) -> None:
        known = self._known
        canvas.polyline([(across(p), plot.value(o)) for p, o, _ in known], "hw-line hw-s1 hw-thin")
        for predicted, observed, rows in known:
            low, high = wilson(observed, rows)
            x = across(predicted)
            canvas.line(x, plot.value(low), x, plot.value(high), "hw-whisker hw-s1")
            canvas.marker(x, plot.value(observed), 0, radius=4)
            tip = _tip(canvas.words, predicted, observed, rows)
            canvas.spot(x, plot.value(observed), 9, tip)

    def _strip(self, canvas: Canvas, plot: Plot, across: Linear, y: float) -> float:
        """How many rows stand behind each point, as bars from a shared base line."""
        canvas.text(0, y + 8, canvas.words.say("rows"), room=plot.right)
        most = max(rows for _, _, rows in self._known)
        canvas.text(plot.right, y + 8, f"max {canvas.words.number(most)}", anchor="end")
        base = y + LINE + _STRIP
        for predicted, observed, rows in self._known:
            tall = max(1.5, _STRIP * rows / most)
            tip = _tip(canvas.words, predicted, observed, rows)
            canvas.rect(across(predicted) - 4, base - tall, 8, tall, "hw-bar hw-total", tip=tip, r=1)
        canvas.line(plot.left, base, plot.right, base, "hw-axis")
        return base + 4

    def _predicted(self, words: Words) -> str:
        return self.predicted_label or words.say("predicted")

    def _observed(self, words: Words) -> str:
        return self.observed_label or words.say("observed")


def wilson(share: float, rows: int) -> tuple[float, float]:
    """The 95 % score interval of a share of ``rows``.  Source: Wilson (1927), equation in closed form."""
    square = _Z * _Z
    middle = (share + square / (2 * rows)) / (1 + square / rows)
    half = _Z * math.sqrt(share * (1 - share) / rows + square / (4 * rows * rows)) / (1 + square / rows)
    return max(0.0, middle - half), min(1.0, middle + half)


def _band(words: Words, one: CalibrationBin) -> str:
    observed = finite(one.observed)
    if observed is None or one.rows < 1:
        return words.number(None)
    low, high = wilson(min(1.0, max(0.0, observed)), one.rows)
    return words.say("from_to", low=words.number(low, PERCENT), high=words.number(high, PERCENT))


def _tip(words: Words, predicted: float, observed: float, rows: int) -> str:
    said = {"predicted": words.number(predicted, PERCENT), "observed": words.number(observed, PERCENT)}
    return words.say("rows_tip", **said, rows=words.number(rows))
