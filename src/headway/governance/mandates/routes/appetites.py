"""The organisation's risk appetite, and what is at stake in use cases, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import identity
from headway.governance import store
from headway.governance.errors import UseCaseUnknown
from headway.governance.mandates import service
from headway.governance.mandates.appetite import Appetite, Limit, LimitKind, LimitUse, Stakes
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, Permit, Tx

router = APIRouter(prefix="/appetites", tags=["appetite"])
stakes = APIRouter(prefix="/usecases", tags=["appetite"])

Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LimitWanted(_Body):
    """A limit: ``scope`` is a tier or department, empty for people and money; money is in minor units of a currency."""

    kind: LimitKind
    scope: Line = ""
    most: int
    currency: Annotated[str, Field(max_length=3)] = ""


class AppetiteWanted(_Body):
    """All limits that shall hold, and why these."""

    limits: Annotated[list[LimitWanted], Field(max_length=200)]
    reason: Text


class Confirmation(_Body):
    """The digest of what the sponsor read."""

    digest: Line


class Estimate(_Body):
    """How many people a use case affects, and what a year of wrong answers could cost; leave out what nobody knows."""

    people: int | None = None
    money_minor: int | None = None
    currency: Annotated[str, Field(max_length=3)] | None = None


@router.get("")
def list_appetites(tx: Tx, actor: CurrentActor, permit: Permit) -> Page[Appetite]:
    """List every version of the risk appetite, newest first."""
    permit("appetite:read", seen_by(actor))
    return Page(items=service.list_appetites(tx), next=None)


@router.post("", status_code=status.HTTP_201_CREATED)
def adopt_appetite(body: AppetiteWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Appetite:
    """Adopt a version; it counts once a sponsor, somebody else, has confirmed it."""
    permit("appetite:adopt", Resource(kind="appetite", id="new"))
    limits = [Limit(**one.model_dump()) for one in body.limits]
    return service.adopt_appetite(tx, actor, limits, body.reason)


@router.get("/use")
def show_use(tx: Tx, actor: CurrentActor, permit: Permit) -> Page[LimitUse]:
    """Say how far each limit in force is used now, with the use cases behind it."""
    permit("appetite:read", seen_by(actor))
    return Page(items=service.appetite_use(tx), next=None)


@router.post("/{version}/confirm")
def confirm_appetite(version: int, body: Confirmation, tx: Tx, actor: CurrentActor, permit: Permit) -> Appetite:
    """Put a version in force as a sponsor; never by who adopted it."""
    permit("appetite:confirm", to_confirm(service.get_appetite(tx, version), actor))
    return service.confirm_appetite(tx, actor, version, digest=body.digest)


@stakes.get("/{slug}/stakes")
def show_stakes(slug: str, tx: Tx, permit: Permit) -> Stakes | None:
    """Show the newest estimate of what is at stake in a use case."""
    permit("usecase:read", _of(tx, slug))
    return service.get_stakes(tx, slug)


@stakes.put("/{slug}/stakes")
def estimate_stakes(slug: str, body: Estimate, tx: Tx, actor: CurrentActor, permit: Permit) -> Stakes:
    """Estimate how many people a use case affects and how much money is at risk."""
    permit("usecase:update", _of(tx, slug))
    return service.estimate_stakes(tx, actor, slug, **body.model_dump())


def seen_by(actor: Actor) -> Resource:
    """The appetite belongs to the whole organisation: whoever holds a role anywhere may read it."""
    places = {grant.department for grant in actor.roles}
    place = None if None in places else min((one for one in places if one), default=None)
    return Resource(kind="appetite", id="all", department=place)


def to_confirm(found: Appetite, actor: Actor) -> Resource:
    """What is asked about when a version is confirmed: by a sponsor, of whatever department; and who adopted it."""
    places = [grant.department for grant in actor.roles if grant.role == identity.Role.sponsor]
    return Resource(
        kind="appetite",
        id=str(found.version),
        department=None if None in places else min((one for one in places if one), default=None),
        attributes={"requested_by": found.adopted_by},
    )


def _of(session: Session, slug: str) -> Resource:
    found = store.get_usecase(session, slug)
    if found is None:
        raise UseCaseUnknown(f"no use case {slug!r}", values={"slug": slug})
    return Resource(kind="usecase", id=slug, department=found.department)
