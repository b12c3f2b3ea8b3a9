"""Durable jobs over HTTP: look at them, cancel them. Everybody may do so with jobs of their own."""

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
    if not mine:
        permit("job:read", Resource(kind="job", id="all"))
    return here.jobs.list(tx, limit, cursor, actor=actor.ref if mine else None)


@router.get("/{job_id}")
def show_job(job_id: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Job:
    """Show a job with its steps, its progress, and its result or error."""
    job = here.jobs.get(tx, job_id)
    if job.actor != actor.ref:
        permit("job:read", Resource(kind="job", id=job_id))
    return job


@router.post("/{job_id}/cancel")
def cancel_job(job_id: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Job:
    """Cancel a job; one that runs ends at its next step."""
    if here.jobs.get(tx, job_id).actor != actor.ref:
        permit("job:cancel", Resource(kind="job", id=job_id))
    return here.jobs.cancel(tx, job_id)
