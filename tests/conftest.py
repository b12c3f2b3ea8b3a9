"""Fixtures for all tests: one embedded PostgreSQL, migrated once; a copy of it or a rolled-back transaction a test."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from headway.entrypoints import schema
from headway.identity.adapters import hashing
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor, Resource
from headway.kernel.crypto import Signer
from headway.kernel.database import Database
from headway.kernel.jobs import Jobs
from headway.kernel.postgres import EmbeddedPostgres
from headway.kernel.settings import Settings
from headway.kernel.storage import Storage
from headway.kernel.web import Parts
from tests.factories.browser import AXE, chromium, launch
from tests.factories.dose import examples

settings.register_profile("headway", max_examples=examples(), deadline=None)  # no test is timed
settings.load_profile("headway")
# No test needs to survive a power failure.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "max_wal_size": "128MB",
}
MEMORY, ROOM = Path("/dev/shm"), 4_000_000_000
TEMPLATE = "template_migrated"


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Hash passwords at the least cost that argon2 knows; ``test_identity_passwords`` holds the cost of the product."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


def _in_memory() -> str | None:
    """The folder of files in memory, where copying a database takes a quarter of the time; None without a fit one."""
    if not MEMORY.is_dir() or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:  # the server's programs may be copied there
        return None
    return str(MEMORY) if shutil.disk_usage(MEMORY).free > ROOM else None


@contextmanager
def short_folder(within: str | None = None) -> Iterator[Path]:
    """A folder that the database's account can pass through, with a path short enough for sockets."""
    made = Path(tempfile.mkdtemp(prefix="hw-", dir=within))
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """The session's server."""
    with (
        short_folder(_in_memory()) as folder,
        EmbeddedPostgres(folder / "home", folder=folder / "pg", options=FAST) as server,
    ):
        yield server
        _administration(server.url).close()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: EmbeddedPostgres) -> str:
    """The address of the session's server; its database is empty."""
    return postgres_server.url


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@cache
def _administration(url: str) -> Database:
    return Database(_named(url, "postgres"), pool_size=1)


@contextmanager
def _admin(url: str) -> Iterator[Session]:
    """A session that makes and drops databases; its connection is kept for the next test."""
    with _administration(url).engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield Session(bind=connection)


@pytest.fixture(scope="session")
def migrated_template(postgres_url: str) -> str:
    """Name of a database with all tables and no rows but those of migrations; others are copied from it."""
    with _admin(postgres_url) as admin:
        admin.execute(text(f"create database {TEMPLATE}"))
    database = Database(_named(postgres_url, TEMPLATE), pool_size=1)
    try:
        schema.migrate(database)
    finally:
        database.close()
    return TEMPLATE


@contextmanager
def copied(url: str, template: str) -> Iterator[Database]:
    """A copy of a database under a name of its own; dropped afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    with _admin(url) as admin:
        admin.execute(text(f"create database {name} template {template} strategy file_copy"))
    database = Database(_named(url, name), pool_size=4)
    try:
        yield database
    finally:
        database.close()
        with _admin(url) as admin:
            admin.execute(text(f"drop database {name} with (force)"))


@pytest.fixture
def database(postgres_url: str, migrated_template: str) -> Iterator[Database]:
    """A migrated database of the test's own, for code that opens its own transactions; dropped afterwards."""
    with copied(postgres_url, migrated_template) as made:
        yield made


@pytest.fixture(scope="session")
def _shared_database(postgres_url: str, migrated_template: str) -> Iterator[Database]:
    with copied(postgres_url, migrated_template) as made:
        yield made


@pytest.fixture
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A transaction that is rolled back. In a test that also asks for ``database`` it is one of that database."""
    source = "database" if {"database", "parts"} & set(request.fixturenames) else "_shared_database"
    shared: Database = request.getfixturevalue(source)
    with shared.engine.connect() as connection, connection.begin() as outer:
        with Session(bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as made:
            yield made
        outer.rollback()


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    """An empty object storage."""
    return Storage((tmp_path / "storage").as_uri())


@pytest.fixture(scope="session")
def signer() -> Signer:
    """A key that is the same in every test."""
    return Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture
def fixed_clock() -> Iterator[clock.FixedClock]:
    """The clock, held at noon of 2 March 2026."""
    with clock.fixed(datetime(2026, 3, 2, 12, tzinfo=UTC)) as held:
        yield held


class AllowAll:
    """An authorizer without rules, for tests that are about something else."""

    def check(self, actor: Actor, action: str, resource: Resource) -> None:
        """Allow."""

    def allows(self, actor: Actor, action: str, resource: Resource) -> bool:
        """Allow."""
        return True


@pytest.fixture
def parts(tmp_path: Path, database: Database, storage: Storage, signer: Signer) -> Iterator[Parts]:
    """The parts of a control plane; jobs are bound to them but not launched, everybody may do everything."""
    jobs = Jobs(database)
    made = Parts(
        settings=Settings(home=tmp_path / "home", database_url=database.url, storage_url=storage.url),
        database=database,
        storage=storage,
        signer=signer,
        jobs=jobs,
        authorizer=AllowAll(),
        authenticate=lambda session, token: SYSTEM,
    )
    jobs.bind(made)
    yield made
    jobs.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The installed Chromium, one for all tests of a process; tests are skipped where there is none, but never in CI."""
    missing = [what for what, there in (("Chromium", chromium()), (f"{AXE.name}", AXE.exists())) if not there]
    if missing:
        told = f"not here: {', '.join(missing)}; install Debian's package chromium, run python hatch_build.py"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        made = launch(playwright)
        yield made
        made.close()
