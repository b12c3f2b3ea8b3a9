"""The words of the portfolio: installed solutions, pilots and their reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from headway import governance, value


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


class Stage(StrEnum):
    """Where a use case stands: proposed, piloted, on its way through approval, at work, or retired."""

    proposed = "proposed"
    pilot = "pilot"
    approval = "approval"
    live = "live"
    retired = "retired"


class BlockerKind(StrEnum):
    """What keeps a use case where it stands."""

    approval = "approval"  # somebody has to answer
    gate = "gate"  # approved, and the gate does not let it in yet
    suspended = "suspended"  # a deployment above the sandbox was stopped
    missing = "missing"  # the entry leaves something open


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """One thing that keeps a use case where it stands."""

    kind: BlockerKind
    ref: str | None
    """The approval, release or deployment to look at."""
    count: int
    who: str | None
    """Who asked for it."""
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A use case with its stage and what keeps it there, the most pressing first."""

    usecase: governance.UseCase
    stage: Stage
    blockers: tuple[Blocker, ...]


class PitfallKind(StrEnum):
    """What makes pilots stall."""

    no_measure = "no_measure"  # built before anybody said what would show that it works
    rollout_ahead = "rollout_ahead"  # at work above the sandbox, and its gate would not let it in today
    contract = "contract"  # the data's contract is missing or broken
    compliance = "compliance"  # the legal tier is open, or high and looked at by nobody
    silent_sponsor = "silent_sponsor"  # nobody stands behind it, or not any more
    expired_pilot = "expired_pilot"  # the sandbox ended and nothing followed


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitfall:
    """Something that makes pilots stall, as the facts show it now; nobody filled in a form for it."""

    kind: PitfallKind
    severity: Literal["warning", "serious"]
    found: str
    todo: str
    ref: str | None
    """What to look at, where it is one thing."""
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A field of a proposal that nobody has to type, and where it is known from."""

    field: str  # of a use case, or ``risk.NAME``
    value: governance.FactValue
    source: Literal["proposer", "role", "solution"]


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
    can_retry: bool
    """It failed after its file was taken in, so that it can be taken up again where it failed."""
    started_by: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCaseValue:
    """What a use case was worth: what was promised, and each deployment's measure, the furthest environment first."""

    usecase: str
    promise: value.Promise | None
    """Of the newest pilot that two amounts of money were given to."""
    deployments: tuple[value.DeploymentValue, ...]
