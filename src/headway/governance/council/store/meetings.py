"""SQL of meetings, who is there, their minutes, calendars and reminders: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.governance.council.entities import Capacity
from headway.governance.council.meeting import Attendee, Meeting, MeetingState, Minutes
from headway.governance.council.store.items import children
from headway.governance.council.tables import (
    AttendanceRow,
    BodyRow,
    CalendarRow,
    MeetingRow,
    MinutesRow,
    ReminderRow,
)


def get_meeting(session: Session, meeting_id: str, *, lock: bool = False) -> Meeting | None:
    """Read a meeting; ``lock`` makes others that would change it wait."""
    row = session.get(MeetingRow, meeting_id, with_for_update=lock or None, populate_existing=True)
    return _meetings(session, [row])[0] if row else None


def list_meetings(
    session: Session,
    *,
    bodies: Collection[str] | None = None,
    states: Collection[MeetingState] | None = None,
    between: tuple[datetime, datetime] | None = None,
    before: str | None = None,
    limit: int = 1000,
) -> list[Meeting]:
    """Read meetings, the latest first. Args: between: their time, from and until; before: id that the page before ended with."""
    query = select(MeetingRow).order_by(MeetingRow.starts_at.desc(), MeetingRow.id.desc()).limit(limit)
    if bodies is not None:
        query = query.where(MeetingRow.body.in_(sorted(bodies)))
    if states is not None:
        query = query.where(MeetingRow.state.in_(sorted(one.value for one in states)))
    if between is not None:
        query = query.where(MeetingRow.starts_at >= between[0], MeetingRow.starts_at < between[1])
    if before is not None:
        last = session.get(MeetingRow, before)
        if last is not None:
            query = query.where(
                (MeetingRow.starts_at < last.starts_at)
                | ((MeetingRow.starts_at == last.starts_at) & (MeetingRow.id < last.id))
            )
    return _meetings(session, session.scalars(query))


def slots_of(session: Session, body: str) -> frozenset[datetime]:
    """Name the times of a rhythm for which a meeting was planned, whatever became of it."""
    query = select(MeetingRow.slot).where(MeetingRow.body == body, MeetingRow.slot.is_not(None))
    return frozenset(one for one in session.scalars(query) if one is not None)


def rhythmic(session: Session) -> list[str]:
    """Name the councils in force that have a rhythm; those that another transaction plans are left to it."""
    query = select(BodyRow.slug).where(BodyRow.ended_at.is_(None), BodyRow.every_weeks.is_not(None))
    return list(session.scalars(query.order_by(BodyRow.slug).with_for_update(skip_locked=True)))


def change_meeting(session: Session, meeting_id: str, values: Mapping[str, object]) -> None:
    """Write what became of a meeting."""
    row = session.get_one(MeetingRow, meeting_id)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def meeting_for(session: Session, item_id: str, person: str) -> str | None:
    """Find the open meeting in which somebody is and on whose agenda an item is."""
    query = (
        select(MeetingRow.id)
        .join(AttendanceRow, AttendanceRow.meeting == MeetingRow.id)
        .where(
            MeetingRow.state == MeetingState.open.value,
            MeetingRow.agenda.contains([item_id]),
            AttendanceRow.person == person,
        )
    )
    return session.scalars(query.limit(1)).first()


# --- minutes -----------------------------------------------------------------------------------------------------


def approve_minutes(session: Session, meeting_id: str, number: int, by: str, at: datetime) -> None:
    """Write who approved minutes."""
    row = session.get_one(MinutesRow, (meeting_id, number))
    row.approved_by, row.approved_at = by, at
    session.flush()


# --- calendars and reminders -------------------------------------------------------------------------------------


def put_calendar(session: Session, person: str, secret_digest: str, at: datetime) -> None:
    """Write the secret of somebody's calendar; the one before no longer counts."""
    values = {"secret_digest": secret_digest, "made_at": at}
    asked = insert(CalendarRow).values(person=person, **values)
    session.execute(asked.on_conflict_do_update(index_elements=[CalendarRow.person], set_=values))


def calendar_since(session: Session, person: str) -> datetime | None:
    """Say since when somebody's calendar has its address; None when it has none."""
    return session.scalar(select(CalendarRow.made_at).where(CalendarRow.person == person))


def end_calendar(session: Session, person: str) -> bool:
    """Take the address of somebody's calendar away; tells whether there was one."""
    row = session.get(CalendarRow, person)
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def person_of_calendar(session: Session, secret_digest: str) -> str | None:
    """Find whose calendar a secret opens."""
    return session.scalar(select(CalendarRow.person).where(CalendarRow.secret_digest == secret_digest))


def mark_reminded(session: Session, mark: str, at: datetime) -> bool:
    """Note that people are reminded of something; tells whether it is the first time."""
    asked = insert(ReminderRow).values(mark=mark, at=at).on_conflict_do_nothing()
    return bool(session.execute(asked.returning(text("mark"))).first())


def count_minutes(session: Session, meeting_id: str) -> int:
    """Count how often the minutes of a meeting were written."""
    query = select(func.count()).select_from(MinutesRow).where(MinutesRow.meeting == meeting_id)
    return session.scalar(query) or 0


# --- rows and entities -------------------------------------------------------------------------------------------


def _meetings(session: Session, rows: Iterable[MeetingRow]) -> list[Meeting]:
    listed = list(rows)
    ids = [row.id for row in listed]
    there = children(session, AttendanceRow, AttendanceRow.meeting, ids, AttendanceRow.at)
    written = children(session, MinutesRow, MinutesRow.meeting, ids, MinutesRow.made_at)
    return [_meeting(row, there.get(row.id, ()), written.get(row.id, ())) for row in listed]


def _meeting(row: MeetingRow, there: Iterable[AttendanceRow], written: Iterable[MinutesRow]) -> Meeting:
    return Meeting(
        id=row.id,
        body=row.body,
        slot=row.slot,
        starts_at=row.starts_at,
        minutes_long=row.minutes_long,
        place=row.place,
        state=MeetingState(row.state),
        sequence=row.sequence,
        agenda=tuple(row.agenda),
        struck=dict(row.struck),
        reason=row.reason,
        chair=row.chair,
        seats=tuple(row.seats),
        quorum=row.quorum,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        changed_at=row.changed_at,
        attendance=tuple(_attendee(one) for one in there),
        minutes=tuple(_minutes(one) for one in sorted(written, key=lambda one: one.number)),
    )


def _attendee(row: AttendanceRow) -> Attendee:
    capacity = Capacity(row.capacity) if row.capacity else None
    return Attendee(person=row.person, seat=row.seat, capacity=capacity, noted_by=row.noted_by, at=row.at)


def _minutes(row: MinutesRow) -> Minutes:
    return Minutes(
        meeting=row.meeting,
        number=row.number,
        locale=row.locale,
        pdf=row.pdf,
        docx=row.docx,
        content=row.content,
        made_by=row.made_by,
        made_at=row.made_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
    )
