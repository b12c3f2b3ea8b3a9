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


class Limit(Answer):
    """A limit of the risk appetite."""

    kind: str
    scope: str
    most: int
    currency: str


class Appetite(Answer):
    """A version of the organisation's risk appetite."""

    id: str
    version: int
    limits: list[Limit]
    reason: str
    digest: str
    adopted_by: str
    adopted_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    state: str


class LimitEntry(Answer):
    """A use case behind a limit."""

    usecase: str
    title: str
    department: str
    tier: str
    since: datetime | None
    people: int | None
    money_minor: int | None
    currency: str | None


class LimitUse(Answer):
    """How far a limit is used, with the use cases behind it."""

    limit: Limit
    used: int | None
    is_passed: bool
    entries: list[LimitEntry]


class Stakes(Answer):
    """What is at stake in a use case, as somebody estimated it."""

    usecase: str
    people: int | None
    money_minor: int | None
    currency: str | None
    said_by: str
    said_at: datetime
