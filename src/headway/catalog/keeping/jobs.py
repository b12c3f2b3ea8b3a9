"""Looking after the snapshots of products as a durable job, begun once a day."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.orm import Session

from headway.catalog.adapters.lake import lake_of
from headway.catalog.keeping import service
from headway.catalog.service.renewing import Data
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.jobs import JobContext, Jobs
from headway.kernel.web import Parts

KEEP: Final = "snapshots"
"""Name of the job."""


def keep_job(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
    """Compact and expire the snapshots of products, one after the other.

    Returns: products, compacted, expired, files_removed: how many.
    """
    slugs = payload["products"]
    done = []
    for at, slug in enumerate(slugs):
        context.progress(at, len(slugs), f"looking after {slug}")
        done.append(context.step(slug, lambda slug=slug: _keep(context.parts, context.actor, slug)))  # type: ignore[misc]
    context.progress(len(slugs), len(slugs), "done")
    return {
        "products": len(slugs),
        "compacted": sum(one["compacted"] for one in done),
        "expired": sum(one["expired"] for one in done),
        "files_removed": sum(one["files_removed"] for one in done),
    }


def keep_due(session: Session, jobs: Jobs) -> str | None:
    """Begin to look after the products that are due; gives the job. Safe to repeat and to run in two processes at once."""
    due = service.due_products(session)
    if not due:
        return None
    service.mark_cared(session, due)
    return jobs.enqueue(session, KEEP, {"products": due}, actor=SYSTEM)


def _keep(parts: Parts, actor: Actor, slug: str) -> dict[str, int]:
    lake = lake_of(parts)
    with parts.database.session() as session:
        compaction = service.compact(Data(session, parts.storage, lake), actor, slug)
    with parts.database.session() as session:
        expiry = service.expire(Data(session, parts.storage, lake), actor, slug)
    removed, given_up = expiry.files_removed, len(expiry.expired)
    return {"compacted": int(compaction.is_done), "expired": given_up, "files_removed": removed}
