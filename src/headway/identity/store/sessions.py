"""Rows of sessions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.identity.entities import Person, UserSession
from headway.identity.store.people import person_of
from headway.identity.store.tokens import USED_EVERY
from headway.identity.tables import PersonRow, SessionRow
from headway.kernel.ids import Ref

KEPT = timedelta(days=30)


def add_session(session: Session, made: UserSession, *, hash_: str) -> None:
    """Write a session; forget those of the same person that ended more than a month ago."""
    person_id = Ref.parse(made.person).slug
    old = SessionRow.person_id == person_id, SessionRow.expires_at < made.created_at - KEPT
    session.execute(delete(SessionRow).where(*old))
    session.execute(
        insert(SessionRow).values(
            id=made.id,
            hash=hash_,
            person_id=person_id,
            how=made.how,
            source=made.source,
            agent=made.agent,
            idle_minutes=made.idle_minutes,
            created_at=made.created_at,
            last_used_at=made.last_used_at,
            expires_at=made.ends_by,
        )
    )


def session_by_hash(session: Session, hash_: str) -> tuple[UserSession, Person] | None:
    """Read the session with this hash and whose it is."""
    query = select(SessionRow, PersonRow).join(PersonRow, PersonRow.id == SessionRow.person_id)
    row = session.execute(query.where(SessionRow.hash == hash_).execution_options(populate_existing=True)).one_or_none()
    return (_session(row[0]), person_of(row[1])) if row else None


def closed_hashes(session: Session, hashes: Collection[str], at: datetime) -> set[str]:
    """Of some hashes, those of sessions that have ended, or whose person is no longer active."""
    query = select(SessionRow.hash).join(PersonRow, PersonRow.id == SessionRow.person_id)
    ended = ~and_(*_is_open(at)) | PersonRow.is_active.is_(False)
    return set(session.scalars(query.where(SessionRow.hash.in_(hashes), ended)))


def get_session(session: Session, session_id: str) -> UserSession | None:
    """Read one session."""
    row = session.get(SessionRow, session_id, populate_existing=True)
    return _session(row) if row else None


def open_sessions(session: Session, person_id: str, at: datetime) -> list[UserSession]:
    """Read a person's sessions that have not ended, the one used last first."""
    query = select(SessionRow).where(SessionRow.person_id == person_id, *_is_open(at))
    ordered = query.order_by(SessionRow.last_used_at.desc(), SessionRow.id.desc())
    return [_session(row) for row in session.scalars(ordered.execution_options(populate_existing=True))]


def open_sessions_by(session: Session, how: str, at: datetime) -> list[UserSession]:
    """Read the sessions that were opened in one way and have not ended."""
    return [_session(row) for row in session.scalars(select(SessionRow).where(SessionRow.how == how, *_is_open(at)))]


def touch_session(session: Session, held: UserSession, at: datetime) -> datetime:
    """Note that a session was used, at most once a minute; returns the last use as it is written now."""
    if at - held.last_used_at < USED_EVERY:
        return held.last_used_at
    unseen = SessionRow.id == held.id, SessionRow.last_used_at <= at - USED_EVERY
    session.execute(update(SessionRow).where(*unseen).values(last_used_at=at))
    return at


def end_sessions(session: Session, session_ids: Sequence[str], at: datetime) -> None:
    """End sessions."""
    some = SessionRow.id.in_(session_ids), SessionRow.ended_at.is_(None)
    session.execute(update(SessionRow).where(*some).values(ended_at=at))


def _is_open(at: datetime) -> tuple[ColumnElement[bool], ...]:
    idle = func.make_interval(0, 0, 0, 0, 0, SessionRow.idle_minutes)
    return SessionRow.ended_at.is_(None), SessionRow.expires_at > at, SessionRow.last_used_at + idle > at


def _session(row: SessionRow) -> UserSession:
    return UserSession(
        id=row.id,
        person=str(Ref("person", row.person_id)),
        how=row.how,
        source=row.source,
        agent=row.agent,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        idle_minutes=row.idle_minutes,
        expires_at=min(row.expires_at, row.last_used_at + timedelta(minutes=row.idle_minutes)),
        ends_by=row.expires_at,
        ended_at=row.ended_at,
    )
