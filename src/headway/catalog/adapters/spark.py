"""Runs compiled checks on Spark (the statements of DuckDB in Spark's dialect), and reads snapshots there, for large tables.

The optional package ``pyspark`` (extra ``spark``) and Java are needed; nothing of them is imported before ``run``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from headway.catalog.adapters.duck import is_stale
from headway.catalog.adapters.lake import LakeFiles
from headway.catalog.checks import CheckPlan, aggregate_sql, quarantine_sql
from headway.kernel.errors import Invalid

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkFound:
    """What a check found: failures of each rule by its place, and the bad rows (row, m0, m1 ...), not yet computed, or None."""

    rows: int
    failures: tuple[int, ...]
    quarantine: DataFrame | None


def run(
    session: SparkSession, plan: CheckPlan, table: DataFrame, row: str, *, others: Mapping[str, DataFrame] | None = None
) -> SparkFound:
    """Check the rows of a data frame.

    Args: plan: compiled for the dialect SPARK. row: the column of the rows' numbers; of equal keys, that of the lowest number
        is no duplicate. others: the tables that relationships speak of.
    """
    columns = [f"{_identifier(name)} AS c{at}" for at, name in enumerate(plan.columns)]
    table.selectExpr(f"{_identifier(row)} AS row", *columns).createOrReplaceTempView("rows_of_file")
    for at, rule in enumerate(plan.rules):
        if rule.reference:
            names = [f"{_identifier(name)} AS k{part}" for part, name in enumerate(rule.reference.columns)]
            (others or {})[rule.reference.table].selectExpr(*names).createOrReplaceTempView(f"keys_{at}")
    found = _ask(session, aggregate_sql(plan), plan).collect()[0].asDict()
    failures = [_failures(plan, at, found) for at in range(len(plan.rules))]
    failing = [at for at, rule in enumerate(plan.rules) if failures[at] and (rule.predicate or rule.keys)]
    bad = _ask(session, quarantine_sql(plan, failing), plan) if failing else None
    return SparkFound(rows=int(found["rows"]), failures=tuple(failures), quarantine=bad)


def read_files(session: SparkSession, files: LakeFiles, columns: Sequence[str]) -> DataFrame:
    """Read a snapshot of the lake by the list of its data files, without a catalog.

    Args: files: of ``Lake.files``. columns: of ``Lake.columns``; those that no file has yet are missing values.
    Raises: Invalid: files of deletes belong to the snapshot, which Headway never writes; compact it, or read it by Iceberg's own
    runtime.
    """
    if files.has_deletes:
        raise Invalid(
            "the snapshot has files of deletes, which a list of data files does not honour",
            hint="compact it (headway product compact), or read it with Iceberg's Spark runtime",
        )
    found = session.read.option("mergeSchema", "true").parquet(*files.paths)
    there = set(found.columns)
    return found.selectExpr(
        *(_identifier(name) if name in there else f"NULL AS {_identifier(name)}" for name in columns)
    )


def _failures(plan: CheckPlan, at: int, found: Mapping[str, Any]) -> int:
    rule = plan.rules[at]
    if rule.rule == "rows":
        return int(found["rows"])
    if rule.oldest is not None:
        return int(is_stale(plan, at, _moment(found[f"t{at}"])))
    return int(found.get(f"r{at}") or 0)


def _moment(value: date | datetime | None) -> datetime | None:
    """A time with its zone; Spark gives times in the zone of this process, days as days."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo is None else value
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def _ask(session: SparkSession, statement: str, plan: CheckPlan) -> DataFrame:
    named = set(re.findall(r":(p\d+)\b", statement))
    return session.sql(statement, args={name: plan.parameters[name] for name in sorted(named)})


def _identifier(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
