"""Programmes and their mandates: who answers for means, for what, with how much, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class MandateState(StrEnum):
    """How a mandate, or a programme by its mandates, stands on a day; told from rows and the day, never stored."""

    none = "none"
    drafted = "drafted"
    to_come = "to_come"  # signed, and begins later
    in_force = "in_force"
    ending = "ending"  # in force, and over within 30 days
    lapsed = "lapsed"
    withdrawn = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Whether intake is open by it."""
        return self in (MandateState.in_force, MandateState.ending)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """What a sponsor gives a programme. What it says never changes; the sponsor signs the digest over it.

    ``people``: full-time equivalents. ``departments``: those that the programme covered when it was drafted.
    """

    id: str
    programme: str
    sponsor: str
    departments: tuple[str, ...]
    purpose: str
    budget_minor: int
    currency: str
    people: float
    valid_from: date
    valid_until: date  # the last day on which it is in force
    drafted_by: str
    drafted_at: datetime
    digest: str
    signed_by: str | None
    signed_at: datetime | None
    key_id: str | None  # of the platform's key that signed the envelope
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_because: str | None
    state: MandateState


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A programme: departments with everything below them, and the person who answers for its means.

    ``mandate``: the one that counts today, else the last that was signed. ``draft``: one that waits for the sponsor.
    ``ends_on``: the last day of what is signed without a gap. ``closed``: why intake is closed, None when it is open.
    """

    slug: str
    title: str
    sponsor: str
    departments: tuple[str, ...]
    opened_by: str
    opened_at: datetime
    updated_at: datetime
    state: MandateState
    mandate: Mandate | None
    draft: Mandate | None
    ends_on: date | None
    closed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeStanding:
    """Whether a department takes in what is new. ``reason`` and ``mender`` (a person) say why not, and who mends it."""

    department: str
    programme: str | None
    is_open: bool
    reason: str | None
    mender: str | None
