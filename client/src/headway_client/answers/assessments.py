"""Answers about assessments of use cases."""

from __future__ import annotations

from datetime import datetime

from headway_client.answer import Answer


class KnownAnswer(Answer):
    """What the platform knows by itself, and where from."""

    value: str | bool | int | float | list[str]
    source: str


class Question(Answer):
    """One question; ``fact`` names what of the platform answers it."""

    id: str
    text: str
    help: str
    kind: str
    choices: list[str]
    fact: str | None
    required: bool
    evidence_fact: str | None


class AssessmentTemplate(Answer):
    """Questions of one seat, and when they are due."""

    id: str
    version: str
    digest: str
    title: str
    seat: str
    source: str
    evidence: str
    age_days: int
    due_when: str
    due_because: str
    not_due_because: str
    questions: list[Question]
    is_own: bool


class OwnAssessmentTemplate(Answer):
    """A version of a template of one's own, as it was written."""

    template: AssessmentTemplate
    text: str
    published_by: str
    published_at: datetime
    retired_by: str | None
    retired_at: datetime | None
    retired_because: str | None


class Assessment(Answer):
    """One assessment with its answers; what was submitted never changes."""

    id: str
    usecase: str
    template: str
    template_version: str
    template_digest: str
    seat: str
    number: int
    state: str
    opened_by: str
    opened_at: datetime
    answers: dict[str, bool | float | str]
    known: dict[str, KnownAnswer]
    facts_digest: str | None
    submitted_by: str | None
    submitted_at: datetime | None
    answers_digest: str | None
    signed_by: str | None
    signed_at: datetime | None
    remark: str | None
    evidence: str | None
    task: str | None


class AssessmentNeed(Answer):
    """Whether a use case needs an assessment, why, and where it stands."""

    usecase: str
    template: str
    title: str
    seat: str
    is_due: bool
    why: str
    standing: str
    why_outdated: list[str]
    newest: Assessment | None
    asked: list[str]
    known: dict[str, KnownAnswer]
    assessors: list[str]


class Assessor(Answer):
    """A person who answers for a seat."""

    id: str
    seat: str
    person: str
    department: str | None
    appointed_by: str
    appointed_at: datetime
    ended_by: str | None
    ended_at: datetime | None


class NeedEntry(Answer):
    """One template and one use case in the list of the organisation."""

    usecase: str
    usecase_title: str
    department: str
    tier: str
    template: str
    title: str
    seat: str
    standing: str
    is_due: bool
    why: str
    why_outdated: list[str]
    assessment: str | None
    since: datetime | None
    submitted_by: str | None
    signed_by: str | None
    assessors: list[str]


class NeedsFound(Answer):
    """A part of the list of all assessments; ``standings`` counts all, whatever standing was asked for."""

    items: list[NeedEntry]
    total: int
    is_more: bool
    standings: dict[str, int]
