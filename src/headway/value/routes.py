"""Rates over HTTP: what computing costs. What a use case was worth is served by the portfolio."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field

from headway.kernel.auth import Resource
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, Permit, Tx
from headway.value import service
from headway.value.entities import Rates

router = APIRouter(prefix="/rates", tags=["value"])
Amount = Annotated[str, Field(min_length=1, max_length=40)]


class RatesWanted(BaseModel):
    """What computing costs from a day on, each amount like ``1.20 EUR``, and why that changes."""

    model_config = ConfigDict(extra="forbid")

    cpu_hour: Amount
    thousand_decisions: Amount
    month: Amount
    valid_from: date | None = None
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


@router.get("")
def list_rates(tx: Tx, permit: Permit) -> Page[Rates]:
    """List the rates that running is priced by, those of the latest day first."""
    permit("rate:read", Resource(kind="rate", id="all"))
    return Page(items=service.list_rates(tx), next=None)


@router.post("", status_code=status.HTTP_201_CREATED)
def set_rates(body: RatesWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Rates:
    """Say what computing costs from a day on; earlier rates stay and price the days before."""
    permit("rate:set", Resource(kind="rate", id="all"))
    return service.set_rates(
        tx,
        actor,
        cpu_hour=body.cpu_hour,
        thousand_decisions=body.thousand_decisions,
        month=body.month,
        valid_from=body.valid_from,
        reason=body.reason,
    )
