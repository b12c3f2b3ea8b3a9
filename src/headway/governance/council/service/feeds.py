"""Calendars: a secret address for each person that gives their meetings and what they have to do by when."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance.council import calendar, store, voting
from headway.governance.council.calendar import Entry
from headway.governance.council.entities import Body, Condition, Item, ItemState
from headway.governance.council.errors import CalendarUnknown
from headway.governance.council.meeting import CalendarAddress, Meeting, MeetingState
from headway.governance.council.service.arranging import agenda_of
from headway.governance.council.service.leading import items_of
from headway.governance.council.service.reading import resource_of
from headway.governance.service import usecases
from headway.governance.service.people import need_person
from headway.kernel import clock
from headway.kernel.auth import Actor, Resource
from headway.kernel.ids import Ref

Allows = Callable[[Actor, str, Resource], bool]
SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")
KEPT: Final = timedelta(days=60)
"""So long past meetings stay in a calendar."""
FURTHEST: Final = timedelta(weeks=120)


def calendar_address(session: Session, actor: Actor) -> CalendarAddress:
    """Tell whether the asker's calendar has an address, and since when; the address itself was told when it was made."""
    return CalendarAddress(made_at=store.calendar_since(session, actor.ref), path=None)


def renew_calendar(session: Session, actor: Actor) -> CalendarAddress:
    """Make the address of the asker's calendar, or a new one; the one before opens nothing any more."""
    need_person(actor, "have a calendar")
    secret, now = secrets.token_urlsafe(32), clock.now()
    store.put_calendar(session, actor.ref, _digest(secret), now)
    ledger.record(session, actor=actor, type="council.calendar_made", subject=Ref.parse(actor.ref), payload={})
    return CalendarAddress(made_at=now, path=f"/calendars/{secret}.ics")


def end_calendar(session: Session, actor: Actor) -> CalendarAddress:
    """Take the address of the asker's calendar away; safe to repeat."""
    need_person(actor, "have a calendar")
    if store.end_calendar(session, actor.ref):
        ledger.record(session, actor=actor, type="council.calendar_ended", subject=Ref.parse(actor.ref), payload={})
    return CalendarAddress(made_at=None, path=None)


def read_calendar(session: Session, secret: str, *, allows: Allows, url: str) -> str:
    """Write the calendar that a secret opens. What its holder may not see is counted, never named.

    Args: url: of the pages, where what is due can be done.
    Raises: CalendarUnknown: the secret does not count, or who it was for is no longer active.
    """
    person = store.person_of_calendar(session, _digest(secret)) if SECRET.fullmatch(secret) else None
    known = identity.people_of(session, [person]) if person else {}
    if person is None or person not in known or not known[person].is_active:
        raise CalendarUnknown("this calendar has no such address", hint="make a new one on the page Council")
    actor = identity.get_actor(session, person)
    reader = _Reader(session, actor, allows, url.rstrip("/"))
    return calendar.ics(f"Headway: {known[person].name}", reader.entries())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class _Reader:
    """Gathers what somebody has to know of, as far as they may see it."""

    def __init__(self, session: Session, actor: Actor, allows: Allows, url: str) -> None:
        self.session, self.actor, self.allows, self.url = session, actor, allows, url
        self.now = clock.now()

    def entries(self) -> Iterator[Entry]:
        bodies = {one.slug: one for one in store.bodies(self.session) if self._is_of(one)}
        between = (self.now - KEPT, self.now + FURTHEST)
        found = store.list_meetings(self.session, bodies=bodies, between=between) if bodies else []
        for meeting in reversed(found):
            yield self._meeting(meeting, bodies[meeting.body])
        undecided = store.list_items(self.session, states=[ItemState.open.value])
        for item in reversed(undecided):
            if self._has_part(item) and self._may_see(item):
                yield self._item(item)
        for condition in store.open_conditions(self.session):
            if condition.owner == self.actor.ref:
                yield self._condition(condition)

    def _is_of(self, body: Body) -> bool:
        """Whether somebody sits in a council, speaks for a seat of it, or arranges it as the AI office."""
        here = Resource(kind="council", id=body.slug, department=body.department)
        if not self.allows(self.actor, "council:read", here):
            return False
        is_member = any(one.person == self.actor.ref and voting.is_member(one, self.now) for one in body.members)
        is_taker = any(one.taker == self.actor.ref and one.since <= self.now < one.until for one in body.delegations)
        return is_member or is_taker or any(one.role == "ai_office" for one in self.actor.roles)

    def _has_part(self, item: Item) -> bool:
        body = next(iter(store.bodies(self.session, [item.body])))
        cast = {one.seat for one in item.votes}
        return any(
            voice.person == self.actor.ref
            for seat in body.seats
            if seat not in cast
            for voice in voting.voices(body, item, seat, self.now)
        )

    def _may_see(self, item: Item) -> bool:
        return self.allows(self.actor, "council:read", resource_of(self.session, item))

    def _title(self, usecase: str) -> str:
        return usecases.get_usecase(self.session, usecase).title

    def _meeting(self, meeting: Meeting, body: Body) -> Entry:
        is_off = meeting.state is MeetingState.cancelled
        lines = [f"{meeting.reason}"] if meeting.reason else []
        if not is_off:
            lines += self._agenda(meeting)
        return Entry(
            uid=f"{meeting.id}@council.headway",
            sequence=meeting.sequence,
            summary=body.title,
            description="\n".join(lines),
            starts_at=meeting.starts_at,
            minutes=meeting.minutes_long,
            changed_at=meeting.changed_at,
            place=meeting.place,
            address=f"{self.url}/meetings/{meeting.id}",
            status="CANCELLED" if is_off else "CONFIRMED",
        )

    def _agenda(self, meeting: Meeting) -> list[str]:
        items = items_of(self.session, agenda_of(self.session, meeting))
        seen = [one for one in items if self._may_see(one)]
        lines = [f"{number}. {self._title(one.usecase)}" for number, one in enumerate(seen, 1)]
        hidden = len(items) - len(seen)
        return [*lines, *([f"+ {hidden}"] if hidden else [])]

    def _item(self, item: Item) -> Entry:
        """The last moment to vote. It only ever moves to later, so its day counts as the sequence."""
        return Entry(
            uid=f"{item.id}@council.headway",
            sequence=(item.closes_at - item.opened_at).days,
            summary=f"{self._title(item.usecase)}: vote",
            description="",
            starts_at=item.closes_at,
            minutes=0,
            changed_at=item.opened_at,
            address=f"{self.url}/council/{item.id}",
        )

    def _condition(self, condition: Condition) -> Entry:
        due = condition.due_at or self.now
        return Entry(
            uid=f"{condition.id}@council.headway",
            sequence=0,
            summary=f"{self._title(condition.usecase)}: {condition.text[:80]}",
            description=condition.text,
            starts_at=due,
            minutes=0,
            changed_at=due - timedelta(days=condition.days),
            address=f"{self.url}/council/{condition.item}",
        )
