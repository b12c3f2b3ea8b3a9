"""Answers about meetings of councils, their minutes, and one's own calendar."""

from __future__ import annotations

from datetime import datetime

from headway_client.answer import Answer


class CouncilAttendee(Answer):
    """Somebody who is there: for a seat, or as a guest without one."""

    person: str
    seat: str | None
    capacity: str | None
    noted_by: str
    at: datetime


class CouncilMinutes(Answer):
    """One writing of the minutes, by the digests of its files and of what they say."""

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


class CouncilMeeting(Answer):
    """A meeting: when, in which order what is looked at, who is there."""

    shown = ("id", "body", "state", "starts_at", "place", "chair")
    id: str
    body: str
    slot: datetime | None
    starts_at: datetime
    minutes_long: int
    place: str
    state: str
    sequence: int
    agenda: list[str]
    struck: dict[str, str]
    reason: str | None
    chair: str | None
    seats: list[str]
    quorum: int | None
    opened_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    changed_at: datetime
    attendance: list[CouncilAttendee]
    minutes: list[CouncilMinutes]


class CouncilPaper(Answer):
    """A record to be read before an item is decided."""

    kind: str
    ref: str
    title: str


class CouncilAgendaItem(Answer):
    """An item on an agenda."""

    item: str
    usecase: str
    title: str
    state: str
    tier: str
    environment: str | None
    requested_by: str
    opened_at: datetime
    closes_at: datetime
    papers: list[CouncilPaper]


class CouncilMeetingStanding(Answer):
    """A meeting with its agenda as it is now, how many seats are there, and what you may do."""

    meeting: CouncilMeeting
    title: str
    agenda: list[CouncilAgendaItem]
    present: int
    needed: int
    has_quorum: bool
    own_seats: list[str]
    may_lead: bool
    may_open: bool
    may_approve: bool


class CalendarAddress(Answer):
    """Whether your calendar has an address; the path is told once, when it is made."""

    made_at: datetime | None
    path: str | None
