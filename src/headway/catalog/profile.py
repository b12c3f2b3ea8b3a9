"""What a column holds, in numbers: the facts that a contract is inferred from and a data set card shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import polars as pl

from headway.catalog.entities import Kind

VALUES_KEPT: Final = 1_000
Value = str | int | float | bool | date | datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """Facts of one column over all its rows."""

    name: str
    kind: Kind
    rows: int
    missing: int
    distinct: int  # values, missing not counted
    minimum: Value | None
    maximum: Value | None
    mean: float | None
    at_minimum: int  # rows that hold the minimum
    seen_once: int  # values that occur in one row only; 0 where there are more than VALUES_KEPT values
    late: int  # values first seen in the last fifth of the rows (a set that still grows); likewise
    values: tuple[Value, ...]  # all distinct ones, sorted, where there are at most VALUES_KEPT; else some from all over
    shapes: int  # of text, where a run of digits, of capitals, of small letters counts as one sign; else 0
    zoned: bool  # times with a time zone

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing


def profile(frame: pl.LazyFrame, kinds: Mapping[str, Kind], rows: int) -> tuple[ColumnProfile, ...]:
    """Describe every column; one column is held in memory at a time."""
    return tuple(_column(frame, name, kind, rows) for name, kind in kinds.items())


def _column(frame: pl.LazyFrame, name: str, kind: Kind, rows: int) -> ColumnProfile:
    column = frame.select(pl.col(name).alias("value")).collect().to_series()
    values = column.drop_nulls()
    distinct = values.n_unique()
    few = _few(column) if distinct <= VALUES_KEPT else None
    measured = kind in ("integer", "number", "date", "timestamp") and len(values) > 0
    least = values.min() if measured else None
    return ColumnProfile(
        name=name,
        kind=kind,
        rows=rows,
        missing=rows - len(values),
        distinct=distinct,
        minimum=least,  # type: ignore[arg-type]  # of the kinds above it is one of Value
        maximum=values.max() if measured else None,  # type: ignore[arg-type]
        mean=float(values.mean()) if kind in ("integer", "number") and len(values) else None,  # type: ignore[arg-type]
        at_minimum=int((values == least).sum()) if measured else 0,
        seen_once=int((few["rows"] == 1).sum()) if few is not None else 0,
        late=int((few["first"] >= 0.8 * rows).sum()) if few is not None else 0,
        values=tuple(few["value"] if few is not None else _some(values)),
        shapes=_shapes(values) if kind == "string" else 0,
        zoned=isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone is not None,
    )


def _few(column: pl.Series) -> pl.DataFrame:
    """Each value with its rows and the first of them, sorted."""
    numbered = column.to_frame().with_row_index("at").drop_nulls("value")
    return numbered.group_by("value").agg(pl.len().alias("rows"), pl.col("at").min().alias("first")).sort("value")


def _some(values: pl.Series) -> pl.Series:
    """Values from all over the rows, each once."""
    step = -(-len(values) // (4 * VALUES_KEPT))
    return values.gather_every(step).unique(maintain_order=True).head(VALUES_KEPT)


def _shapes(values: pl.Series) -> int:
    """Number of shapes; where the first rows have several, these alone are counted."""
    first = _signs(values.head(VALUES_KEPT)).n_unique()
    return first if first > 1 else _signs(values).n_unique()


def _signs(values: pl.Series) -> pl.Series:
    return values.str.replace_all(r"[0-9]+", "9").str.replace_all(r"[A-Z]+", "A").str.replace_all(r"[a-z]+", "a")
