"""Runs compiled checks on a Parquet file: each column is decoded once, memory is bounded, nothing beyond the files is reached.

Row rules and foreign keys are SQL for DuckDB; patterns and hashes of keys are read by Polars (``streams.py``), because they
cost a fifth of the time there. Every failure becomes a line (row, rule, value) at once, so that the bad rows need no second
reading; rows, counts and bit masks are made of the lines.
"""

# ruff: noqa: S608  paths and names are quoted in one place below, values are bound
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from headway.catalog import keyset
from headway.catalog.adapters import streams
from headway.catalog.adapters.source import ROW
from headway.catalog.adapters.streams import Rows
from headway.catalog.checks import WORD_BITS, CheckPlan, orphans_sql

MEMORY: Final = "600MB"
MANY: Final = 2_000_000
"""More places than this that may be duplicates are compared by SQL, which can spill."""
_ABSENT: Final = ("required", "null_values", "missing_values")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a check found: failures of each rule by its place, and a file of all faults (row, rule, value) or None.

    ``quarantine``: every bad row once, with its number and the bits m0, m1 ... of the rules it fails, or None.
    ``newest``: the newest time of each rule of freshness, by the rule's place.
    """

    rows: int
    failures: tuple[int, ...]
    failed_rows: int
    faults: Path | None
    fault_count: int
    quarantine: Path | None
    newest: Mapping[int, datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """Rows before those that are checked, in whose eyes a key may be a duplicate; hashes of keys by the rule's place."""

    rows: Rows
    hashes: Mapping[int, Path]


def run(
    plan: CheckPlan,
    staged: Path,
    misfits: pl.DataFrame,
    work: Path,
    *,
    tables: Mapping[str, Path] | None = None,
    earlier: Sequence[Earlier] = (),
    is_counted_only: bool = False,
) -> Found:
    """Check the rows of a Parquet file.

    Args: misfits: row, column, value of what the reader could not read as its type. work: takes the faults, the quarantine
        and the hashes of keys (``keys-N.npy``). tables: the Parquet files that relationships speak of. earlier: rows before
        these; a key that they hold is a duplicate here. is_counted_only: no faults and no quarantine are written.
    """
    rows = streams.rows_of(staged, plan)
    outs = (work / "faults.parquet", work / "quarantine.parquet")
    reached = [staged, *outs, *(tables or {}).values(), *(one.rows.path for one in earlier)]
    with closing(_connect(work, reached)) as connection:
        _prepare(connection, plan, rows, tables or {})
        known = misfits.filter(pl.col("column").is_in(list(plan.columns)))
        _misfits(connection, plan, known)
        others = tables or {}
        light, hashed = streams.light_rules(plan, rows, others), streams.hashed_rules(plan, rows)
        absent = streams.absent_keys(plan, hashed, light)
        _row_rules(connection, plan, {*light, *absent})
        _keep(connection, plan, streams.light_faults(plan, rows, light, others))
        for at, rule in enumerate(plan.rules):
            if rule.reference and at not in light:
                _insert(connection, plan, f"SELECT row, {at}, {_shown(plan, at)} FROM ({orphans_sql(plan, at)}) t")
        files = streams.write_hashes(plan, rows, hashed, work)
        for at, key in absent.items():
            _keep(connection, plan, streams.absent_faults(rows, streams.read_hashes(files[key]), at))
        _unique_rules(connection, plan, rows, earlier, files)
        newest = {
            at: _moment(streams.newest_of(rows, rule.values[0]))
            for at, rule in enumerate(plan.rules)
            if rule.oldest is not None
        }
        return _found(connection, plan, rows.count, newest, None if is_counted_only else outs)


def _connect(work: Path, files: Sequence[Path]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"SET memory_limit='{MEMORY}'")
    connection.execute(f"SET temp_directory={_literal(work / 'spill')}")
    connection.execute(f"SET allowed_paths=[{', '.join(map(_literal, files))}]")
    connection.execute(f"SET allowed_directories=[{_literal(work / 'spill')}]")
    connection.execute("SET TimeZone='UTC'")
    connection.execute("SET preserve_insertion_order=false")
    # The footer of a Parquet file leaves NaN out of its extremes: filters by them would lose rows above every bound.
    connection.execute("SET disabled_optimizers='filter_pushdown,join_filter_pushdown,statistics_propagation'")
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")
    return connection


def _prepare(connection: duckdb.DuckDBPyConnection, plan: CheckPlan, rows: Rows, tables: Mapping[str, Path]) -> None:
    connection.execute(f"CREATE TEMP VIEW rows_of_file AS {_select(rows)}")
    connection.execute("CREATE TEMP TABLE lines (row BIGINT, rule INTEGER, value VARCHAR)")
    connection.execute("CREATE TEMP TABLE told (row BIGINT, rule INTEGER)")
    for at, rule in enumerate(plan.rules):
        if rule.reference:
            names = ", ".join(f"{_identifier(name)} AS k{part}" for part, name in enumerate(rule.reference.columns))
            other = _literal(tables[rule.reference.table])
            connection.execute(f"CREATE TEMP VIEW keys_{at} AS SELECT {names} FROM read_parquet({other})")


def _select(rows: Rows) -> str:
    columns = ", ".join(f"{_identifier(name)} AS c{at}" for at, name in enumerate(rows.columns))
    number = ROW if rows.is_numbered else "file_row_number + 1"
    option = "" if rows.is_numbered else ", file_row_number=true"
    return f"SELECT {number} AS row, {columns} FROM read_parquet({_literal(rows.path)}{option})"


def _misfits(connection: duckdb.DuckDBPyConnection, plan: CheckPlan, known: pl.DataFrame) -> None:
    """Values that fit no type: faults of the rule ``type``, and told apart from values that are missing."""
    types = {rule.column or "": at for at, rule in enumerate(plan.rules) if rule.rule == "type"}
    _keep(
        connection,
        plan,
        known.select("row", pl.col("column").replace_strict(types, return_dtype=pl.Int32).alias("rule"), "value"),
    )
    absent = {at: rule.column for at, rule in enumerate(plan.rules) if rule.rule in _ABSENT}
    names = set(known["column"].to_list())
    for at, name in absent.items():
        if name in names:
            given = known.filter(pl.col("column") == name).select("row", pl.lit(at, pl.Int32).alias("rule"))
            connection.register("given", given.to_arrow())
            connection.execute("INSERT INTO told SELECT row, rule FROM given")
            connection.unregister("given")


def _row_rules(connection: duckdb.DuckDBPyConnection, plan: CheckPlan, elsewhere: Set[int]) -> None:
    """One scan for all row rules that are left to SQL."""
    rules = [at for at, rule in enumerate(plan.rules) if rule.predicate and at not in elsewhere]
    if not rules:
        return
    some = " OR ".join(f"({plan.rules[at].predicate})" for at in rules)
    cases = ", ".join(
        f"CASE WHEN {plan.rules[at].predicate} THEN {{'rule': {at}, 'value': {_shown(plan, at)}}} END" for at in rules
    )
    told = f"SELECT row, unnest([{cases}]) AS told FROM rows_of_file t WHERE {some}"
    _insert(connection, plan, f"SELECT row, told.rule, told.value FROM ({told}) WHERE told IS NOT NULL")


def _unique_rules(
    connection: duckdb.DuckDBPyConnection,
    plan: CheckPlan,
    rows: Rows,
    earlier: Sequence[Earlier],
    files: Mapping[int, Path],
) -> None:
    for at, rule in enumerate(plan.rules):
        if not rule.keys or rule.reference:
            continue
        if at in files and all(at in one.hashes for one in earlier):
            before = [streams.read_hashes(one.hashes[at]) for one in earlier]
            here, there = keyset.repeated(streams.read_hashes(files[at]), before)
            if here.size + sum(places.size for places in there) <= MANY:
                old = [
                    streams.values_at(one.rows, places, rule.keys)
                    for one, places in zip(earlier, there, strict=True)
                    if places.size
                ]
                _keep(connection, plan, _surplus(plan, at, old, streams.values_at(rows, here, rule.keys)))
                continue
        _insert(connection, plan, _surplus_sql(plan, at, [one.rows for one in earlier]))


def _surplus(plan: CheckPlan, at: int, old: Sequence[pl.DataFrame], new: pl.DataFrame) -> pl.DataFrame:
    """Lines for the rows of ``new`` whose key is that of an earlier row, there or in ``old``; values are compared."""
    keys = [f"c{key}" for key in plan.rules[at].keys]
    new = new.sort("row").with_columns(pl.lit(True).alias("is_new"))
    whole = pl.concat([*(one.with_columns(pl.lit(False).alias("is_new")) for one in old), new], how="vertical_relaxed")
    first = pl.struct(keys).is_first_distinct()
    text = [pl.col(key).cast(pl.String) for key in keys]
    return whole.filter(~first & pl.col("is_new")).select(
        "row", pl.lit(at, pl.Int32).alias("rule"), pl.concat_str(text, separator=" | ").alias("value")
    )


def _surplus_sql(plan: CheckPlan, at: int, earlier: Sequence[Rows]) -> str:
    keys = plan.rules[at].keys
    names = ", ".join(f"c{key}" for key in keys)
    there = " AND ".join(f"c{key} IS NOT NULL" for key in keys)
    same = " AND ".join(f"t.c{key} = d.c{key}" for key in keys)
    parts = [f"SELECT {names}, min(row) AS first FROM rows_of_file WHERE {there} GROUP BY {names} HAVING count(*) > 1"]
    parts += [f"SELECT DISTINCT {names}, 0 AS first FROM ({_select(one)}) WHERE {there}" for one in earlier]
    firsts = f"SELECT {names}, min(first) AS first FROM ({' UNION ALL '.join(parts)}) GROUP BY {names}"
    return (
        f"SELECT t.row, {at}, {_shown(plan, at)} FROM rows_of_file t JOIN ({firsts}) d ON {same} WHERE t.row > d.first"
    )


def _moment(value: object) -> datetime | None:
    """A time with its zone; one without is UTC, a day is its beginning."""
    if not isinstance(value, date):
        return None
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_stale(plan: CheckPlan, at: int, newest: datetime | None) -> bool:
    """Whether the newest time is missing or older than the rule of freshness allows at the plan's present time."""
    oldest = plan.rules[at].oldest
    return oldest is not None and (newest is None or plan.now is None or plan.now - newest > oldest)


def _found(
    connection: duckdb.DuckDBPyConnection,
    plan: CheckPlan,
    rows: int,
    newest: Mapping[int, datetime | None],
    outs: tuple[Path, Path] | None,
) -> Found:
    counted = dict(connection.execute("SELECT rule, count(*) FROM lines GROUP BY rule").fetchall())
    failures = [int(counted.get(at, 0)) for at in range(len(plan.rules))]
    for at, rule in enumerate(plan.rules):
        if rule.rule == "rows":
            failures[at] = rows
        elif rule.oldest is not None:
            failures[at] = int(is_stale(plan, at, newest[at]))
    failed, lines = connection.execute("SELECT count(DISTINCT row), count(*) FROM lines").fetchone() or (0, 0)
    written = outs if outs and lines else (None, None)
    if outs and lines:
        _write(connection, plan, *outs)
    return Found(
        rows=rows,
        failures=tuple(failures),
        failed_rows=int(failed),
        faults=written[0],
        fault_count=int(lines),
        quarantine=written[1],
        newest=newest,
    )


def _write(connection: duckdb.DuckDBPyConnection, plan: CheckPlan, faults: Path, quarantine: Path) -> None:
    form = "(FORMAT parquet, COMPRESSION zstd)"
    connection.execute(f"COPY (SELECT row, rule, value FROM lines ORDER BY row, rule) TO {_literal(faults)} {form}")
    masks = ", ".join(
        f"bit_or(CASE WHEN rule // {WORD_BITS} = {word} THEN 1::BIGINT << (rule % {WORD_BITS}) ELSE 0 END) AS m{word}"
        for word in range(plan.words)
    )
    connection.execute(
        f"COPY (SELECT row, {masks} FROM lines GROUP BY row ORDER BY row) TO {_literal(quarantine)} {form}"
    )


def _insert(connection: duckdb.DuckDBPyConnection, plan: CheckPlan, select: str) -> None:
    """Keep the lines a statement gives, but for values that are told as faults of type already."""
    statement = (
        f"INSERT INTO lines SELECT * FROM ({select}) f(row, rule, value) "
        "WHERE NOT EXISTS (SELECT 1 FROM told WHERE told.row = f.row AND told.rule = f.rule)"
    )
    connection.execute(statement, _used(statement, plan))


def _keep(connection: duckdb.DuckDBPyConnection, plan: CheckPlan, lines: pl.DataFrame) -> None:
    if lines.is_empty():
        return
    connection.register(
        "given", lines.select(pl.col(name).cast(kind) for name, kind in streams.LINES.items()).to_arrow()
    )
    _insert(connection, plan, "SELECT row, rule, value FROM given")
    connection.unregister("given")


def _shown(plan: CheckPlan, at: int) -> str:
    values = [f"t.c{place}::VARCHAR" for place in plan.rules[at].values]
    return values[0] if len(values) == 1 else f"concat_ws(' | ', {', '.join(values)})"


def _used(statement: str, plan: CheckPlan) -> Mapping[str, object]:
    """The parameters that a statement names; DuckDB refuses others."""
    named = set(re.findall(r"\$(p\d+)\b", statement))
    return {name: value for name, value in plan.parameters.items() if name in named}


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _literal(path: Path) -> str:
    return _quoted(str(path))
