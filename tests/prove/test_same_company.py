"""The same seed makes the same company: two builds are compared row by row; the first was killed on its way and begun anew."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import psycopg
import pytest
from psycopg import sql

from headway.entrypoints.company import building
from headway.entrypoints.company.marker import Marker, read
from headway.entrypoints.company.plan import Plan
from headway.kernel.postgres import EmbeddedPostgres
from headway.kernel.settings import Settings
from tests.conftest import short_folder
from tests.factories.dose import whole

pytestmark = pytest.mark.timeout(3600)
PLAN = Plan(until=date(2026, 6, 1), scale=0.3, usecases=6, every=28)
OWN = {
    # secrets of a home, and what is signed or sealed with them
    "dossiers.dossiers": {"files", "digest", "content_digest"},  # they name what is signed, and seconds of a processor
    "governance.decision_rights": {"envelope", "key_id"},
    "governance.mandates": {"envelope", "key_id"},
    "governance.pack_signatures": {"envelope", "key_id"},
    "governance.verdicts": {"envelope", "key_id"},
    "identity.codes": {"hash"},
    "identity.people": {"password_hash"},
    "identity.sessions": {"hash"},
    "identity.tokens": {"hash", "prefix"},
    "ledger.checkpoints": {"key_id", "note", "root"},
    "ledger.events": {"commitment"},
    "ledger.leaves": {"hash"},
    "ledger.nodes": {"hash"},
    "ledger.payloads": {"salt", "payload"},  # what it says is compared below
    "registry.releases": {"verdict"},  # its key alone
    "serving.grants": {"token_hash"},
    "serving.segments": {"digest", "head"},
    # how often a node was told anew, which follows the clock on the wall
    "serving.publications": {"content_digest", "epoch", "published_at", "fresh_until"},
    # what a table format, a clock on the wall or a processor says
    "catalog.snapshots": {"iceberg_snapshot_id"},
    "incidents.affected": {"body"},  # names the state of the tables that was counted; the counts are told to the ledger
    "collaboration.places": {"at"},
    "identity.departments": {"created_at"},
    "kernel.job_steps": {"cpu_seconds"},
}
"""The columns in which two homes may differ, by table; tables of the job queue, of retries and of the lake's paths are not compared."""
NOT_COMPARED = ("dbos.", "kernel.idempotency_keys", "lake.")
SIGNED = {"envelope_digest", "key_id", "token_hash", "log_digest", "previous_head", "head"}
"""Parts of the ledger's payloads that tell of what is signed, sealed or secret."""
SEALED = {"salt", "payload_commitment", "segment", "epoch"}
"""Columns of decisions that hide what they are about, or number what a node sealed."""
KILL = """
import sys
from datetime import date
from pathlib import Path
from headway.entrypoints.company import building
from headway.entrypoints.company.plan import Plan
from headway.kernel.settings import Settings
plan = Plan(until=date.fromisoformat(sys.argv[3]), scale=0.3, usecases=6, every=28)
building.build(Settings(home=Path(sys.argv[1]), database_folder=Path(sys.argv[2])), plan, lambda line: print(line, flush=True))
"""


def killed(settings: Settings) -> None:
    """Begin a build in a process of its own and kill it when lead scoring has decided for some months."""
    command = [sys.executable, "-c", KILL, str(settings.home), str(settings.database_folder), PLAN.until.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "outcomes" in line:
                process.send_signal(signal.SIGKILL)
                break
        else:
            pytest.fail("the build ended before it could be killed")
    found = read(settings.home)
    assert found is not None and found.state == "building"


COLUMNS = """
SELECT table_schema, table_name, column_name FROM information_schema.columns
WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY table_schema, table_name, ordinal_position
"""


STATE_OF_A_TABLE = re.compile(r'"version": "file:[^"]*"')
"""Which state of the decisions' table a job counted: a file whose name the table format draws."""


def tables(settings: Settings) -> dict[str, list[tuple[str, ...]]]:
    """Every table of a home's database, without the columns that are its own; rows in an order that does not hang on them."""
    found = {}
    with (
        EmbeddedPostgres(settings.home, settings.service_user, folder=settings.database_folder) as server,
        psycopg.connect(server.url.replace("+psycopg", "")) as connection,
    ):
        columns: dict[tuple[str, str], list[str]] = {}
        for schema, table, column in connection.execute(COLUMNS):
            if column not in OWN.get(f"{schema}.{table}", ()):
                columns.setdefault((schema, table), []).append(column)
        for (schema, table), names in columns.items():
            if not f"{schema}.{table}".startswith(NOT_COMPARED):
                wanted = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names)
                asked = sql.SQL("SELECT {} FROM {}").format(wanted, sql.Identifier(schema, table))
                found[f"{schema}.{table}"] = sorted(
                    tuple(STATE_OF_A_TABLE.sub("", str(value)) for value in row) for row in connection.execute(asked)
                )
        found["said in the ledger"] = said(connection)
    return found


def said(connection: psycopg.Connection) -> list[tuple[str, ...]]:
    """The payloads of the ledger's events without what is signed."""
    made = []
    for event, payload in connection.execute("SELECT event_id, payload FROM ledger.payloads"):
        about = payload if isinstance(payload, dict) else json.loads(payload)
        if "content_digest" in about:  # a document names what is signed
            about = {k: v for k, v in about.items() if k not in ("digest", "content_digest", "files")}
        made.append((str(event), json.dumps({k: v for k, v in about.items() if k not in SIGNED}, sort_keys=True)))
    return sorted(made)


def differing(rows: list[tuple[str, ...]], others: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The first rows that only one of two tables has."""
    return sorted(set(rows) ^ set(others))[:4]


def lake(settings: Settings) -> dict[str, pl.DataFrame]:
    """Every table of a home's lake, sorted."""
    root = settings.home / "storage" / "lake"
    found = {}
    for folder in sorted(root.glob("*/*")):
        parts = [pl.read_parquet(path) for path in (folder / "data").rglob("*.parquet")]
        table = pl.concat(parts, how="diagonal_relaxed")
        kept = table.select(column for column in sorted(table.columns) if column not in SEALED)
        found[str(folder.relative_to(root))] = kept.sort(pl.all())
    return found


def files(settings: Settings) -> dict[str, bytes]:
    """What the simulator wrote and what people brought in, by path."""
    root = settings.home / "demo"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@whole
def test_the_same_seed_makes_the_same_company_even_after_a_kill(tmp_path: Path) -> None:
    with short_folder() as first, short_folder() as second:
        one = Settings(home=tmp_path / "one" / "home", database_folder=first / "pg")
        other = Settings(home=tmp_path / "other" / "home", database_folder=second / "pg")
        killed(one)
        made: list[Marker] = [building.build(settings, PLAN, str) for settings in (one, other)]
        assert made[0] == made[1]
        both, others = tables(one), tables(other)
        assert set(both) == set(others) and len(both) > 60
        assert {name: differing(rows, others[name]) for name, rows in both.items() if rows != others[name]} == {}
        assert sum(len(rows) for rows in both.values()) > 2000
        data, other_data = lake(one), lake(other)
        assert set(data) == set(other_data) and data["serving/decisions"].height > 3000
        assert [name for name in data if not data[name].equals(other_data[name])] == []
        assert files(one) == files(other) and len(files(one)) > 15
