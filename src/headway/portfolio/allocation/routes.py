"""Means and their allocation over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field

from headway import governance
from headway.kernel.auth import Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.web import CurrentActor, Permit, Tx
from headway.portfolio.allocation import service
from headway.portfolio.allocation.entities import Allocation, Limits, ResourceRequest

router = APIRouter(tags=["portfolio"])
Amount = Annotated[str, Field(min_length=1, max_length=40)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class ResourcesAsked(BaseModel):
    """What a use case asks for: money as ``120000 EUR``, people in full-time equivalents.

    Without a value, the mean of its newest projection is taken.
    """

    model_config = ConfigDict(extra="forbid")

    budget: Amount
    value: Amount | None = None
    reason: Annotated[str, Field(max_length=2000)]
    compute_hours: int = 0
    people: float = 0.0
    months: int = 12
    risk: Amount | None = None
    is_must: bool = False
    requires: tuple[Name, ...] = ()


class LimitsSaid(BaseModel):
    """What there is to give; what is left out is not limited."""

    model_config = ConfigDict(extra="forbid")

    budget: Amount | None = None
    compute_hours: int | None = None
    people: float | None = None
    risk: Amount | None = None
    department_budget: dict[Name, Amount] | None = None
    most_for_one_department: int | None = None


class RoundDrafted(BaseModel):
    """A round: its period, its limits, and which use cases are in it; all that asked without any named."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(max_length=200)]
    starts: date
    ends: date
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    limits: LimitsSaid = LimitsSaid()
    usecases: tuple[Name, ...] = ()
    at_most_one: tuple[tuple[Name, ...], ...] = ()


class ChoiceCompared(BaseModel):
    """The use cases that would be given what they ask for."""

    model_config = ConfigDict(extra="forbid")

    chosen: tuple[Name, ...]


class ChoiceMade(ChoiceCompared):
    """The use cases that are given what they ask for, and why where the best choice has it otherwise."""

    reasons: dict[Name, Annotated[str, Field(max_length=2000)]] = {}


@router.get("/usecases/{slug}/resources", tags=["usecases"])
def list_requests(slug: str, tx: Tx, permit: Permit) -> Page[ResourceRequest]:
    """List what a use case asked for; the first, the newest, counts."""
    permit("allocation:read", _of(slug, governance.get_usecase(tx, slug).department))
    return Page(items=service.list_requests(tx, slug), next=None)


@router.post("/usecases/{slug}/resources", status_code=status.HTTP_201_CREATED, tags=["usecases"])
def request_resources(slug: str, body: ResourcesAsked, tx: Tx, actor: CurrentActor, permit: Permit) -> ResourceRequest:
    """Ask for budget, compute and people for a use case."""
    permit("resources:request", _of(slug, governance.get_usecase(tx, slug).department))
    return service.request_resources(tx, actor, slug, service.Asked(**body.model_dump()))


@router.get("/allocations")
def list_allocations(
    *, tx: Tx, permit: Permit, limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50, cursor: str | None = None
) -> Page[Allocation]:
    """List rounds, newest first."""
    permit("allocation:read", _all())
    return service.list_allocations(tx, limit=limit, cursor=cursor)


@router.post("/allocations", status_code=status.HTTP_201_CREATED)
def draft_allocation(body: RoundDrafted, tx: Tx, actor: CurrentActor, permit: Permit) -> Allocation:
    """Draft a round: what was asked for is taken as it stands, and the best choice under the limits is worked out."""
    permit("allocation:draft", _all())
    values = body.model_dump(exclude={"limits"})
    return service.draft_allocation(tx, actor, service.Draft(**values, limits=limits_of(body.limits, body.currency)))


def limits_of(said: LimitsSaid, currency: str) -> Limits:
    """Read limits as people say them; raises Invalid for an amount that is none, or is in another currency."""
    parts = said.department_budget
    return Limits(
        budget=service.minor(said.budget, currency),
        compute_hours=said.compute_hours,
        people=None if said.people is None else round(said.people * 100),
        risk=service.minor(said.risk, currency),
        department_budget=None if parts is None else {k: service.minor(v, currency) or 0 for k, v in parts.items()},
        most_for_one_department=said.most_for_one_department,
    )


@router.get("/allocations/{allocation_id}")
def show_allocation(allocation_id: str, tx: Tx, permit: Permit) -> Allocation:
    """Show a round with the best choice and, once decided, the choice that people made."""
    permit("allocation:read", _all())
    return service.get_allocation(tx, allocation_id)


@router.post("/allocations/{allocation_id}/compare")
def compare_choice(allocation_id: str, body: ChoiceCompared, tx: Tx, permit: Permit) -> Allocation:
    """Tell what another choice would take, bring and cost against the best one; nothing is kept."""
    permit("allocation:read", _all())
    return service.compare_choice(tx, allocation_id, body.chosen)


@router.post("/allocations/{allocation_id}/decide")
def decide_allocation(allocation_id: str, body: ChoiceMade, tx: Tx, actor: CurrentActor, permit: Permit) -> Allocation:
    """Decide a round that somebody else drafted."""
    permit("allocation:decide", about(service.get_allocation(tx, allocation_id)))
    return service.decide_allocation(tx, actor, allocation_id, chosen=body.chosen, reasons=body.reasons)


def about(found: Allocation) -> Resource:
    """What the rules are asked about; who drafted it is part of it."""
    return Resource(kind="allocation", id=found.id, attributes={"requested_by": found.drafted_by})


def _of(slug: str, department: str) -> Resource:
    return Resource(kind="usecase", id=slug, department=department)


def _all() -> Resource:
    return Resource(kind="allocation", id="all")
