"""A snapshot in parts: by the contract's partition, else by month of its time, else by ranges of rows in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from headway.catalog import contract as odcs
from headway.catalog.adapters.source import ROW
from headway.catalog.entities import QualityReport
from headway.catalog.trends.entities import PartCount

MOST_PARTS: Final = 200
ROWS_OF_A_PART: Final = 100_000
REST: Final = "*other"


def parts_of(path: Path, contract: odcs.Contract, report: QualityReport, faults: Path | None) -> tuple[PartCount, ...]:
    """Count rows, bad rows and failures by part; the parts with most rows are told, the others together.

    Args: path: the rows with their numbers. faults: row, rule's place, value.
    """
    named = _named(pl.scan_parquet(path), contract)
    counted = named.group_by("part").agg(pl.len()).collect(engine="streaming")
    sizes = sorted(((str(part), int(count)) for part, count in counted.iter_rows()), key=lambda one: (-one[1], one[0]))
    told = {part for part, _ in sizes[: MOST_PARTS if len(sizes) <= MOST_PARTS else MOST_PARTS - 1]}
    rows: dict[str, int] = {}
    for part, count in sizes:
        name = part if part in told else REST
        rows[name] = rows.get(name, 0) + count
    failures: dict[str, dict[str, int]] = {}
    bad: dict[str, int] = {}
    if faults is not None:
        lines = named.join(pl.scan_parquet(faults).select("row", "rule"), on="row").collect(engine="streaming")
        known = pl.when(pl.col("part").is_in(sorted(told))).then(pl.col("part")).otherwise(pl.lit(REST))
        lines = lines.with_columns(known.alias("part"))
        bad = dict(lines.group_by("part").agg(pl.col("row").n_unique()).rows())
        for part, rule, count in lines.group_by("part", "rule").agg(pl.len()).sort("rule").iter_rows():
            failures.setdefault(part, {})[report.rules[rule].id] = int(count)
    return tuple(
        PartCount(part=part, rows=int(rows[part]), failed_rows=int(bad.get(part, 0)), rules=failures.get(part, {}))
        for part in sorted(rows, key=lambda name: (name == REST, name))
    )


def _named(rows: pl.LazyFrame, contract: odcs.Contract) -> pl.LazyFrame:
    number = pl.col(ROW).cast(pl.Int64).alias("row")
    columns = [one for one in odcs.table_of(contract).properties or [] if one.partitioned and one.name]
    columns.sort(key=lambda one: one.partitionKeyPosition or 0)
    if columns:
        values = [pl.col(one.name or "").cast(pl.String).fill_null("*missing") for one in columns]
        return rows.select(number, pl.concat_str(values, separator=" | ").alias("part"))
    time = odcs.roles_of(contract).time
    if time is not None and odcs.kinds_of(contract).get(time) in ("date", "timestamp"):
        return rows.select(number, pl.col(time).dt.strftime("%Y-%m").fill_null("*missing").alias("part"))
    at = (pl.col(ROW).cast(pl.Int64) - 1) // ROWS_OF_A_PART
    first, last = at * ROWS_OF_A_PART + 1, (at + 1) * ROWS_OF_A_PART
    return rows.select(number, pl.format("rows {} to {}", first, last).alias("part"))
