"""Answers about programmes, mandates, risk appetite and decision rights."""

from __future__ import annotations

from datetime import date, datetime

from headway_client.answer import Answer


class Mandate(Answer):
    """What a sponsor gives a programme: what for, how much, how many people, until when; signed over its digest."""

    id: str
    programme: str
    sponsor: str
    departments: list[str]
    purpose: str
    budget_minor: int
    currency: str
    people: float
    valid_from: date
    valid_until: date
    drafted_by: str
    drafted_at: datetime
    digest: str
    signed_by: str | None
    signed_at: datetime | None
    key_id: str | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_because: str | None
    state: str


class Programme(Answer):
    """Departments with everything below them, and the person who answers for their means."""

    slug: str
    title: str
    sponsor: str
    departments: list[str]
    opened_by: str
    opened_at: datetime
    updated_at: datetime
    state: str
    mandate: Mandate | None
    draft: Mandate | None
    ends_on: date | None
    closed: str | None


class IntakeStanding(Answer):
    """Whether a department takes in what is new; if not why, and who mends it."""

    department: str
    programme: str | None
    is_open: bool
    reason: str | None
    mender: str | None
