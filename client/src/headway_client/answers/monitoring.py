"""Answers about what a deployment decides on, how right it is, and alerts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from headway_client.answer import Answer


class Distance(Answer):
    """How far a column of some days lies from the reference; ``noise`` is what chance gives, ``limit`` what is an alarm."""

    days: int
    n: int
    m: int
    psi: float
    noise: float
    limit: float
    js: float
    p: float
    is_alarm: bool


class Rate(Answer):
    """A share of rows beside that of the reference: without a value, or with a category never seen."""

    days: int
    n: int
    rate: float
    reference: float
    p: float
    is_alarm: bool


class ColumnFigures(Answer):
    """A column on one day: over the day, a week and four weeks up to it."""

    column: str
    is_calendar: bool
    drift: list[Distance]
    missing: list[Rate]
    unseen: list[Rate]


class DayFigures(Answer):
    """What was judged of one day of a release."""

    day: date
    decisions: int
    is_whole: bool
    columns: list[ColumnFigures]
    scores: ColumnFigures


class ColumnPlace(Answer):
    """A column on a line over time: index over the week up to a day, noise, limit."""

    psi: float
    noise: float
    limit: float


class DayLine(Answer):
    """What a chart needs of a day; the scores stand under ``*score``."""

    day: date
    decisions: int
    is_whole: bool
    places: dict[str, ColumnPlace]


class ScoreBin(Answer):
    """One range of scores: its share in the reference and in the last four weeks."""

    label: str
    reference: float
    current: float


class ExpectedPerformance(Answer):
    """What the model's test at training said."""

    auc: float | None
    auc_low: float | None
    auc_high: float | None
    brier: float | None
    rows: int
    positives: int


class Performance(Answer):
    """How right scores were, by the outcomes known now; intervals are of 95 %."""

    first: date
    last: date
    decided: int
    known: int
    successes: int
    is_settled: bool
    expected: float | None
    observed: float | None
    observed_low: float | None
    observed_high: float | None
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    brier: float | None
    brier_low: float | None
    brier_high: float | None


class Alert(Answer):
    """Something to look at, with its evidence; opened once however long it lasts."""

    id: str
    environment: str
    deployment: str
    release: str
    version: str
    usecase: str
    kind: str
    severity: str
    state: str
    since: date
    noticed_on: date
    last_seen: date
    is_over: bool
    columns: list[str]
    evidence: dict[str, Any]
    opened_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    acknowledged_because: str | None
    closed_by: str | None
    closed_at: datetime | None
    closed_because: str | None


class Monitoring(Answer):
    """A deployment as its monitoring shows it, for the release at work now."""

    deployment: str
    environment: str
    usecase: str
    version: str
    release: str
    has_reference: bool
    reference_rows: int | None
    alarm_level: float | None
    judged_through: date | None
    days: list[DayLine]
    latest: DayFigures | None
    labels: dict[str, str]
    score_bins: list[ScoreBin]
    expected: ExpectedPerformance | None
    weeks: list[Performance]
    recent: Performance | None
    alerts: list[Alert]


class StartedRun(Answer):
    """A run of monitoring that was begun; follow its job."""

    job: str


class Alerts(Answer):
    """The part of the list of alerts that was asked for; ``total`` is exact up to 10,000."""

    items: list[Alert]
    total: int
    is_more: bool
    query: dict[str, Any]
