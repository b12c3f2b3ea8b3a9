"""Waiting for a job, apart from how one sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from headway_client.answer import Json
from headway_client.answers.jobs import Job
from headway_client.errors import TimedOut, from_problem

Progress = Callable[[Job], object]
_SOONEST_S, _LATEST_S = 0.2, 2.0


@runtime_checkable
class HasJob(Protocol):
    """An answer that names the job that does the work, as of ``pilots.start``."""

    @property
    def job(self) -> str:
        """Id of the job."""


class Waiting:
    """One wait: when to look again, and what a look means."""

    def __init__(self, job: str | HasJob, every: float | None, timeout: float) -> None:
        self.job_id = job if isinstance(job, str) else job.job
        self.pause = every or _SOONEST_S
        self._growth, self._timeout = (1.0 if every else 1.2), timeout
        self._deadline = time.monotonic() + timeout

    def result(self, job: Job) -> Json | None:
        """The result when the job is done, None while it runs; raises the error it failed with, or TimedOut."""
        if job.status == "done":
            return dict(job.result or {})
        if job.status in ("failed", "cancelled"):
            problem = job.error or {"detail": f"job {self.job_id} was {job.status}", "code": "job.cancelled"}
            raise from_problem(problem, int(problem.get("status", 409)))
        if time.monotonic() > self._deadline:
            detail = f"job {self.job_id} still runs after {self._timeout:g} s"
            raise TimedOut({"detail": detail, "code": "client.timeout"}, 504)
        self.pause = min(_LATEST_S, self.pause * self._growth) if self._growth > 1 else self.pause
        return None
