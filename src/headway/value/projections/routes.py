"""Projections and the discount rate over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import governance
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx
from headway.value.projections import service
from headway.value.projections.entities import (
    Assumptions,
    DiscountRate,
    Driver,
    Line,
    LineKind,
    Projection,
    Timing,
)

router = APIRouter(tags=["value"])
Name = Annotated[str, Field(min_length=1, max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RateWanted(_Body):
    """What finance asks of money a year, in percent such as ``8.5``, from a day on, and why."""

    percent: Annotated[str, Field(min_length=1, max_length=20)]
    valid_from: date | None = None
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class DriverWanted(_Body):
    """A figure between a low and a high one; without ``low`` and ``high`` it is certain."""

    name: Name
    unit: Annotated[str, Field(max_length=100)] = ""
    low: float | None = None
    likely: float
    high: float | None = None
    shape: Literal["pert", "triangular"] = "pert"
    source: Annotated[str, Field(max_length=500)] = ""

    def told(self) -> Driver:
        """The driver as it is kept."""
        return Driver(
            name=self.name,
            unit=self.unit,
            low=self.likely if self.low is None else self.low,
            likely=self.likely,
            high=self.likely if self.high is None else self.high,
            shape=self.shape,
            source=self.source,
        )


class LineWanted(_Body):
    """A benefit or a cost: the product of drivers."""

    name: Name
    kind: LineKind
    drivers: tuple[Name, ...]
    timing: Timing = Timing.per_year
    first_month: int | None = None
    ramp_months: int = 0

    def told(self) -> Line:
        """The line as it is kept; what falls due once falls due today, what does each year from the first month on."""
        first = (0 if self.timing is Timing.once else 1) if self.first_month is None else self.first_month
        return Line(
            name=self.name,
            kind=self.kind,
            drivers=self.drivers,
            timing=self.timing,
            first_month=first,
            ramp_months=self.ramp_months,
        )


class ProjectionWanted(_Body):
    """What somebody assumes. There is no discount rate here: finance owns it."""

    title: Name
    currency: Annotated[str, Field(min_length=3, max_length=3)] = "EUR"
    horizon_months: int = 36
    capacity_share: float = 0.5
    drivers: tuple[DriverWanted, ...]
    lines: tuple[LineWanted, ...]
    draws: int = 10_000
    seed: int = 1

    def told(self) -> Assumptions:
        """The assumptions as they are kept."""
        return Assumptions(
            currency=self.currency,
            horizon_months=self.horizon_months,
            capacity_share=self.capacity_share,
            drivers=tuple(one.told() for one in self.drivers),
            lines=tuple(one.told() for one in self.lines),
            draws=self.draws,
            seed=self.seed,
        )


@router.get("/discount-rates")
def list_discount_rates(tx: Tx, actor: CurrentActor, permit: Permit) -> Page[DiscountRate]:
    """List the discount rates that finance set, that of the latest day first."""
    permit("rate:read", _seen(actor))
    return Page(items=service.list_discount_rates(tx), next=None)


@router.post("/discount-rates", status_code=status.HTTP_201_CREATED)
def set_discount_rate(body: RateWanted, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts) -> DiscountRate:
    """Say what finance asks of money from a day on; only the head of the finance department may."""
    permit("discount:set", Resource(kind="discount", id="all", department=here.settings.finance_department))
    return service.set_discount_rate(tx, actor, percent=body.percent, valid_from=body.valid_from, reason=body.reason)


@router.get("/usecases/{slug}/projections")
def list_projections(slug: str, tx: Tx, permit: Permit) -> Page[Projection]:
    """List the projections of a use case, newest first."""
    permit("projection:read", _about(tx, slug))
    return Page(items=service.list_projections(tx, slug), next=None)


@router.post("/usecases/{slug}/projections", status_code=status.HTTP_201_CREATED)
def project(slug: str, body: ProjectionWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Projection:
    """Work out what a use case is expected to bring and to cost, at finance's discount rate."""
    permit("projection:make", _about(tx, slug))
    return service.project(tx, actor, usecase=slug, title=body.title, assumptions=body.told())


@router.get("/projections/{projection}")
def show_projection(projection: str, tx: Tx, permit: Permit) -> Projection:
    """Show a projection with everything it was made of."""
    found = service.get_projection(tx, projection)
    permit("projection:read", _about(tx, found.usecase))
    return found


def _seen(actor: Actor) -> Resource:
    """The rate belongs to the whole organisation: whoever reads rates anywhere reads it."""
    places = {grant.department for grant in actor.roles}
    return Resource(
        kind="rate", id="all", department=None if None in places else min(filter(None, places), default=None)
    )


def _about(session: Session, slug: str) -> Resource:
    case = governance.get_usecase(session, slug)
    return Resource(kind="projection", id=slug, department=case.department)
