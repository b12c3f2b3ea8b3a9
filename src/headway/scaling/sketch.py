"""What a column looks like, in few numbers: enough to tell whether two columns hold the same thing. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

Shape = Literal["number", "category", "boolean", "time", "text", "empty"]
QUANTILES: Final = np.linspace(0.0, 1.0, 41)
MOST_VALUES: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """A column: its shape, the share of missing values, quantiles of numbers, shares of values."""

    name: str
    shape: Shape
    rows: int
    missing: float
    distinct: int
    is_whole: bool
    quantiles: NDArray[np.float64]
    shares: dict[str, float]
    """Of the most frequent values, as text; of a text column with more than 60 values these are only examples."""

    @property
    def is_key(self) -> bool:
        """Whether nearly every row has a value of its own."""
        return self.rows > 0 and self.distinct > 0.95 * self.rows * (1.0 - self.missing) and self.distinct > 50


def sketch(series: pl.Series) -> Sketch:
    """Look at a column once."""
    known = series.fill_nan(None).drop_nulls() if series.dtype.is_float() else series.drop_nulls()
    rows, distinct = series.len(), known.n_unique()
    numbers = known.cast(pl.Float64).to_numpy() if series.dtype.is_numeric() else np.zeros(0)
    shape = _shape(known, distinct, rows)
    return Sketch(
        name=series.name,
        shape=shape,
        rows=rows,
        missing=1.0 - known.len() / rows if rows else 1.0,
        distinct=distinct,
        is_whole=bool(len(numbers)) and bool((numbers == np.floor(numbers)).all()),
        quantiles=np.quantile(numbers, QUANTILES) if len(numbers) else np.zeros(0),
        shares=_shares(known) if shape in ("category", "boolean", "text") or distinct <= 12 else {},
    )


def _shape(known: pl.Series, distinct: int, rows: int) -> Shape:
    if not known.len():
        return "empty"
    if known.dtype == pl.Boolean:
        return "boolean"
    if known.dtype.is_temporal():
        return "time"
    if known.dtype.is_numeric():
        return "number"
    return "category" if distinct <= max(MOST_VALUES, rows // 100) and distinct <= 500 else "text"


def _shares(known: pl.Series) -> dict[str, float]:
    texts = known.cast(pl.String).rename("value")
    counts = texts.value_counts().sort(["count", "value"], descending=[True, False]).head(MOST_VALUES)
    return {str(value): float(count) / known.len() for value, count in counts.iter_rows()}
