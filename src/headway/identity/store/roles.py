"""Rows of roles held."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.identity.entities import ROOT, HeldRole, Role
from headway.identity.tables import PersonRow, RoleRow
from headway.kernel.auth import RoleGrant


def add_role(session: Session, role: HeldRole) -> bool:
    """Write a role; False when it is held already."""
    row = {
        "id": role.id,
        "principal": role.principal,
        "role": role.role.value,
        "department": role.department,
        "source": role.source,
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
    source: str | None = None,
    after: str | None = None,
    limit: int = 1000,
) -> list[HeldRole]:
    """Read the roles that are held."""
    query = select(RoleRow).where(RoleRow.revoked_at.is_(None)).order_by(RoleRow.id).limit(limit)
    for column, wanted in (
        (RoleRow.principal, principal),
        (RoleRow.role, role),
        (RoleRow.department, department),
        (RoleRow.source, source),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if after is not None:
        query = query.where(RoleRow.id > after)
    return [_role(row) for row in session.scalars(query)]


def roles_of_many(session: Session, principals: Collection[str]) -> list[HeldRole]:
    """Read the roles that some principals hold."""
    held = select(RoleRow).where(RoleRow.revoked_at.is_(None), RoleRow.principal.in_(sorted(principals)))
    return [_role(row) for row in session.scalars(held.order_by(RoleRow.id))]


def roles_in(session: Session, department: str | None, limit: int) -> list[HeldRole]:
    """Read the roles held in a department itself; None: those held everywhere."""
    query = select(RoleRow).where(RoleRow.revoked_at.is_(None), RoleRow.department.is_not_distinct_from(department))
    return [_role(row) for row in session.scalars(query.order_by(RoleRow.id).limit(limit))]


def count_holders(session: Session) -> dict[str | None, int]:
    """Count the active people who hold a role, by its department."""
    holder = RoleRow.principal == func.concat("person:", PersonRow.id)
    people = func.count(RoleRow.principal.distinct())
    query = select(RoleRow.department, people).join(PersonRow, holder).group_by(RoleRow.department)
    found = session.execute(query.where(RoleRow.revoked_at.is_(None), PersonRow.is_active))
    return dict(found.all())


def role_grants(session: Session, principal: str) -> tuple[RoleGrant, ...]:
    """Read what a principal holds, as actors carry it."""
    held = roles(session, principal=principal)
    return tuple(dict.fromkeys(RoleGrant(role=role.role.value, department=role.department) for role in held))


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


def _role(row: RoleRow) -> HeldRole:
    return HeldRole(
        id=row.id,
        principal=row.principal,
        role=Role(row.role),
        department=row.department,
        source=row.source,
        granted_by=row.granted_by,
        granted_at=row.granted_at,
    )
