"""Adds rows that are new to those a port holds: a row that was read before, in all its values, is not added again."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from headway.catalog.connectors.adapters.landing import Landed, join

_AT: str = "_headway_at"
_TIMES: str = "_headway_times"
_HASH: str = "_headway_hash"


def new_rows(before: Path, fresh: Path, work: Path) -> Landed | None:
    """The rows of ``before`` and those of ``fresh`` that are not among them; None when none is new.

    Rows count as often as they come: two equal rows in ``fresh`` and one in ``before`` make one that is new.
    """
    known = pq.read_metadata(before).num_rows
    both = join([before, fresh], work / "both.parquet")
    again = _again(both.path, known)
    if len(again) == both.rows - known:
        return None
    if not again:
        return both
    out = work / "own.parquet"
    return Landed(path=out, rows=_without(both.path, set(again), out))


def _again(both: Path, known: int) -> list[int]:
    """Places of rows from ``known`` on that come before it as often."""
    names = pl.scan_parquet(both, glob=False).collect_schema().names()
    hashed = pl.scan_parquet(both, glob=False).with_row_index(_AT).with_columns(pl.struct(names).hash().alias(_HASH))
    late = hashed.filter(pl.col(_AT) >= known).select(_HASH).unique().collect(engine="streaming")
    alike = hashed.join(late.lazy(), on=_HASH, how="semi").collect(engine="streaming").sort(_AT)
    is_new = pl.col(_AT) >= known
    counted = alike.with_columns(is_new.alias("_headway_new")).with_columns(
        pl.int_range(pl.len()).over([*names, "_headway_new"]).alias(_TIMES)
    )
    old, new = counted.filter(~pl.col("_headway_new")), counted.filter(pl.col("_headway_new"))
    met = new.join(old, on=[*names, _TIMES], how="semi", nulls_equal=True)
    return [int(one) for one in met[_AT]]


def _without(path: Path, places: set[int], out: Path) -> int:
    """Write a file without the rows at some places; gives how many stay."""
    at = rows = 0
    with pq.ParquetFile(path) as file, pq.ParquetWriter(out, file.schema_arrow, compression="zstd") as writer:
        for batch in file.iter_batches(batch_size=65_536):
            kept = pa.array([place not in places for place in range(at, at + batch.num_rows)])
            table = pa.Table.from_batches([batch], schema=file.schema_arrow).filter(kept)
            writer.write_table(table)
            at, rows = at + batch.num_rows, rows + table.num_rows
    return rows
