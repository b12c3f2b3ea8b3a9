"""The home page: what waits for you, and how things stand, by the roles you hold."""

from __future__ import annotations

from fastapi import APIRouter, Response

from headway.entrypoints.pages.viewer import CurrentViewer

router = APIRouter(include_in_schema=False)


@router.get("/")
def show_home(viewer: CurrentViewer) -> Response:
    """The home page."""
    return viewer.page("home/home.html", title=viewer.gettext("Home"))
