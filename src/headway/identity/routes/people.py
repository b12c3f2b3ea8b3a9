"""People over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel

from headway.identity import service
from headway.identity.entities import EffectiveAccess, Invitation, Person, SignInLink
from headway.identity.routes.fields import Created, Limit, Name, Password
from headway.identity.routes.sessions import device_of, secret_of
from headway.kernel.auth import Resource
from headway.kernel.ids import Ref
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

person_router = APIRouter(prefix="/people", tags=["people"])


class NewPerson(BaseModel):
    """A person to add."""

    name: Name
    email: Name


class PasswordChange(BaseModel):
    """One's password, and the one to have instead."""

    old_password: Password
    new_password: Password


@person_router.get("")
def list_people(
    *, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit, limit: Limit = 50, cursor: str | None = None
) -> Page[Person]:
    """List people: those who hold a role where the caller may see people."""
    within = service.departments_where(here.authorizer, tx, actor, "person:read")
    if within is None or not within:
        permit("person:read", Resource(kind="person", id="any"))
    return service.list_people(tx, within=within, limit=limit, cursor=cursor)


@person_router.get("/{person_id}")
def show_person(person_id: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Person:
    """Show one person, who holds a role where the caller may see people."""
    if not service.sees_person(here.authorizer, tx, actor, person_id):
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


@person_router.post("/{person_id}/link", status_code=Created)
def make_link(person_id: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> SignInLink:
    """Make a link with which a person, named by id or mail address, signs in once, within 15 minutes."""
    permit("person:link", Resource(kind="person", id=person_id))
    return service.make_link(tx, actor, person_id, outside_url=here.settings.outside_url)


@person_router.post("/me/password")
def change_password(
    body: PasswordChange, request: Request, here: HereParts, actor: CurrentActor, permit: Permit
) -> Person:
    """Change one's own password; other sessions end."""
    permit("password:change", Resource(kind="person", id="me", attributes={"owner": actor.ref}))
    secret = secret_of(request)
    with service.attempt(here.database, source=device_of(request).source, account=actor.ref) as session:
        keep = service.find_session(session, secret).id if secret.startswith(service.SESSION_START) else None
        return service.change_password(session, actor, old=body.old_password, new=body.new_password, keep=keep)


@person_router.post("/{person_id}/deactivate")
def deactivate_person(person_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> Person:
    """Close a person's account and revoke their tokens."""
    permit("person:manage", Resource(kind="person", id=person_id))
    return service.deactivate_person(tx, actor, person_id)
