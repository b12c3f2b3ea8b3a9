"""The words of notifications: what a form asks for, what records answer, what no record holds, what was sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from headway.incidents.entities import Confidence

Kind = Literal["initial", "follow_up"]
Known = str | bool | int | date | datetime | tuple[str, ...] | None
"""What a record holds of one thing; None: it holds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A fact that a line of a form asks for: ``of`` names a kind of record and a field of it.

    ``mend`` says how it comes to be recorded, where its lack is a gap; None where a form can do without.
    """

    of: str
    says: str
    mend: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """Something that no record ever holds, so that a person writes it in; ``when``: only while a record says yes to this."""

    what: str
    mend: str
    when: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that a rule asks for, with its source and how well that was read."""

    id: str
    title: str
    source: str
    confidence: Confidence
    facts: tuple[Ask, ...]
    gaps: tuple[Blank, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeForm:
    """What a notification holds, as data; ``clocks`` are those that ask for it, none: it is for all that have no other."""

    id: str
    version: str
    title: str
    as_of: date
    note: str
    clocks: tuple[str, ...]
    lines: tuple[Line, ...]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record as a draft may read it: its reference, its digest where it has one, and what it holds by field."""

    ref: str
    digest: str | None
    holds: Mapping[str, Known]


Records = Mapping[str, tuple[Record, ...]]
"""All records of an incident by their kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A fact of a draft: what it says, and the record and field that hold it."""

    says: str
    value: str
    record: str
    field: str
    digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that no record holds, and how it comes to be known."""

    line: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the records answer to one line of a form."""

    id: str
    title: str
    source: str
    confidence: Confidence
    facts: tuple[Stated, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A notification as the records fill it; equal records give an equal draft."""

    form: str
    form_digest: str
    title: str
    note: str
    kind: Kind
    incident: str
    clock: str
    lines: tuple[Answered, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """That somebody sent a notification: when, to whom, under which number, with which file as proof."""

    sent_at: datetime
    to: str
    reference: str | None
    file: str | None
    file_digest: str | None
    noted_by: str
    noted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A draft that is kept. Headway sends nothing: ``sending`` is what a person says who did."""

    id: str
    incident: str
    clock: str
    number: int
    """Which draft for this clock it is, from 1."""
    draft: Draft
    digest: str
    made_by: str
    made_at: datetime
    is_current: bool
    """Whether the records still say the same."""
    sending: Sending | None
