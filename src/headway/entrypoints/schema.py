"""Bring a database to this version's tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from headway.kernel import jobs
from headway.kernel.database import Database

MIGRATION_LOCK = 0x6865_6164_0001


def migrate(database: Database) -> None:
    """Run the migrations that are missing; two processes at once wait for each other."""
    with database.engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
        try:
            command.upgrade(config(connection), "head")
            connection.commit()
            jobs.migrate(database)
        finally:
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
            connection.commit()


def config(connection: object, *, compare: bool = False) -> Config:
    """Alembic's configuration around an open connection; ``compare`` loads every domain's tables."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.set_main_option("path_separator", "os")
    made.attributes.update(connection=connection, compare=compare)
    return made
