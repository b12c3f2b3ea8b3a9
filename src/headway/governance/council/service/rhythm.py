"""Meetings that follow from a council's rhythm: planned ahead, and planned anew when the rhythm changes."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance.council import schedule, store
from headway.governance.council.entities import Body
from headway.governance.council.meeting import Meeting, MeetingState
from headway.governance.council.tables import MeetingRow
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.ids import Ref, new_id

OTHER_TIMES = "the council meets at other times from now on"
DISSOLVED = "the council was dissolved"
NOT_OPENED = "nobody opened it"
FIRST = datetime(2000, 1, 1, tzinfo=UTC)


def ref(meeting_id: str) -> Ref:
    """A meeting as a reference."""
    return Ref("council-meeting", meeting_id)


def plan_due(session: Session) -> int:
    """Plan the meetings that the rhythms ask for now, and cancel those that nobody opened; gives how many were planned.

    Safe to repeat and to run in two processes at once.
    """
    _give_up(session)
    made = 0
    for body in store.bodies(session, store.rhythmic(session)):
        made += len(_plan(session, SYSTEM, body))
    return made


def _give_up(session: Session) -> None:
    """Cancel planned meetings whose time is long over: nobody was there to open them."""
    until = clock.now() - schedule.LATE
    for one in store.list_meetings(session, states=[MeetingState.planned], between=(FIRST, until)):
        found = store.get_meeting(session, one.id, lock=True)
        if found is not None and found.state is MeetingState.planned:
            cancel(session, SYSTEM, found, NOT_OPENED)


def replan(session: Session, actor: Actor, body: Body) -> None:
    """After a change of rules: cancel planned meetings that the rhythm no longer asks for, and plan those that it does.

    Meetings that were called for once, or moved, stay.
    """
    now = clock.now()
    wanted = frozenset(schedule.due(body, now))
    for one in store.list_meetings(session, bodies=[body.slug], states=[MeetingState.planned]):
        if body.ended_at is not None:
            cancel(session, actor, one, DISSOLVED)
        elif one.slot is not None and one.slot == one.starts_at and one.slot > now and one.slot not in wanted:
            cancel(session, actor, one, OTHER_TIMES)
    _plan(session, actor, body)


def cancel(session: Session, actor: Actor, found: Meeting, reason: str) -> None:
    """Write that a meeting does not take place."""
    values = {"state": MeetingState.cancelled.value, "reason": reason, "sequence": found.sequence + 1}
    store.change_meeting(session, found.id, values | {"changed_at": clock.now()})
    payload = {"council": found.body, "starts_at": found.starts_at, "reason": reason}
    ledger.record(session, actor=actor, type="council.meeting_cancelled", subject=ref(found.id), payload=payload)


def plan(
    session: Session, actor: Actor, body: Body, *, starts_at: datetime, slot: datetime | None, minutes: int, place: str
) -> str:
    """Write a planned meeting; gives its id."""
    meeting_id, now = new_id("cmt"), clock.now()
    values = {"starts_at": starts_at, "minutes_long": minutes, "place": place, "slot": slot}
    store.add(
        session,
        MeetingRow(
            id=meeting_id, body=body.slug, state=MeetingState.planned.value, sequence=0, agenda=[], struck={}, seats=[],
            changed_at=now, **values,
        ),
    )  # fmt: skip
    payload = {"council": body.slug, **values}
    ledger.record(session, actor=actor, type="council.meeting_planned", subject=ref(meeting_id), payload=payload)
    return meeting_id


def _plan(session: Session, actor: Actor, body: Body) -> list[str]:
    known = store.slots_of(session, body.slug)
    return [
        plan(session, actor, body, starts_at=slot, slot=slot, minutes=body.minutes_long, place="")
        for slot in schedule.due(body, clock.now())
        if slot not in known
    ]
