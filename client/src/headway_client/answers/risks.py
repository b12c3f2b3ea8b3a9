"""Answers about risk registers."""

from __future__ import annotations

from datetime import date, datetime

from headway_client.answer import Answer


class Between(Answer):
    """A 90 % interval."""

    low: float
    high: float


class Estimate(Answer):
    """What somebody thought of a risk."""

    title: str
    cause: str
    event: str
    consequence: str
    currency: str
    inherent_rate: Between
    inherent_impact: Between
    residual_rate: Between
    residual_impact: Between
    harms: dict[str, str]
    reason: str


class Treatment(Answer):
    """Something that is done about a risk."""

    id: str
    risk: str
    action: str
    effect: str
    owner: str
    due_on: date
    cost: str | None
    added_by: str
    added_at: datetime
    done_by: str | None
    done_at: datetime | None
    note: str | None
    is_overdue: bool


class Exposure(Answer):
    """What a year is expected to cost, what nineteen of twenty stay below, and how likely it costs anything."""

    expected: float
    p95: float
    any_loss: float


class Exceedance(Answer):
    """How likely a year costs more than each amount."""

    amounts: list[float]
    inherent: list[float]
    residual: list[float]


class Risk(Answer):
    """A risk as it is estimated now."""

    id: str
    usecase: str
    opened_by: str
    opened_at: datetime
    closed_by: str | None
    closed_at: datetime | None
    closed_because: str | None
    version: int
    estimate: Estimate
    estimated_by: str
    estimated_at: datetime
    treatments: list[Treatment]
    inherent: Exposure
    residual: Exposure


class RiskRegister(Answer):
    """The risks of a use case, and what they cost together."""

    usecase: str
    risks: list[Risk]
    closed: list[Risk]
    currency: str | None
    inherent: Exposure | None
    residual: Exposure | None
    exceedance: Exceedance | None
    overdue: list[Treatment]


class RiskEntry(Answer):
    """A risk in the list of the organisation; money is what a year is expected to cost."""

    id: str
    title: str
    usecase: str
    usecase_title: str
    department: str
    tier: str
    state: str
    currency: str
    inherent: float
    residual: float
    reduction: float
    harms: dict[str, str]
    treatments: int
    overdue: int
    next_due: date | None
    owners: list[str]
    estimated_at: datetime


class RiskTotal(Answer):
    """What the risks of one currency are expected to cost together in a year."""

    currency: str
    risks: int
    inherent: float
    residual: float


class RisksFound(Answer):
    """A part of the list of all risks; ``totals`` and ``overdue`` are over all that the question lets through."""

    items: list[RiskEntry]
    total: int
    is_more: bool
    totals: list[RiskTotal]
    overdue: int
