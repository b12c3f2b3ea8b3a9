"""Intake over HTTP: what is like a proposal, joining an entry, umbrellas and who registers under them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import identity
from headway.governance import service
from headway.governance.entities import UseCase
from headway.governance.intake import Alike, Join, Registration, Relations, Umbrella, UmbrellaTier
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

router = APIRouter(prefix="/usecases", tags=["usecases"])
umbrellas = APIRouter(prefix="/umbrellas", tags=["umbrellas"])

Text = Annotated[str, Field(max_length=2000)]
Line = Annotated[str, Field(max_length=500)]
OPEN, READ = "usecase:open", "usecase:read"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Sketch(_Body):
    """A proposal that is not written yet; leave out what nobody knows. With ``usecase`` alone: an entry that is there."""

    title: Line = ""
    purpose: Text | None = None
    department: str | None = None
    solution: str | None = None
    products: list[Line] = Field(default_factory=list, max_length=20)
    usecase: str | None = None


class Joining(_Body):
    """For which department somebody joins, and what for."""

    department: str
    what_for: Line


class UmbrellaWanted(_Body):
    """A pattern: under which conditions others may register, up to which tier, until when (365 days at most)."""

    conditions: Text
    tier: UmbrellaTier = "minimal"
    valid_until: date


class Ending(_Body):
    """Why an umbrella ends, or is not approved."""

    reason: Line


@router.post("/similar")
def find_similar(body: Sketch, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts) -> Page[Alike]:
    """Tell which entries are like a proposal, and why, before it is written; nothing is stored."""
    within = somewhere(here, tx, actor, permit, READ)
    if body.usecase is not None:
        permit(READ, resource_of(service.get_usecase(tx, body.usecase)))
        return Page(items=service.similar_to(tx, body.usecase, within=within), next=None)
    proposal = service.Proposal(
        title=body.title,
        purpose=body.purpose,
        department=body.department,
        solution=body.solution,
        products=tuple(body.products),
    )
    return Page(items=service.find_similar(tx, proposal, within=within), next=None)


@router.get("/{slug}/relations")
def show_relations(slug: str, tx: Tx, permit: Permit) -> Relations:
    """Tell who joined a use case, and which entries it was said to differ from."""
    permit(READ, resource_of(service.get_usecase(tx, slug)))
    return service.relations_of(tx, slug)


@router.post("/{slug}/join", status_code=status.HTTP_201_CREATED)
def join_usecase(slug: str, body: Joining, tx: Tx, actor: CurrentActor, permit: Permit) -> Join:
    """Join a use case as its user instead of opening one like it; its owner is told."""
    permit(OPEN, Resource(kind="usecase", id=slug, department=body.department))
    return service.join_usecase(tx, actor, slug, department=body.department, what_for=body.what_for)


# --- umbrellas ---------------------------------------------------------------------------------------------------


@router.post("/{slug}/umbrella", status_code=status.HTTP_201_CREATED)
def ask_umbrella(slug: str, body: UmbrellaWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Umbrella:
    """Ask that a use case of low risk stands as a pattern under which others register."""
    permit("usecase:update", resource_of(service.get_usecase(tx, slug)))
    return service.ask_umbrella(
        tx, actor, slug, conditions=body.conditions, tier=body.tier, valid_until=body.valid_until
    )


@umbrellas.get("")
def list_umbrellas(
    *, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts, usecase: str | None = None
) -> Page[Umbrella]:
    """List umbrellas, newest first; they are for the whole organisation."""
    somewhere(here, tx, actor, permit, READ)
    return Page(items=tuple(service.list_umbrellas(tx, usecase=usecase)), next=None)


@umbrellas.get("/{umbrella_id}")
def show_umbrella(umbrella_id: str, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts) -> Umbrella:
    """Show an umbrella: its conditions, until when, how many registered."""
    somewhere(here, tx, actor, permit, READ)
    return service.get_umbrella(tx, umbrella_id)


@umbrellas.get("/{umbrella_id}/registrations")
def list_registrations(
    umbrella_id: str, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts
) -> Page[Registration]:
    """List who registered under an umbrella, in the departments that the caller may read of."""
    within = somewhere(here, tx, actor, permit, READ)
    return Page(items=tuple(service.list_registrations(tx, umbrella_id, within=within)), next=None)


@umbrellas.post("/{umbrella_id}/registrations", status_code=status.HTTP_201_CREATED)
def register_use(umbrella_id: str, body: Joining, tx: Tx, actor: CurrentActor, permit: Permit) -> Registration:
    """Register under an umbrella in force, instead of opening a use case."""
    permit(OPEN, Resource(kind="usecase", id=umbrella_id, department=body.department))
    return service.register_use(tx, actor, umbrella_id, department=body.department, what_for=body.what_for)


@umbrellas.post("/{umbrella_id}/approve")
def approve_umbrella(umbrella_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> Umbrella:
    """Put an umbrella in force. Refused to whoever asked for it."""
    permit("umbrella:approve", umbrella_resource(service.get_umbrella(tx, umbrella_id)))
    return service.approve_umbrella(tx, actor, umbrella_id)


@umbrellas.post("/{umbrella_id}/end")
def end_umbrella(umbrella_id: str, body: Ending, tx: Tx, actor: CurrentActor, permit: Permit) -> Umbrella:
    """End an umbrella, or turn down one that is asked for; registrations under it lapse."""
    found = service.get_umbrella(tx, umbrella_id)
    permit("usecase:update", Resource(kind="usecase", id=found.usecase, department=found.department))
    return service.end_umbrella(tx, actor, umbrella_id, reason=body.reason)


def resource_of(case: UseCase) -> Resource:
    """What is asked about a use case."""
    return Resource(kind="usecase", id=case.slug, department=case.department)


def umbrella_resource(found: Umbrella) -> Resource:
    """What is asked about an umbrella."""
    asked = {"requested_by": found.asked_by}
    return Resource(kind="umbrella", id=found.id, department=found.department, attributes=asked)


def somewhere(here: Parts, session: Session, actor: Actor, permit: Permit, action: str) -> frozenset[str] | None:
    """The departments in which somebody may do an action, None for all; raises Denied when there is none."""
    places = identity.departments_where(here.authorizer, session, actor, action)
    if places is not None and not places:
        permit(action, Resource(kind=action.partition(":")[0], id="all"))
    return places
