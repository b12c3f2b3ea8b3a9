"""Set-up, sign-in and sessions over HTTP."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from pydantic import BaseModel

from headway.identity import service
from headway.identity.entities import NewToken, Token, UserSession
from headway.identity.errors import SignInFailed
from headway.identity.routes.fields import Code, Created, Name, Password
from headway.kernel.auth import Resource
from headway.kernel.errors import Invalid
from headway.kernel.ids import Ref
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

setup_router = APIRouter(prefix="/setup", tags=["sessions"])
session_router = APIRouter(prefix="/sessions", tags=["sessions"])


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


class LinkCode(BaseModel):
    """The code of a one-time link: what stands after its ``#``."""

    code: Code


@setup_router.post("", status_code=Created)
def set_up(body: SetUp, request: Request, here: HereParts) -> NewToken:
    """Make the first person of the AI office with the code printed at start."""
    device = device_of(request)
    with service.attempt(here.database, source=device.source) as session:
        return service.set_up(
            session,
            code=body.code,
            name=body.name,
            email=body.email,
            password=body.password,
            source=device.source,
            agent=device.agent,
            limits=service.session_limits(here.settings),
        )


@session_router.post("", status_code=Created)
def sign_in(body: SignIn, request: Request, here: HereParts) -> NewToken:
    """Sign in with mail address and password."""
    device = device_of(request)
    with here.database.session() as session:  # committed also when it fails: failures are counted
        token = service.sign_in(
            session,
            email=body.email,
            password=body.password,
            source=device.source,
            agent=device.agent,
            limits=service.session_limits(here.settings),
        )
    if token is None:
        raise SignInFailed("mail address and password do not belong together", hint="ask the AI office for a new code")
    return token


@session_router.post("/join", status_code=Created)
def join(body: Join, request: Request, here: HereParts) -> NewToken:
    """Set a password with an invitation's code and sign in."""
    device, limits = device_of(request), service.session_limits(here.settings)
    with service.attempt(here.database, source=device.source) as session:
        return service.join(
            session, code=body.code, password=body.password, source=device.source, agent=device.agent, limits=limits
        )


@session_router.post("/link", status_code=Created)
def use_link(body: LinkCode, request: Request, here: HereParts) -> NewToken:
    """Sign in with the code of a one-time link."""
    device, limits = device_of(request), service.session_limits(here.settings)
    with service.attempt(here.database, source=device.source) as session:
        return service.use_link(session, code=body.code, source=device.source, agent=device.agent, limits=limits)


@session_router.get("")
def list_sessions(tx: Tx, actor: CurrentActor, permit: Permit, person: str | None = None) -> Page[UserSession]:
    """List the open sessions of a person, the one used last first; without ``person`` one's own."""
    owner = person or actor.ref
    permit("session:read", Resource(kind="session", id="any", attributes={"owner": owner}))
    return Page(items=service.list_sessions(tx, _person_id(owner)), next=None)


@session_router.delete("")
def close_sessions(
    request: Request, tx: Tx, actor: CurrentActor, permit: Permit, person: str | None = None
) -> Page[UserSession]:
    """End all sessions of a person but the one that asks; without ``person`` one's own. Answers those it ended."""
    owner = person or actor.ref
    permit("session:revoke", Resource(kind="session", id="all", attributes={"owner": owner}))
    secret = secret_of(request)
    keep = service.find_session(tx, secret).id if secret.startswith(service.SESSION_START) else None
    return Page(items=service.close_sessions(tx, actor, _person_id(owner), keep=keep), next=None)


@session_router.delete("/current")
def sign_out(request: Request, tx: Tx, actor: CurrentActor) -> Token | UserSession:
    """End the session, or revoke the token, that this request was made with."""
    secret = secret_of(request)
    if secret.startswith(service.SESSION_START):
        return service.close_session(tx, actor, service.find_session(tx, secret).id)
    return service.revoke_token(tx, actor, service.find_token(tx, secret).id)


@session_router.delete("/{session_id}")
def close_session(session_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> UserSession:
    """End a session at once."""
    held = service.get_session(tx, session_id)
    permit("session:revoke", Resource(kind="session", id=session_id, attributes={"owner": held.person}))
    return service.close_session(tx, actor, session_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Where a request comes from."""

    source: str
    agent: str


def device_of(request: Request) -> Device:
    """Tell where a request comes from."""
    source = request.client.host if request.client else "unknown"
    return Device(source=source, agent=request.headers.get("user-agent", ""))


def secret_of(request: Request) -> str:
    """Read the bearer token of a request; empty when there is none."""
    return request.headers.get("authorization", "").partition(" ")[2].strip()


def _person_id(ref: str) -> str:
    owner = Ref.parse(ref)
    if owner.kind != "person":
        raise Invalid(f"{ref} has no sessions", hint="write person:ID")
    return owner.slug
