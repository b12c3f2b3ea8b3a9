"""The words of a replay: what is asked, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from headway.monitoring import Performance, Rehearsed
from headway.portfolio.projection import Projection


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """What somebody wants replayed."""

    usecase: str
    department: str
    time: str
    """The column that says when each row was decided about."""
    outcome: str
    positive: str | None = None
    subject: str | None = None
    exclude: tuple[str, ...] = ()
    told: str | None = None
    """The column that says when the outcome became known; else it is taken to be known after ``delay_days``."""
    delay_days: int = 0
    learn_share: float = 1 / 3
    """The share of the rows, the earliest, that a first version learns from."""
    hold_out_share: float = 0.1
    value_per_success: str | None = None
    cost_per_action: str | None = None
    filename: str
    file_key: str
    file_digest: str


class ReplayState(StrEnum):
    """Where a replay stands."""

    running = "running"
    done = "done"
    failed = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A replay; ``report`` is a ``ReplayReport`` in plain values once it is done."""

    id: str
    usecase: str
    department: str
    state: ReplayState
    job: str
    filename: str
    request: dict[str, Any]
    report: dict[str, Any] | None
    error: dict[str, Any] | None
    started_by: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """The version that the first part made, and what its test said."""

    first: date
    last: date
    rows: int
    positive: str
    rate: float
    learner: str
    features: int
    left_out: tuple[str, ...]
    auc: float
    auc_low: float
    auc_high: float
    is_believable: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A rule of the contract that later rows break."""

    rule: str
    column: str | None
    first: date
    last: date
    days: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """What a second version would have won: learnt once the first alert called for it, from what was known then."""

    on: date
    because: str
    learnt_from: date
    """The first day of the rows: of all, or of the change where ranking or concept turned."""
    rows: int
    first: date
    last: date
    cases: int
    """The rows after that day whose outcome is known, on which both versions are compared."""
    before: Performance
    after: Performance
    gain: str | None
    """More money for 1,000 cases than the first version; None without both amounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """How long a hold-out would have taken to show the effect that the ranking promises."""

    share: float
    effect: float
    """More successes a case."""
    champion: int
    hold_out: int
    """Outcomes needed in each arm, four times out of five."""
    enough_on: date | None
    """The day on which there would have been as many; None when the time was too short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """What would have been noticed, when, and what it would have been worth."""

    learned: Learned
    first: date
    last: date
    rows: int
    known: int
    without_time: int
    breaches: tuple[Breach, ...]
    alerts: tuple[Rehearsed, ...]
    months: tuple[Performance, ...]
    whole: Performance
    renewal: Renewal | None
    no_renewal: str | None
    """Why there is none."""
    held_out: HeldOut | None
    worth: Projection | None
    assumptions: tuple[str, ...]
