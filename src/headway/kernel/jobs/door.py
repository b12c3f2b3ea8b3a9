"""The door to durable jobs: define, enqueue, look, cancel, run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.errors import Conflict, Invalid, NotFound, Unavailable, problem
from headway.kernel.ids import new_id
from headway.kernel.jobs import engine, store
from headway.kernel.jobs.context import JobContext, describe, persistently, plain
from headway.kernel.jobs.entities import (
    Job,
    JobCancelled,
    JobStatus,
    actor_from_plain,
    actor_to_plain,
    error_from_problem,
)
from headway.kernel.jobs.worker import GRACE_SECONDS, Deaths, Stranded, WorkerLock, new_worker_id
from headway.kernel.listing import Found, ListQuery
from headway.kernel.logs import logger
from headway.kernel.paging import Page

if TYPE_CHECKING:
    from headway.kernel.web import Parts

JobFunction = Callable[[JobContext, dict[str, Any]], Mapping[str, Any]]
SWEEP_SECONDS = 2.0
CLOSE_SECONDS = 5.0


class Jobs:
    """Durable jobs of one database. ``define`` and ``bind`` come first, then ``launch``."""

    def __init__(self, database: Database, *, grace_seconds: float = GRACE_SECONDS) -> None:
        self.worker_id = new_worker_id()
        self._database = database
        self._grace_seconds = grace_seconds
        self._parts: Parts | None = None
        self._functions: dict[str, JobFunction] = {}
        self._outbox = engine.Outbox(database)
        self.running: set[str] = set()
        """Ids of the jobs that run in this process."""
        self._closing = threading.Event()
        self._start_lock = threading.Lock()
        self._engine: engine.Driver | None = None
        self._lock: WorkerLock | None = None
        self._sweeper: threading.Thread | None = None

    def bind(self, parts: Parts) -> None:
        """Give the jobs the parts they work with."""
        self._parts = parts

    def define(self, name: str, function: JobFunction) -> None:
        """Say what a job of this name does; raises Conflict when the name is taken."""
        if self._functions.get(name, function) is not function:
            raise Conflict(f"there is already a job named {name!r}")
        self._functions[name] = function

    def enqueue(
        self,
        session: Session,
        name: str,
        payload: Mapping[str, Any],
        *,
        actor: Actor,
        job_id: str | None = None,
    ) -> str:
        """Add a job that runs once the session's transaction commits, and never if it does not.

        Args: job_id: an own id makes this idempotent: a job of that id is added once.
        Returns: the job's id.
        Raises: Invalid: no job of that name is defined, or the payload is not plain JSON.
        """
        self._known(name)
        chosen = job_id or new_id("job")
        if store.add(session, chosen, name, dict(payload), actor_to_plain(actor)):
            self._outbox.put(session, chosen)
        return chosen

    def get(self, session: Session, job_id: str) -> Job:
        """Look at a job; raises NotFound."""
        return store.get(session, job_id)

    def list(
        self, session: Session, limit: int = 50, cursor: str | None = None, *, actor: str | None = None
    ) -> Page[Job]:
        """Look at jobs, newest first, without their steps; ``actor`` narrows to those one asked for."""
        return store.page(session, limit, cursor, actor)

    def find(self, session: Session, asked: ListQuery) -> Found[Job]:
        """Search, filter, sort and leaf through jobs, without their steps; raises BadListing."""
        return store.find(session, asked)

    def ended_since(self, session: Session, at: datetime, limit: int = 1000) -> Sequence[Job]:
        """Look at the jobs that are done or failed since a time, oldest first, without their steps."""
        return store.ended_since(session, at, limit)

    def cancel(self, session: Session, job_id: str) -> Job:
        """Cancel an open job; a running one ends at its next step or progress. Raises NotFound, Conflict."""
        store.cancel(session, job_id)
        return store.get(session, job_id)

    def run_now(self, name: str, payload: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        """Run a job in this thread, as durable as any, and return its result; raises the job's error."""
        self._known(name)
        self._start(takes_jobs=False)
        job_id = new_id("job")
        with self._database.session() as session:
            store.add(session, job_id, name, dict(payload), actor_to_plain(actor))
        engine.run_here(job_id)
        with self._database.session() as session:
            job = store.get(session, job_id)
        if job.error is not None:
            raise error_from_problem(job.error)
        if job.status is not JobStatus.done or job.result is None:
            raise Conflict(f"job {job_id} ended as {job.status}")
        return job.result

    def launch(self, *, worker: bool) -> None:
        """Start: as a worker this process takes jobs and sweeps up after dead ones, else it only enqueues and looks."""
        if worker:
            self._start(takes_jobs=True)
        else:  # the first request that enqueues shall not wait for the import of DBOS
            threading.Thread(target=self._outbox.client, name="headway-outbox", daemon=True).start()

    def close(self) -> None:
        """Stop taking jobs, give running ones a few seconds to reach the end of a step, leave the rest to others."""
        self._closing.set()
        if self._sweeper is not None:
            self._sweeper.join()
        deadline = time.monotonic() + CLOSE_SECONDS
        while self.running and time.monotonic() < deadline:
            time.sleep(0.02)
        if self._engine is not None:
            self._engine.stop()
        if self._lock is not None:
            self._lock.stop()
        self._sweeper = self._engine = self._lock = None
        self._outbox.close()

    def _known(self, name: str) -> JobFunction:
        if name not in self._functions:
            raise Invalid(f"no job is named {name!r}", hint=f"one of: {', '.join(sorted(self._functions)) or 'none'}")
        return self._functions[name]

    def _start(self, *, takes_jobs: bool) -> None:
        with self._start_lock:
            if self._engine is not None:
                if takes_jobs and not self._engine.takes_jobs:
                    raise Conflict("this process runs jobs of its own already: launch before run_now")
                return
            if self._parts is None:
                raise Conflict("jobs have no parts yet: bind them first")
            if self._closing.is_set():
                raise Unavailable("jobs are closed")
            self._lock = WorkerLock(self._database, self.worker_id)
            self._lock.start()
            started = engine.Driver(self._database, self.worker_id, takes_jobs=takes_jobs)
            started.start(self._outbox, self._run)
            self._engine = started
            if takes_jobs:
                self._sweeper = threading.Thread(target=self._sweep_until_closed, name="headway-sweeper", daemon=True)
                self._sweeper.start()

    def _run(self, job_id: str) -> None:
        """Run or continue a job; the caller is DBOS."""
        self.running.add(job_id)
        try:
            begun = persistently(self._database, lambda session: self._begin(session, job_id), self._closing)
            if begun is not None:
                self._carry_out(*begun)
        except JobCancelled:
            logger("jobs").info("job.cancelled", job=job_id)
        finally:
            self.running.discard(job_id)

    def _begin(self, session: Session, job_id: str) -> tuple[str, dict[str, Any], JobContext] | None:
        row = store.begin(session, job_id)
        if row is None or self._parts is None:
            return None
        context = JobContext(
            parts=self._parts,
            job_id=job_id,
            actor=actor_from_plain(row.actor),
            attempt=row.attempts,
            closing=self._closing,
            run_step=engine.run_step,
        )
        return row.name, row.payload, context

    def _carry_out(self, name: str, payload: dict[str, Any], context: JobContext) -> None:
        function = self._functions.get(name)
        try:
            if function is None:
                raise NotFound(f"this version of Headway has no job named {name!r}")
            result = plain(dict(function(context, payload)), is_typed=False)
        except Exception as error:  # noqa: BLE001  the edge of a job: every failure becomes a problem object
            told = describe(error, context.job_id)
            context.stop_if_closing()
            context.write(lambda session: store.fail(session, context.job_id, context.attempt, told))
            return
        context.write(lambda session: store.finish(session, context.job_id, context.attempt, result))

    def _sweep_until_closed(self) -> None:
        deaths, stranded = Deaths(self._grace_seconds), Stranded()
        while not self._closing.is_set():
            try:
                self._sweep(deaths)
                self._take_up_stranded(stranded)
            except DBAPIError as error:
                logger("jobs").warning("sweep.failed", error=str(error).splitlines()[0])
            self._closing.wait(SWEEP_SECONDS)

    def _take_up_stranded(self, stranded: Stranded) -> None:
        left = stranded.of(engine.jobs_of(self.worker_id), set(self.running))
        if left:
            logger("jobs").warning("jobs.stranded", jobs=sorted(left))
            engine.requeue(left, self.worker_id)

    def _sweep(self, deaths: Deaths) -> None:
        others = engine.workers_of_running_jobs() - {self.worker_id}
        with self._database.engine.connect() as connection:
            dead = deaths.of(connection, others)
        if dead:
            logger("jobs").warning("jobs.recovered", workers=dead, jobs=engine.recover(dead))
        given_up = problem(Unavailable("the job was given up after its worker died again and again"))
        with self._database.session() as session:
            store.fail_given_up(session, given_up)
