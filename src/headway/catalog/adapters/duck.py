"""Runs compiled checks on a staged file with DuckDB: in memory bounds, without any reach beyond the files named."""

# ruff: noqa: S608  paths and names are quoted in one place below, values are bound
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from headway.catalog.adapters.files import ROW
from headway.catalog.checks import CheckPlan, aggregate_sql, faults_sql, quarantine_sql

MEMORY: Final = "2GB"
_MISFITS: Final = {"row": pl.Int64, "column": pl.String, "value": pl.String}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a check found: failures of each rule by its place, and a file of all faults (row, rule, value) or None."""

    rows: int
    failures: tuple[int, ...]
    failed_rows: int
    faults: Path | None
    fault_count: int


def run(plan: CheckPlan, staged: Path, misfits: pl.DataFrame, work: Path) -> Found:
    """Check the rows of a staged Parquet file.

    Args: misfits: row, column, value of what the reader could not read as its type; the work folder takes the faults.
    """
    out = work / "faults.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"SET memory_limit='{MEMORY}'")
        connection.execute(f"SET temp_directory={_literal(work / 'spill')}")
        allowed = ", ".join(_literal(path) for path in (staged, out))
        connection.execute(f"SET allowed_paths=[{allowed}]")
        connection.execute(f"SET allowed_directories=[{_literal(work / 'spill')}]")
        connection.execute("SET TimeZone='UTC'")
        connection.execute("SET enable_external_access=false")
        connection.execute("SET lock_configuration=true")
        connection.execute(_rows_view(plan, staged))
        return _check(connection, plan, misfits, out)


def _check(connection: duckdb.DuckDBPyConnection, plan: CheckPlan, misfits: pl.DataFrame, out: Path) -> Found:
    places = {name: at for at, name in enumerate(plan.columns)}
    known = misfits.filter(pl.col("column").is_in(list(places)))
    connection.register("misfits_given", known.to_arrow())
    connection.execute("CREATE TEMP TABLE misfits AS SELECT * FROM misfits_given")
    counted = _counts(connection, plan)
    rows = counted["rows"]
    misfit_rows = {name: known.filter(pl.col("column") == name).height for name in known["column"].unique()}
    failures = [counted.get(f"r{at}", 0) for at in range(len(plan.rules))]
    for at, rule in enumerate(plan.rules):
        if rule.rule == "type":
            failures[at] = misfit_rows.get(rule.column or "", 0)
        elif rule.rule in ("required", "null_values", "missing_values"):
            failures[at] -= misfit_rows.get(rule.column or "", 0)  # told as a fault of type already
        elif rule.rule == "rows":
            failures[at] = rows
    failing = [at for at, count in enumerate(failures) if count and plan.rules[at].rule not in ("type", "rows")]
    if not failing and known.is_empty():
        return Found(rows=rows, failures=tuple(failures), failed_rows=0, faults=None, fault_count=0)
    _write_faults(connection, plan, failing, out)
    failed = connection.execute(f"SELECT count(DISTINCT row), count(*) FROM read_parquet({_literal(out)})").fetchone()
    failed_rows, fault_count = failed or (0, 0)
    return Found(
        rows=rows, failures=tuple(failures), failed_rows=int(failed_rows), faults=out, fault_count=int(fault_count)
    )


def _write_faults(connection: duckdb.DuckDBPyConnection, plan: CheckPlan, failing: list[int], out: Path) -> None:
    types = {rule.column: at for at, rule in enumerate(plan.rules) if rule.rule == "type"}
    cases = " ".join(f'WHEN misfits."column" = {_quoted(name or "")} THEN {at}' for name, at in types.items())
    parts = [f"SELECT row, CASE {cases} END AS rule, value FROM misfits"]
    if failing:
        statement = f"CREATE TEMP TABLE quarantine AS {quarantine_sql(plan, failing)}"
        connection.execute(statement, _used(statement, plan))
        parts.append(f"SELECT * FROM ({faults_sql(plan, failing)}) f WHERE NOT {_told_already(plan, failing)}")
    connection.execute(
        f"COPY (SELECT row::BIGINT AS row, rule::INTEGER AS rule, value FROM ({' UNION ALL '.join(parts)}) "
        f"ORDER BY row, rule) TO {_literal(out)} (FORMAT parquet, COMPRESSION zstd)"
    )


def _told_already(plan: CheckPlan, failing: list[int]) -> str:
    """A value that does not fit its type is missing in the table and told as a fault of type, not as missing."""
    columns = {
        at: plan.rules[at].column or ""
        for at in failing
        if plan.rules[at].rule in ("required", "null_values", "missing_values")
    }
    if not columns:
        return "false"
    cases = " ".join(f"WHEN f.rule = {at} THEN {_quoted(name)}" for at, name in columns.items())
    return f'EXISTS (SELECT 1 FROM misfits m WHERE m.row = f.row AND m."column" = CASE {cases} END)'


def _counts(connection: duckdb.DuckDBPyConnection, plan: CheckPlan) -> dict[str, int]:
    """The one row of numbers that the aggregate gives, by name."""
    statement = aggregate_sql(plan)
    cursor = connection.execute(statement, _used(statement, plan))
    names = [str(column[0]) for column in cursor.description or []]
    return {name: int(value) for name, value in zip(names, cursor.fetchone() or (), strict=True)}


def _used(statement: str, plan: CheckPlan) -> Mapping[str, object]:
    """The parameters that a statement names; DuckDB refuses others."""
    named = set(re.findall(r"\$(p\d+)\b", statement))
    return {name: value for name, value in plan.parameters.items() if name in named}


def _rows_view(plan: CheckPlan, staged: Path) -> str:
    columns = ", ".join(f"{_identifier(name)} AS c{at}" for at, name in enumerate(plan.columns))
    return f"CREATE TEMP VIEW rows_of_file AS SELECT {ROW} AS row, {columns} FROM read_parquet({_literal(staged)})"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _literal(path: Path) -> str:
    return _quoted(str(path))
