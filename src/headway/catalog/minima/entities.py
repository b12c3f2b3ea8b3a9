"""Minima by criticality, and what a product lacks of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

Dimension = Literal["completeness", "validity", "uniqueness", "freshness"]


class Criticality(StrEnum):
    """How much depends on a product, in rising order."""

    low = "low"
    standard = "standard"
    high = "high"
    critical = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """Least shares, 0 to 1, that each rule of a kind must keep, and the greatest age in hours; None asks for nothing."""

    completeness: float | None = None
    validity: float | None = None
    uniqueness: float | None = None
    freshness_hours: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimaVersion:
    """What is asked from a day on; of one day the newest version counts."""

    id: str
    valid_from: date
    minima: Mapping[Criticality, Minimum]
    reason: str
    set_by: str
    set_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """Something that a contract or a snapshot lacks of what is asked."""

    dimension: Dimension
    of: Literal["contract", "snapshot"]
    column: str | None
    rule: str | None
    found: float | None  # a share, or hours; None where nothing is promised
    wanted: float
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductMinimum:
    """How critical a product is, what that asks of it today, and what it lacks."""

    product: str
    criticality: Criticality
    set_by: str | None  # None: nobody chose, standard counts
    set_at: datetime | None
    reason: str
    minimum: Minimum | None  # None: nobody set minima so far
    version: str | None
    shortfalls: tuple[Shortfall, ...]
