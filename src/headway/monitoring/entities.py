"""The words of monitoring: figures of a day, realised performance, findings, alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from headway.kernel.settings import Environment

SCORES = "*score"
"""How the scores are called among columns; the star cannot begin the name of one."""


class AlertKind(StrEnum):
    """What an alert is about."""

    inputs = "inputs"  # inputs are distributed otherwise than in the reference
    scores = "scores"  # scores are
    missing = "missing"  # values are missing more often, or less
    unseen = "unseen"  # categories come that training never saw
    performance = "performance"  # the model ranks worse than its test at training said
    concept = "concept"  # the same inputs lead to other outcomes than they did


TITLES: Mapping[AlertKind, str] = {
    AlertKind.inputs: "inputs have drifted",
    AlertKind.scores: "scores have drifted",
    AlertKind.missing: "values are missing otherwise than before",
    AlertKind.unseen: "categories come that training never saw",
    AlertKind.performance: "it ranks worse than its test said",
    AlertKind.concept: "the same inputs lead to other outcomes",
}


def title_of(kind: AlertKind) -> str:
    """What an alert of a kind says, in a few words."""
    return TITLES[kind]


class Severity(StrEnum):
    """How large a change is."""

    warning = "warning"
    serious = "serious"


class AlertState(StrEnum):
    """Where an alert stands; a closed one never opens again."""

    open = "open"
    acknowledged = "acknowledged"
    closed = "closed"


# --- drift -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far a column of some days lies from the reference.

    ``noise`` is what chance alone gives on average at these sizes; ``limit`` what the index must pass to be an alarm.
    """

    days: int
    n: int
    m: int
    """Rows with a value, of these days and of the reference."""
    psi: float
    noise: float
    limit: float
    js: float
    p: float
    is_alarm: bool

    @property
    def excess(self) -> float:
        """The index without what chance gives."""
        return self.psi - self.noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share of rows beside that of the reference: without a value, or with one never seen."""

    days: int
    n: int
    rate: float
    reference: float
    p: float
    is_alarm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFigures:
    """A column on one day: over the day, a week and four weeks up to it. Empty where there were too few rows."""

    column: str
    is_calendar: bool
    """A part of a date moves by itself, so that its distribution is not judged."""
    drift: tuple[Distance, ...]
    missing: tuple[Rate, ...]
    unseen: tuple[Rate, ...]

    @property
    def severity(self) -> Severity | None:
        """The larger of what was found; None without an alarm."""
        alarms = [severity_of(one) for one in self.drift if one.is_alarm]
        alarms += [Severity.warning for one in (*self.missing, *self.unseen) if one.is_alarm]
        return (Severity.serious if Severity.serious in alarms else Severity.warning) if alarms else None

    @property
    def latest(self) -> Distance | None:
        """The distance to show: that of the week, else of the longest span there is."""
        return next((one for one in self.drift if one.days == WEEK), self.drift[-1] if self.drift else None)


WEEK = 7
SERIOUS = 0.25
"""An index this far beyond chance is a large change. Source: Siddiqi (2006), the usual limits 0.1 and 0.25."""


def severity_of(found: Distance) -> Severity:
    """How large a distance is, chance taken off."""
    return Severity.serious if found.excess >= SERIOUS else Severity.warning


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """What was judged of one day of a release: each input, and the scores."""

    day: date
    decisions: int
    is_whole: bool
    """Whether the day was over when it was judged."""
    columns: tuple[ColumnFigures, ...]
    scores: ColumnFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A column on a line over time: its index over the week up to a day, what chance gives, and the limit."""

    psi: float
    noise: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """What a chart needs of a day: each column's place, and that of the scores under ``score``."""

    day: date
    decisions: int
    is_whole: bool
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong on a day: which columns, how large, since when, with every figure it rests on."""

    kind: AlertKind
    severity: Severity
    since: date
    columns: tuple[str, ...]
    evidence: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """An alert that daily runs over a past time would have opened."""

    kind: AlertKind
    severity: Severity
    since: date
    """The first day of the change, as far as the days show it."""
    noticed_on: date
    last_seen: date
    ended_on: date | None
    columns: tuple[str, ...]
    evidence: Mapping[str, object]


# --- performance -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """How right the scores of the decisions of some days were, by the outcomes known now; intervals are of 95 %."""

    first: date
    last: date
    decided: int
    known: int
    successes: int
    is_settled: bool
    """Whether so many outcomes are known that the figures will hardly move any more."""
    expected: float | None
    """Mean score of the decisions whose outcome is known: the share of successes that the model foresaw."""
    observed: float | None
    observed_low: float | None
    observed_high: float | None
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    brier: float | None
    brier_low: float | None
    brier_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the model's test at training said."""

    auc: float | None
    auc_low: float | None
    auc_high: float | None
    brier: float | None
    rows: int
    positives: int


# --- alerts ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that a person should look at, with its evidence; opened once however long it lasts."""

    id: str
    environment: Environment
    deployment: str
    release: str
    version: str
    usecase: str
    kind: AlertKind
    severity: Severity
    state: AlertState
    since: date
    """The first day of the change, as far as the days show it; written anew while it settles."""
    noticed_on: date
    """The day whose figures raised it."""
    last_seen: date
    is_over: bool
    columns: tuple[str, ...]
    evidence: Mapping[str, object]
    opened_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    acknowledged_because: str | None
    closed_by: str | None
    closed_at: datetime | None
    closed_because: str | None


# --- what people read --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One range of a distribution: what share of the reference and of the last days lies in it."""

    label: str
    reference: float
    current: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """A deployment as its monitoring shows it, for the release at work now."""

    deployment: str
    environment: Environment
    usecase: str
    version: str
    release: str
    has_reference: bool
    reference_rows: int | None
    alarm_level: float | None
    """The p value below which a single look is an alarm, so that a year of looks has hardly a false one."""
    judged_through: date | None
    days: tuple[DayLine, ...]
    """The first first."""
    latest: DayFigures | None
    """Every figure of the last day judged."""
    labels: Mapping[str, str]
    """Words for columns."""
    score_bins: tuple[Bin, ...]
    expected: Expected | None
    weeks: tuple[Performance, ...]
    recent: Performance | None
    """The last four settled weeks."""
    alerts: tuple[Alert, ...]
    """Those not closed, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What one run of monitoring did for a deployment."""

    deployment: str
    environment: str
    days: int
    opened: tuple[str, ...]
    ended: tuple[str, ...]
    note: str | None
