"""SQL on clocks and on files of clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from headway.incidents import clockfile
from headway.incidents.entities import Answer, Clock, ClockSet, ClockState, Confidence, MetBy, Reading
from headway.incidents.errors import UnknownClock
from headway.incidents.tables import ClockRow, ClockSetRow


def clock_rows(session: Session, incident: str, *, lock: bool = False) -> dict[str, ClockRow]:
    """The clocks of an incident as rows, for those who write them."""
    query = select(ClockRow).where(ClockRow.incident == incident).order_by(ClockRow.id)
    return {row.id: row for row in session.scalars(query.with_for_update() if lock else query)}


def add_clock(session: Session, incident: str, reading: Reading) -> ClockRow:
    """Write a clock that starts."""
    row = ClockRow(incident=incident, id=reading.rule.id, state=ClockState.running.value)
    read_anew(row, reading)
    session.add(row)
    session.flush()
    return row


def read_anew(row: ClockRow, reading: Reading) -> None:
    """Write what the rule says now into a clock's row."""
    row.set_name, row.set_digest = reading.set, reading.set_digest
    row.rule = msgspec.to_builtins(reading.rule)
    row.answer, row.why, row.missing = reading.answer.value, reading.why, list(reading.missing)
    row.since, row.until = reading.since, reading.until


def clocks_of(session: Session, incident: str, at: datetime) -> list[Clock]:
    """The clocks of an incident: those that run first, by their end."""
    query = select(ClockRow).where(ClockRow.incident == incident)
    rows = sorted(session.scalars(query), key=lambda row: (row.state != "running", row.until, row.id))
    return [clock_of(row, at) for row in rows]


def need_clock(session: Session, incident: str, clock: str) -> ClockRow:
    """A clock's row, locked; raises UnknownClock."""
    row = session.get(ClockRow, (incident, clock), with_for_update=True, populate_existing=True)
    if row is None:
        raise UnknownClock(f"{incident} has no clock {clock!r}")
    return row


def running(session: Session, *, until: datetime | None = None) -> list[ClockRow]:
    """The clocks that run, by their end; those that end before a time."""
    query = select(ClockRow).where(ClockRow.state == "running").order_by(ClockRow.until, ClockRow.incident, ClockRow.id)
    return list(session.scalars(query if until is None else query.where(ClockRow.until < until)))


def clock_of(row: ClockRow, at: datetime) -> Clock:
    """Make the entity of a row."""
    rule: Mapping[str, Any] = row.rule
    return Clock(
        id=row.id,
        incident=row.incident,
        title=rule["title"],
        source=rule["source"],
        confidence=cast(Confidence, rule["confidence"]),
        jurisdiction=rule["jurisdiction"],
        met_by=cast(MetBy, rule["met_by"]),
        to=rule["to"],
        note=rule["note"],
        set=row.set_name,
        set_digest=row.set_digest,
        state=ClockState(row.state),
        answer=Answer(row.answer),
        why=row.why,
        missing=tuple(row.missing),
        since=row.since,
        until=row.until,
        is_late=row.state == "running" and row.until < at,
        settled_by=row.settled_by,
        settled_at=row.settled_at,
        reason=row.reason,
    )


def add_set(session: Session, kept: ClockSet, body: object) -> None:
    """Write a file of clocks that was published."""
    number = session.scalar(select(func.coalesce(func.max(ClockSetRow.number), 0))) or 0
    values = {"id": kept.id, "version": kept.version, "digest": kept.digest, "published_by": kept.published_by}
    row = ClockSetRow(number=number + 1, body=cast(dict[str, object], body), published_at=kept.published_at, **values)
    session.add(row)
    session.flush()


def published_sets(session: Session) -> list[ClockSet]:
    """Every file of clocks that was published here, the newest first."""
    rows = session.scalars(select(ClockSetRow).order_by(ClockSetRow.number.desc()))
    return [clockfile.read(row.body, published_by=row.published_by, published_at=row.published_at) for row in rows]
