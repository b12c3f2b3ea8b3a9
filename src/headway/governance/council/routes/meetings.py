"""Meetings over HTTP: when, what, who is there, minutes; and everybody's own calendar address."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway.governance.council import service
from headway.governance.council.meeting import CalendarAddress, Meeting, MeetingStanding, MeetingState, Minutes
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

council_meetings = APIRouter(prefix="/councils", tags=["council"])
meetings = APIRouter(prefix="/meetings", tags=["council"])
calendar = APIRouter(prefix="/calendar", tags=["council"])
Text = Annotated[str, Field(max_length=2000)]
Place = Annotated[str, Field(max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MeetingWanted(_Body):
    """When a meeting outside of the rhythm is; the council's usual length when left out."""

    starts_at: datetime
    minutes_long: int | None = None
    place: Place = ""


class MeetingMoved(_Body):
    """When and where it is now, and why; the place stays when left out."""

    starts_at: datetime
    reason: Text = Field(min_length=1)
    place: Place | None = None


class MeetingReason(_Body):
    """Why."""

    reason: Text = Field(min_length=1)


class AgendaWanted(_Body):
    """Items that come first, in this order."""

    items: list[Annotated[str, Field(max_length=100)]] = Field(max_length=200)


class ItemStruck(_Body):
    """Which item is taken off, and why."""

    item: str = Field(max_length=100)
    reason: Text = Field(min_length=1)


class PresenceNoted(_Body):
    """Who is there, for which seat; both left out: the asker, for the seat they speak for."""

    person: Text | None = None
    seat: Annotated[str, Field(max_length=40)] | None = None


class MinutesWanted(_Body):
    """In which language the minutes are written."""

    locale: Literal["en", "de"] = "en"


@council_meetings.get("/{slug}/meetings")
def list_meetings(
    *,
    slug: str,
    tx: Tx,
    permit: Permit,
    state: MeetingState | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    cursor: str | None = None,
) -> Page[Meeting]:
    """List the meetings of a council, the latest first."""
    permit("council:read", _council(tx, slug))
    return service.list_meetings(tx, body=slug, state=state, limit=limit, cursor=cursor)


@council_meetings.post("/{slug}/meetings", status_code=status.HTTP_201_CREATED)
def plan_meeting(slug: str, body: MeetingWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Meeting:
    """Call a meeting outside of the rhythm, as the chair or the AI office."""
    permit("council:act", _council(tx, slug))
    return service.plan_meeting(
        tx, actor, slug, starts_at=body.starts_at, minutes_long=body.minutes_long, place=body.place
    )


@meetings.get("/{meeting_id}")
def show_meeting(meeting_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> MeetingStanding:
    """Show a meeting: its agenda as it is now with papers, who is there, the quorum, its minutes."""
    permit("council:read", _meeting(tx, meeting_id))
    return service.meeting_standing(tx, actor, meeting_id)


@meetings.post("/{meeting_id}/move")
def move_meeting(meeting_id: str, body: MeetingMoved, tx: Tx, actor: CurrentActor, permit: Permit) -> Meeting:
    """Move a planned meeting to another time or place."""
    permit("council:act", _meeting(tx, meeting_id))
    return service.move_meeting(tx, actor, meeting_id, starts_at=body.starts_at, reason=body.reason, place=body.place)


@meetings.post("/{meeting_id}/cancel")
def cancel_meeting(meeting_id: str, body: MeetingReason, tx: Tx, actor: CurrentActor, permit: Permit) -> Meeting:
    """Cancel a planned meeting."""
    permit("council:act", _meeting(tx, meeting_id))
    return service.cancel_meeting(tx, actor, meeting_id, body.reason)


@meetings.put("/{meeting_id}/agenda")
def set_agenda(meeting_id: str, body: AgendaWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Meeting:
    """Put items in front in an order; the others follow by need."""
    permit("council:act", _meeting(tx, meeting_id))
    return service.set_agenda(tx, actor, meeting_id, body.items)


@meetings.post("/{meeting_id}/strike")
def strike_item(meeting_id: str, body: ItemStruck, tx: Tx, actor: CurrentActor, permit: Permit) -> Meeting:
    """Take an item off the agenda; it stays open."""
    permit("council:act", _meeting(tx, meeting_id))
    return service.strike_item(tx, actor, meeting_id, body.item, body.reason)


@meetings.post("/{meeting_id}/open")
def open_meeting(meeting_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> Meeting:
    """Open a meeting from the chair; its agenda is fixed."""
    permit("council:act", _meeting(tx, meeting_id))
    return service.open_meeting(tx, actor, meeting_id)


@meetings.post("/{meeting_id}/attendance")
def attend(meeting_id: str, body: PresenceNoted, tx: Tx, actor: CurrentActor, permit: Permit) -> Meeting:
    """Be at an open meeting, or note from the chair that somebody is."""
    permit("council:act", _meeting(tx, meeting_id))
    return service.attend(tx, actor, meeting_id, person=body.person, seat=body.seat)


@meetings.post("/{meeting_id}/close")
def close_meeting(meeting_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> Meeting:
    """Close a meeting; what was not decided goes on in writing."""
    permit("council:act", _meeting(tx, meeting_id))
    return service.close_meeting(tx, actor, meeting_id)


@meetings.post("/{meeting_id}/minutes", status_code=status.HTTP_201_CREATED)
def make_minutes(  # noqa: PLR0917  what FastAPI hands in
    meeting_id: str, body: MinutesWanted, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> Minutes:
    """Write the minutes from records, as PDF and as Word file."""
    permit("council:act", _meeting(tx, meeting_id))
    return service.make_minutes(tx, actor, here.storage, meeting_id, locale=body.locale)


@meetings.post("/{meeting_id}/minutes/{number}/approve")
def approve_minutes(meeting_id: str, number: int, tx: Tx, actor: CurrentActor, permit: Permit) -> Minutes:
    """Approve one writing of the minutes, as the chair; it then stays."""
    permit("council:act", _meeting(tx, meeting_id))
    return service.approve_minutes(tx, actor, meeting_id, number)


@meetings.get("/{meeting_id}/minutes/{number}/{file}")
def read_minutes(  # noqa: PLR0917  what FastAPI hands in
    meeting_id: str, number: int, file: str, tx: Tx, here: HereParts, permit: Permit
) -> Response:
    """Download minutes as they were kept: ``minutes.pdf`` or ``minutes.docx``."""
    permit("council:read", _meeting(tx, meeting_id))
    media, data = service.read_minutes(tx, here.storage, meeting_id, number=number, file=file)
    return Response(data, media_type=media, headers={"content-disposition": f'attachment; filename="{file}"'})


@calendar.get("")
def show_calendar(tx: Tx, actor: CurrentActor, permit: Permit) -> CalendarAddress:
    """Tell whether your calendar has an address, and since when."""
    permit("inbox:read", own_calendar(actor))
    return service.calendar_address(tx, actor)


@calendar.post("", status_code=status.HTTP_201_CREATED)
def renew_calendar(tx: Tx, actor: CurrentActor, permit: Permit) -> CalendarAddress:
    """Make the secret address of your calendar, or a new one; it is told once, and the one before no longer counts."""
    permit("inbox:update", own_calendar(actor))
    return service.renew_calendar(tx, actor)


@calendar.delete("")
def end_calendar(tx: Tx, actor: CurrentActor, permit: Permit) -> CalendarAddress:
    """Take the address of your calendar away."""
    permit("inbox:update", own_calendar(actor))
    return service.end_calendar(tx, actor)


def own_calendar(actor: Actor) -> Resource:
    """One's own things, of which the calendar is one."""
    return Resource(kind="inbox", id="mine", attributes={"owner": actor.ref})


def _council(session: Session, slug: str) -> Resource:
    return Resource(kind="council", id=slug, department=service.get_body(session, slug).department)


def _meeting(session: Session, meeting_id: str) -> Resource:
    return _council(session, service.get_meeting(session, meeting_id).body)
