"""People over HTTP."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from headway.identity import service
from headway.identity.entities import EffectiveAccess, Invitation, Person
from headway.identity.routes.fields import Created, Limit, Name
from headway.kernel.auth import Resource
from headway.kernel.ids import Ref
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, Permit, Tx

person_router = APIRouter(prefix="/people", tags=["people"])


class NewPerson(BaseModel):
    """A person to add."""

    name: Name
    email: Name


@person_router.get("")
def list_people(tx: Tx, permit: Permit, limit: Limit = 50, cursor: str | None = None) -> Page[Person]:
    """List people."""
    permit("person:read", Resource(kind="person", id="any"))
    return service.list_people(tx, limit=limit, cursor=cursor)


@person_router.get("/{person_id}")
def show_person(person_id: str, tx: Tx, permit: Permit) -> Person:
    """Show one person."""
    permit("person:read", Resource(kind="person", id=person_id))
    return service.get_person(tx, person_id)


@person_router.get("/{person_id}/access")
def show_access(person_id: str, tx: Tx, permit: Permit) -> EffectiveAccess:
    """Show what a person may do in each department, by which rule, and the role that gives it."""
    ref = str(Ref("person", person_id))
    permit("access:read", Resource(kind="person", id=person_id, attributes={"owner": ref}))
    return service.effective_access(tx, ref)


@person_router.post("", status_code=Created)
def add_person(body: NewPerson, tx: Tx, actor: CurrentActor, permit: Permit) -> Invitation:
    """Add a person; the answer holds the code that lets them set a password, once."""
    permit("person:manage", Resource(kind="person", id="new"))
    return service.add_person(tx, actor, name=body.name, email=body.email)


@person_router.post("/{person_id}/invite")
def invite_person(person_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> Invitation:
    """Make a new one-time code for a person."""
    permit("person:manage", Resource(kind="person", id=person_id))
    return service.invite_person(tx, actor, person_id)


@person_router.post("/{person_id}/deactivate")
def deactivate_person(person_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> Person:
    """Close a person's account and revoke their tokens."""
    permit("person:manage", Resource(kind="person", id=person_id))
    return service.deactivate_person(tx, actor, person_id)
