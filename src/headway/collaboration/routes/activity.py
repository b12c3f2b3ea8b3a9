"""The activity feed over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from headway.collaboration import service
from headway.collaboration.entities import Activity
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.subjects import UnknownSubject, readable
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

router = APIRouter(prefix="/activity", tags=["activity"])
LEDGER = Resource(kind="ledger", id="main")


@router.get("")
def list_activity(
    *,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    subject: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Page[Activity]:
    """Tell what happened to a thing, or to everything one may see: who, what, why, and what changed; newest first."""
    permit("activity:read", Resource(kind="activity", id=subject or "all", attributes={"owner": actor.ref}))
    if subject is None:
        return service.list_feed(
            tx, here.subjects, may_read=lambda ref: may_read(tx, here, actor, ref), limit=limit, cursor=cursor
        )
    found = readable(here.subjects, permit, tx, subject)
    with_audit = is_allowed(here, actor, "ledger:read", LEDGER)
    return service.list_activity(
        tx, here.subjects, found.ref, with_audit=with_audit, limit=min(limit, MAX_LIMIT), cursor=cursor
    )


def may_read(session: Session, here: Parts, actor: Actor, ref: str) -> bool:
    """Whether the asker, with the scopes of their token, may read a thing; what nobody can describe stays hidden."""
    try:
        found = here.subjects.describe(session, ref)
    except UnknownSubject:
        return False
    return is_allowed(here, actor, found.action, found.resource)


def is_allowed(here: Parts, actor: Actor, action: str, resource: Resource) -> bool:
    """Whether the rules allow an action."""
    return here.authorizer.allows(actor, action, resource)
