"""What the operate gate finds at work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from headway.governance.entities.gates import ControlResult
from headway.governance.entities.kinds import Result, Tier


class FindingState(StrEnum):
    """Where a finding of the operate gate stands; a cleared one never opens again."""

    warned = "warned"
    suspended = "suspended"
    cleared = "cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operated:
    """Something at work, as the operate gate is asked about it."""

    usecase: str
    environment: str
    subject: str  # a Ref as text
    subject_digest: str
    begun: datetime  # when it was put to work


@dataclass(frozen=True, slots=True, kw_only=True)
class OperateFinding:
    """A blocking control that something at work lost: warned about first, then the reason why it is suspended."""

    id: str
    usecase: str
    environment: str
    subject: str
    subject_digest: str
    pack: str  # its id, without a version
    control: str
    title: str
    reason: str
    remedy: str  # what to do, in the pack's words
    state: FindingState
    since: datetime
    grace_days: int | None
    suspends_at: datetime | None  # None: it is only warned about
    suspended_at: datetime | None
    cleared_at: datetime | None
    cleared_because: Literal["passed", "gone"] | None  # gone: what it was about is no longer at work
    seen_at: datetime  # the last run that found it


@dataclass(frozen=True, slots=True, kw_only=True)
class OperateAnswer:
    """What the operate gate says of something at work."""

    usecase: str
    environment: str
    subject: str
    subject_digest: str
    result: Result
    tier: Tier
    controls: tuple[ControlResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperateRun:
    """One run of the operate gate: how much it was asked about, what changed, and what stands open after it."""

    at: datetime
    asked: int
    warned: tuple[str, ...]  # ids of findings that this run opened or took back to a warning
    suspended: tuple[str, ...]
    cleared: tuple[str, ...]
    answers: tuple[OperateAnswer, ...]  # those not passed; all of them when one use case was asked about
    findings: tuple[OperateFinding, ...]  # open ones of what was asked about
