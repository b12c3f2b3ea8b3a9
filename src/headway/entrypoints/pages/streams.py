"""Live parts of pages by server-sent events: sent whenever they change, for as long as somebody is signed in and looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from headway import identity
from headway.entrypoints.pages import words
from headway.entrypoints.pages.render import environment
from headway.entrypoints.pages.viewer import Viewer
from headway.kernel import clock
from headway.kernel.errors import HeadwayError

EVERY_SECONDS = 1.0
LONGEST_SECONDS = 300.0
"""A stream ends after this time; the browser opens the next one, which asks anew who is there."""
SIGNED_OUT = "event: ended\ndata: signed out\n\n"
"""All that a stream says to somebody whose session has ended."""
Part = Callable[[], tuple[str, bool]]
"""Gives the part as HTML, and whether it may still change."""


def stream(events: AsyncIterator[str]) -> Response:
    """Answer with server-sent events; nothing between us and the browser may hold them back."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


def event(name: str, body: str) -> str:
    """Write one event of the stream (WHATWG HTML, section 9.2.6)."""
    return f"event: {name}\n" + "".join(f"data: {line}\n" for line in body.splitlines()) + "\n"


async def follow(viewer: Viewer, name: str, part: Part) -> AsyncIterator[str]:
    """Send a part whenever it has changed, and ``ended`` once it will change no more or the viewer is signed out."""
    told, waited = "", 0.0
    while waited < LONGEST_SECONDS and not await viewer.request.is_disconnected():
        found = await run_in_threadpool(_look, viewer, part)
        if found is None:
            yield SIGNED_OUT
            return
        body, is_open = found
        if body != told:
            told = body
            yield event(name, body)
        if not is_open:
            yield event("ended", name)
            return
        waited += EVERY_SECONDS
        await asyncio.sleep(EVERY_SECONDS)


def draw(viewer: Viewer, template: str, **context: object) -> str:
    """Draw a part in the viewer's language."""
    with words.speaking(viewer.looks.language):
        return environment().get_template(template).render(viewer=viewer, **context)


def is_stream(request: Request) -> bool:
    """Whether a browser asks for events."""
    return request.headers.get("accept", "").startswith("text/event-stream")


def _look(viewer: Viewer, part: Part) -> tuple[str, bool] | None:
    """The part, or None when the session has ended or the part may not be seen any more. Looking keeps no session alive."""
    try:
        with viewer.parts.database.session() as session:
            held = identity.find_session(session, viewer.secret)
        if held.ended_at is not None or held.expires_at <= clock.now():
            return None
        return part()
    except HeadwayError:
        return None
