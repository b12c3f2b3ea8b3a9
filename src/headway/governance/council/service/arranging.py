"""Meetings: called, moved and cancelled, and what is on their agenda."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance.council import agenda, store
from headway.governance.council.entities import Body
from headway.governance.council.errors import CouncilInvalid, StepRefused
from headway.governance.council.meeting import Meeting, MeetingState
from headway.governance.council.service import rhythm
from headway.governance.council.service.bodies import check_text, get_body
from headway.governance.council.service.leading import get_meeting, led, need_lead, refuse
from headway.governance.council.service.rhythm import ref
from headway.governance.service import usecases
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault

LONGEST_PLACE = 200


def plan_meeting(
    session: Session, actor: Actor, slug: str, *, starts_at: datetime, minutes_long: int | None = None, place: str = ""
) -> Meeting:
    """Call a meeting outside of the rhythm, as the chair or the AI office.

    Raises: BodyUnknown, NotYourSeat, CouncilInvalid with every fault; StepRefused: the council is dissolved.
    """
    body = get_body(session, slug)
    need_lead(actor, body)
    if body.ended_at is not None:
        raise StepRefused(f"{slug} is dissolved", values={"council": slug})
    minutes = minutes_long or body.minutes_long
    _check(starts_at, minutes, place)
    made = rhythm.plan(session, actor, body, starts_at=starts_at, slot=None, minutes=minutes, place=place.strip())
    return get_meeting(session, made)


def move_meeting(
    session: Session, actor: Actor, meeting_id: str, *, starts_at: datetime, reason: str, place: str | None = None
) -> Meeting:
    """Move a planned meeting to another time or place; its members are told, and calendars follow.

    Raises: MeetingUnknown, NotYourSeat, StepRefused: it is not planned; CouncilInvalid.
    """
    said = check_text("reason", reason)
    found, _ = _planned(session, actor, meeting_id)
    there = found.place if place is None else place.strip()
    _check(starts_at, found.minutes_long, there)
    now = clock.now()
    values = {"starts_at": starts_at, "place": there, "reason": said, "sequence": found.sequence + 1, "changed_at": now}
    store.change_meeting(session, meeting_id, values)
    payload = {"council": found.body, "before": found.starts_at, "starts_at": starts_at, "place": there, "reason": said}
    ledger.record(session, actor=actor, type="council.meeting_moved", subject=ref(meeting_id), payload=payload)
    return get_meeting(session, meeting_id)


def cancel_meeting(session: Session, actor: Actor, meeting_id: str, reason: str) -> Meeting:
    """Cancel a planned meeting; what was to be decided there goes on in writing. Raises as ``move_meeting``."""
    said = check_text("reason", reason)
    found, _ = _planned(session, actor, meeting_id)
    rhythm.cancel(session, actor, found, said)
    return get_meeting(session, meeting_id)


def _planned(session: Session, actor: Actor, meeting_id: str) -> tuple[Meeting, Body]:
    found, body = led(session, actor, meeting_id)
    if found.state is not MeetingState.planned:
        refuse(found)
    return found, body


def _check(starts_at: datetime, minutes: int, place: str) -> None:
    faults = []

    def fault(column: str, message: str) -> None:
        faults.append(Fault(rule=f"council.{column}", column=column, message=message))

    if starts_at.tzinfo is None or starts_at <= clock.now():
        fault("starts_at", "a meeting is in the future, at a time with its zone")
    if not 15 <= minutes <= 480:
        fault("minutes_long", "a meeting lasts 15 to 480 minutes")
    if len(place) > LONGEST_PLACE:
        fault("place", f"a place has at most {LONGEST_PLACE} characters")
    if faults:
        raise CouncilInvalid("; ".join(one.message for one in faults), faults=faults)


# --- what --------------------------------------------------------------------------------------------------------


def agenda_of(session: Session, meeting: Meeting) -> tuple[str, ...]:
    """Name the items on an agenda in their order: of a planned meeting as it would be now, else as it was kept."""
    if meeting.state is not MeetingState.planned:
        return meeting.agenda
    return agenda.arranged(meeting.agenda, _by_need(session, meeting.body), meeting.struck)


def _by_need(session: Session, slug: str) -> tuple[str, ...]:
    return agenda.by_need(
        agenda.Waiting(
            item=one.id,
            tier=usecases.get_usecase(session, one.usecase).tier,
            opened_at=one.opened_at,
            closes_at=one.closes_at,
        )
        for one in store.list_items(session, body=slug, states=store.UNDECIDED)
    )


def set_agenda(session: Session, actor: Actor, meeting_id: str, items: Sequence[str]) -> Meeting:
    """Put items in front in an order, as the chair; the others follow by need. What was struck and is named comes back.

    Raises: MeetingUnknown, NotYourSeat; StepRefused: it was held or cancelled, or an item is not undecided before it.
    """
    found, body = led(session, actor, meeting_id)
    _need_agenda(found)
    waiting = _by_need(session, body.slug)
    unknown = [one for one in items if one not in waiting and one not in found.agenda]
    if unknown:
        raise StepRefused(f"{', '.join(unknown)}: not undecided before {body.slug}", values={"meeting": meeting_id})
    struck = {one: why for one, why in found.struck.items() if one not in items}
    order = agenda.arranged(items, (*waiting, *(one for one in found.agenda if one not in waiting)), struck)
    return _keep_agenda(session, actor, found, order, struck, None)


def strike_item(session: Session, actor: Actor, meeting_id: str, item_id: str, reason: str) -> Meeting:
    """Take an item off an agenda, with a reason; it stays open and can be decided in writing. Raises as ``set_agenda``."""
    said = check_text("reason", reason)
    found, _ = led(session, actor, meeting_id)
    _need_agenda(found)
    before = agenda_of(session, found)
    if item_id not in before:
        raise StepRefused(f"{item_id} is not on the agenda of {meeting_id}", values={"meeting": meeting_id})
    if any(vote.meeting == meeting_id for one in store.list_items(session, ids=[item_id]) for vote in one.votes):
        raise StepRefused(f"votes on {item_id} were given in this meeting", values={"meeting": meeting_id})
    order = tuple(one for one in before if one != item_id)
    return _keep_agenda(session, actor, found, order, {**found.struck, item_id: said}, said)


def _keep_agenda(  # noqa: PLR0917  what an agenda is
    session: Session, actor: Actor, found: Meeting, order: Sequence[str], struck: dict[str, str], reason: str | None
) -> Meeting:
    store.change_meeting(session, found.id, {"agenda": list(order), "struck": struck, "changed_at": clock.now()})
    payload: dict[str, object] = {"council": found.body, "agenda": list(order), "struck": struck}
    payload |= {"reason": reason} if reason else {}
    ledger.record(session, actor=actor, type="council.agenda_set", subject=ref(found.id), payload=payload)
    return get_meeting(session, found.id)


def _need_agenda(found: Meeting) -> None:
    if found.state not in (MeetingState.planned, MeetingState.open):
        refuse(found)
