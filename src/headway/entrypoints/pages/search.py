"""Ctrl-K: one search over pages, actions and all objects that somebody may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import catalog, governance, identity, portfolio, registry, serving
from headway.entrypoints.pages import navigation, words
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.viewer import CurrentViewer, Viewer
from headway.kernel.listing import ListQuery
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
EACH = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found."""

    title: str
    path: str
    icon: str
    note: str = ""


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
        for title, action, find in _OBJECTS:
            places = viewer.places(tx, action)
            if places is None or places:
                query = ListQuery(search=wanted, limit=EACH, within=places)
                yield words.gettext(title), find(tx, query)


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


Find = Callable[[Session, ListQuery], list[Hit]]


def _usecases(tx: Session, query: ListQuery) -> list[Hit]:
    found = governance.find_usecases(tx, query)
    return [Hit(one.title, f"/usecases/{one.slug}", "bulb", one.department) for one in found.items]


def _pilots(tx: Session, query: ListQuery) -> list[Hit]:
    found = portfolio.find_pilots(tx, query)
    return [Hit(one.name, f"/pilots/{one.id}", "test-pipe", one.department) for one in found.items]


def _products(tx: Session, query: ListQuery) -> list[Hit]:
    found = catalog.find_products(tx, query)
    return [Hit(one.name, f"/products/{one.name}", "database", one.department) for one in found.items]


def _models(tx: Session, query: ListQuery) -> list[Hit]:
    found = registry.find_models(tx, query)
    return [Hit(one.name, f"/models/{one.name}", "cube") for one in found.items]


def _deployments(tx: Session, query: ListQuery) -> list[Hit]:
    found = serving.find_deployments(tx, query)
    return [Hit(one.name, f"/deployments/{one.name}", "rocket", one.environment) for one in found.items]


def _people(tx: Session, query: ListQuery) -> list[Hit]:
    found = identity.find_people(tx, query)
    return [Hit(one.name, f"/people/{one.id}", "user", one.email or "") for one in found.items]


_OBJECTS: tuple[tuple[str, str, Find], ...] = (
    (N_("Use cases"), "usecase:read", _usecases),
    (N_("Pilots"), "pilot:read", _pilots),
    (N_("Data products"), "product:read", _products),
    (N_("Models"), "model:read", _models),
    (N_("Deployments"), "deployment:read", _deployments),
    (N_("People"), "person:read", _people),
)
