"""All SQL of identity: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import delete, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.identity.entities import ROOT, Department, HeldRole, NewToken, Person, Role, Token
from headway.identity.tables import CodeRow, DepartmentRow, FailureRow, PersonRow, RoleRow, TokenRow
from headway.kernel.auth import RoleGrant
from headway.kernel.ids import Ref

USED_EVERY = timedelta(minutes=1)


def lock(session: Session, name: str) -> None:
    """Wait until no other transaction holds the lock of this name."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def add_department(session: Session, *, slug: str, name: str, parent: str, region: str | None, at: datetime) -> bool:
    """Write a department; False when the slug is taken."""
    row = {"slug": slug, "name": name, "parent": parent, "region": region, "created_at": at}
    made = insert(DepartmentRow).values(row).on_conflict_do_nothing().returning(DepartmentRow.slug)
    return session.scalar(made) is not None


def update_department(session: Session, slug: str, *, name: str, region: str | None) -> None:
    """Change name and region."""
    session.execute(update(DepartmentRow).where(DepartmentRow.slug == slug).values(name=name, region=region))


def departments(session: Session) -> dict[str, Department]:
    """Read all departments by slug; a region is the nearest one upwards."""
    rows = {row.slug: row for row in session.scalars(select(DepartmentRow).order_by(DepartmentRow.slug))}

    def region(slug: str | None) -> str | None:
        while slug is not None:
            if rows[slug].region is not None:
                return rows[slug].region
            slug = rows[slug].parent
        return None

    return {
        row.slug: Department(slug=row.slug, name=row.name, parent=row.parent, region=region(row.slug))
        for row in rows.values()
    }


def parents(session: Session) -> dict[str, str | None]:
    """Read the tree: the parent of each department."""
    rows = session.execute(select(DepartmentRow.slug, DepartmentRow.parent)).all()
    return {row.slug: row.parent for row in rows}


def add_person(session: Session, *, id: str, name: str, email: str | None, at: datetime) -> bool:
    """Write a person without an account; False when id or mail address is taken."""
    row = {"id": id, "name": name, "email": email, "is_active": True, "created_at": at}
    made = insert(PersonRow).values(row).on_conflict_do_nothing().returning(PersonRow.id)
    return session.scalar(made) is not None


def get_person(session: Session, person_id: str) -> Person | None:
    """Read one person."""
    row = session.get(PersonRow, person_id, populate_existing=True)
    return _person(row) if row else None


def people(session: Session, *, after: str | None, limit: int) -> list[Person]:
    """Read people in the order of their ids."""
    query = select(PersonRow).order_by(PersonRow.id).limit(limit)
    if after is not None:
        query = query.where(PersonRow.id > after)
    return [_person(row) for row in session.scalars(query)]


def account(session: Session, email: str) -> tuple[Person, str | None] | None:
    """Read the person with a mail address and the hash of their password."""
    row = session.scalars(select(PersonRow).where(PersonRow.email == email)).one_or_none()
    return (_person(row), row.password_hash) if row else None


def set_password(session: Session, person_id: str, password_hash: str) -> None:
    """Set the hash of a person's password."""
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(password_hash=password_hash))


def deactivate(session: Session, person_id: str, at: datetime) -> None:
    """Close a person's account and revoke all their tokens."""
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(is_active=False, password_hash=None))
    owned = TokenRow.owner == f"person:{person_id}", TokenRow.revoked_at.is_(None)
    session.execute(update(TokenRow).where(*owned).values(revoked_at=at))


def add_role(session: Session, role: HeldRole) -> bool:
    """Write a role; False when it is held already."""
    row = {
        "id": role.id,
        "principal": role.principal,
        "role": role.role.value,
        "department": role.department,
        "granted_by": role.granted_by,
        "granted_at": role.granted_at,
    }
    return session.scalar(insert(RoleRow).values(row).on_conflict_do_nothing().returning(RoleRow.id)) is not None


def revoke_role(session: Session, role_id: str, at: datetime) -> None:
    """End a role."""
    session.execute(update(RoleRow).where(RoleRow.id == role_id).values(revoked_at=at))


def get_role(session: Session, role_id: str) -> HeldRole | None:
    """Read one role that is held."""
    query = select(RoleRow).where(RoleRow.id == role_id, RoleRow.revoked_at.is_(None))
    row = session.scalars(query).one_or_none()
    return _role(row) if row else None


def roles(
    session: Session,
    *,
    principal: str | None = None,
    role: Role | None = None,
    department: str | None = None,
    after: str | None = None,
    limit: int = 1000,
) -> list[HeldRole]:
    """Read the roles that are held."""
    query = select(RoleRow).where(RoleRow.revoked_at.is_(None)).order_by(RoleRow.id).limit(limit)
    for column, wanted in ((RoleRow.principal, principal), (RoleRow.role, role), (RoleRow.department, department)):
        if wanted is not None:
            query = query.where(column == wanted)
    if after is not None:
        query = query.where(RoleRow.id > after)
    return [_role(row) for row in session.scalars(query)]


def role_grants(session: Session, principal: str) -> tuple[RoleGrant, ...]:
    """Read what a principal holds, as actors carry it."""
    held = roles(session, principal=principal)
    return tuple(RoleGrant(role=role.role.value, department=role.department) for role in held)


def others_in_ai_office(session: Session, principal: str, role_id: str | None) -> bool:
    """Tell whether an active person holds the AI office everywhere beside this principal, or by another role entry."""
    holder = RoleRow.principal == func.concat("person:", PersonRow.id)
    query = select(RoleRow.id).where(
        holder,
        PersonRow.is_active,
        RoleRow.role == Role.ai_office.value,
        RoleRow.revoked_at.is_(None),
        or_(RoleRow.department.is_(None), RoleRow.department == ROOT),
    )
    query = query.where(RoleRow.id != role_id) if role_id else query.where(RoleRow.principal != principal)
    return bool(session.scalar(select(exists(query))))


def add_token(
    session: Session, token: NewToken, *, prefix: str, kind: Literal["api", "session"], created_by: str, at: datetime
) -> None:
    """Write a token, without its secret."""
    session.execute(
        insert(TokenRow).values(
            id=token.id,
            hash=token.hash,
            prefix=prefix,
            name=token.name,
            owner=token.owner,
            kind=kind,
            scopes=None if token.scopes is None else list(token.scopes),
            created_by=created_by,
            created_at=at,
            expires_at=token.expires_at,
        )
    )


def token_by_hash(session: Session, hash_: str) -> Token | None:
    """Read the token with this hash."""
    row = session.scalars(select(TokenRow).where(TokenRow.hash == hash_)).one_or_none()
    return _token(row) if row else None


def dead_hashes(session: Session, hashes: Collection[str], now: datetime) -> set[str]:
    """Of some hashes, those whose token was revoked or has expired, or whose owner is no longer active."""
    ended = TokenRow.revoked_at.is_not(None) | (TokenRow.expires_at <= now) | PersonRow.is_active.is_(False)
    query = (
        select(TokenRow.hash)
        .outerjoin(PersonRow, TokenRow.owner == literal("person:") + PersonRow.id)
        .where(TokenRow.hash.in_(hashes), ended)
    )
    return set(session.scalars(query))


def get_token(session: Session, token_id: str) -> Token | None:
    """Read one token."""
    row = session.get(TokenRow, token_id, populate_existing=True)
    return _token(row) if row else None


def tokens(session: Session, *, owner: str | None, after: str | None, limit: int) -> list[Token]:
    """Read tokens, newest first."""
    query = select(TokenRow).order_by(TokenRow.id.desc()).limit(limit)
    if owner is not None:
        query = query.where(TokenRow.owner == owner)
    if after is not None:
        query = query.where(TokenRow.id < after)
    return [_token(row) for row in session.scalars(query)]


def touch_token(session: Session, token: Token, at: datetime) -> None:
    """Note that a token was used, at most once a minute."""
    if token.last_used_at is None or at - token.last_used_at >= USED_EVERY:
        unseen = or_(TokenRow.last_used_at.is_(None), TokenRow.last_used_at <= at - USED_EVERY)
        session.execute(update(TokenRow).where(TokenRow.id == token.id, unseen).values(last_used_at=at))


def revoke_token(session: Session, token_id: str, at: datetime) -> None:
    """End a token."""
    session.execute(update(TokenRow).where(TokenRow.id == token_id).values(revoked_at=at))


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


def add_failure(session: Session, keys: Sequence[str], at: datetime) -> None:
    """Note a failed attempt; forget those of more than a day ago."""
    session.execute(insert(FailureRow), [{"key": key, "at": at} for key in keys])
    session.execute(delete(FailureRow).where(FailureRow.key.in_(keys), FailureRow.at < at - timedelta(days=1)))


def count_failures(session: Session, key: str, since: datetime) -> int:
    """Count failed attempts."""
    query = select(func.count()).select_from(FailureRow).where(FailureRow.key == key, FailureRow.at > since)
    return session.scalar(query) or 0


def clear_failures(session: Session, key: str) -> None:
    """Forget failed attempts after a good one."""
    session.execute(delete(FailureRow).where(FailureRow.key == key))


def _person(row: PersonRow) -> Person:
    return Person(
        id=row.id,
        ref=str(Ref("person", row.id)),
        name=row.name,
        email=row.email,
        is_active=row.is_active,
        has_account=row.password_hash is not None,
        created_at=row.created_at,
    )


def _role(row: RoleRow) -> HeldRole:
    return HeldRole(
        id=row.id,
        principal=row.principal,
        role=Role(row.role),
        department=row.department,
        granted_by=row.granted_by,
        granted_at=row.granted_at,
    )


def _token(row: TokenRow) -> Token:
    return Token(
        id=row.id,
        prefix=row.prefix,
        name=row.name,
        owner=row.owner,
        kind=cast(Literal["api", "session"], row.kind),
        scopes=None if row.scopes is None else tuple(row.scopes),
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
