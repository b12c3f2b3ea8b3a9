"""The words of the risk register: what can happen, in ranges, what is done about it, and what that is expected to cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Harm(StrEnum):
    """Harms that are no money. They are told beside it, never multiplied with anything."""

    rights = "rights"
    safety = "safety"
    discrimination = "discrimination"
    environment = "environment"
    reputation = "reputation"


class Severity(StrEnum):
    """How grave such a harm would be: an order, no number."""

    slight = "slight"
    serious = "serious"
    grave = "grave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A 90 % interval, above zero."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What somebody thinks of a risk at a time; another one is written beside it, the newest counts."""

    title: str
    cause: str
    event: str
    consequence: str
    currency: str
    inherent_rate: Range
    """Events a year if nothing were done."""
    inherent_impact: Range
    """What one costs, in the currency, if nothing were done."""
    residual_rate: Range
    residual_impact: Range
    harms: Mapping[Harm, Severity]
    reason: str
    """Where the figures come from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """Something that is done about a risk, by whom, until when. ``is_overdue`` as of today."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a year is expected to cost, what nineteen of twenty years stay below, and how likely it costs anything."""

    expected: float
    p95: float
    any_loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceedance:
    """How likely a year costs more than each amount."""

    amounts: tuple[float, ...]
    inherent: tuple[float, ...]
    residual: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """A risk of a use case as it is estimated now."""

    id: str
    usecase: str
    opened_by: str
    opened_at: datetime
    closed_by: str | None
    closed_at: datetime | None
    closed_because: str | None
    version: int
    """How often it was estimated."""
    estimate: Estimate
    estimated_by: str
    estimated_at: datetime
    treatments: tuple[Treatment, ...]
    inherent: Exposure
    residual: Exposure


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The open risks of a use case, and what they cost together; None in several currencies, or without risks."""

    usecase: str
    risks: tuple[Risk, ...]
    closed: tuple[Risk, ...]
    currency: str | None
    inherent: Exposure | None
    residual: Exposure | None
    exceedance: Exceedance | None
    overdue: tuple[Treatment, ...]
