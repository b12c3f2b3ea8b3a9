"""Answers about what every data product must reach at least."""

from __future__ import annotations

from datetime import date, datetime

from headway_client.answer import Answer


class Minimum(Answer):
    """Least shares, 0 to 1, that each rule of a kind must keep, and the greatest age in hours; None asks for nothing."""

    completeness: float | None
    validity: float | None
    uniqueness: float | None
    freshness_hours: float | None


class MinimaVersion(Answer):
    """What is asked from a day on, by criticality."""

    id: str
    valid_from: date
    minima: dict[str, Minimum]
    reason: str
    set_by: str
    set_at: datetime


class MinimaVersions(Answer):
    """All versions of the minima, the one that counts last first."""

    items: list[MinimaVersion]


class Shortfall(Answer):
    """Something that a contract or a snapshot lacks of what is asked."""

    dimension: str
    of: str
    column: str | None
    rule: str | None
    found: float | None
    wanted: float
    message: str


class ProductMinimum(Answer):
    """How critical a product is, what that asks of it today, and what it lacks."""

    product: str
    criticality: str
    set_by: str | None
    set_at: datetime | None
    reason: str
    minimum: Minimum | None
    version: str | None
    shortfalls: list[Shortfall]
