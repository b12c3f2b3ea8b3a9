"""Rows of one-time codes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.identity.tables import CodeRow


def add_code(session: Session, *, hash_: str, person_id: str | None, at: datetime, expires_at: datetime | None) -> None:
    """Write a one-time code for a person, or for the set-up; it takes the place of earlier unused ones."""
    same = CodeRow.person_id == person_id if person_id else CodeRow.person_id.is_(None)
    session.execute(delete(CodeRow).where(same, CodeRow.used_at.is_(None)))
    session.execute(insert(CodeRow).values(hash=hash_, person_id=person_id, created_at=at, expires_at=expires_at))


def use_code(session: Session, hash_: str, at: datetime) -> tuple[str | None] | None:
    """Use up a code that is valid; returns the person it is for (None for the set-up), or None when it is not valid."""
    usable = (
        CodeRow.hash == hash_,
        CodeRow.used_at.is_(None),
        or_(CodeRow.expires_at.is_(None), CodeRow.expires_at > at),
    )
    used = session.execute(update(CodeRow).where(*usable).values(used_at=at).returning(CodeRow.person_id)).one_or_none()
    return (used[0],) if used else None


def is_set_up(session: Session) -> bool:
    """Tell whether the one-time set-up was done."""
    used = select(CodeRow.hash).where(CodeRow.person_id.is_(None), CodeRow.used_at.is_not(None))
    return bool(session.scalar(select(exists(used))))
