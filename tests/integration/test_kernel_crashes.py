"""Workers and the database are killed without warning; no job is lost, none runs twice at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from headway.entrypoints import schema
from headway.kernel.auth import SYSTEM
from headway.kernel.database import Database
from headway.kernel.jobs import Job, Jobs, JobStatus
from headway.kernel.jobs.worker import Deaths, is_known_dead, lock_key, new_worker_id
from headway.kernel.postgres import EmbeddedPostgres
from tests.conftest import short_folder
from tests.integration.programs import job_worker

pytestmark = pytest.mark.e2e
# What the system has been given survives the death of a process; what only lies in the server's memory does not.
SAFE_FROM_KILLS = {"fsync": "off", "synchronous_commit": "on"}
PROGRAM = Path(job_worker.__file__)


def wait_until(is_so: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def worker(url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process that is ready to take jobs. It logs into a file: nobody reads a pipe, and a full one stops it."""
    log = folder / "worker.log"
    with log.open("ab") as stream:
        command = [sys.executable, str(PROGRAM), url, str(folder)]
        started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stream)
    try:
        wait_until(lambda: (folder / f"ready.{started.pid}").exists() or started.poll() is not None)
        assert started.poll() is None, log.read_text()
        yield started
    finally:
        started.kill()
        started.communicate()


@contextmanager
def launched(url: str, folder: Path, *, grace_seconds: float = 30.0) -> Iterator[Jobs]:
    """A worker in this process."""
    jobs, close = job_worker.jobs_on(url, folder, grace_seconds=grace_seconds)
    try:
        jobs.launch(worker=True)
        yield jobs
    finally:
        close()


def enqueue(database: Database, folder: Path, name: str) -> str:
    jobs, close = job_worker.jobs_on(database.url, folder)
    with database.session() as session:
        made = jobs.enqueue(session, name, {}, actor=SYSTEM)
    close()
    return made


def look(jobs: Jobs, database: Database, job_id: str) -> Job:
    with database.session() as session:
        return jobs.get(session, job_id)


def ran(folder: Path) -> Counter[str]:
    path = folder / "ran.txt"
    return Counter(line.split(" ", 1)[1] for line in path.read_text().splitlines()) if path.exists() else Counter()


def test_job_of_a_killed_worker_is_finished_by_another_from_the_step_it_was_in(
    database: Database, tmp_path: Path
) -> None:
    job_id = enqueue(database, tmp_path, "work")
    with worker(database.url, tmp_path) as first:
        wait_until(lambda: ran(tmp_path)["slow"] == 1)
        first.kill()
        first.wait()
        assert (first.stdout or sys.stdin).read() == b""
    (tmp_path / "go").touch()
    with launched(database.url, tmp_path) as jobs:
        since = time.monotonic()
        wait_until(lambda: look(jobs, database, job_id).status is JobStatus.done)
        assert time.monotonic() - since < 10
        job = look(jobs, database, job_id)
    assert ran(tmp_path) == {"prepare": 1, "slow": 2, "finish": 1}
    assert job.attempts == 2 and job.result is not None and job.result["by"] == os.getpid()
    assert [(step.name, step.attempts) for step in job.steps] == [("prepare", 1), ("slow", 2), ("finish", 1)]


def test_job_of_a_living_worker_is_left_alone(database: Database, tmp_path: Path) -> None:
    job_id = enqueue(database, tmp_path, "work")
    with worker(database.url, tmp_path) as first:
        wait_until(lambda: ran(tmp_path)["slow"] == 1)
        with launched(database.url, tmp_path, grace_seconds=0.2) as jobs:
            time.sleep(3)
            (tmp_path / "go").touch()
            wait_until(lambda: look(jobs, database, job_id).status is JobStatus.done)
            job = look(jobs, database, job_id)
        assert job.attempts == 1 and job.result is not None and job.result["by"] == first.pid
    assert ran(tmp_path) == {"prepare": 1, "slow": 1, "finish": 1}


def has_run(folder: Path, steps: int) -> bool:
    return sum(ran(folder).values()) >= steps


def has_restarted(server: EmbeddedPostgres, times: int) -> bool:
    return server.restarts == times


@pytest.fixture
def own_server() -> Iterator[tuple[EmbeddedPostgres, Database]]:
    """A migrated server that a test may kill."""
    with (
        short_folder() as folder,
        EmbeddedPostgres(folder / "home", folder=folder / "pg", options=SAFE_FROM_KILLS) as server,
    ):
        database = Database(server.url, pool_size=4)
        schema.migrate(database)
        with database.session() as session:
            session.execute(text("create table public.parts (job text, part int, primary key (job, part))"))
        server.watch()
        yield server, database
        database.close()


def test_jobs_live_through_the_death_of_the_database_with_two_workers(
    own_server: tuple[EmbeddedPostgres, Database], tmp_path: Path
) -> None:
    server, database = own_server
    ids = [enqueue(database, tmp_path, "many") for _ in range(2)]
    with worker(database.url, tmp_path), launched(database.url, tmp_path) as jobs:
        for death in range(1, 4):
            wanted = sum(ran(tmp_path).values()) + 4
            wait_until(partial(has_run, tmp_path, wanted))
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
            wait_until(partial(has_restarted, server, death))

        def ended() -> bool:
            with database.session() as session:
                return all(jobs.get(session, job_id).status is JobStatus.done for job_id in ids)

        wait_until(ended, seconds=60)
        with database.session() as session:
            found = [jobs.get(session, job_id) for job_id in ids]
            parts = session.execute(text("select job, count(*) from public.parts group by job")).all()
    assert [job.result for job in found] == [{"parts": list(range(40))}] * 2
    assert {count for _, count in parts} == {40} and len(parts) == 2
    # A step that met the dead database was tried again; nothing else ran a second time.
    assert [job.attempts for job in found] == [1, 1]
    assert sum(ran(tmp_path).values()) <= 80 + 2 * 3 * 3


def test_worker_of_another_machine_is_dead_once_its_lock_was_free_long_enough(database: Database) -> None:
    elsewhere = "ffffffffffff.7.7.00000000"
    deaths = Deaths(grace_seconds=0.3)
    assert not is_known_dead(elsewhere)
    with database.engine.connect() as connection:
        with database.try_lock(lock_key(elsewhere)):
            assert deaths.of(connection, {elsewhere}) == []
            time.sleep(0.4)
            assert deaths.of(connection, {elsewhere}) == []
        assert deaths.of(connection, {elsewhere}) == []
        time.sleep(0.4)
        assert deaths.of(connection, {elsewhere}) == [elsewhere]


def test_lock_taken_again_within_the_grace_keeps_a_worker_alive(database: Database) -> None:
    elsewhere = "ffffffffffff.7.7.00000000"
    deaths = Deaths(grace_seconds=0.3)
    with database.engine.connect() as connection:
        assert deaths.of(connection, {elsewhere}) == []
        time.sleep(0.2)
        with database.try_lock(lock_key(elsewhere)):
            assert deaths.of(connection, {elsewhere}) == []
        assert deaths.of(connection, {elsewhere}) == []
        time.sleep(0.2)
        assert deaths.of(connection, {elsewhere}) == []


def test_worker_of_a_process_number_used_again_is_known_dead() -> None:
    machine, pid, started, random = new_worker_id().split(".")
    assert is_known_dead(f"{machine}.{pid}.{int(started) - 1}.{random}")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert is_known_dead(f"{machine}.{ended.pid}.{started}.{random}")
    assert not is_known_dead(f"{machine}.{os.getppid()}.{_started(os.getppid())}.{random}")


def _started(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
