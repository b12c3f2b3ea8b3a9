"""What a job function gets: the parts, who asked, durable steps and progress."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import is_dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.errors import HeadwayError, Unavailable, problem
from headway.kernel.jobs import store
from headway.kernel.jobs.entities import JobInterrupted, error_from_problem
from headway.kernel.jobs.metering import METER
from headway.kernel.logs import logger

if TYPE_CHECKING:
    from headway.kernel.web import Parts

T = TypeVar("T")
STEP_ATTEMPTS = 9
FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 15.0
PROGRESS_SECONDS = 0.2


class JobFailed(HeadwayError):
    """A job function broke in a way nobody foresaw; the log has the details."""

    code = "job.failed"


class JobContext:
    """Handed to a job function. Work that changes or reads anything belongs into steps; the code between them is run
    again after a crash and must come to the same steps."""

    def __init__(
        self,
        *,
        parts: Parts,
        job_id: str,
        actor: Actor,
        attempt: int,
        closing: threading.Event,
        run_step: Callable[[str, Callable[[], dict[str, Any]]], dict[str, Any]],
    ) -> None:
        self.parts = parts
        self.job_id = job_id
        self.actor = actor
        self.attempt = attempt
        self._closing = closing
        self._run_step = run_step
        self._position = 0
        self._told: tuple[float, str] = (0.0, "")

    def step(self, name: str, function: Callable[[], T], into: type[T] | None = None) -> T:
        """Run a piece of work whose result is stored; after a crash the stored result is returned instead.

        The work may run twice when the process dies between its end and the storing, so it must bear that. A lost
        connection or ``Unavailable`` is tried again for about a minute; other errors are stored and raised.

        Args: function: returns plain JSON (str, int, float, bool, None, list, dict), or what ``into`` says.
            into: a dataclass or another type msgspec can convert; the stored JSON is turned into it.
        Raises: what ``function`` raised, as the HeadwayError of the same kind and code.
        """
        position, self._position = self._position, self._position + 1
        outcome = self._run_step(name, lambda: self._attempt_step(position, name, function, into is not None))
        if "problem" in outcome:
            raise error_from_problem(outcome["problem"])
        value = outcome["value"]
        return msgspec.convert(value, into) if into is not None else cast(T, value)

    def progress(self, done: int, total: int, message: str) -> None:
        """Tell how far the job is; also the place where a cancelled job ends. At most five a second are stored."""
        self.stop_if_closing()
        now = time.monotonic()
        if message == self._told[1] and done < total and now - self._told[0] < PROGRESS_SECONDS:
            return
        self._told = (now, message)
        self.write(lambda session: store.progress(session, self.job_id, self.attempt, (done, total), message))

    def write(self, change: Callable[[Session], T]) -> T:
        """Do a small change in a transaction of its own, waiting for the database as long as it takes."""
        return persistently(self.parts.database, change, self._closing)

    def stop_if_closing(self) -> None:
        """Raise JobInterrupted when this process stops."""
        if self._closing.is_set():
            raise JobInterrupted

    def _attempt_step(self, position: int, name: str, function: Callable[[], object], is_typed: bool) -> dict[str, Any]:
        for turn in range(STEP_ATTEMPTS):
            self.stop_if_closing()
            message = self._told[1] or name  # a job that tells its own progress keeps its words
            begin = partial(store.begin_step, job_id=self.job_id, attempt=self.attempt, position=position)
            self.write(partial(begin, name=name, message=message))
            with METER.measured() as reading:
                outcome, may_pass = self._outcome(name, function, is_typed)
            self._note_end(position, outcome, reading.cpu_seconds)
            if not may_pass or turn == STEP_ATTEMPTS - 1:
                return outcome
            self._closing.wait(min(FIRST_DELAY_SECONDS * 2**turn, LONGEST_DELAY_SECONDS))
        raise AssertionError("unreachable")

    def _note_end(self, position: int, outcome: dict[str, Any], cpu_seconds: float) -> None:
        told = outcome["problem"]["detail"] if "problem" in outcome else None
        self.write(partial(store.end_step, job_id=self.job_id, position=position, error=told, cpu_seconds=cpu_seconds))

    def _outcome(self, name: str, function: Callable[[], object], is_typed: bool) -> tuple[dict[str, Any], bool]:
        """The step's stored form, and whether trying again may help."""
        try:
            return {"value": plain(function(), is_typed)}, False
        except Exception as error:  # noqa: BLE001  the edge of a job: every failure becomes a problem object
            self.stop_if_closing()  # what breaks because this process stops is no failure of the job
            return {"problem": describe(error, self.job_id, name)}, is_passing(error)


def plain(value: object, is_typed: bool) -> Any:  # noqa: ANN401  JSON has no static type
    """Turn a step's or job's result into JSON; a dataclass only where the reader knows to turn it back."""
    if not is_typed and (is_dataclass(value) or isinstance(value, msgspec.Struct)):
        raise TypeError(f"a step returned {type(value).__name__}: name the type with into=, or return plain JSON")
    return msgspec.json.decode(msgspec.json.encode(value))


def describe(error: Exception, job_id: str, step: str | None = None) -> dict[str, Any]:
    """Turn any error into a problem object; those that are not ours are logged with their trace."""
    if isinstance(error, HeadwayError):
        return problem(error)
    logger("jobs").error("job.broke", job=job_id, step=step, exc_info=error)
    told = str(error).strip().splitlines() or [""]
    return problem(
        JobFailed(
            f"{type(error).__name__}: {told[0]}" if told[0] else type(error).__name__,
            hint="the log tells more",
            values={"step": step} if step else None,
        )
    )


def is_passing(error: Exception) -> bool:
    """Whether the same work may succeed a little later: a lost connection, a lock, storage that is away."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, (OperationalError, InterfaceError, Unavailable))


def persistently(database: Database, change: Callable[[Session], T], closing: threading.Event) -> T:
    """Do a change in a transaction of its own; when the database is away, again until it is back.

    Raises: JobInterrupted: the process stops before the database is back.
    """
    delay = 0.05
    while True:
        try:
            with database.session() as session:
                return change(session)
        except (OperationalError, InterfaceError) as error:
            if closing.wait(delay):
                raise JobInterrupted from error
            if delay >= 2.0:
                logger("jobs").warning("job.waits_for_database", error=str(error).splitlines()[0])
            delay = min(delay * 2, 2.0)
