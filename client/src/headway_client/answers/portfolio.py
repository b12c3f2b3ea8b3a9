"""Answers about solutions and pilots."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from headway_client import notebook
from headway_client.answer import Answer


class LoadedSolution(Answer):
    """What became of one entry point of the group ``headway.solutions``."""

    id: str
    title: str | None
    department: str | None
    state: str
    package: str
    target: str
    reason: str | None


class StartedPilot(Answer):
    """A pilot that was begun; follow its job."""

    pilot: str
    job: str


class Pilot(Answer):
    """A solution tried on a department's file, in the sandbox."""

    id: str
    name: str
    solution: str
    department: str
    state: str
    job: str
    filename: str
    request: dict[str, Any]
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    can_retry: bool
    started_by: str
    started_at: datetime
    ended_at: datetime | None


class PilotReport(Answer):
    """The report of a pilot in plain words and figures."""

    title: str
    what_it_does: str
    how_good: list[str]
    warnings: list[str]
    time_order: dict[str, Any] | None
    importances: Any
    reference: dict[str, Any]
    examples: list[dict[str, Any]]
    suspects: list[dict[str, Any]]
    excluded: list[Any]
    quality: dict[str, Any]
    broken_rules: list[dict[str, Any]]
    tier: dict[str, Any]
    missing_before_production: list[str]
    projection: dict[str, Any] | None
    result: dict[str, Any]

    def _repr_html_(self) -> str:
        return notebook.report(self._raw)


class StartedReplay(Answer):
    """A replay that was begun; follow its job."""

    replay: str
    job: str


class Replay(Answer):
    """A replay of a past time; ``report`` says what would have been noticed, when, and what it would have been worth."""

    id: str
    usecase: str
    department: str
    state: str
    job: str
    filename: str
    request: dict[str, Any]
    report: dict[str, Any] | None
    error: dict[str, Any] | None
    started_by: str
    started_at: datetime
    ended_at: datetime | None


class ResourceRequest(Answer):
    """What a use case asks for: money in minor units, ``people`` in hundredths of a full-time equivalent."""

    id: str
    usecase: str
    department: str
    budget: int
    currency: str
    compute_hours: int
    people: int
    months: int
    value: int
    value_source: str
    projection: str | None
    risk: int
    is_must: bool
    reason: str
    requires: list[str]
    requested_by: str
    requested_at: datetime


class Allocation(Answer):
    """A round: what was asked, the limits, the best choice, and what people chose with what the difference costs."""

    id: str
    title: str
    state: str
    starts: date
    ends: date
    currency: str
    limits: dict[str, Any]
    needs: list[dict[str, Any]]
    contention: list[dict[str, Any]]
    overlaps: list[dict[str, Any]]
    best: dict[str, Any]
    choice: dict[str, Any] | None
    differences: list[dict[str, Any]]
    cost_of_difference: int | None
    drafted_by: str
    drafted_at: datetime
    decided_by: str | None
    decided_at: datetime | None
