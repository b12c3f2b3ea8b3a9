"""The words of value: arms compared, the effect with its interval, money, and how far all of it may be believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from headway.kernel.settings import Environment


class EvidenceLevel(StrEnum):
    """How far a value may be believed."""

    none = "none"  # nothing is projected and nothing measured
    projected = "projected"  # a pilot's claim from test data
    measured = "measured"  # by a randomised hold-out whose split holds
    refuted = "refuted"  # the hold-out shows no gain, or cannot be trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A sample as far as a comparison of means needs it; the variance is the sample's (n - 1)."""

    n: int
    mean: float
    variance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A difference of means with its 95 % interval."""

    difference: float
    low: float
    high: float
    degrees: float
    """Degrees of freedom after Welch and Satterthwaite."""
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioCheck:
    """Whether subjects fell into the arms as planned; ``holds`` is False below p = 0.001."""

    statistic: float
    degrees: int
    p: float
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """How many subjects with an outcome a comparison needs to find a difference as small as ``detectable``."""

    detectable: float
    power: float
    champion: int
    hold_out: int
    champion_more: int
    hold_out_more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a pilot projected from the two amounts that a person gave; amounts are written like ``120.00 EUR``."""

    pilot: str
    pilot_name: str
    made_this_version: bool
    """Whether the pilot made the version at work; else it is the use case's newest pilot that projects a value."""
    value_per_success: str
    cost_per_action: str
    cases: int
    gain: Range | None
    """For ``cases`` cases; None where the pilot's figures were not to be believed."""
    effect: float | None
    """More successes a case than without the model."""
    positive: str | None
    """The outcome that means success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """An expected amount of money with its interval."""

    expected: str
    low: str
    high: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What running costs from a day on; amounts are written like ``1.20 EUR``, all in one currency."""

    id: str
    valid_from: date
    cpu_hour: str
    """An hour of one core."""
    thousand_decisions: str
    month: str
    """A deployment at work for a month, whatever it decides: licences, operations, people on call."""
    set_by: str
    set_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Computing:
    """What the jobs of a use case took, divided evenly among its deployments."""

    taken: tuple[tuple[date, float], ...]
    """CPU seconds of each job, with the day it ended on."""
    shared_by: int
    """How many deployments, at least one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What a deployment took, as it was metered."""

    jobs: tuple[tuple[date, float], ...]
    """CPU seconds of each job, with the day it ended on; the part of them that falls to this deployment."""
    job_count: int
    decisions: tuple[tuple[date, int], ...]
    """Decisions of each day."""
    first_day: date
    last_day: date
    """The days it was at work, both counted."""
    shared_by: int
    """How many deployments the jobs are divided among."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningCost:
    """What running a deployment cost."""

    rates: str
    """The rates in force on the last day; each day is priced by its own."""
    jobs: int
    cpu_seconds: float
    """This deployment's part of what the use case's jobs took."""
    jobs_cost: str
    decisions: int
    """Of both arms."""
    decisions_cost: str
    days: int
    time_cost: str
    total: str
    shared_by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the waterfall from what was projected to what was measured; a total is a level, no change."""

    name: str
    amount: str
    is_total: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What the champion's cases were worth against the same cases held out."""

    cases: int
    """Subjects of the champion's arm whose outcome is known."""
    actions: int
    actions_without: int
    """Actions that as many held-out subjects would have led to."""
    gain: Range
    """More successes times what one is worth."""
    cost: str
    """More actions times what one costs; below zero when actions were saved."""
    running: str | None
    """What running cost; None where it is not known, or is in another currency than the gain."""
    net: Range
    steps: tuple[Step, ...]
    """Empty where nothing was projected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmValue:
    """One arm: how many subjects, of how many the outcome is known, and what it was."""

    arm: str
    share: float
    subjects: int
    decisions: int
    actions: int
    due: int
    known: int
    known_share: float | None
    """Of the subjects whose outcome is due."""
    successes: int | None
    mean: float | None
    """Rate of success or mean amount, with its own 95 % interval."""
    low: float | None
    high: float | None
    median_delay_days: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentValue:
    """What a deployment was worth, as far as outcomes tell by now."""

    deployment: str
    environment: Environment
    usecase: str
    version: str
    state: str
    since: datetime
    """When the shares of the arms were last set; what was decided before is not compared."""
    window_days: int | None
    measure: str
    """``success_rate``, or ``mean_amount`` where outcomes are numbers."""
    level: EvidenceLevel
    why: tuple[str, ...]
    champion: ArmValue
    hold_out: ArmValue | None
    effect: Effect | None
    amount_effect: Effect | None
    """Of the mean amount, where outcomes carry an amount beside success."""
    ratio: RatioCheck | None
    known_ratio: RatioCheck | None
    """Whether outcomes are known equally often in both arms."""
    need: Need | None
    worth: Worth | None
    running: RunningCost | None
    """None where nobody said what computing costs."""
    promise: Promise | None
    free_action: str | None
    unread: int
    switched: int
