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


class RightsRow(Answer):
    """Who proposes, reviews, decides and is told at a stage in a lane: roles, and seats as ``seat:legal``."""

    lane: str
    stage: str
    proposes: list[str]
    reviews: list[str]
    decides: list[str]
    told: list[str]


class DecisionRights(Answer):
    """A version of the decision-rights matrix, with the Cedar that it compiles to."""

    id: str
    version: int
    rows: list[RightsRow]
    reason: str
    digest: str
    policies: str
    adopted_by: str
    adopted_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    key_id: str | None
    state: str


class Held(Answer):
    """A role or seat, and the people who hold it."""

    holder: str
    people: list[str]


class StepHeld(Answer):
    """A step in a department, and who may take it."""

    department: str
    lane: str
    stage: str
    step: str
    is_named: bool
    held: list[Held]
    people: list[str]
    weaknesses: list[str]


class RightsFault(Answer):
    """Something that is wrong with the draft."""

    rule: str
    message: str
    row: int | None
    column: str | None
    value: str | None


class RightsCheck(Answer):
    """The draft of the decision rights, what is wrong with it, and the steps that would be weak."""

    rows: list[RightsRow]
    changed_by: str | None
    changed_at: datetime | None
    faults: list[RightsFault]
    policies: str
    weak: list[StepHeld]
