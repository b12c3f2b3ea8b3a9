"""One's own calendar: a secret address that calendar programs subscribe to, which can be renewed and taken away."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import council
from headway.governance.council.routes.meetings import own_calendar
from headway.kernel.web import HereParts, Tx

router = APIRouter(include_in_schema=False)
MEDIA = "text/calendar; charset=utf-8"


@router.get("/calendar")
def show_calendar(viewer: CurrentViewer, tx: Tx) -> Response:
    """Whether there is an address, and what it gives."""
    viewer.permit("inbox:read", own_calendar(viewer.actor))
    return _page(viewer, tx)


@router.post("/calendar")
def renew(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Make the address, or a new one; it is shown once."""
    viewer.permit("inbox:update", own_calendar(viewer.actor))
    made = council.renew_calendar(tx, viewer.actor)
    return _page(viewer, tx, f"{_address(viewer)}{made.path}")


@router.post("/calendar/end")
def end(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take the address away."""
    viewer.permit("inbox:update", own_calendar(viewer.actor))
    council.end_calendar(tx, viewer.actor)
    return viewer.go("/calendar", viewer.gettext("The address opens nothing any more"))


@router.get("/calendars/{secret}.ics")
def read_calendar(secret: str, here: HereParts, tx: Tx) -> Response:
    """The calendar that a secret address gives: calendar programs cannot sign in."""
    url = here.settings.public_url or ""
    text = council.read_calendar(tx, secret, allows=here.authorizer.allows, url=url)
    headers = {"cache-control": "private, no-store", "x-robots-tag": "noindex", "referrer-policy": "no-referrer"}
    return Response(text, media_type=MEDIA, headers=headers)


def _address(viewer: Viewer) -> str:
    return viewer.parts.settings.public_url or str(viewer.request.base_url).rstrip("/")


def _page(viewer: Viewer, tx: Session, address: str | None = None) -> Response:
    return viewer.page(
        "meetings/calendar.html",
        title=viewer.gettext("Your calendar"),
        crumbs=[(viewer.gettext("Council"), "/council")] if viewer.may_somewhere("council:read") else [],
        since=council.calendar_address(tx, viewer.actor).made_at,
        address=address,
    )
