"""Ctrl-K: one search over pages, actions, help and all objects that somebody may see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway.entrypoints.pages import navigation, search_objects, words
from headway.entrypoints.pages.help import documents
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.search_objects import EACH, Hit
from headway.entrypoints.pages.viewer import CurrentViewer, Viewer
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done from anywhere."""

    name: str
    path: str
    icon: str
    action: str | None = None
    is_whole: bool = False
    """Whether it is about the whole organisation, so that the action must be held everywhere."""

    def is_seen(self, viewer: Viewer) -> bool:
        """Whether somebody may do it."""
        if self.action is None:
            return True
        return viewer.may_everywhere(self.action) if self.is_whole else viewer.may_somewhere(self.action)


ACTIONS = (
    Action(N_("Propose a use case"), "/usecases/new", "plus", "usecase:open"),
    Action(N_("Start a pilot from a file"), "/pilots/new", "test-pipe", "pilot:start"),
    Action(N_("Register a data product"), "/products/new", "cloud-upload", "product:register"),
    Action(N_("Make a token"), "/tokens", "key"),
    Action(N_("Why can I (not) do something?"), "/access", "lock-open"),
    Action(N_("Verify the ledger"), "/ledger", "shield-check", "ledger:verify", is_whole=True),
    Action(N_("Add a person"), "/people/new", "user-plus", "person:manage", is_whole=True),
    Action(N_("Import use cases from Excel"), "/usecases/import", "file-spreadsheet", "usecase:open"),
    Action(N_("Settings of notifications"), "/settings/notifications", "bell"),
    Action(N_("Help"), "/help", "help-circle"),
)


@router.get("/search")
def search(viewer: CurrentViewer, tx: Tx, q: str = "") -> Response:
    """The groups of hits as a part of the palette."""
    wanted = q.strip()[:100]
    with words.speaking(viewer.looks.language):
        groups = [(title, hits) for title, hits in _groups(viewer, tx, wanted) if hits]
    return viewer.page("search/hits.html", title="", groups=groups, wanted=wanted)


def _groups(viewer: Viewer, tx: Session, wanted: str) -> Iterator[tuple[str, list[Hit]]]:
    yield words.gettext("Pages"), list(_pages(viewer, wanted))
    yield words.gettext("Actions"), list(_actions(viewer, wanted))
    if wanted:
        yield from search_objects.named(viewer, tx, wanted)
        yield words.gettext("Help"), list(_help(wanted))


def _pages(viewer: Viewer, wanted: str) -> Iterator[Hit]:
    for area in navigation.areas(viewer):
        for entry in area.entries:
            if wanted.lower() in entry.name.lower():
                yield Hit(entry.name, entry.path, entry.icon, area.name)


def _actions(viewer: Viewer, wanted: str) -> Iterator[Hit]:
    for known in ACTIONS:
        name = words.gettext(known.name)
        if wanted.lower() in name.lower() and known.is_seen(viewer):
            yield Hit(name, known.path, known.icon)


def _help(wanted: str) -> Iterator[Hit]:
    found = [one for one in documents().values() if wanted.lower() in one.title.lower()]
    yield from (Hit(one.title, f"/help/{one.path}", "book") for one in found[:EACH])
