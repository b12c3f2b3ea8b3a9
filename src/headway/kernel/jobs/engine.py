"""DBOS, and nothing else of ours: how it is set up, started, fed and asked to take jobs up again.

It keeps its tables in the schema ``dbos`` of our database, stores JSON (its default is pickle), writes nothing to
standard output and talks to nobody outside: without a Conductor key and with OTLP off it opens no connection.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from headway.kernel.database import Database

if TYPE_CHECKING:
    from dbos import DBOSClient

APPLICATION = "headway"
# Not the release's number: a job begun by one release is finished by the next, so steps keep their names and order.
VERSION = "1"
QUEUE = "jobs"
WORKFLOW = "headway.job"
POLL_SECONDS = 0.2
MAX_RECOVERIES = 100


def migrate(database: Database) -> None:
    """Make or bring up to date the tables of DBOS."""
    from dbos._serialization import DefaultSerializer
    from dbos._sys_db import SystemDatabase

    _quiet()
    engine = _engine(database)
    try:
        # The public DBOS.migrate would look for the database through the one named "postgres", which may be closed.
        system = SystemDatabase.create(database.url, {}, engine, "dbos", DefaultSerializer(), None)
        system.run_migrations()
    finally:
        engine.dispose()


def _engine(database: Database) -> Engine:
    return create_engine(
        database.url,
        pool_size=4,
        max_overflow=12,
        pool_pre_ping=True,
        connect_args={"application_name": "headway-jobs", "options": "-c timezone=UTC", "connect_timeout": 10},
    )


def _quiet() -> None:
    # With a handler of its own DBOS adds none, and its lines go on to our root handler.
    log = logging.getLogger("dbos")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
        log.setLevel(logging.WARNING)


class Outbox:
    """Enqueues jobs, in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._engine = _engine(database)
        self._client: DBOSClient | None = None
        self._lock = threading.Lock()

    def put(self, session: Session, job_id: str) -> None:
        """Hand a job to the workers when the session's transaction commits."""
        self.client().enqueue_in_transaction(
            session,
            {
                "workflow_name": WORKFLOW,
                "queue_name": QUEUE,
                "workflow_id": job_id,
                "workflow_id_reuse_policy": "reject",
            },
        )

    def client(self) -> DBOSClient:
        """The client, made on first use because the import takes a second."""
        with self._lock:
            if self._client is None:
                from dbos import DBOSClient

                _quiet()
                self._client = DBOSClient(
                    system_database_engine=self._engine,
                    serializer=_serializer(),
                    application_name=APPLICATION,
                    lazy=True,
                )
            return self._client

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            if self._client is not None:
                self._client.destroy()
                self._client = None
            self._engine.dispose()


class Driver:
    """The one DBOS instance a process may have."""

    def __init__(self, database: Database, worker_id: str, *, takes_jobs: bool) -> None:
        self._engine = _engine(database)
        self._database = database
        self._worker_id = worker_id
        self.takes_jobs = takes_jobs

    def start(self, outbox: Outbox, run: Callable[[str], None]) -> None:
        """Start taking jobs; ``run`` is called with a job's id, in a thread of DBOS."""
        from dbos import DBOS

        _quiet()
        _register()
        _runner[:] = [run]
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": self._database.url,
                "system_database_engine": self._engine,
                "dbos_system_schema": "dbos",
                "application_version": VERSION,
                "executor_id": self._worker_id,
                "serializer": _serializer(),
                "run_migrations": False,
                "enable_otlp": False,
                "log_level": "WARNING",
            }
        )
        if self.takes_jobs:
            outbox.client().register_queue(
                QUEUE,
                worker_concurrency=max(2, os.cpu_count() or 2),
                polling_interval_sec=POLL_SECONDS,
                application_name=APPLICATION,
            )
        else:
            DBOS.listen_queues([])
        DBOS.launch()

    def stop(self) -> None:
        """Stop taking jobs; those that still run are left to the next worker."""
        from dbos import DBOS

        DBOS.destroy()
        _runner.clear()
        self._engine.dispose()


def run_here(job_id: str) -> None:
    """Run a job in this thread, durable under its id."""
    from dbos import SetWorkflowID

    with SetWorkflowID(job_id):
        _register()()


def run_step(name: str, function: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run a function as a step of the job that this thread runs."""
    from dbos import DBOS

    return DBOS.run_step({"name": name}, function)


def workers_of_running_jobs() -> set[str]:
    """The workers that jobs are with."""
    from dbos import DBOS

    found = DBOS.list_workflows(status="PENDING", name=WORKFLOW, load_input=False, load_output=False)
    return {job.executor_id for job in found if job.executor_id}


def jobs_of(worker_id: str) -> set[str]:
    """The jobs that are with a worker, as the database has it."""
    from dbos import DBOS

    found = DBOS.list_workflows(
        status="PENDING", name=WORKFLOW, executor_id=worker_id, load_input=False, load_output=False
    )
    return {job.workflow_id for job in found}


def requeue(job_ids: Collection[str], worker_id: str) -> None:
    """Put single jobs of a worker back into the queue; one that moved on meanwhile stays where it is."""
    from dbos._dbos import _get_dbos_instance
    from dbos._utils import INTERNAL_QUEUE_NAME

    for job_id in job_ids:
        _get_dbos_instance()._sys_db.reenqueue_for_recovery(job_id, [worker_id], INTERNAL_QUEUE_NAME)


def recover(worker_ids: list[str]) -> int:
    """Put the jobs of dead workers back into the queue; returns how many. Safe to call twice or from two processes."""
    from dbos import DBOS

    return len(DBOS._recover_pending_workflows(worker_ids))


_runner: list[Callable[[str], None]] = []
_registered: list[Callable[[], None]] = []


def _register() -> Callable[[], None]:
    """Make the one workflow that all jobs are; once a process, because DBOS keeps it in a registry."""
    if not _registered:
        from dbos import DBOS

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_RECOVERIES)
        def job() -> None:
            job_id = DBOS.workflow_id
            if job_id is None or not _runner:
                raise RuntimeError("a job can only run while jobs are launched")
            _runner[0](job_id)

        _registered.append(job)
    return _registered[0]


def _serializer() -> Any:  # noqa: ANN401  the class can only be made after the import of DBOS
    from dbos import Serializer

    class Json(Serializer):
        """JSON instead of pickle: what lies in the database can never run code."""

        def serialize(self, data: object) -> str:
            if isinstance(data, BaseException):
                data = {"error": type(data).__name__, "message": str(data)}
            return msgspec.json.encode(data).decode()

        def deserialize(self, serialized_data: str) -> object:
            return msgspec.json.decode(serialized_data)

        def name(self) -> str:
            return "headway_json"

    return Json()
