"""Watching: who wants to hear about a thing."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway.collaboration.entities import Watch
from headway.collaboration.store import watches
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Denied
from headway.kernel.ids import Ref
from headway.kernel.paging import MAX_LIMIT, Page


def watch(session: Session, actor: Actor, subject: Ref | str) -> bool:
    """Hear about a thing from now on; returns True. Reading marks and watches leave no entry in the ledger."""
    if not actor.is_person:
        raise Denied("only a person can watch", values={"rule": "collaboration.people_only"})
    watches.watch(session, actor.ref, str(subject), clock.now())
    return True


def unwatch(session: Session, actor: Actor, subject: Ref | str) -> bool:
    """Hear about a thing no more; returns False."""
    watches.unwatch(session, actor.ref, str(subject))
    return False


def is_watching(session: Session, actor: Actor, subject: Ref | str) -> bool:
    """Tell whether the actor watches a thing."""
    return watches.is_watching(session, actor.ref, str(subject))


def list_watches(session: Session, actor: Actor, *, limit: int = 50, cursor: str | None = None) -> Page[Watch]:
    """Read what the actor watches, by name."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = watches.watched(session, actor.ref, after=cursor, limit=limit + 1)
    return Page(items=tuple(found[:limit]), next=found[limit - 1].subject if len(found) > limit else None)
