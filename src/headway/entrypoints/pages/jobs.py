"""Long work: the tray at the top of each page, live progress by server-sent events, the list and the page of a job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from headway.entrypoints.pages import words
from headway.entrypoints.pages.render import environment
from headway.entrypoints.pages.viewer import CurrentViewer, Viewer
from headway.kernel.auth import Resource
from headway.kernel.jobs import Job, JobStatus
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
TRAY = 6
EVERY_SECONDS = 1.0
LONGEST_SECONDS = 300.0
"""A stream ends after this time; the browser opens the next one, which asks anew who is there."""
OPEN = (JobStatus.queued, JobStatus.running)


@router.get("/jobs/tray")
def show_tray(viewer: CurrentViewer, tx: Tx) -> Response:
    """The inside of the tray."""
    jobs = viewer.parts.jobs.list(tx, TRAY, actor=viewer.actor.ref).items
    return viewer.page("jobs/tray_live.html", title="", tray=jobs)


@router.get("/jobs/stream")
async def stream_tray(viewer: CurrentViewer) -> Response:
    """Send the tray whenever a job of one's own moves, until none is open."""
    return stream(viewer.request, _trays(viewer))


@router.get("/jobs/{job_id}/stream")
async def stream_job(job_id: str, viewer: CurrentViewer) -> Response:
    """Send the live part of a job's page until it has ended."""
    return stream(viewer.request, _moves(viewer, job_id))


def stream(request: Request, events: AsyncIterator[str]) -> Response:
    """Answer with server-sent events; nothing between us and the browser may hold them back."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


def event(name: str, body: str) -> str:
    """Write one event of the stream (WHATWG HTML, section 9.2.6)."""
    return f"event: {name}\n" + "".join(f"data: {line}\n" for line in body.splitlines()) + "\n"


async def _trays(viewer: Viewer) -> AsyncIterator[str]:
    told, waited = "", 0.0
    while waited < LONGEST_SECONDS and not await viewer.request.is_disconnected():
        body, is_busy = await run_in_threadpool(_tray, viewer)
        if body != told:
            told = body
            yield event("tray", body)
        if not is_busy:
            yield event("ended", "tray")
            return
        waited += EVERY_SECONDS
        await asyncio.sleep(EVERY_SECONDS)


def _tray(viewer: Viewer) -> tuple[str, bool]:
    with viewer.parts.database.session() as session:
        jobs = viewer.parts.jobs.list(session, TRAY, actor=viewer.actor.ref).items
    with words.speaking(viewer.looks.language):
        body = environment().get_template("jobs/tray_inside.html").render(tray=jobs)
    return body, any(job.status in OPEN for job in jobs)


async def _moves(viewer: Viewer, job_id: str) -> AsyncIterator[str]:
    told, waited = "", 0.0
    while waited < LONGEST_SECONDS and not await viewer.request.is_disconnected():
        body, is_open = await run_in_threadpool(_job_part, viewer, job_id)
        if body != told:
            told = body
            yield event("job", body)
        if not is_open:
            yield event("ended", job_id)
            return
        waited += EVERY_SECONDS
        await asyncio.sleep(EVERY_SECONDS)


def _job_part(viewer: Viewer, job_id: str) -> tuple[str, bool]:
    with viewer.parts.database.session() as session:
        job = viewer.parts.jobs.get(session, job_id)
    viewer.permit("job:read", _resource(job))
    with words.speaking(viewer.looks.language):
        body = environment().get_template("jobs/steps.html").render(job=job)
    return body, job.status in OPEN


def _resource(job: Job) -> Resource:
    return Resource(kind="job", id=job.id, attributes={"owner": job.actor})
