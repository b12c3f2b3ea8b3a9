"""Snapshots over HTTP: how they are kept, compaction and expiry."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway.catalog.adapters.lake import lake_of
from headway.catalog.keeping import service
from headway.catalog.keeping.entities import Compaction, Expiry, Retention, SnapshotList
from headway.catalog.service import get_product
from headway.catalog.service.renewing import Data
from headway.kernel.auth import Resource
from headway.kernel.paging import MAX_LIMIT
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

router = APIRouter(tags=["products"])
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Days = Annotated[int | None, Field(ge=1, le=36_500)]
Last = Annotated[int | None, Field(ge=1, le=10_000)]
Files = Annotated[int | None, Field(ge=2, le=100_000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RetentionWanted(_Body):
    """How long snapshots are kept: days, how many of the newest at least, and how many files the current one may have."""

    keep_days: Days = None
    keep_last: Last = None
    most_files: Files = None


class CompactionWanted(_Body):
    """How many files the current snapshot may have, for this once; left out, what its retention says."""

    most_files: Annotated[int | None, Field(ge=1, le=100_000)] = None


@router.get("/products/{slug}/snapshots/kept")
def list_kept(
    *, slug: str, tx: Tx, here: HereParts, permit: Permit, limit: Limit = 50, cursor: str | None = None
) -> SnapshotList:
    """List a product's snapshots with tags, sizes and what keeps them, and how long they are kept."""
    permit("product:read", _product(tx, slug))
    return service.list_kept(tx, lake_of(here), slug, limit=limit, cursor=cursor)


@router.put("/products/{slug}/retention")
def set_retention(slug: str, body: RetentionWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Retention:
    """Say how long a product's snapshots are kept; what is left out is the default."""
    permit("product:update", _product(tx, slug))
    return service.set_retention(
        tx, actor, slug, keep_days=body.keep_days, keep_last=body.keep_last, most_files=body.most_files
    )


@router.post("/products/{slug}/compact")
def compact(
    *, slug: str, body: CompactionWanted, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> Compaction:
    """Put the files of the current snapshot together when they are too many; its rows and digest stay the same."""
    permit("product:update", _product(tx, slug))
    return service.compact(_data(tx, here), actor, slug, most_files=body.most_files)


@router.post("/products/{slug}/expire")
def expire(slug: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Expiry:
    """Give up the snapshots that the retention does not keep and nothing protects; what is known of them stays."""
    permit("product:update", _product(tx, slug))
    return service.expire(_data(tx, here), actor, slug)


def _data(tx: Session, here: Parts) -> Data:
    return Data(tx, here.storage, lake_of(here))


def _product(session: Session, slug: str) -> Resource:
    return Resource(kind="product", id=slug, department=get_product(session, slug).department)
