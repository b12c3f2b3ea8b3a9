"""A table as cleaning sees it: each column as its distinct texts and, for each row, which of them it holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway.catalog.cleaning.odds import Ints
from headway.kernel.errors import Invalid


@dataclass(frozen=True)
class Column:
    """One column. Texts are sorted, so that nothing depends on the order of rows."""

    name: str
    values: pl.Series
    """Distinct texts that are not blank."""
    codes: NDArray[np.int32]
    """Shape (rows,): place in ``values``; -1 where the cell is blank: missing, empty, or spaces alone."""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.codes)

    @property
    def size(self) -> int:
        """Number of distinct texts."""
        return len(self.values)

    @cached_property
    def counts(self) -> Ints:
        """Rows of each text, then of blank cells: shape (size + 1,), so that code -1 finds the last."""
        return np.bincount(np.where(self.codes < 0, self.size, self.codes), minlength=self.size + 1).astype(np.int64)

    @property
    def blanks(self) -> int:
        """Rows that are blank."""
        return int(self.counts[-1])

    @property
    def present(self) -> int:
        """Rows that are not blank."""
        return self.rows - self.blanks

    @cached_property
    def table(self) -> pl.DataFrame:
        """The distinct texts ``v`` with the rows ``n`` of each."""
        return pl.DataFrame({"v": self.values, "n": self.counts[:-1]})


@dataclass(frozen=True)
class Table:
    """All columns, of the same number of rows."""

    columns: tuple[Column, ...]
    rows: int


def code(frame: pl.DataFrame) -> Table:
    """Take a frame apart; values of other types are taken as Polars writes them.

    Raises: Invalid: columns hold lists, structures or bytes; all are named.
    """
    nested = [name for name, kind in frame.schema.items() if kind.is_nested() or kind in (pl.Binary, pl.Object)]
    if nested:
        raise Invalid(
            f"cannot look for errors in columns of lists, structures or bytes: {', '.join(nested)}",
            hint="leave them out, or turn them into text",
        )
    return Table(columns=tuple(_column(frame[name]) for name in frame.columns), rows=frame.height)


def _column(series: pl.Series) -> Column:
    text = series.cast(pl.String, strict=False)
    held = text.to_frame("v").select(pl.when(pl.col("v").str.strip_chars().str.len_bytes() > 0).then("v")).to_series()
    values = held.drop_nulls().unique().sort()
    codes = held.rank("dense").cast(pl.Int32).fill_null(0).to_numpy() - 1
    return Column(name=series.name, values=values.alias("v"), codes=codes.astype(np.int32))
