"""The migrations make exactly the tables that the code maps."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from headway.entrypoints import schema
from headway.kernel.database import Base, Database


def test_autogenerate_finds_nothing_to_change(database: Database) -> None:
    found: list[object] = []

    def compare(revision: object, context: MigrationContext) -> list[object]:
        assert context.opts["target_metadata"] is Base.metadata
        found.extend(compare_metadata(context, Base.metadata))
        return []

    with database.engine.connect() as connection:
        config = schema.config(connection, compare=True)
        script = ScriptDirectory.from_config(config)
        with EnvironmentContext(config, script, fn=compare, compare_type=True, compare_server_default=True):
            script.run_env()
    assert not found, "tables and migrations differ:\n" + "\n".join(map(repr, found))


def test_migrations_are_one_line_with_one_head(database: Database) -> None:
    with database.engine.connect() as connection:
        script = ScriptDirectory.from_config(schema.config(connection))
    assert len(script.get_heads()) == 1
    assert all(not revision.is_branch_point for revision in script.walk_revisions())


def test_migrating_again_changes_nothing(database: Database) -> None:
    def tables() -> set[tuple[str | None, str]]:
        seen = inspect(database.engine)
        return {(name, table) for name in seen.get_schema_names() for table in seen.get_table_names(name)}

    before = tables()
    schema.migrate(database)
    assert tables() == before
    assert ("kernel", "jobs") in before and ("dbos", "workflow_status") in before


def test_downgrade_leaves_no_table_of_ours_and_upgrade_comes_back(database: Database) -> None:
    with database.engine.connect() as connection:
        config = schema.config(connection)
        command.downgrade(config, "base")
        connection.commit()
    ours = text(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema not in ('pg_catalog', 'information_schema', 'dbos') and table_name <> 'alembic_version'"
    )
    with database.session() as session:
        assert list(session.scalars(ours)) == []
    schema.migrate(database)
    with database.session() as session:
        assert "kernel.jobs" in list(session.scalars(ours))
