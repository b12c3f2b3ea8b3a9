"""What a column holds, in numbers: the facts that a contract is inferred from and a data set card shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import polars as pl

from headway.catalog.entities import Kind

VALUES_KEPT: Final = 1_000
_FREQUENT: Final = 200
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
    seen_once: int  # values that occur in one row only
    late: int  # values first seen in the last fifth of the rows: a set that still grows
    top: tuple[tuple[Value, int], ...]  # values with their rows: the most frequent, then others from all over
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
    numbered = frame.select(pl.col(name).alias("value")).with_row_index("at").drop_nulls("value").collect()
    values = numbered["value"]
    counts = numbered.group_by("value").agg(pl.len().alias("rows"), pl.col("at").min().alias("first"))
    measured = kind in ("integer", "number", "date", "timestamp") and len(values) > 0
    least = values.min() if measured else None
    return ColumnProfile(
        name=name,
        kind=kind,
        rows=rows,
        missing=rows - len(values),
        distinct=counts.height,
        minimum=least,  # type: ignore[arg-type]  # of the kinds above it is one of Value
        maximum=values.max() if measured else None,  # type: ignore[arg-type]
        mean=float(values.mean()) if kind in ("integer", "number") and len(values) else None,  # type: ignore[arg-type]
        at_minimum=int((values == least).sum()) if measured else 0,
        seen_once=int((counts["rows"] == 1).sum()),
        late=int((counts["first"] >= 0.8 * rows).sum()),
        top=tuple((value, int(count)) for value, count in _kept(counts).iter_rows()),
        shapes=_shapes(counts["value"]) if kind == "string" else 0,
        zoned=isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone is not None,
    )


def _kept(counts: pl.DataFrame) -> pl.DataFrame:
    """All values where they are few; else the most frequent, and of the others every n-th in their order."""
    ordered = counts.select("value", "rows").sort(["rows", "value"], descending=[True, False])
    if ordered.height <= VALUES_KEPT:
        return ordered
    others = ordered.slice(_FREQUENT).sort("value")
    step = -(-others.height // (VALUES_KEPT - _FREQUENT))
    return pl.concat([ordered.head(_FREQUENT), others.gather_every(step)])


def _shapes(values: pl.Series) -> int:
    signs = values.str.replace_all(r"[0-9]+", "9").str.replace_all(r"[A-Z]+", "A").str.replace_all(r"[a-z]+", "a")
    return signs.n_unique()
