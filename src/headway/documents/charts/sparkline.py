"""A line the size of a word, for tiles and tables."""

from __future__ import annotations

from dataclasses import dataclass

from headway.documents.charts.canvas import Canvas
from headway.documents.charts.scales import Linear
from headway.documents.entities import NUMBER, Number, Table, Unit
from headway.documents.words import Words, finite, present

SIZES = {"wide": (160.0, 40.0), "narrow": (96.0, 30.0)}
_PAD = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SparklineChart:
    """Figures in order; ``names`` says what each is, if it has a name."""

    title: str
    values: tuple[Number, ...]
    unit: Unit = NUMBER
    names: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is no figure."""
        return not present(self.values)

    def table(self, words: Words) -> Table:
        """A row for each figure."""
        rows = [(self._name(at), words.number(value, self.unit)) for at, value in enumerate(self.values)]
        headers = (words.say("position"), words.say("value"))
        return Table(headers=headers, rows=tuple(rows), numeric=(1,))

    def sentence(self, words: Words) -> str:
        """First, last, lowest and highest."""
        seen = present(self.values)
        ends = {"first": seen[0], "last": seen[-1], "low": min(seen), "high": max(seen)}
        return words.say("sparkline", title=self.title, **{k: words.number(v, self.unit) for k, v in ends.items()})

    def draw(self, canvas: Canvas) -> float:
        """The line with a dot at its end."""
        height = _take_size(canvas)
        seen = present(self.values)
        low, high = min(seen), max(seen)
        if high - low <= 1e-9 * max(abs(low), abs(high)):
            low, high = low - (abs(low) or 1.0), high + (abs(high) or 1.0)
        across = Linear(0, max(1, len(self.values) - 1), _PAD, canvas.width - _PAD)
        scale = Linear(low, high, height - _PAD, _PAD)
        for run in self._runs():
            points = [(across(at), scale(value)) for at, value in run]
            if len(points) > 1:
                floor = [(points[-1][0], height), (points[0][0], height)]
                canvas.polyline([*points, *floor], "hw-band hw-f1", closed=True)
                canvas.polyline(points, "hw-line hw-s1")
        at = max(at for at, value in enumerate(self.values) if finite(value) is not None)
        canvas.marker(across(at), scale(finite(self.values[at]) or 0.0), 0, radius=3)
        canvas.rect(0, 0, canvas.width, height, "hw-hit", tip=self.sentence(canvas.words))
        return height

    def _runs(self) -> list[list[tuple[int, float]]]:
        runs: list[list[tuple[int, float]]] = [[]]
        for at, value in enumerate(map(finite, self.values)):
            if value is None:
                runs.append([])
            else:
                runs[-1].append((at, value))
        return runs

    def _name(self, at: int) -> str:
        return self.names[at] if at < len(self.names) else str(at + 1)


def blank(canvas: Canvas) -> float:
    """A sparkline without figures: a dashed line."""
    height = _take_size(canvas)
    canvas.line(_PAD, height / 2, canvas.width - _PAD, height / 2, "hw-link")
    return height


def _take_size(canvas: Canvas) -> float:
    canvas.width, height = SIZES[canvas.kind]
    canvas.looks += " hw-spark"
    return height
