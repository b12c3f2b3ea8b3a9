"""Watching over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from headway.collaboration import service
from headway.collaboration.entities import Watch
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.subjects import readable
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

router = APIRouter(prefix="/watches", tags=["watches"])


class Watched(BaseModel):
    """Whether somebody watches a thing."""

    model_config = ConfigDict(extra="forbid")

    subject: str
    is_watching: bool


def _own(actor: Actor) -> Resource:
    return Resource(kind="inbox", id="mine", attributes={"owner": actor.ref})


@router.get("")
def list_watches(
    *,
    tx: Tx,
    actor: CurrentActor,
    permit: Permit,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    cursor: str | None = None,
) -> Page[Watch]:
    """List what you watch, by name."""
    permit("inbox:read", _own(actor))
    return service.list_watches(tx, actor, limit=limit, cursor=cursor)


@router.put("")
def change_watch(body: Watched, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Watched:
    """Watch a thing, or watch it no more."""
    permit("inbox:update", _own(actor))
    if not body.is_watching:
        return Watched(subject=body.subject, is_watching=service.unwatch(tx, actor, body.subject))
    found = readable(here.subjects, permit, tx, body.subject)
    return Watched(subject=found.ref, is_watching=service.watch(tx, actor, found.ref))
