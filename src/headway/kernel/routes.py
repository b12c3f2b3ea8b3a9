"""Durable jobs over HTTP: look at them, cancel them. The rules know who asked for a job as its owner."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from headway.kernel.auth import Resource
from headway.kernel.jobs import Job
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("")
def list_jobs(
    *,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    mine: bool = False,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    cursor: str | None = None,
) -> Page[Job]:
    """List jobs, newest first, without their steps; ``mine`` narrows to your own."""
    permit("job:read", _resource("mine" if mine else "all", actor.ref if mine else None))
    return here.jobs.list(tx, limit, cursor, actor=actor.ref if mine else None)


@router.get("/{job_id}")
def show_job(job_id: str, tx: Tx, here: HereParts, permit: Permit) -> Job:
    """Show a job with its steps, its progress, and its result or error."""
    job = here.jobs.get(tx, job_id)
    permit("job:read", _resource(job_id, job.actor))
    return job


@router.post("/{job_id}/cancel")
def cancel_job(job_id: str, tx: Tx, here: HereParts, permit: Permit) -> Job:
    """Cancel a job; one that runs ends at its next step."""
    permit("job:cancel", _resource(job_id, here.jobs.get(tx, job_id).actor))
    return here.jobs.cancel(tx, job_id)


def _resource(job_id: str, owner: str | None) -> Resource:
    return Resource(kind="job", id=job_id, attributes={"owner": owner})
