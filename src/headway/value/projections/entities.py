"""The words of projections: drivers, lines made of them, and what comes out of many draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal


class LineKind(StrEnum):
    """What a line is about. Capacity is time set free: no money until somebody says what is done with it."""

    cash_out = "cash_out"  # spending that ends
    revenue = "revenue"
    avoided_loss = "avoided_loss"
    capacity = "capacity"
    cost = "cost"


class Timing(StrEnum):
    """When a line falls due."""

    once = "once"  # at the end of its first month; month 0 is today
    per_year = "per_year"  # a twelfth at the end of each month from the first on


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """A figure that nobody knows exactly: the least, the likeliest and the most it may be; low and high are its ends."""

    name: str
    unit: str
    low: float
    likely: float
    high: float
    shape: Literal["pert", "triangular"]
    source: str
    """Who says so, or where it was read; empty when nobody told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A benefit or a cost: the product of its drivers, in units of the currency."""

    name: str
    kind: LineKind
    drivers: tuple[str, ...]
    timing: Timing
    first_month: int
    ramp_months: int
    """Months in which it grows evenly to its full height; 0 where it is there at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Everything that somebody assumes. The discount rate is not among it."""

    currency: str
    horizon_months: int
    capacity_share: float
    """How much of the capacity is taken to be of use, 0 to 1."""
    drivers: tuple[Driver, ...]
    lines: tuple[Line, ...]
    draws: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """An amount that varies: the tenth, fiftieth and ninetieth percentile of the draws, and the mean."""

    p10: str
    p50: str
    p90: str
    mean: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """What one driver does to the net present value, all others at their means."""

    driver: str
    at_low: str
    """The net present value where the driver is at its tenth percentile."""
    at_high: str
    share: float
    """Its part of the variance by itself, 0 to 1 (first-order index)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWorth:
    """The expected present value of one line; costs are below zero, capacity is after its haircut."""

    name: str
    kind: LineKind
    worth: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Projected:
    """What the draws say. All of it is projected, none of it measured."""

    npv: Band
    probability_of_loss: float
    payback_months: int | None
    """By the median draw; None where half of them are not paid back within the horizon."""
    payback_months_late: int | None
    """By the ninetieth percentile."""
    paid_back: float
    """The share of draws that are paid back within the horizon."""
    irr: float | None
    """Of the expected flows, a year; ``irr_why`` says why there is none."""
    irr_why: str | None
    capacity: Band | None
    """Present value of capacity after its haircut. It is in no other figure."""
    lines: tuple[LineWorth, ...]
    swings: tuple[Swing, ...]
    cumulative: tuple[Band, ...]
    """Cash up to each month, not discounted, from today on."""
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    """How many draws of the net present value lie between two edges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountRate:
    """What finance asks of money a year, from a day on; in percent, written like ``8.5``."""

    id: str
    valid_from: date
    percent: str
    set_by: str
    set_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """A projection as it was made; never changed, the newest counts."""

    id: str
    usecase: str
    number: int
    title: str
    assumptions: Assumptions
    discount_rate: str
    """The id of the rate that was in force."""
    percent: str
    result: Projected
    digest: str
    """Of the assumptions, the rate and the result."""
    made_by: str
    made_at: datetime
    evidence: str | None
    """The evidence ``roi_projection`` that was written with it; None where no pack that is on asks for it."""
