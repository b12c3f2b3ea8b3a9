"""What Ctrl-K finds among objects: each kind asked as its list is, narrowed to what somebody may see; and any id by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy.orm import Session

from headway import catalog, collaboration, governance, identity, portfolio, registry, serving
from headway.entrypoints.pages import links, words
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.viewer import Viewer
from headway.kernel.errors import NotFound
from headway.kernel.listing import ListQuery

EACH = 6
_ID = re.compile(r"(?:[a-z]+:)?(([a-z]{3})_[0-9a-z]{26})")
# The kinds of things by how their ids begin.
_KINDS = {
    "apr": "approval",
    "dec": "decision",
    "dsr": "dossier",
    "evt": "event",
    "job": "job",
    "per": "person",
    "plt": "pilot",
    "rel": "release",
    "rpl": "replay",
    "run": "run",
    "scp": "scaleplan",
    "vdt": "verdict",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found."""

    title: str
    path: str
    icon: str
    note: str = ""


def named(viewer: Viewer, tx: Session, wanted: str) -> Iterator[tuple[str, list[Hit]]]:
    """The groups of objects that words or an id name."""
    if meant := _ID.fullmatch(wanted.strip().lower()):
        yield words.gettext("By its id"), list(_by_id(viewer, tx, meant[1], meant[2]))
    for title, action, find in _OBJECTS:
        places = viewer.places(tx, action)
        if places is None or places:
            yield words.gettext(title), find(tx, ListQuery(search=wanted, limit=EACH, within=places))
    text = wanted.lower()
    yield words.gettext("Departments"), list(_departments(viewer, tx, text))
    yield words.gettext("Policies"), list(_policies(viewer, tx, text))
    yield words.gettext("Your tasks"), list(_tasks(viewer, tx, text))
    yield words.gettext("Saved views"), list(_views(viewer, tx, text))


def _by_id(viewer: Viewer, tx: Session, name: str, kind: str) -> Iterator[Hit]:
    """The thing with an id, when there is one that somebody may open."""
    if kind not in _KINDS:
        return
    reference = f"{_KINDS[kind]}:{name}"
    try:
        found = viewer.parts.subjects.describe(tx, reference)
    except NotFound:
        return
    if (address := links.href(reference)) and viewer.may_open(reference):
        yield Hit(found.title, address, "arrow-right", words.gettext(_KINDS[kind]))


def _departments(viewer: Viewer, tx: Session, text: str) -> Iterator[Hit]:
    found = [one for one in identity.list_departments(tx) if text in one.name.lower() or text in one.slug]
    seen = (one for one in found if viewer.may_open(f"department:{one.slug}"))
    yield from (Hit(one.name, f"/departments/{one.slug}", "sitemap") for one in islice(seen, EACH))


def _policies(viewer: Viewer, tx: Session, text: str) -> Iterator[Hit]:
    if viewer.may_somewhere("policy:read"):
        found = [one for one in governance.list_packs(tx) if text in one.title.lower() or text in one.id]
        yield from (Hit(one.title, f"/policies/{one.id}", "scale", one.version) for one in found[:EACH])


def _tasks(viewer: Viewer, tx: Session, text: str) -> Iterator[Hit]:
    found = collaboration.list_tasks(tx, assignee=viewer.actor.ref, limit=200).items
    yield from [Hit(one.title, f"/tasks/{one.id}", "checklist") for one in found if text in one.title.lower()][:EACH]


def _views(viewer: Viewer, tx: Session, text: str) -> Iterator[Hit]:
    found = [one for one in collaboration.list_views(tx, viewer.actor) if text in one.name.lower()]
    yield from (Hit(one.name, f"{one.page}?{one.query}" if one.query else one.page, "bookmark") for one in found[:EACH])


Find = Callable[[Session, ListQuery], list[Hit]]


def _usecases(tx: Session, query: ListQuery) -> list[Hit]:
    found = governance.find_usecases(tx, query)
    return [Hit(one.title, f"/usecases/{one.slug}", "bulb", one.department) for one in found.items]


def _systems(tx: Session, query: ListQuery) -> list[Hit]:
    found = governance.find_systems(tx, replace(query, within=None))  # of the whole organisation
    return [Hit(one.title, f"/systems/{one.slug}", "stack-2", one.vendor or "") for one in found.items]


def _vendors(tx: Session, query: ListQuery) -> list[Hit]:
    found = governance.find_vendors(tx, replace(query, within=None))
    return [Hit(one.name, f"/vendors/{one.slug}", "briefcase", one.supplies or "") for one in found.items]


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


def _approvals(tx: Session, query: ListQuery) -> list[Hit]:
    found = governance.find_approvals(tx, query)
    return [_asked(one.subject, one.environment, f"/approvals/{one.id}", "gavel") for one in found.items]


def _releases(tx: Session, query: ListQuery) -> list[Hit]:
    found = registry.find_releases(tx, query)
    return [_asked(one.version, one.environment, f"/releases/{one.id}", "rocket") for one in found.items]


def _asked(version: str, environment: str, path: str, icon: str) -> Hit:
    return Hit(version.partition(":")[2].replace("@", " "), path, icon, words.gettext(environment))


_OBJECTS: tuple[tuple[str, str, Find], ...] = (
    (N_("Use cases"), "usecase:read", _usecases),
    (N_("Systems"), "system:read", _systems),
    (N_("Vendors"), "vendor:read", _vendors),
    (N_("Pilots"), "pilot:read", _pilots),
    (N_("Data products"), "product:read", _products),
    (N_("Models"), "model:read", _models),
    (N_("Approvals"), "release:read", _approvals),
    (N_("Releases"), "release:read", _releases),
    (N_("Deployments"), "deployment:read", _deployments),
    (N_("People"), "person:read", _people),
)
