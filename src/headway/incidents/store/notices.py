"""SQL on drafts of notifications and on what was sent."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from headway.incidents.errors import UnknownNotice
from headway.incidents.notice import Draft, Notice, Sending
from headway.incidents.tables import NoticeRow, SendingRow

Kept = tuple[NoticeRow, SendingRow | None]


def add(session: Session, values: Mapping[str, object]) -> None:
    """Write a draft."""
    session.add(NoticeRow(**values))
    session.flush()


def add_sending(session: Session, values: Mapping[str, object]) -> None:
    """Write that it was sent."""
    session.add(SendingRow(**values))
    session.flush()


def of_incident(session: Session, incident: str) -> list[Kept]:
    """The drafts of an incident, the newest first, each with what was sent."""
    query = select(NoticeRow, SendingRow).outerjoin(SendingRow, SendingRow.notice == NoticeRow.id)
    rows = session.execute(query.where(NoticeRow.incident == incident).order_by(NoticeRow.id.desc()))
    return [(row, sent) for row, sent in rows]


def need(session: Session, incident: str, notice: str) -> Kept:
    """One draft of an incident; raises UnknownNotice."""
    row = session.get(NoticeRow, notice)
    if row is None or row.incident != incident:
        raise UnknownNotice(f"{incident} has no draft {notice!r}", hint=f"see 'headway incident notices {incident}'")
    return row, session.get(SendingRow, notice)


def notice_of(kept: Kept, current: str | None) -> Notice:
    """Make the entity of the rows; ``current`` is the digest of what the records say now."""
    row, sent = kept
    return Notice(
        id=row.id,
        incident=row.incident,
        clock=row.clock,
        number=row.number,
        draft=msgspec.convert(row.body, Draft),
        digest=row.digest,
        made_by=row.made_by,
        made_at=row.made_at,
        is_current=row.digest == current,
        sending=None
        if sent is None
        else Sending(
            sent_at=sent.sent_at,
            to=sent.recipient,
            reference=sent.reference,
            file=sent.file,
            file_digest=sent.file_digest,
            noted_by=sent.noted_by,
            noted_at=sent.noted_at,
        ),
    )
