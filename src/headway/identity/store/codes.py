"""Rows of one-time codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.identity.tables import CodeRow

CodePurpose = Literal["join", "sign-in"]


@dataclass(frozen=True, slots=True)
class UsedCode:
    """Whom a code was for (None: the set-up), and who made it."""

    person_id: str | None
    made_by: str | None


def add_code(
    session: Session,
    *,
    hash_: str,
    person_id: str | None,
    at: datetime,
    expires_at: datetime | None,
    purpose: CodePurpose = "join",
    made_by: str | None = None,
) -> None:
    """Write a one-time code for a person, or for the set-up; it takes the place of earlier unused ones of its purpose."""
    same = CodeRow.person_id == person_id if person_id else CodeRow.person_id.is_(None)
    session.execute(delete(CodeRow).where(same, CodeRow.purpose == purpose, CodeRow.used_at.is_(None)))
    row = {"hash": hash_, "person_id": person_id, "purpose": purpose, "made_by": made_by}
    session.execute(insert(CodeRow).values(row | {"created_at": at, "expires_at": expires_at}))


def use_code(session: Session, hash_: str, at: datetime, *, purpose: CodePurpose = "join") -> UsedCode | None:
    """Use up a code that is valid for this purpose; None when it is not."""
    usable = (
        CodeRow.hash == hash_,
        CodeRow.purpose == purpose,
        CodeRow.used_at.is_(None),
        or_(CodeRow.expires_at.is_(None), CodeRow.expires_at > at),
    )
    using = update(CodeRow).where(*usable).values(used_at=at).returning(CodeRow.person_id, CodeRow.made_by)
    used = session.execute(using).one_or_none()
    return UsedCode(*used) if used else None


def is_set_up(session: Session) -> bool:
    """Tell whether the one-time set-up was done."""
    used = select(CodeRow.hash).where(CodeRow.person_id.is_(None), CodeRow.used_at.is_not(None))
    return bool(session.scalar(select(exists(used))))
