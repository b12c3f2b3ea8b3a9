"""The words of the portfolio: installed solutions, pilots and their reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSolution:
    """What became of one entry point of the group ``headway.solutions``."""

    id: str
    title: str | None
    department: str | None
    state: Literal["loaded", "refused"]
    package: str
    target: str
    reason: str | None
    """Why it did not load."""


class PilotState(StrEnum):
    """Where a pilot stands; a failed one has no deployment."""

    running = "running"
    done = "done"
    failed = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotRequest:
    """What a person asks for: a file, what to learn from it, and for whom."""

    name: str
    solution: str
    department: str
    filename: str
    file_key: str
    file_digest: str
    label: str
    positive: str | None
    time: str | None
    ordered: bool
    subject: str | None
    exclude: tuple[str, ...]
    value_per_success: str | None
    cost_per_action: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """A solution tried on a department's file, in the sandbox."""

    id: str
    name: str
    solution: str
    department: str
    state: PilotState
    job: str
    filename: str
    request: Mapping[str, Any]
    result: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    """The problem (RFC 9457) that a failed pilot ended with."""
    started_by: str
    started_at: datetime
    ended_at: datetime | None
