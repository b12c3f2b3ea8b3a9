"""Roles: who answers for what, where."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from headway import ledger
from headway.identity import store
from headway.identity.entities import ROOT, HeldRole, Role
from headway.identity.errors import LastAiOffice, PersonNotFound, RoleNotFound
from headway.identity.service.departments import get_department
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor, RoleGrant
from headway.kernel.errors import Conflict, Invalid
from headway.kernel.ids import Ref, new_id
from headway.kernel.paging import MAX_LIMIT, Page

BY_HAND = "hand"


def grant_role(
    session: Session,
    actor: Actor,
    *,
    principal: Ref,
    role: Role,
    department: str | None = None,
    source: str = BY_HAND,
) -> HeldRole:
    """Give a person or service a role in a department and all below it; without department everywhere.

    Args: source: where it comes from. What is given by hand and by a provider is held twice, and ends separately.
    Raises: PersonNotFound, DepartmentNotFound, Invalid: not a principal; Conflict: the person is not active.
    """
    _check_principal(session, principal)
    where = None if department in (None, ROOT) else get_department(session, str(department)).slug
    held = HeldRole(
        id=new_id("rol"),
        principal=str(principal),
        role=role,
        department=where,
        source=source,
        granted_by=actor.ref,
        granted_at=clock.now(),
    )
    if store.add_role(session, held):
        _record(session, actor, "role.granted", held)
    return next(
        found
        for found in store.roles(session, principal=str(principal), role=role, source=source)
        if found.department == where
    )


def revoke_role(session: Session, actor: Actor, role_id: str) -> HeldRole:
    """Take a role back. Raises: RoleNotFound; LastAiOffice: nobody else would hold the AI office."""
    held = get_role(session, role_id)
    if held.role is Role.ai_office and held.department is None:
        store.lock(session, "identity.ai_office")
        if not store.others_in_ai_office(session, held.principal, role_id):
            raise LastAiOffice("nobody else holds the AI office", hint="grant it to somebody else first")
    store.revoke_role(session, role_id, clock.now())
    _record(session, actor, "role.revoked", held)
    return held


def get_role(session: Session, role_id: str) -> HeldRole:
    """Read one role that is held; raises RoleNotFound."""
    held = store.get_role(session, role_id)
    if held is None:
        raise RoleNotFound(f"no role that is held has the id {role_id}")
    return held


def list_roles(
    session: Session,
    *,
    principal: str | None = None,
    role: Role | None = None,
    department: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[HeldRole]:
    """Read the roles that are held."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.roles(session, principal=principal, role=role, department=department, after=cursor, limit=limit + 1)
    return Page(items=tuple(found[:limit]), next=found[limit - 1].id if len(found) > limit else None)


def roles_of(session: Session, principal: str) -> tuple[RoleGrant, ...]:
    """Read what a principal holds, in the form that actors carry."""
    return store.role_grants(session, principal)


def held_by(session: Session, principals: Collection[str]) -> Mapping[str, tuple[HeldRole, ...]]:
    """Read what principals hold, each with where it comes from; whoever holds nothing is left out."""
    found: dict[str, list[HeldRole]] = {}
    for held in store.roles_of_many(session, principals):
        found.setdefault(held.principal, []).append(held)
    return {principal: tuple(held) for principal, held in found.items()}


def held_in(session: Session, department: str) -> tuple[HeldRole, ...]:
    """Read the roles held in a department itself, not those that reach it from above: the first 1,000."""
    return tuple(store.roles_in(session, None if department == ROOT else department, MAX_LIMIT))


def count_holders(session: Session) -> Mapping[str, int]:
    """Count the active people who hold a role in each department itself; everywhere counts as the root."""
    return {department or ROOT: count for department, count in store.count_holders(session).items()}


def get_actor(session: Session, principal: str) -> Actor:
    """Read a principal as an actor with roles, as if they asked with an unscoped token; raises PersonNotFound."""
    ref = Ref.parse(principal)
    name = ref.slug
    if ref.kind == "person":
        person = store.get_person(session, ref.slug)
        if person is None:
            raise PersonNotFound(f"there is no person {ref.slug}")
        name = person.name
    roles, narrowing = store.role_grants(session, principal), store.narrowing_version(session)
    return Actor(ref=principal, name=name, roles=roles, narrowing=narrowing)


def _check_principal(session: Session, principal: Ref) -> None:
    if principal.kind not in ("person", "service") or principal.mark is not None or str(principal) == SYSTEM.ref:
        raise Invalid(f"{principal} cannot hold a role", hint="write person:ID or service:NAME")
    if principal.kind == "service":
        return
    person = store.get_person(session, principal.slug)
    if person is None:
        raise PersonNotFound(f"there is no person {principal.slug}", hint="see 'headway person list'")
    if not person.is_active:
        raise Conflict(f"{person.name} is not active")


def _record(session: Session, actor: Actor, type_: str, held: HeldRole) -> None:
    ledger.record(
        session,
        actor=actor,
        type=type_,
        subject=Ref.parse(held.principal),
        payload={"role": held.role, "department": held.department, "source": held.source, "id": held.id},
    )
