"""Rows of people."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.identity.entities import Person, Role
from headway.identity.tables import PersonRow, RoleRow, SessionRow, TokenRow
from headway.kernel import listing
from headway.kernel.ids import Ref
from headway.kernel.listing import NOTHING, Column, Found, Listing, ListQuery


def add_person(session: Session, *, id: str, name: str, email: str | None, at: datetime) -> bool:
    """Write a person without an account; False when id or mail address is taken."""
    row = {"id": id, "name": name, "email": email, "is_active": True, "created_at": at}
    made = insert(PersonRow).values(row).on_conflict_do_nothing().returning(PersonRow.id)
    return session.scalar(made) is not None


def get_person(session: Session, person_id: str) -> Person | None:
    """Read one person."""
    row = session.get(PersonRow, person_id, populate_existing=True)
    return person_of(row) if row else None


def people(session: Session, *, after: str | None, limit: int, within: frozenset[str] | None = None) -> list[Person]:
    """Read people in the order of their ids: everybody, or those who hold a role in one of the departments."""
    query = select(PersonRow).order_by(PersonRow.id).limit(limit)
    if after is not None:
        query = query.where(PersonRow.id > after)
    if within is not None:
        query = query.where(_holds(RoleRow.department.in_(sorted(within))))
    return [person_of(row) for row in session.scalars(query)]


def _holds(*held: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a person holds a role such as this."""
    own = RoleRow.principal == func.concat("person:", PersonRow.id)
    return exists().where(own, RoleRow.revoked_at.is_(None), *held)


_PEOPLE = Listing(
    columns={
        "name": Column(of=PersonRow.name, is_searched=True, filter="contains"),
        "email": Column(of=PersonRow.email, is_searched=True, filter="contains"),
        "id": Column(of=PersonRow.id, filter="exact"),
        "role": Column(
            of=PersonRow.id,
            is_sorted=False,
            choices=tuple(Role),
            where=lambda values: or_(_holds(RoleRow.role.in_(values)), *([~_holds()] if NOTHING in values else [])),
        ),
        "department": Column(
            of=PersonRow.id,
            is_sorted=False,
            where=lambda values: or_(
                _holds(RoleRow.department.in_(values)),
                *([_holds(RoleRow.department.is_(None))] if NOTHING in values else []),
            ),
        ),
        "active": Column(of=PersonRow.is_active, filter="exact", choices=("true", "false")),
        "account": Column(of=PersonRow.password_hash.is_not(None), filter="exact", choices=("true", "false")),
        "created_at": Column(of=PersonRow.created_at, filter="dates"),
    },
    key=(PersonRow.id,),
    sort="name",
    within=lambda departments: _holds(RoleRow.department.in_(sorted(departments))),
)


def find_people(session: Session, asked: ListQuery) -> Found[Person]:
    """Read the people asked for. A department's people are those who hold a role in it."""
    found = listing.find(session, select(PersonRow), _PEOPLE, asked)
    return listing.found_as(found, (person_of(row[0]) for row in found.items))


def everybody(session: Session) -> list[Person]:
    """Read all people."""
    return [person_of(row) for row in session.scalars(select(PersonRow).order_by(PersonRow.id))]


def rename_person(session: Session, person_id: str, name: str) -> None:
    """Change a person's name."""
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(name=name))


def account(session: Session, email: str) -> tuple[Person, str | None] | None:
    """Read the person with a mail address and the hash of their password."""
    row = session.scalars(select(PersonRow).where(PersonRow.email == email)).one_or_none()
    return (person_of(row), row.password_hash) if row else None


def password_hash(session: Session, person_id: str) -> str | None:
    """Read the hash of a person's password; None when they have none."""
    return session.scalar(select(PersonRow.password_hash).where(PersonRow.id == person_id))


def set_password(session: Session, person_id: str, password_hash: str) -> None:
    """Set the hash of a person's password."""
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(password_hash=password_hash))


def closed(session: Session, ids: Collection[str]) -> frozenset[str]:
    """Choose those whose account is closed."""
    query = select(PersonRow.id).where(PersonRow.id.in_(ids), PersonRow.is_active.is_(False))
    return frozenset(session.scalars(query)) if ids else frozenset()


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
