"""The words of assessments: templates and their questions, who sits where, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

Value = bool | float | str


class Standing(StrEnum):
    """Where an assessment of a use case stands."""

    not_due = "not_due"
    due = "due"  # nobody has opened it
    opened = "opened"
    submitted = "submitted"  # waits for the yes of another
    signed = "signed"
    returned = "returned"  # the other asks for it to be done again
    outdated = "outdated"  # the facts it rests on have changed, or it is too old


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. ``fact`` names what of the platform answers it; when that is known nobody is asked."""

    id: str
    text: str
    help: str
    kind: Literal["text", "boolean", "choice", "number"]
    choices: tuple[str, ...]
    fact: str | None
    required: bool
    evidence_fact: str | None
    """The fact of the evidence that the answer becomes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Questions of one seat, from which use cases they are due, and the evidence that a signed one becomes."""

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
    questions: tuple[Question, ...]
    is_own: bool
    """Published by the organisation itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTemplate:
    """A version of a template that the organisation published, as it was written. Other versions stay beside it."""

    template: Template
    text: str
    published_by: str
    published_at: datetime
    retired_by: str | None
    retired_at: datetime | None
    retired_because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the platform knows by itself, and where from."""

    value: str | bool | int | float | list[str]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One assessment of a use case. What was submitted never changes; another begins where it is due again."""

    id: str
    usecase: str
    template: str
    template_version: str
    template_digest: str
    seat: str
    number: int
    state: Literal["opened", "submitted", "signed", "returned"]
    opened_by: str
    opened_at: datetime
    answers: Mapping[str, Value]
    """By question; while it is open, those that were given last."""
    known: Mapping[str, Known]
    """By question: what the platform knew when it was submitted; empty before."""
    facts_digest: str | None
    submitted_by: str | None
    submitted_at: datetime | None
    answers_digest: str | None
    signed_by: str | None
    """Who signed it, or gave it back."""
    signed_at: datetime | None
    remark: str | None
    evidence: str | None
    task: str | None
    """What somebody of the seat was given to do when it was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One template and one use case: whether it is due and why, and where it stands."""

    usecase: str
    template: str
    title: str
    seat: str
    is_due: bool
    why: str
    standing: Standing
    why_outdated: tuple[str, ...]
    newest: Assessment | None
    asked: tuple[str, ...]
    """The questions that people must answer; those that the platform answers are not among them."""
    known: Mapping[str, Known]
    assessors: tuple[str, ...]
    """Who holds the seat for the use case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessor:
    """A person who answers for a seat, in a department or everywhere (None)."""

    id: str
    seat: str
    person: str
    department: str | None
    appointed_by: str
    appointed_at: datetime
    ended_by: str | None
    ended_at: datetime | None
