"""Putting a mapping to use: another department's rows under our names, with our values. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway.scaling.mapping import Pair


def apply(frame: pl.DataFrame, pairs: Sequence[Pair], reference: pl.DataFrame) -> pl.DataFrame:
    """Write rows as our department would: our columns, values and types; a value that nobody could place stays as it is."""
    return pl.DataFrame([_column(frame[pair.theirs], pair, reference[pair.ours]) for pair in pairs if pair.theirs])


def _column(theirs: pl.Series, pair: Pair, ours: pl.Series) -> pl.Series:
    made = theirs
    if pair.coding is not None:
        texts = _text(theirs).replace(dict(pair.coding.values)) if pair.coding.values else _text(theirs)
        made = _booleans(texts) if ours.dtype == pl.Boolean else texts
    elif pair.factor != 1.0 and theirs.dtype.is_numeric():
        made = theirs.cast(pl.Float64) * pair.factor
    if ours.dtype == pl.String and made.dtype != pl.String:
        made = _text(made)
    elif ours.dtype.is_numeric() and not made.dtype.is_numeric():
        made = made.cast(pl.String).cast(pl.Float64, strict=False)
    return made.alias(pair.ours)


def _text(series: pl.Series) -> pl.Series:
    """Values as the catalog writes them: whole numbers without a point."""
    if series.dtype.is_float() and bool((series.drop_nulls() == series.drop_nulls().floor()).all()):
        return series.cast(pl.Int64, strict=False).cast(pl.String)
    return series.cast(pl.String)


def _booleans(texts: pl.Series) -> pl.Series:
    small = texts.str.to_lowercase()
    return pl.select(pl.when(small == "true").then(True).when(small == "false").then(False)).to_series()


def outcomes(series: pl.Series, positive: str, negative: str) -> NDArray[np.float64]:
    """Read outcomes: 1 for the value that means success, 0 for the other, NaN where neither stands."""
    texts = _text(series)
    found = pl.select(pl.when(texts == positive).then(1.0).when(texts == negative).then(0.0)).to_series()
    return found.fill_null(float("nan")).to_numpy()


def blank(frame: pl.DataFrame, columns: Sequence[str], dtypes: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Take columns as missing in every row."""
    return frame.with_columns(pl.lit(None, dtype=dtypes[name]).alias(name) for name in columns)
