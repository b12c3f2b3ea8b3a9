"""Rows of people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.identity.entities import Person
from headway.identity.tables import PersonRow, SessionRow, TokenRow
from headway.kernel.ids import Ref


def add_person(session: Session, *, id: str, name: str, email: str | None, at: datetime) -> bool:
    """Write a person without an account; False when id or mail address is taken."""
    row = {"id": id, "name": name, "email": email, "is_active": True, "created_at": at}
    made = insert(PersonRow).values(row).on_conflict_do_nothing().returning(PersonRow.id)
    return session.scalar(made) is not None


def get_person(session: Session, person_id: str) -> Person | None:
    """Read one person."""
    row = session.get(PersonRow, person_id, populate_existing=True)
    return person_of(row) if row else None


def people(session: Session, *, after: str | None, limit: int) -> list[Person]:
    """Read people in the order of their ids."""
    query = select(PersonRow).order_by(PersonRow.id).limit(limit)
    if after is not None:
        query = query.where(PersonRow.id > after)
    return [person_of(row) for row in session.scalars(query)]


def account(session: Session, email: str) -> tuple[Person, str | None] | None:
    """Read the person with a mail address and the hash of their password."""
    row = session.scalars(select(PersonRow).where(PersonRow.email == email)).one_or_none()
    return (person_of(row), row.password_hash) if row else None


def set_password(session: Session, person_id: str, password_hash: str) -> None:
    """Set the hash of a person's password."""
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(password_hash=password_hash))


def deactivate(session: Session, person_id: str, at: datetime) -> None:
    """Close a person's account, revoke all their tokens and end all their sessions."""
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(is_active=False, password_hash=None))
    owned = TokenRow.owner == f"person:{person_id}", TokenRow.revoked_at.is_(None)
    session.execute(update(TokenRow).where(*owned).values(revoked_at=at))
    theirs = SessionRow.person_id == person_id, SessionRow.ended_at.is_(None)
    session.execute(update(SessionRow).where(*theirs).values(ended_at=at))


def person_of(row: PersonRow) -> Person:
    """Make a person of their row."""
    return Person(
        id=row.id,
        ref=str(Ref("person", row.id)),
        name=row.name,
        email=row.email,
        is_active=row.is_active,
        has_account=row.password_hash is not None,
        created_at=row.created_at,
    )
