"""Minima over HTTP: what is asked of all products, and how critical each is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field

from headway.catalog import minima
from headway.catalog.minima.entities import Criticality, MinimaVersion, Minimum, ProductMinimum
from headway.catalog.service import get_product
from headway.kernel.auth import Resource
from headway.kernel.web import CurrentActor, Permit, Tx

router = APIRouter(tags=["quality minima"])
Why = Annotated[str, Field(max_length=2_000)]
Share = Annotated[float | None, Field(allow_inf_nan=False)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MinimumWanted(_Body):
    """Least shares, 0 to 1, and the greatest age in hours."""

    completeness: Share = None
    validity: Share = None
    uniqueness: Share = None
    freshness_hours: Share = None


class MinimaWanted(_Body):
    """What is asked by criticality, from which day on, and why."""

    minima: dict[Criticality, MinimumWanted]
    valid_from: date
    reason: Why


class CriticalityWanted(_Body):
    """How critical a product is, and why."""

    level: Criticality
    reason: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """All versions of the minima, the one that counts last first."""

    items: tuple[MinimaVersion, ...]


@router.get("/quality-minima")
def list_minima(tx: Tx, permit: Permit) -> Versions:
    """List what was and is asked of data products by criticality."""
    permit("policy:read", Resource(kind="policy", id="all"))
    return Versions(items=minima.list_minima(tx))


@router.post("/quality-minima", status_code=status.HTTP_201_CREATED)
def set_minima(body: MinimaWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> MinimaVersion:
    """Set what is asked of data products from a day on."""
    permit("policy:manage", Resource(kind="policy", id="all"))
    wanted = {level: Minimum(**one.model_dump()) for level, one in body.minima.items()}
    return minima.set_minima(tx, actor, wanted, valid_from=body.valid_from, reason=body.reason)


@router.get("/products/{slug}/minimum")
def show_minimum(slug: str, tx: Tx, permit: Permit) -> ProductMinimum:
    """Show how critical a product is, what that asks of it today, and what its contract and newest snapshot lack."""
    product = get_product(tx, slug)
    permit("product:read", Resource(kind="product", id=slug, department=product.department))
    return minima.of_product(tx, slug)


@router.post("/products/{slug}/criticality")
def set_criticality(slug: str, body: CriticalityWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> ProductMinimum:
    """Say how critical a product is; its owner may raise it, lowering it is for those who set the minima."""
    product = get_product(tx, slug)
    permit("product:update", Resource(kind="product", id=slug, department=product.department))
    if is_lower(body.level, minima.of_product(tx, slug).criticality):
        permit("policy:manage", Resource(kind="policy", id="all"))
    return minima.set_criticality(tx, actor, slug, level=body.level, reason=body.reason)


def is_lower(one: Criticality, than: Criticality) -> bool:
    """Whether a criticality is below another."""
    order = list(Criticality)
    return order.index(one) < order.index(than)
