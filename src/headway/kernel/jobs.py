"""Durable jobs on DBOS: enqueued in the caller's transaction, run step by step, taken up again after a crash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from headway.kernel.auth import Actor
from headway.kernel.database import Database

if TYPE_CHECKING:
    from headway.kernel.web import Parts


class JobStatus(StrEnum):
    """Where a job stands."""

    queued = "queued"
    running = "running"
    done = "done"
    failed = "failed"
    cancelled = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step of a job as people see it."""

    name: str
    started_at: datetime | None
    ended_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A durable piece of work; ``error`` is a problem object (RFC 9457)."""

    id: str
    name: str
    status: JobStatus
    done: int
    total: int
    message: str
    steps: tuple[StepView, ...]
    result: dict[str, object] | None
    error: dict[str, object] | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    actor: str


class Jobs:
    """The door to durable jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._parts: Parts | None = None

    def bind(self, parts: Parts) -> None:
        """Give jobs the parts they work with; before ``launch``."""
        self._parts = parts

    def close(self) -> None:
        """Stop taking jobs."""


JobFunction = Callable[..., dict[str, object]]
__all__ = ["Actor", "Job", "JobFunction", "JobStatus", "Jobs", "StepView"]
