"""Roles over HTTP."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from headway.identity import service
from headway.identity.entities import HeldRole, Role
from headway.identity.routes.fields import Created, Limit, Name
from headway.kernel.auth import Resource
from headway.kernel.ids import Ref
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, Permit, Tx

role_router = APIRouter(prefix="/roles", tags=["roles"])


class NewRole(BaseModel):
    """A role to grant; without department everywhere."""

    principal: Name
    role: Role
    department: str | None = None


@role_router.get("")
def list_roles(
    *,
    tx: Tx,
    permit: Permit,
    principal: str | None = None,
    role: Role | None = None,
    department: str | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[HeldRole]:
    """List who holds which role where."""
    permit("role:read", Resource(kind="role", id=role or "any", department=department))
    return service.list_roles(tx, principal=principal, role=role, department=department, limit=limit, cursor=cursor)


@role_router.post("", status_code=Created)
def grant_role(body: NewRole, tx: Tx, actor: CurrentActor, permit: Permit) -> HeldRole:
    """Give a person or service a role."""
    permit("role:grant", Resource(kind="role", id=body.role, department=body.department))
    return service.grant_role(
        tx, actor, principal=Ref.parse(body.principal), role=body.role, department=body.department
    )


@role_router.delete("/{role_id}")
def revoke_role(role_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> HeldRole:
    """Take a role back."""
    held = service.get_role(tx, role_id)
    permit("role:grant", Resource(kind="role", id=held.role, department=held.department))
    return service.revoke_role(tx, actor, role_id)
