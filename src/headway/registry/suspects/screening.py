"""What every suspicion looks at: the columns, the answers and, when known, the order of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

MAX_BINS = 40


@dataclass(frozen=True)
class Column:
    """One column of the rows that have a label."""

    name: str
    series: pl.Series

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """bool[n], where there is no value."""
        series = self.series.fill_nan(None) if self.series.dtype.is_float() else self.series
        return series.is_null().to_numpy()

    @property
    def present(self) -> int:
        """Rows with a value."""
        return int((~self.missing).sum())

    @cached_property
    def distinct(self) -> int:
        """Different values, missing not counted."""
        return self.series.filter(pl.Series(~self.missing)).n_unique()

    @property
    def is_text(self) -> bool:
        """Whether the values are text or categories."""
        return self.series.dtype in (pl.String, pl.Categorical, pl.Enum)

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """float64[n]: numbers and times as they are, text by its place in sorted order; NaN for missing."""
        series = self.series
        if self.is_text:
            series = series.cast(pl.String).rank("dense")
        elif series.dtype.is_temporal():
            series = series.to_physical()
        return series.cast(pl.Float64).fill_null(float("nan")).to_numpy()

    @cached_property
    def bins(self) -> NDArray[np.intp]:
        """intp[n]: values cut into about 80 groups at most (text: one group a value), missing the last."""
        values = self.numbers
        known = values[~np.isnan(values)]
        edges = np.unique(known)
        if not self.is_text and len(edges) > MAX_BINS:
            edges = _cuts(known, edges)
        place = np.searchsorted(edges, values, side="right")
        return np.where(np.isnan(values), len(edges) + 1, place)


def _cuts(known: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges by quantiles of the rows, and of the different values so that rare ones stay apart.

    A value that many rows share (an amount of nothing) stands alone: the next value begins a bin.
    """
    cuts = np.linspace(0, 1, MAX_BINS + 1)[1:-1]
    by_rows, times = np.unique(np.quantile(known, cuts, method="lower"), return_counts=True)
    after = np.searchsorted(values, by_rows[times > 1], side="right")
    following = values[after[after < len(values)]]
    return np.unique(np.concatenate([by_rows, following, np.quantile(values, cuts, method="lower")]))


@dataclass(frozen=True)
class Screening:
    """The rows under suspicion: columns that could be features, answers (0 or 1), order of time when known."""

    columns: tuple[Column, ...]
    y: NDArray[np.float64]
    order: NDArray[np.intp] | None  # row numbers from the earliest to the latest
    keys: frozenset[str]  # columns that the contract or the user calls a key
    seed: int

    @property
    def rows(self) -> int:
        """Rows with a label."""
        return len(self.y)
