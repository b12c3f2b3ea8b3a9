"""Every decision that lies in a scope: of releases wherever they decided, of names while one deployment had them, single ones.

Rows are narrowed where they lie and put together in DuckDB in bounded memory; what is counted and what is written out is one statement.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from headway import catalog
from headway.serving import columns
from headway.serving.entities import DecisionCount, DecisionScope, DecisionsInScope

if TYPE_CHECKING:
    import duckdb

MEMORY = "1GB"
_READ = ("id", "at", "environment", "deployment", "release", "arm", "score", "band", "action")
_KINDS = ("deployment", "department", "usecase", "release", "arm", "band", "action", "day")
_LISTED = (
    "id, make_timestamptz(at_us) AS at, environment, deployment, department, usecase, release, arm, score, band, action, "
    "found_by_release, found_by_deployment, found_by_decision"
)
Format = Literal["csv", "parquet"]


def decisions_version(lake: catalog.Lake) -> str:
    """Name the present state of all decisions taken in, which every intake changes."""
    return lake.version(columns.DECISIONS)


def count_in_scope(lake: catalog.Lake, scope: DecisionScope) -> DecisionsInScope:
    """Count every decision in a scope that was taken in, whole and by what tells them apart.

    ``beside`` counts what the same deployments decided in the same time and lies outside: other releases, the hold-out.
    """
    version = lake.version(columns.DECISIONS)
    if not lake.exists(columns.DECISIONS):
        return DecisionsInScope(
            decisions=0, subjects=0, without_subject=0, first=None, last=None, beside=0, counts=(), version=version
        )
    with _opened(lake, scope, with_subjects=True) as database:
        whole = database.execute(
            "SELECT count(*), count(DISTINCT subject), count(*) FILTER (subject IS NULL), min(at_us), max(at_us) FROM affected"
        ).fetchone()
        beside = database.execute(
            "SELECT count(*) FROM placed WHERE NOT is_affected "
            "AND (environment, deployment) IN (SELECT (environment, deployment) FROM affected)"
        ).fetchone()
        counts = tuple(_by(database, kind) for kind in _KINDS)
    decisions, subjects, without, first, last = whole or (0, 0, 0, None, None)
    return DecisionsInScope(
        decisions=decisions,
        subjects=subjects,
        without_subject=without,
        first=_moment(first),
        last=_moment(last),
        beside=beside[0] if beside else 0,
        counts=tuple(one for kind in counts for one in kind),
        version=version,
    )


def write_in_scope(
    lake: catalog.Lake,
    scope: DecisionScope,
    file: Path,
    format: Format,
    *,
    allow: Callable[[Collection[str | None]], None],
    with_subjects: bool,
) -> int:
    """Write every decision in a scope to a file, oldest first; returns how many. Subjects are personal data.

    Args: allow: told the departments whose decisions are found, before anything is written; raises to refuse.
    """
    with _opened(lake, scope, with_subjects=with_subjects, beside=file.parent) as database:
        departments = database.execute("SELECT DISTINCT department FROM affected").fetchall()
        allow([one for (one,) in departments])
        picked = _LISTED + (", subject" if with_subjects else "")
        how = "FORMAT csv, HEADER" if format == "csv" else "FORMAT parquet, COMPRESSION zstd"
        target = str(file).replace("'", "''")
        database.execute(f"COPY (SELECT {picked} FROM affected ORDER BY at_us, id) TO '{target}' ({how})")  # noqa: S608  names of our own
        found = database.execute("SELECT count(*) FROM affected").fetchone()
    return int(found[0]) if found else 0


def _by(database: duckdb.DuckDBPyConnection, kind: str) -> tuple[DecisionCount, ...]:
    of = {"deployment": "environment || '/' || deployment", "day": "strftime(make_timestamp(at_us), '%Y-%m-%d')"}
    text = f"SELECT {of.get(kind, kind)} AS value, count(*), count(DISTINCT subject) FROM affected GROUP BY value ORDER BY value"  # noqa: S608
    return tuple(
        DecisionCount(kind=kind, value=value, decisions=decisions, subjects=subjects)
        for value, decisions, subjects in database.execute(text).fetchall()
    )


@contextmanager
def _opened(
    lake: catalog.Lake, scope: DecisionScope, *, with_subjects: bool, beside: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in bounded memory with the tables ``placed`` (all looked at) and ``affected`` (those in the scope)."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="headway-scope-") as folder, duckdb.connect() as database:
        reached = ", ".join("'" + str(one).replace("'", "''") + "'" for one in (folder, beside) if one)
        database.execute(f"SET memory_limit='{MEMORY}'")
        database.execute(f"SET temp_directory='{folder}'")
        database.execute("SET TimeZone='UTC'")
        database.execute(f"SET allowed_directories=[{reached}]")
        database.execute("SET enable_external_access=false")
        _scope_tables(database, scope)
        _load(database, lake, "decisions", columns.DECISIONS, _READ, scope)
        _load(database, lake, "inputs", columns.INPUTS, ("id", "subject") if with_subjects else ("id",), scope)
        text = files("headway.serving").joinpath("sql/decisions_in_scope.sql").read_text()
        database.execute(text.replace("$SUBJECT", "i.subject" if with_subjects else "NULL::VARCHAR"))
        yield database


def _scope_tables(database: duckdb.DuckDBPyConnection, scope: DecisionScope) -> None:
    database.execute("CREATE TEMP TABLE releases (release VARCHAR, way VARCHAR)")
    database.execute("CREATE TEMP TABLE singles (id VARCHAR, way VARCHAR)")
    ways = dict(scope.ways)
    named = "environment VARCHAR, deployment VARCHAR, since_us BIGINT, until_us BIGINT"
    database.execute(
        f"CREATE TEMP TABLE names ({named}, usecase VARCHAR, department VARCHAR, is_whole BOOLEAN, way VARCHAR)"
    )
    for table, rows in (
        ("releases", [(one, ways.get(one)) for one in sorted(set(scope.releases))]),
        ("singles", [(one, ways.get(one)) for one in sorted(set(scope.decisions))]),
        (
            "names",
            [
                (
                    one.environment,
                    one.deployment,
                    _micros(one.since),
                    _micros(one.until),
                    one.usecase,
                    one.department,
                    one.is_whole,
                    one.way,
                )
                for one in scope.names
            ],
        ),
    ):
        if rows:
            places = ", ".join("?" for _ in rows[0])
            database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608  names of our own


def _load(  # noqa: PLR0917  a table, and what of it
    database: duckdb.DuckDBPyConnection,
    lake: catalog.Lake,
    name: str,
    table: str,
    wanted: tuple[str, ...],
    scope: DecisionScope,
) -> None:
    picked = ", ".join(f'epoch_us("{column}") AS {column}_us' if column == "at" else column for column in wanted)
    rows: Any = columns.table_of(table, []).select(list(wanted))
    if lake.exists(table):
        rows = lake.stream(table, filter=_filter(scope), columns=wanted)
    database.register("streamed", rows)
    database.execute(f"CREATE TEMP TABLE {name} AS SELECT {picked} FROM streamed")  # noqa: S608  names of our own
    database.unregister("streamed")


def _filter(scope: DecisionScope) -> str:
    """What of the tables is opened at all: the time. All else is told apart where nothing has to be quoted."""
    terms = [f"at >= '{scope.since.isoformat()}'"] if scope.since else []
    terms += [f"at <= '{scope.until.isoformat()}'"] if scope.until else []
    return " and ".join(terms) or "true"


def _micros(at: datetime | None) -> int | None:
    return None if at is None else round(at.timestamp() * 1_000_000)


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else datetime.fromtimestamp(micros / 1_000_000, UTC)
