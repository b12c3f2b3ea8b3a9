"""Programmes and their mandates over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import identity
from headway.governance.mandates import service
from headway.governance.mandates.entities import IntakeStanding, Mandate, Programme
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

router = APIRouter(prefix="/programmes", tags=["mandates"])
mandates = APIRouter(prefix="/mandates", tags=["mandates"])
intake = APIRouter(prefix="/intake", tags=["mandates"])

DSSE = "application/vnd.dsse.envelope.v1+json"
Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
Places = Annotated[list[Line], Field(max_length=1000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewProgramme(_Body):
    """A programme: the departments it covers with everything below them, and the person who sponsors it."""

    slug: Line
    title: Line
    sponsor: Line
    departments: Places = Field(default_factory=list)


class ProgrammeChange(_Body):
    """Fields to change; ``departments`` are all that it names from now on."""

    title: Line | None = None
    sponsor: Line | None = None
    departments: Places | None = None


class MandateWanted(_Body):
    """What a sponsor shall sign: what for, how much in the smallest unit of a currency, how many people, until when."""

    purpose: Text
    budget_minor: int
    currency: Annotated[str, Field(max_length=3)]
    people: float
    valid_from: date
    valid_until: date


class Signature(_Body):
    """The digest of what the sponsor read."""

    digest: Line


class Withdrawal(_Body):
    """Why a mandate is withdrawn, or a draft taken back."""

    reason: Text = Field(min_length=1)


@router.get("")
def list_programmes(tx: Tx, actor: CurrentActor, here: HereParts, permit: Permit) -> Page[Programme]:
    """List the programmes of the departments that one may see, by name, each as it stands today."""
    within = identity.departments_where(here.authorizer, tx, actor, "programme:read")
    found = service.list_programmes(tx, within=within, sponsor=actor.ref)
    if within is not None and not within and not found:
        permit("programme:read", Resource(kind="programme", id="all"))
    return Page(items=found, next=None)


@router.post("", status_code=status.HTTP_201_CREATED)
def open_programme(body: NewProgramme, tx: Tx, actor: CurrentActor, permit: Permit) -> Programme:
    """Open a programme; its departments take nothing in until its sponsor has signed a mandate."""
    permit("programme:manage", Resource(kind="programme", id=body.slug))
    return service.open_programme(tx, actor, **body.model_dump())


@router.get("/{slug}")
def show_programme(slug: str, tx: Tx, actor: CurrentActor, here: HereParts, permit: Permit) -> Programme:
    """Show a programme with the mandate that counts, and whether intake is open."""
    found = service.get_programme(tx, slug)
    permit("programme:read", seen_as(tx, here, actor, found))
    return found


@router.patch("/{slug}")
def change_programme(slug: str, body: ProgrammeChange, tx: Tx, actor: CurrentActor, permit: Permit) -> Programme:
    """Change a programme; a department that joins waits for a mandate that names it."""
    permit("programme:manage", Resource(kind="programme", id=slug))
    return service.change_programme(tx, actor, slug, **body.model_dump(exclude_unset=True))


@router.get("/{slug}/mandates")
def list_mandates(slug: str, tx: Tx, actor: CurrentActor, here: HereParts, permit: Permit) -> Page[Mandate]:
    """List all mandates of a programme, newest first."""
    permit("programme:read", seen_as(tx, here, actor, service.get_programme(tx, slug)))
    return Page(items=service.list_mandates(tx, slug), next=None)


@router.post("/{slug}/mandates", status_code=status.HTTP_201_CREATED)
def draft_mandate(slug: str, body: MandateWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Mandate:
    """Draft a mandate; it counts once the sponsor has signed it."""
    permit("programme:manage", Resource(kind="programme", id=slug))
    return service.draft_mandate(tx, actor, slug, **body.model_dump())


@mandates.get("/{mandate_id}")
def show_mandate(mandate_id: str, tx: Tx, actor: CurrentActor, here: HereParts, permit: Permit) -> Mandate:
    """Show a mandate."""
    found = service.get_mandate(tx, mandate_id)
    permit("programme:read", seen_as(tx, here, actor, service.get_programme(tx, found.programme)))
    return found


@mandates.get("/{mandate_id}/envelope", response_class=Response)
def show_envelope(mandate_id: str, tx: Tx, actor: CurrentActor, here: HereParts, permit: Permit) -> Response:
    """Give a signed mandate as a DSSE envelope, to be checked without this system."""
    found = service.get_mandate(tx, mandate_id)
    permit("programme:read", seen_as(tx, here, actor, service.get_programme(tx, found.programme)))
    return Response(service.mandate_envelope(tx, mandate_id), media_type=DSSE)


@mandates.post("/{mandate_id}/sign")
def sign_mandate(
    *, mandate_id: str, body: Signature, tx: Tx, actor: CurrentActor, here: HereParts, permit: Permit
) -> Mandate:
    """Sign a mandate as the sponsor whom it names; nobody else can."""
    permit("mandate:sign", to_sign(service.get_mandate(tx, mandate_id)))
    return service.sign_mandate(tx, here.signer, actor, mandate_id, digest=body.digest)


@mandates.post("/{mandate_id}/withdraw")
def withdraw_mandate(mandate_id: str, body: Withdrawal, tx: Tx, actor: CurrentActor, permit: Permit) -> Mandate:
    """Withdraw a mandate, or take a draft back; the sponsor may, and whoever keeps programmes."""
    found = service.get_mandate(tx, mandate_id)
    if found.sponsor != actor.ref:
        permit("programme:manage", Resource(kind="programme", id=found.programme))
    return service.withdraw_mandate(tx, actor, mandate_id, body.reason)


@intake.get("/{department}")
def show_intake(department: str, tx: Tx, permit: Permit) -> IntakeStanding:
    """Say whether a department takes in what is new, and if not why and who can mend it."""
    permit("department:read", Resource(kind="department", id=department, department=department))
    identity.get_department(tx, department)
    return service.intake_of(tx, department)


def seen_as(tx: Session, here: Parts, actor: Actor, programme: Programme) -> Resource:
    """What is asked about when a programme is read: whoever reads in one of its departments does, and its sponsor."""
    within = identity.departments_where(here.authorizer, tx, actor, "programme:read")
    places = () if within is None else sorted(within.intersection(service.departments_under(tx, programme)))
    return Resource(
        kind="programme",
        id=programme.slug,
        department=next(iter(places), None),
        attributes={"owner": programme.sponsor},
    )


def to_sign(mandate: Mandate) -> Resource:
    """What is asked about when a mandate is signed: its sponsor, and who drafted it."""
    return Resource(
        kind="mandate",
        id=mandate.id,
        attributes={"owner": mandate.sponsor, "requested_by": mandate.drafted_by},
    )
