"""What Polars does cheaper than SQL, over one Parquet file in a stream: patterns of text, missing values, hashes of keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from headway.catalog.adapters.source import ROW
from headway.catalog.checks import CheckPlan
from headway.catalog.keyset import Hashes, Places

_CHUNK: Final = 500_000
_EXACT: Final = (
    pl.String, pl.Boolean, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.Date,
    pl.Datetime,
)  # fmt: skip
"""Types whose equal values have equal bits, so that equal values have equal hashes."""
HELD: Final = 4_000_000
"""Keys of another table that are held at once; more are joined by SQL, which can spill. Of text a quarter."""
LINES: Final = {"row": pl.Int64, "rule": pl.Int32, "value": pl.String}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A Parquet file to check. Its rows have the numbers of its column ROW, or, where it has none, 1, 2, 3 ..."""

    path: Path
    schema: Mapping[str, pl.DataType]
    count: int
    columns: tuple[str, ...]

    @property
    def is_numbered(self) -> bool:
        """Whether the file tells the numbers of its rows."""
        return ROW in self.schema

    def scan(self) -> pl.LazyFrame:
        """The rows in the order of the file, the columns of the contract as c0, c1 ..., the number as ``row``."""
        frame = pl.scan_parquet(self.path)
        frame = frame if self.is_numbered else frame.with_row_index(ROW, offset=1)
        columns = [pl.col(name).alias(f"c{at}") for at, name in enumerate(self.columns)]
        return frame.select(pl.col(ROW).cast(pl.Int64).alias("row"), *columns)

    def type_of(self, at: int) -> pl.DataType:
        """The type of a column by its place."""
        return self.schema[self.columns[at]]


def rows_of(path: Path, plan: CheckPlan) -> Rows:
    """A file to check, with what its footer says."""
    return Rows(
        path=path,
        schema=dict(pl.read_parquet_schema(path)),
        count=pq.read_metadata(path).num_rows,
        columns=plan.columns,
    )


def light_rules(plan: CheckPlan, rows: Rows, tables: Mapping[str, Path]) -> tuple[int, ...]:
    """Places of the rules that are read here, and missing values of the columns they read anyway.

    They are portable patterns of text, and references of one column whose other table is small enough to be held. A column
    that is read here alone is not decoded a second time for SQL.
    """
    chosen = {
        at
        for at, rule in enumerate(plan.rules)
        if (rule.pattern and rows.type_of(rule.values[0]) == pl.String) or _is_small(plan, rows, at, tables)
    }
    columns = {plan.rules[at].values[0] for at in chosen} - {
        rule.values[0]
        for at, rule in enumerate(plan.rules)
        if rule.predicate and rule.absent is None and at not in chosen
    }
    absent = {at for at, rule in enumerate(plan.rules) if rule.absent is not None and rule.absent in columns}
    return tuple(sorted(chosen | absent))


def light_faults(plan: CheckPlan, rows: Rows, rules: Sequence[int], tables: Mapping[str, Path]) -> pl.DataFrame:
    """A line (row, rule, value) for each failure of the rules named; a query a column is cheaper than one for all."""
    lines = [pl.DataFrame(schema=LINES)]
    for column in sorted({plan.rules[at].values[0] for at in rules}):
        fails = {at: _fails(plan, rows, at, tables) for at in rules if plan.rules[at].values[0] == column}
        failing = (
            rows.scan()
            .filter(reduce(or_, fails.values()))
            .select("row", f"c{column}", *(test.alias(f"f{at}") for at, test in fails.items()))
            .collect(engine="streaming")
        )
        lines += [
            failing.filter(pl.col(f"f{at}")).select(
                "row", pl.lit(at, pl.Int32).alias("rule"), pl.col(f"c{column}").cast(pl.String).alias("value")
            )
            for at in fails
        ]
    return pl.concat(lines)


def absent_keys(plan: CheckPlan, hashed: Sequence[int], light: Sequence[int]) -> dict[int, int]:
    """Rules of missing values that the hashes of a key of one column answer: their places, with the place of the key's rule."""
    keys = {plan.rules[at].keys[0]: at for at in hashed if len(plan.rules[at].keys) == 1}
    return {
        at: keys[rule.absent]
        for at, rule in enumerate(plan.rules)
        if rule.absent is not None and rule.absent in keys and at not in light
    }


def absent_faults(rows: Rows, hashes: Hashes, at: int) -> pl.DataFrame:
    """Lines of the rule ``at`` for the rows whose key is missing."""
    missing = values_at(rows, np.flatnonzero(hashes == 0), ())
    return missing.select("row", pl.lit(at, pl.Int32).alias("rule"), pl.lit(None, pl.String).alias("value"))


def hashed_rules(plan: CheckPlan, rows: Rows) -> tuple[int, ...]:
    """Places of the rules of uniqueness whose keys have types with exact hashes."""
    return tuple(
        at
        for at, rule in enumerate(plan.rules)
        if rule.keys and rule.reference is None and all(rows.type_of(key) in _EXACT for key in rule.keys)
    )


def write_hashes(plan: CheckPlan, rows: Rows, rules: Sequence[int], folder: Path) -> dict[int, Path]:
    """Write the hash of each rule's key, in the order of the rows, one file a rule; memory does not grow with the rows."""
    files = {at: folder / f"keys-{at}.npy" for at in rules}
    opened = {
        at: np.lib.format.open_memmap(path, mode="w+", dtype=np.uint64, shape=(rows.count,))
        for at, path in files.items()
    }
    begins = 0
    for chunk in _chunks(rows.scan().select(*(_hash(plan, at) for at in rules))) if rules else ():
        for at, target in opened.items():
            target[begins : begins + chunk.height] = chunk[f"h{at}"].to_numpy()
        begins += chunk.height
    for target in opened.values():
        target.flush()
    return files


def read_hashes(path: Path) -> Hashes:
    """Hashes that were written, mapped, not copied; what is changed in them never reaches the file."""
    made: Hashes = np.load(path, mmap_mode="c") if path.stat().st_size > 128 else np.zeros(0, np.uint64)
    return made


def values_at(rows: Rows, places: Places, keys: Sequence[int]) -> pl.DataFrame:
    """The number and the columns ``keys`` of the rows at these places of the file, ascending; only their row groups are read."""
    names = [rows.columns[key] for key in keys]
    wanted = list(dict.fromkeys([*names, ROW] if rows.is_numbered else names))
    if not wanted:
        return pl.DataFrame({"row": pl.Series(places + 1, dtype=pl.Int64)})
    frames = [pl.DataFrame(schema={"row": pl.Int64, **{f"c{key}": rows.type_of(key) for key in keys}})]
    footer, begins = pq.read_metadata(rows.path), 0
    for group in range(footer.num_row_groups):
        ends = begins + footer.row_group(group).num_rows
        here = places[np.searchsorted(places, begins) : np.searchsorted(places, ends)]
        if here.size:
            taken = pl.scan_parquet(rows.path).slice(begins, ends - begins).select(wanted).collect()[here - begins]
            frames.append(_named(rows, taken, here, keys))
        begins = ends
    return pl.concat(frames)


def _named(rows: Rows, taken: pl.DataFrame, places: Places, keys: Sequence[int]) -> pl.DataFrame:
    number = taken[ROW] if rows.is_numbered else pl.Series(places + 1)
    columns = {f"c{key}": taken[rows.columns[key]].cast(rows.type_of(key)) for key in keys}
    return pl.DataFrame({"row": number.cast(pl.Int64), **columns})


def _chunks(frame: pl.LazyFrame) -> Iterable[pl.DataFrame]:
    return frame.collect_batches(chunk_size=_CHUNK, maintain_order=True)


def _fails(plan: CheckPlan, rows: Rows, at: int, tables: Mapping[str, Path]) -> pl.Expr:
    rule = plan.rules[at]
    column = pl.col(f"c{rule.values[0]}")
    if rule.reference is not None:
        known = _known(rows, rule.values[0], tables[rule.reference.table], rule.reference.columns[0])
        return (~column.is_in(known.drop_nulls().implode())).fill_null(False)
    if rule.pattern is None:
        return column.is_null()
    return (~column.str.contains(rf"\A(?:{rule.pattern})\z")).fill_null(False)


def _known(rows: Rows, own: int, path: Path, column: str) -> pl.Series:
    """Keys of another table; of a large one those only that the few rows here speak of, which are quicker to look up."""
    if pq.read_metadata(path).num_rows <= rows.count:
        return pl.read_parquet(path, columns=[column]).to_series()
    asked = rows.scan().select(pl.col(f"c{own}").unique()).collect().to_series().drop_nulls()
    return pl.scan_parquet(path).select(column).filter(pl.col(column).is_in(asked.implode())).collect().to_series()


def newest_of(rows: Rows, at: int) -> object:
    """The newest value of a column of times, from the footer where that tells it of every row group, else by a scan."""
    footer = pq.read_metadata(rows.path)
    place = footer.schema.to_arrow_schema().get_field_index(rows.columns[at])
    told = [footer.row_group(group).column(place).statistics for group in range(footer.num_row_groups)]
    if all(one is not None and (one.has_min_max or one.null_count == one.num_values + one.null_count) for one in told):
        return max((one.max for one in told if one.has_min_max), default=None)
    return rows.scan().select(pl.col(f"c{at}").max()).collect(engine="streaming").item()


def _is_small(plan: CheckPlan, rows: Rows, at: int, tables: Mapping[str, Path]) -> bool:
    """Whether a rule is a reference of one column, of the same type, to a table that memory can hold."""
    link = plan.rules[at].reference
    if link is None or len(link.columns) > 1:
        return False
    path, own = tables[link.table], rows.type_of(plan.rules[at].keys[0])
    is_same = own in _EXACT and pl.read_parquet_schema(path)[link.columns[0]] == own
    return is_same and pq.read_metadata(path).num_rows <= (HELD if own != pl.String else HELD // 4)


def _hash(plan: CheckPlan, at: int) -> pl.Expr:
    """1 to 2^64 - 1 for keys without missing parts, else 0."""
    columns = [pl.col(f"c{key}") for key in plan.rules[at].keys]
    value = columns[0].hash() if len(columns) == 1 else pl.struct(columns).hash()
    missing = pl.any_horizontal(column.is_null() for column in columns)
    return (
        pl.when(missing)
        .then(pl.lit(0, pl.UInt64))
        .otherwise(pl.max_horizontal(value, pl.lit(1, pl.UInt64)))
        .alias(f"h{at}")
    )
