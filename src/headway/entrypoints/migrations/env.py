"""Alembic's environment: it gets an open connection from ``schema.migrate``.

Only a comparison of tables and migrations loads every domain; to run migrations nothing of them is needed.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil

from alembic import context
from sqlalchemy import MetaData

import headway
from headway.kernel.database import Base

FOREIGN_SCHEMAS = {"dbos", "lake"}


def all_tables() -> MetaData:
    """The tables of every domain."""
    for domain in pkgutil.iter_modules(headway.__path__, "headway."):
        inner = (
            pkgutil.iter_modules(importlib.import_module(domain.name).__path__, f"{domain.name}.")
            if domain.ispkg
            else ()
        )
        for found in (domain, *(one for one in inner if one.ispkg)):
            if found.ispkg and importlib.util.find_spec(f"{found.name}.tables"):
                importlib.import_module(f"{found.name}.tables")
    return Base.metadata


def include_name(name: str | None, kind: str, parents: object) -> bool:
    """Leave out the schemas whose tables belong to libraries, and Alembic's own table."""
    return not (kind == "schema" and name in FOREIGN_SCHEMAS) and not (kind == "table" and name == "alembic_version")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=all_tables() if context.config.attributes.get("compare") else None,
    include_schemas=True,
    include_name=include_name,
    version_table_schema="public",
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
