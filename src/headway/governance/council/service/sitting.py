"""Meetings that take place: opened from the chair, with who is there, and closed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance.council import schedule, store
from headway.governance.council.entities import Body, Capacity
from headway.governance.council.errors import CouncilInvalid, NotYourSeat, StepRefused
from headway.governance.council.meeting import Meeting, MeetingState
from headway.governance.council.service.arranging import agenda_of
from headway.governance.council.service.leading import get_meeting, leads, may_open, need, not_led, refuse, speakers
from headway.governance.council.service.rhythm import ref
from headway.governance.council.tables import AttendanceRow
from headway.governance.service.people import need_person
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault


def open_meeting(session: Session, actor: Actor, meeting_id: str) -> Meeting:
    """Open a meeting from the chair: its agenda is fixed, and who is there can be noted.

    Who opens it presides: the holder of the chair's seat, whom they handed it to, or a deputy; where nobody sits in the chair,
    somebody of the AI office. Raises: MeetingUnknown, NotYourSeat; StepRefused: not planned, too early, another is open.
    """
    need_person(actor, "lead a meeting")
    found, body = need(session, meeting_id)
    if found.state is not MeetingState.planned:
        refuse(found)
    if not may_open(actor, body):
        raise NotYourSeat(
            f"the chair of {body.slug} opens its meetings",
            hint="the holder of the chair's seat, a deputy of it, or the AI office where the seat is empty",
            values={"rule": "council.chair", "council": body.slug},
        )
    now = clock.now()
    if now < found.starts_at - schedule.EARLY:
        raise StepRefused(
            f"{meeting_id} begins at {found.starts_at:%Y-%m-%d %H:%M} UTC", hint="move it, or call one for today"
        )
    if store.list_meetings(session, bodies=[body.slug], states=[MeetingState.open], limit=1):
        raise StepRefused(f"a meeting of {body.slug} is open already", hint="close it first")
    order = agenda_of(session, found)
    values: dict[str, object] = {"state": MeetingState.open.value, "opened_at": now, "chair": actor.ref}
    values |= {"agenda": list(order), "quorum": body.quorum, "seats": list(body.seats)}
    store.change_meeting(session, meeting_id, values | {"changed_at": now})
    payload = {"council": body.slug, "agenda": list(order), "at": now, "quorum": body.quorum}
    ledger.record(session, actor=actor, type="council.meeting_opened", subject=ref(meeting_id), payload=payload)
    here = get_meeting(session, meeting_id)
    mine = _free(body, here, actor.ref)
    seat = body.chair if body.chair in mine else next(iter(mine), None)
    _note(session, actor, here, actor.ref, seat, mine.get(seat) if seat else None)
    return get_meeting(session, meeting_id)


def attend(
    session: Session, actor: Actor, meeting_id: str, *, person: str | None = None, seat: str | None = None
) -> Meeting:
    """Be at an open meeting, for the seat that one speaks for; or note, from the chair, that somebody else is there.

    Args: person: left out, the asker; somebody without a seat is noted as a guest, by the chair alone.
    Raises: MeetingUnknown, NotYourSeat, CouncilInvalid; StepRefused: it is not open, they are there, or the seat is taken.
    """
    need_person(actor, "attend a meeting")
    found, body = need(session, meeting_id)
    if found.state is not MeetingState.open:
        refuse(found)
    who = actor.ref if person is None else _person(session, person)
    if who != actor.ref and not leads(actor, body) and actor.ref != found.chair:
        raise NotYourSeat("only the chair notes that others are there", values={"rule": "council.chair"})
    if any(one.person == who for one in found.attendance):
        raise StepRefused(f"{who} is there already", values={"meeting": meeting_id})
    mine = _free(body, found, who)
    chosen = seat or next(iter(mine), None)
    if chosen is not None and chosen not in mine:
        raise StepRefused(f"{who} does not speak for the seat {chosen} here, or it is taken", values={"seat": chosen})
    if chosen is None and (who == actor.ref and not leads(actor, body)):
        raise NotYourSeat(f"{who} has no free seat in {body.slug}", values={"rule": "council.seat"})
    _note(session, actor, found, who, chosen, mine.get(chosen) if chosen else None)
    return get_meeting(session, meeting_id)


def close_meeting(session: Session, actor: Actor, meeting_id: str) -> Meeting:
    """Close a meeting, as who presides or as the AI office; what was not decided goes on in writing. Raises as ``attend``."""
    found, body = need(session, meeting_id)
    if found.state is not MeetingState.open:
        refuse(found)
    if actor.ref != found.chair and not leads(actor, body):
        not_led(body)
    now = clock.now()
    values = {"state": MeetingState.held.value, "closed_at": now, "closed_by": actor.ref, "changed_at": now}
    store.change_meeting(session, meeting_id, values)
    there = sorted(one.seat for one in found.attendance if one.seat)
    payload = {"council": body.slug, "seats": there, "quorum": found.quorum, "at": now}
    ledger.record(session, actor=actor, type="council.meeting_held", subject=ref(meeting_id), payload=payload)
    return get_meeting(session, meeting_id)


def _note(  # noqa: PLR0917  what is noted of somebody
    session: Session, actor: Actor, found: Meeting, person: str, seat: str | None, capacity: Capacity | None
) -> None:
    now = clock.now()
    word = capacity.value if capacity else None
    values = {"person": person, "seat": seat, "capacity": word, "at": now}
    store.add(session, AttendanceRow(meeting=found.id, noted_by=actor.ref, **values))
    payload = {"council": found.body, **values}
    ledger.record(session, actor=actor, type="council.attended", subject=ref(found.id), payload=payload)


def _free(body: Body, found: Meeting, person: str) -> dict[str, Capacity]:
    """The seats that nobody is there for and that somebody can speak for; a deputy's comes last."""
    taken = {one.seat for one in found.attendance}
    voices = {seat: speakers(body, seat) for seat in body.seats if seat not in taken}
    mine = {seat: one.capacity for seat, held in voices.items() for one in held if one.person == person}
    return dict(sorted(mine.items(), key=lambda one: one[1] is Capacity.deputy))


def own_seats(body: Body, found: Meeting, person: str) -> tuple[str, ...]:
    """Name the seats for which somebody who is not there yet could attend an open meeting."""
    if found.state is not MeetingState.open or any(one.person == person for one in found.attendance):
        return ()
    return tuple(_free(body, found, person))


def _person(session: Session, text: str) -> str:
    found = identity.find_person(session, text)
    if found is None:
        message = f"{text} is nobody who is active here"
        raise CouncilInvalid(message, faults=[Fault(rule="council.person", column="person", message=message)])
    return found.ref
