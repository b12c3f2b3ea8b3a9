"""SQL on who watches what."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.collaboration.entities import Watch
from headway.collaboration.tables import WatchRow


def watch(session: Session, person: str, subject: str, at: datetime) -> None:
    """Let a person watch a thing; once is enough."""
    session.execute(insert(WatchRow).values(person=person, subject=subject, since=at).on_conflict_do_nothing())


def unwatch(session: Session, person: str, subject: str) -> None:
    """Let a person watch a thing no more."""
    session.execute(delete(WatchRow).where(WatchRow.person == person, WatchRow.subject == subject))


def is_watching(session: Session, person: str, subject: str) -> bool:
    """Tell whether a person watches a thing."""
    return session.get(WatchRow, (person, subject), populate_existing=True) is not None


def watchers(session: Session, subjects: Collection[str], at: datetime) -> list[str]:
    """Name who watches any of some things and did so already at a time."""
    query = select(WatchRow.person).where(WatchRow.subject.in_(subjects), WatchRow.since <= at)
    return list(session.scalars(query.distinct().order_by(WatchRow.person)))


def watched(session: Session, person: str, *, after: str | None, limit: int) -> list[Watch]:
    """Read what a person watches, by name."""
    query = select(WatchRow).where(WatchRow.person == person).order_by(WatchRow.subject).limit(limit)
    if after is not None:
        query = query.where(WatchRow.subject > after)
    return [Watch(subject=row.subject, since=row.since) for row in session.scalars(query)]
