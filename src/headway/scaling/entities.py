"""The words of scaling: a plan to take a use case to another department, and what became of its labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class PlanState(StrEnum):
    """Where the making of a plan stands."""

    running = "running"
    done = "done"
    failed = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSaid:
    """What a person said of a column of ours: which of theirs it is, none, and the factor that makes theirs ours."""

    ours: str
    theirs: str | None
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSaid:
    """What a person said of a value of theirs: which value of our column it is."""

    ours: str
    theirs: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What a person asks for: a use case, the department it shall go to, and a file of that department's cases."""

    usecase: str
    department: str
    version: str
    filename: str
    file_key: str
    file_digest: str
    columns: tuple[ColumnSaid, ...]
    values: tuple[ValueSaid, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalePlan:
    """A plan: mapping, readiness, differences, forecast, the way proposed; and the check of the forecast by labels."""

    id: str
    usecase: str
    department: str
    version: str
    state: PlanState
    job: str
    filename: str
    request: Mapping[str, Any]
    result: Mapping[str, Any] | None
    digest: str | None
    """Of the plan as it was kept; the evidence names it."""
    check: Mapping[str, Any] | None
    """State of the forecast after all labels so far."""
    error: Mapping[str, Any] | None
    started_by: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelBatch:
    """Labels that came at once, and what they left the forecast at."""

    number: int
    filename: str
    file_digest: str
    rows: int
    used: int
    unknown: int
    """Rows that name nobody in the plan's file."""
    repeated: int
    """Rows about somebody whose label was known already; the first one counts."""
    state: str
    brought_by: str
    at: datetime
