"""Reads tables and queries of SQL databases by SQLAlchemy, in one read-only transaction, a batch at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

from headway.catalog import csvtext
from headway.catalog.connectors import growing, specs
from headway.catalog.connectors.adapters.landing import Landed, Landing
from headway.catalog.connectors.adapters.places import Reach
from headway.catalog.connectors.errors import SourceFailed

_CELLS: Final = 400_000
_CONNECT_SECONDS: Final = 10
_READS: Final = (
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
)
_FILE_FUNCTIONS: Final = ("load_extension", "readfile", "writefile", "edit", "fts3_tokenizer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read of a source. ``cursor`` is the greatest value seen, or what it was before; None: not incremental."""

    landed: Landed
    cursor: str | None
    notes: tuple[str, ...]


def read_database(
    reach: Reach, settings: Mapping[str, str], work: Path, *, cursor: str | None, most: int | None = None
) -> Read:
    """Read a table or a query into a Parquet file.

    Args: cursor: the greatest value read before; rows from it on, less the lag, are read. most: rows at most, for a look.
    Raises: SourceRefused, SourceFailed.
    """
    try:
        engine = _engine(reach, settings)
        with _disposed(engine), _reading(engine) as connection:
            return _read(connection, settings, work, cursor=cursor, most=most)
    except (SQLAlchemyError, sqlite3.Error, OSError, ValueError) as error:
        raise reach.failed(getattr(error, "orig", None) or error) from None  # drivers show addresses in their traces


def _read(
    connection: Connection, settings: Mapping[str, str], work: Path, *, cursor: str | None, most: int | None
) -> Read:
    column = settings.get("cursor")
    source = _source(settings)
    query = sa.select(sa.text("*")).select_from(source)
    notes: list[str] = []
    if column is not None:
        key: sa.ColumnElement[Any] = sa.column(column)
        query = query.where(key.is_not(None)).order_by(key)
        if cursor is not None:
            query = query.where(key >= growing.floor(cursor, settings.get("lag")))
        count = sa.select(sa.func.count()).select_from(source).where(key.is_(None))
        if most is None and (unkeyed := connection.execute(count).scalar_one()):
            notes.append(f"{unkeyed:,} rows have no value in {column} and are not read")
    elif keys := _keys(connection, settings):
        query = query.order_by(*(sa.column(one) for one in keys))
    if most is not None:
        query = query.limit(most)
    result = connection.execution_options(stream_results=True, yield_per=10_000).execute(query)
    told = result.keys()
    names = [" ".join(str(name).split()) for name in told]
    if faults := csvtext.header_faults(names):
        raise SourceFailed(f"the columns cannot be used: {faults[0].message}", faults=faults)
    greatest = growing.value_of(cursor) if cursor is not None else None
    landing = Landing(work, has_types=connection.dialect.name != "sqlite")
    for rows in result.partitions(max(50, min(10_000, _CELLS // len(names)))):
        columns = list(zip(*rows, strict=True))
        landing.write(names, columns)
        if column is not None:
            greatest = growing.greatest(column, columns[_place(names, column)], greatest)
    if not landing.rows:
        landing.write(names, [[] for _ in names])
    written = growing.text_of(greatest) if greatest is not None else cursor
    return Read(landed=landing.close(work / "read.parquet"), cursor=written, notes=tuple(notes))


def _place(names: list[str], column: str) -> int:
    if column not in names:
        raise SourceFailed(
            f"the source has no column {column!r}", hint="cursor names a column of it, capitals as there"
        )
    return names.index(column)


def _source(settings: Mapping[str, str]) -> sa.FromClause:
    if "table" in settings:
        return sa.table(settings["table"], schema=settings.get("schema"))
    inside = settings["query"].strip().rstrip(";").replace(":", "\\:")  # a colon marks no value of ours
    return sa.text(f"{inside}\n").columns().subquery("asked")


def _keys(connection: Connection, settings: Mapping[str, str]) -> list[str]:
    """Columns of the primary key: the same rows then come in the same order, so that nothing new makes no snapshot."""
    if "table" not in settings:
        return []
    found = sa.inspect(connection).get_pk_constraint(settings["table"], schema=settings.get("schema"))
    return list(found.get("constrained_columns") or [])


@contextmanager
def _disposed(engine: Engine) -> Iterator[None]:
    """Let go of an engine at the end."""
    try:
        yield
    finally:
        engine.dispose()


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads, and sees one state of the database where the database can do that."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def _engine(reach: Reach, settings: Mapping[str, str]) -> Engine:
    """The engine of an address; a SQLite file is opened for reading, below the department's folder alone."""
    text = settings["url"]
    if text.startswith("sqlite"):
        path = reach.local(text.partition("///")[2].partition("?")[0])
        return sa.create_engine("sqlite://", creator=lambda: _sqlite(path), poolclass=sa.NullPool)
    reach.need_hosts(specs.hosts_of(text) or ["localhost"])
    url = make_url(text)
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if (secret := reach.secret(settings)) is not None:
        url = url.set(password=secret)
    is_postgres = url.get_backend_name() == "postgresql"
    options = {"connect_timeout": _CONNECT_SECONDS} if is_postgres else {}
    try:
        return sa.create_engine(url, poolclass=sa.NullPool, connect_args=options, hide_parameters=True)
    except (ImportError, NoSuchModuleError) as error:
        hint = "install the driver beside Headway"
        raise SourceFailed(f"there is no driver for {url.drivername}", hint=hint) from error


def _sqlite(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False)

    def may(action: int, first: str | None, second: str | None, *_: object) -> int:
        is_pragma = action == sqlite3.SQLITE_PRAGMA and (second is None or first in ("table_info", "table_xinfo"))
        calls_file = action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FILE_FUNCTIONS
        return sqlite3.SQLITE_OK if (action in _READS or is_pragma) and not calls_file else sqlite3.SQLITE_DENY

    connection.set_authorizer(may)
    return connection
