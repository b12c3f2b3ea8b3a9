"""The governed reference row: what every reason compares with.

It is the median of each number and the most frequent value of each category over *all* rows the model learnt from,
whatever their answer. So a reason reads "compared with the usual record", needs no label to be understood, and does not
move when the share of positives does. Medians are values that occur (the lower of two middles), never averages.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from headway.kernel.errors import Scalar
from headway.runtime import Feature

REFERENCE_NAME = "median of the training rows"


def reference_row(frame: pl.DataFrame, features: Sequence[Feature]) -> dict[str, Scalar]:
    """Take the usual value of each column, as a record would hold it; a column mostly missing gives None.

    Args: frame: the rows that the model learnt from.
    """
    return {feature.column: _usual(frame[feature.column], feature) for feature in features}


def _usual(series: pl.Series, feature: Feature) -> Scalar:
    if series.dtype.is_float():
        series = series.fill_nan(None)
    known = series.drop_nulls()
    if known.len() * 2 < series.len():
        return None
    if feature.kind in ("number", "integer"):
        value = known.cast(pl.Float64).quantile(0.5, interpolation="lower")
        assert value is not None  # noqa: S101  at least half of the rows have a value
        return int(value) if feature.kind == "integer" else float(value)
    counts = known.cast(pl.String).value_counts().sort(["count", series.name], descending=[True, False])
    usual: str = counts[series.name][0]
    return usual == "true" if feature.kind == "boolean" else usual
