"""A meeting as a value: when it is, who is there, what is on its agenda with which papers, and its minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from headway.governance.council.entities import Capacity, ItemState, SeatRole


class MeetingState(StrEnum):
    """Where a meeting stands."""

    planned = "planned"
    open = "open"
    held = "held"
    cancelled = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """Somebody who is there: for a seat, or as a guest without one."""

    person: str
    seat: SeatRole | None
    capacity: Capacity | None
    noted_by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """One writing of the minutes; ``pdf``, ``docx`` and ``content`` are the digests of the files and of what they say."""

    meeting: str
    number: int
    locale: str
    pdf: str
    docx: str
    content: str
    made_by: str
    made_at: datetime
    approved_by: str | None
    approved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting of a council.

    ``slot``: the time of the rhythm for which it was planned; none: called for once. ``agenda``: items in their order, of a
    planned one those that the chair put in front. ``struck``: items taken off it, with the reason. ``reason``: why it was moved
    or cancelled. ``quorum`` and ``seats``: as the council had them when it was opened.
    """

    id: str
    body: str
    slot: datetime | None
    starts_at: datetime
    minutes_long: int
    place: str
    state: MeetingState
    sequence: int
    agenda: tuple[str, ...]
    struck: Mapping[str, str]
    reason: str | None
    chair: str | None
    seats: tuple[SeatRole, ...]
    quorum: int | None
    opened_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    changed_at: datetime
    attendance: tuple[Attendee, ...]
    minutes: tuple[Minutes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A record to be read before an item is decided. ``kind``: what it is, as ``usecase`` or the type of evidence."""

    kind: str
    ref: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaItem:
    """An item on an agenda. ``tier`` and ``closes_at`` say why it stands where it stands."""

    item: str
    usecase: str
    title: str
    state: ItemState
    tier: str
    environment: str | None
    requested_by: str
    opened_at: datetime
    closes_at: datetime
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingStanding:
    """A meeting with its agenda as it is now, how many seats are there, and what the asker may do."""

    meeting: Meeting
    title: str
    agenda: tuple[AgendaItem, ...]
    present: int
    needed: int
    has_quorum: bool
    own_seats: tuple[SeatRole, ...]
    may_lead: bool
    may_open: bool
    may_approve: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarAddress:
    """Whether somebody has a calendar address; ``path`` holds its secret and is told once, when it is made."""

    made_at: datetime | None
    path: str | None
