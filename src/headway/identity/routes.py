"""Identity over HTTP: set-up, sessions, departments, people, roles, tokens, and why something is allowed or not."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, status
from pydantic import BaseModel, Field

from headway.identity import service
from headway.identity.adapters import CedarAuthorizer
from headway.identity.entities import (
    ROOT,
    Department,
    Explanation,
    HeldRole,
    Invitation,
    NewToken,
    Person,
    Role,
    Token,
    WhoAmI,
)
from headway.identity.errors import SignInFailed
from headway.kernel.auth import Resource
from headway.kernel.ids import Ref
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Password = Annotated[str, Field(max_length=256)]
Code = Annotated[str, Field(max_length=64)]
Created = status.HTTP_201_CREATED

setup_router = APIRouter(prefix="/setup", tags=["sessions"])
session_router = APIRouter(prefix="/sessions", tags=["sessions"])
department_router = APIRouter(prefix="/departments", tags=["departments"])
person_router = APIRouter(prefix="/people", tags=["people"])
role_router = APIRouter(prefix="/roles", tags=["roles"])
token_router = APIRouter(prefix="/tokens", tags=["tokens"])
me_router = APIRouter(tags=["permissions"])
routers = (
    setup_router,
    session_router,
    department_router,
    person_router,
    role_router,
    token_router,
    me_router,
)


class SetUp(BaseModel):
    """The first person of the AI office."""

    code: Code
    name: Name
    email: Name
    password: Password


class SignIn(BaseModel):
    """Mail address and password."""

    email: Name
    password: Password


class Join(BaseModel):
    """An invitation's code and the password chosen."""

    code: Code
    password: Password


class NewDepartment(BaseModel):
    """A department to add."""

    slug: Name
    name: Name | None = None
    parent: str = ROOT
    region: Name | None = None


class DepartmentChange(BaseModel):
    """What to change; what is left out stays."""

    name: Name | None = None
    region: Name | None = None


class NewPerson(BaseModel):
    """A person to add."""

    name: Name
    email: Name


class NewRole(BaseModel):
    """A role to grant; without department everywhere."""

    principal: Name
    role: Role
    department: str | None = None


class TokenRequest(BaseModel):
    """A token to make: for oneself, or for a service."""

    name: Name
    service: Name | None = None
    department: str | None = None
    scopes: list[Name] | None = None
    expires_at: datetime | None = None


@setup_router.post("", status_code=Created)
def set_up(body: SetUp, tx: Tx) -> NewToken:
    """Make the first person of the AI office with the code printed at start."""
    return service.set_up(tx, code=body.code, name=body.name, email=body.email, password=body.password)


@session_router.post("", status_code=Created)
def sign_in(body: SignIn, request: Request, here: HereParts) -> NewToken:
    """Sign in with mail address and password."""
    source = request.client.host if request.client else "unknown"
    with here.database.session() as session:  # committed also when it fails: failures are counted
        token = service.sign_in(session, email=body.email, password=body.password, source=source)
    if token is None:
        raise SignInFailed("mail address and password do not belong together", hint="ask the AI office for a new code")
    return token


@session_router.post("/join", status_code=Created)
def join(body: Join, tx: Tx) -> NewToken:
    """Set a password with an invitation's code and sign in."""
    return service.join(tx, code=body.code, password=body.password)


@session_router.delete("/current")
def sign_out(request: Request, tx: Tx, actor: CurrentActor) -> Token:
    """End the session, or revoke the token, that this request was made with."""
    secret = request.headers["authorization"].partition(" ")[2].strip()
    return service.revoke_token(tx, actor, service.find_token(tx, secret).id)


@me_router.get("/whoami")
def whoami(actor: CurrentActor) -> WhoAmI:
    """Tell who the token belongs to and what it may stand for."""
    scopes = None if actor.scopes is None else tuple(sorted(actor.scopes))
    return WhoAmI(ref=actor.ref, name=actor.name, roles=actor.roles, scopes=scopes)


@me_router.get("/permissions/explain")
def explain(
    *,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    action: str,
    kind: str = "thing",
    id: str = "any",
    department: str | None = None,
    environment: str | None = None,
    requested_by: str | None = None,
    owner: str | None = None,
    principal: str | None = None,
) -> Explanation:
    """Explain why one may or may not do an action to a resource, by which rule, and how to get access."""
    if principal is not None and principal != actor.ref:
        permit("role:read", Resource(kind="person", id=principal))
        actor = service.get_actor(tx, principal)
    attributes = {"environment": environment, "requested_by": requested_by, "owner": owner}
    resource = Resource(kind=kind, id=id, department=department, attributes=attributes)
    return CedarAuthorizer(here.database).explain(actor, action, resource)


@department_router.get("")
def list_departments(tx: Tx, _: CurrentActor) -> Page[Department]:
    """List the tree of departments, parents before children."""
    return Page(items=service.list_departments(tx), next=None)


@department_router.get("/{slug}")
def show_department(slug: str, tx: Tx, _: CurrentActor) -> Department:
    """Show one department."""
    return service.get_department(tx, slug)


@department_router.post("", status_code=Created)
def add_department(body: NewDepartment, tx: Tx, actor: CurrentActor, permit: Permit) -> Department:
    """Add a department below another."""
    permit("department:manage", Resource(kind="department", id=body.slug, department=body.parent))
    return service.add_department(tx, actor, slug=body.slug, name=body.name, parent=body.parent, region=body.region)


@department_router.patch("/{slug}")
def update_department(slug: str, body: DepartmentChange, tx: Tx, actor: CurrentActor, permit: Permit) -> Department:
    """Change a department's name or region."""
    permit("department:manage", Resource(kind="department", id=slug, department=slug))
    return service.update_department(tx, actor, slug, name=body.name, region=body.region)


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


@token_router.get("")
def list_tokens(
    *,
    tx: Tx,
    actor: CurrentActor,
    permit: Permit,
    owner: str | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[Token]:
    """List tokens: one's own, or those of ``owner``."""
    wanted = owner or actor.ref
    permit("token:read", Resource(kind="token", id="any", attributes={"owner": wanted}))
    return service.list_tokens(tx, owner=wanted, limit=limit, cursor=cursor)


@token_router.post("", status_code=Created)
def create_token(body: TokenRequest, tx: Tx, actor: CurrentActor, permit: Permit) -> NewToken:
    """Make a token; its secret is in this answer and nowhere else."""
    owner = Ref.parse(f"service:{body.service}" if body.service else actor.ref)
    resource = Resource(kind="token", id=str(owner), department=body.department, attributes={"owner": str(owner)})
    permit("token:create", resource)
    return service.create_token(tx, actor, owner=owner, name=body.name, scopes=body.scopes, expires_at=body.expires_at)


@token_router.delete("/{token_id}")
def revoke_token(token_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> Token:
    """End a token at once."""
    token = service.get_token(tx, token_id)
    permit("token:revoke", Resource(kind="token", id=token_id, attributes={"owner": token.owner}))
    return service.revoke_token(tx, actor, token_id)
