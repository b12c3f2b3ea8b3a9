"""Meetings as they are kept, and who may arrange and lead them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from sqlalchemy.orm import Session

from headway.governance.council import store, voting
from headway.governance.council.entities import Body, Capacity, Item, Voice
from headway.governance.council.errors import MeetingUnknown, NotYourSeat, StepRefused
from headway.governance.council.meeting import Meeting, MeetingState
from headway.governance.council.service.bodies import get_body
from headway.governance.service.people import need_person
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.paging import MAX_LIMIT, Page


def get_meeting(session: Session, meeting_id: str, *, lock: bool = False) -> Meeting:
    """Read a meeting; raises MeetingUnknown."""
    found = store.get_meeting(session, meeting_id, lock=lock)
    if found is None:
        raise MeetingUnknown(f"no meeting {meeting_id}", values={"meeting": meeting_id})
    return found


def list_meetings(
    session: Session,
    *,
    body: str | None = None,
    state: MeetingState | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Meeting]:
    """Read meetings, the latest first."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_meetings(
        session,
        bodies=None if body is None else [body],
        states=None if state is None else [state],
        before=cursor,
        limit=limit + 1,
    )
    return Page(items=tuple(found[:limit]), next=found[limit - 1].id if len(found) > limit else None)


def speakers(body: Body, seat: str) -> tuple[Voice, ...]:
    """Name who may sit in a seat at a meeting: its holder, whom they handed the vote to, its deputies."""
    now = clock.now()
    holder = voting.holder_of(body.members, seat, now)
    found = []
    if holder is not None:
        found.append(Voice(person=holder, capacity=Capacity.holder))
        handed = voting.chain(body.delegations, seat, holder, now)
        found += [Voice(person=one, capacity=Capacity.delegate) for one in handed]
    deputies = voting.deputies_of(body.members, seat, now)
    return (*found, *(Voice(person=one, capacity=Capacity.deputy) for one in deputies))


def leads(actor: Actor, body: Body) -> bool:
    """Tell whether somebody arranges meetings: who speaks for the chair's seat, and the AI office."""
    return _is_office(actor) or _is_chair(actor, body)


def may_open(actor: Actor, body: Body) -> bool:
    """Tell whether somebody may preside: who speaks for the chair's seat, the AI office where nobody does."""
    return _is_chair(actor, body) or (_is_office(actor) and not (body.chair and speakers(body, body.chair)))


def _is_chair(actor: Actor, body: Body) -> bool:
    return body.chair is not None and any(one.person == actor.ref for one in speakers(body, body.chair))


def _is_office(actor: Actor) -> bool:
    return any(one.role == "ai_office" for one in actor.roles)


def need_lead(actor: Actor, body: Body) -> None:
    """Raise NotYourSeat when somebody does not arrange the meetings of a council."""
    need_person(actor, "arrange a meeting")
    if not leads(actor, body):
        not_led(body)


def not_led(body: Body) -> NoReturn:
    """Raise NotYourSeat, naming who does."""
    raise NotYourSeat(
        f"the chair of {body.slug} does this, or the AI office",
        hint="the page of the council says who sits in the chair",
        values={"rule": "council.chair", "council": body.slug},
    )


def led(session: Session, actor: Actor, meeting_id: str) -> tuple[Meeting, Body]:
    """A meeting locked for a change by who arranges it, with its council."""
    found, body = need(session, meeting_id)
    need_lead(actor, body)
    return found, body


def need(session: Session, meeting_id: str) -> tuple[Meeting, Body]:
    """A meeting locked for a change, with its council."""
    found = get_meeting(session, meeting_id, lock=True)
    return found, get_body(session, found.body)


def refuse(found: Meeting) -> NoReturn:
    """Raise StepRefused: it is not at that point."""
    raise StepRefused(f"{found.id} is {found.state.value}", values={"meeting": found.id, "state": found.state.value})


def items_of(session: Session, ids: Sequence[str]) -> list[Item]:
    """Read items in an order."""
    known = {one.id: one for one in store.list_items(session, ids=ids)}
    return [known[one] for one in ids if one in known]
