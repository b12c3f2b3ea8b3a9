"""Bars, upright or lying, side by side for several series, with whiskers where a figure has an interval."""

from __future__ import annotations

from dataclasses import dataclass

from headway.documents.charts.axes import GAP, Plot, category_axis, legend, upright
from headway.documents.charts.canvas import Canvas, baseline
from headway.documents.charts.chart import need_equal
from headway.documents.charts.lettering import LINE, text_width
from headway.documents.charts.line import HEIGHT, Rule
from headway.documents.charts.scales import Band, Linear, nice_domain
from headway.documents.entities import NUMBER, Number, Table, Unit
from headway.documents.words import Words, finite, present


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A figure for each category; ``low`` and ``high`` are whiskers."""

    name: str
    values: tuple[Number, ...]
    low: tuple[Number, ...] = ()
    high: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart:
    """Bars by category, from zero."""

    title: str
    categories: tuple[str, ...]
    series: tuple[Bars, ...]
    unit: Unit = NUMBER
    horizontal: bool = False
    label: str = ""
    category_label: str = ""
    rules: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        for one in self.series:
            ends = {f"{one.name} {side}": len(b) for side, b in (("low", one.low), ("high", one.high)) if b}
            need_equal(self.title, len(self.categories), **{one.name: len(one.values)}, **ends)

    @property
    def is_empty(self) -> bool:
        """Whether no bar has a figure."""
        return not any(present(one.values) for one in self.series)

    def table(self, words: Words) -> Table:
        """A row for each category."""
        headers = [self.category_label or words.say("category")]
        for one in self.series:
            headers += [one.name, words.say("interval")] if one.low and one.high else [one.name]
        rows = []
        for at, category in enumerate(self.categories):
            row = [category]
            for one in self.series:
                row.append(words.number(one.values[at], self.unit))
                row += [interval(words, one, at, self.unit)] if one.low and one.high else []
            rows.append(tuple(row))
        return Table(headers=tuple(headers), rows=tuple(rows), numeric=tuple(range(1, len(headers))))

    def sentence(self, words: Words) -> str:
        """The largest and the smallest bar."""
        names = [f", {one.name}" if len(self.series) > 1 else "" for one in self.series]
        found = [
            (value, f"{self.categories[at]}{name}")
            for one, name in zip(self.series, names, strict=True)
            for at, value in enumerate(map(finite, one.values))
            if value is not None
        ]
        low, high = min(found), max(found)
        return words.say(
            "bars",
            title=self.title,
            count=len(found),
            top=high[1],
            high=words.number(high[0], self.unit),
            bottom=low[1],
            low=words.number(low[0], self.unit),
        )

    def draw(self, canvas: Canvas) -> float:
        """Upright or lying."""
        y = 0.0
        if len(self.series) > 1:
            y = legend(canvas, y, [(one.name, "fill", at) for at, one in enumerate(self.series)])
        return self._lying(canvas, y) if self.horizontal else self._upright(canvas, y)

    def tip(self, words: Words, one: Bars, at: int) -> str:
        """What hovering over a bar tells."""
        name = f", {one.name}" if len(self.series) > 1 else ""
        band = f" ({interval(words, one, at, self.unit)})" if one.low and one.high else ""
        return f"{self.categories[at]}{name}: {words.number(one.values[at], self.unit)}{band}"

    def _bounds(self) -> tuple[float, float]:
        seen = [v for one in self.series for v in present((*one.values, *one.low, *one.high))]
        seen += present([rule.value for rule in self.rules])
        return min(seen), max(seen)

    def _upright(self, canvas: Canvas, y: float) -> float:
        plot = upright(
            canvas, y, HEIGHT[canvas.kind], self._bounds(), unit=self.unit, zero=True, label=self.label
        )  # fmt: skip
        band = Band(len(self.categories), plot.left, plot.right)
        thick = min(48.0, band.step * 0.74 / len(self.series))
        for index, one in enumerate(self.series):
            for at, value in enumerate(map(finite, one.values)):
                left = band.middle(at) + (index - len(self.series) / 2) * thick
                self._column(canvas, plot, one, at, index=index, left=left + thick * 0.04, wide=thick * 0.92)
                if value is not None and len(self.series) == 1:
                    self._above(canvas, plot, band, one, at)
        for rule in self.rules:
            level = plot.value(rule.value)
            canvas.line(plot.left, level, plot.right, level, "hw-rule")
            canvas.text(plot.right, level - 5, rule.name, "hw-note hw-halo", anchor="end", room=plot.right - plot.left)
        zero = plot.value(0.0)
        canvas.line(plot.left, zero, plot.right, zero, "hw-axis")
        return category_axis(canvas, plot, band, self.categories, self.category_label)

    def _column(self, canvas: Canvas, plot: Plot, one: Bars, at: int, *, index: int, left: float, wide: float) -> None:
        value = finite(one.values[at])
        if value is None:
            return
        zero, end = plot.value(0.0), plot.value(value)
        canvas.fill(left, min(zero, end), wide, abs(end - zero), index, tip=self.tip(canvas.words, one, at), r=2)
        low, high = ends(one, at)
        if low is not None and high is not None:
            x, a, b = left + wide / 2, plot.value(low), plot.value(high)
            cap = min(5.0, wide / 2)
            canvas.line(x, a, x, b, "hw-whisker")
            canvas.line(x - cap, a, x + cap, a, "hw-whisker")
            canvas.line(x - cap, b, x + cap, b, "hw-whisker")

    def _above(self, canvas: Canvas, plot: Plot, band: Band, one: Bars, at: int) -> None:
        """The figure over its bar, where all of them have room."""
        texts = [canvas.words.number(v, self.unit) for v in one.values]
        value = finite(one.values[at])
        if value is None or max(map(text_width, texts)) + 4 > band.step or self.rules:
            return
        _, high = ends(one, at)
        top = plot.value(max(value, high if high is not None else value, 0.0))
        if top - 16 >= plot.top - 4:
            canvas.text(band.middle(at), top - 5, texts[at], "hw-value", anchor="middle")

    def _lying(self, canvas: Canvas, y: float) -> float:
        texts = [[canvas.words.number(v, self.unit) for v in one.values] for one in self.series]
        figures = max(text_width(text) for row in texts for text in row) + 2 * GAP
        names = 0.0 if canvas.is_narrow else min(240.0, max(map(text_width, self.categories)) + GAP)
        low, high, _ = nice_domain(*self._bounds(), zero=True, count=4)
        figures = min(figures, canvas.width * 0.35)
        start = names + (figures if low < 0 else 1)
        scale = Linear(low, high, start, canvas.width - figures)
        thick = 18.0 if len(self.series) == 1 else 14.0
        y = self._names_measure(canvas, y)
        for at, category in enumerate(self.categories):
            if canvas.is_narrow:
                canvas.text(0, y + 11, category, "hw-name", room=canvas.width)
                y += LINE + 2
            else:
                middle = baseline(y + thick * len(self.series) / 2)
                canvas.text(names - GAP, middle, category, "hw-name", anchor="end", room=names - GAP + 1)
            for index, one in enumerate(self.series):
                self._row(canvas, scale, one, at, index=index, y=y, thick=thick - 2, text=texts[index][at])
                y += thick
            canvas.line(scale(0.0), y - thick * len(self.series) - 3, scale(0.0), y + 1, "hw-axis")
            y += 9
        return y

    def _names_measure(self, canvas: Canvas, y: float) -> float:
        if not self.label:
            return y + 2
        canvas.text(0, y + 10, self.label, room=canvas.width)
        return y + LINE + 5

    def _row(
        self, canvas: Canvas, scale: Linear, one: Bars, at: int, *, index: int, y: float, thick: float, text: str
    ) -> None:
        value = finite(one.values[at])
        zero = scale(0.0)
        if value is None:
            canvas.text(zero + 6, baseline(y + thick / 2), text)
            return
        end = scale(value)
        canvas.fill(min(zero, end), y, abs(end - zero), thick, index, tip=self.tip(canvas.words, one, at), r=2)
        low, high = ends(one, at)
        far = end
        if low is not None and high is not None:
            a, b, middle = scale(low), scale(high), y + thick / 2
            canvas.line(a, middle, b, middle, "hw-whisker")
            canvas.line(a, middle - 4, a, middle + 4, "hw-whisker")
            canvas.line(b, middle - 4, b, middle + 4, "hw-whisker")
            far = min(a, end) if value < 0 else max(b, end)
        if value < 0:
            canvas.text(far - 6, baseline(y + thick / 2), text, "hw-value", anchor="end", room=far - 6)
        else:
            canvas.text(far + 6, baseline(y + thick / 2), text, "hw-value", room=canvas.width - far - 6)


def ends(one: Bars, at: int) -> tuple[Number, Number]:
    """The whisker's ends; None where there is none."""
    if not (one.low and one.high):
        return None, None
    return finite(one.low[at]), finite(one.high[at])


def interval(words: Words, one: Bars, at: int, unit: Unit) -> str:
    """The whisker in words."""
    low, high = ends(one, at)
    return words.say("from_to", low=words.number(low, unit), high=words.number(high, unit))
