"""PostgreSQL through SQLAlchemy: one base for all tables, one transaction an edge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import DateTime, MetaData, create_engine, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from headway.kernel.canonical import canonical_json

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table; a domain's tables live in the PostgreSQL schema of the domain's name."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: DateTime(timezone=True), dict: JSONB, list: JSONB}  # noqa: RUF012  read by SQLAlchemy


class Database:
    """A pool of connections. ``session()`` is one transaction.

    ``aside`` is a second, small pool for single short reads and writes by code whose caller may hold a connection of the
    first already: waiting for a second one of the same pool, many at once would wait for each other. Whoever holds one
    of ``aside`` waits for nothing else.
    """

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = psycopg_url(url)
        self.engine = self._pool(pool_size, pool_size)
        self.aside = self._pool(2, 6)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    def _pool(self, size: int, overflow: int) -> Engine:
        return create_engine(
            self.url,
            pool_size=size,
            max_overflow=overflow,
            pool_pre_ping=True,
            json_serializer=lambda value: canonical_json(value).decode(),
            connect_args={"application_name": "headway", "options": "-c timezone=UTC -c lock_timeout=30s"},
        )

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a transaction: commit at the end, roll back on an error."""
        with self._sessions() as session, session.begin():
            yield session

    @contextmanager
    def try_lock(self, key: int) -> Iterator[bool]:
        """Hold a session-level advisory lock inside the block; yields False at once when another holds it."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            got = bool(connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": key}))
            try:
                yield got
            finally:
                if got and not connection.invalidated:
                    connection.execute(text("select pg_advisory_unlock(:key)"), {"key": key})

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()
        self.aside.dispose()


def psycopg_url(url: str) -> str:
    """Name the psycopg 3 driver in a plain ``postgresql://`` address."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
