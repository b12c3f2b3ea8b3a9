"""Reminders: events that the notifications follow, each recorded once for what it is about and its time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance.council import conditions, reminders, store
from headway.governance.council.entities import ItemState
from headway.governance.council.meeting import MeetingState
from headway.governance.council.service.reading import get_item, ref, sponsor_of
from headway.governance.council.service.rhythm import ref as meeting_ref
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.ids import Ref


def remind_due(session: Session) -> int:
    """Tell of votes that end soon, of meetings tomorrow, of conditions that are due soon or are missed; gives how many.

    Each is told once for its time: one that gets more time is told again. Safe to repeat and to run in two processes at once.
    What nobody decides in time goes to the sponsor with ``settle_council``.
    """
    if not store.has_bodies(session):
        return 0
    now = clock.now()
    return _votes(session, now) + _conditions(session, now) + _meetings(session, now)


def _votes(session: Session, now: datetime) -> int:
    told = 0
    for one in store.list_items(session, states=[ItemState.open.value]):
        if reminders.is_closing(one, now):
            payload = {"usecase": one.usecase, "closes_at": one.closes_at, "requested_by": one.requested_by}
            told += _tell(session, "council.closing_soon", ref(one.id), one.closes_at, payload)
    return told


def _conditions(session: Session, now: datetime) -> int:
    told = 0
    for one in store.open_conditions(session):
        if one.due_at is None:
            continue
        payload: dict[str, object] = {"item": one.item, "usecase": one.usecase, "condition": one.id, "text": one.text}
        payload |= {"person": one.owner, "due_at": one.due_at}
        if reminders.is_near(one, now):
            told += _tell(session, "council.condition_near", ref(one.item), one.due_at, payload)
        if conditions.is_missed(one, now):
            payload |= {"sponsor": sponsor_of(session, get_item(session, one.item))}
            told += _tell(session, "council.condition_missed", ref(one.item), one.due_at, payload)
    return told


def _meetings(session: Session, now: datetime) -> int:
    told = 0
    between = (now, now + reminders.BEFORE_MEETING)
    for one in store.list_meetings(session, states=[MeetingState.planned], between=between):
        if reminders.is_next(one, now):
            payload = {"council": one.body, "starts_at": one.starts_at, "place": one.place}
            told += _tell(session, "council.meeting_near", meeting_ref(one.id), one.starts_at, payload)
    return told


def _tell(session: Session, type: str, subject: Ref, at: datetime, payload: dict[str, object]) -> int:
    about = payload.get("condition", subject.slug)
    if not store.mark_reminded(session, f"{type}:{about}:{clock.iso(at)}", clock.now()):
        return 0
    ledger.record(session, actor=SYSTEM, type=type, subject=subject, payload=payload)
    return 1
