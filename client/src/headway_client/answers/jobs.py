"""Answers about jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from headway_client.answer import Answer


class StepView(Answer):
    """One step of a job that has been begun; ``error`` is what its last attempt met."""

    name: str
    attempts: int
    started_at: datetime
    ended_at: datetime | None
    error: str | None
    cpu_seconds: float


class Job(Answer):
    """A durable piece of work. ``error`` is a problem object (RFC 9457); ``total`` 0 means that nobody can tell."""

    id: str
    name: str
    status: str
    done: int
    total: int
    message: str
    steps: list[StepView]
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    attempts: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    actor: str


class Started(Answer):
    """A job that does the work; follow it under /jobs."""

    job: str
