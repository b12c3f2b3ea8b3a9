"""Departments: the tree, adding one, and one with who answers for what in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import catalog, governance, identity
from headway.entrypoints.pages import govern
from headway.entrypoints.pages.access_words import ROLES
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.identity import ROOT, Department
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.ids import slug as make_slug
from headway.kernel.listing import ListQuery
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A department in the tree, with what lies in itself."""

    department: Department
    depth: int
    people: int
    usecases: int | None


@router.get("/departments")
def show_departments(viewer: CurrentViewer, tx: Tx) -> Response:
    """The tree of departments."""
    viewer.permit("department:read", _seen_from(viewer))
    return viewer.page(
        "departments/list.html",
        title=viewer.gettext("Departments"),
        nodes=tree(viewer, tx),
        may_add=viewer.may("department:manage", Resource(kind="department", id="new", department=ROOT)),
    )


def _seen_from(viewer: Viewer) -> Resource:
    """The tree is one thing: whoever may see a part of it sees how it lies in the whole."""
    place = next((one.department for one in viewer.actor.roles if one.department), None)
    whole = Resource(kind="department", id="all")
    return whole if viewer.may("department:read", whole) else Resource(kind="department", id="all", department=place)


def tree(viewer: Viewer, tx: Session) -> list[Node]:
    """All departments as they lie in each other, each with the people and use cases of its own."""
    found = identity.list_departments(tx)
    people = identity.count_holders(tx)
    within = viewer.places(tx, "usecase:read")
    counted = governance.count_usecases(tx, ListQuery(within=within), by="department")
    below: dict[str | None, list[Department]] = {}
    for one in found:
        below.setdefault(one.parent, []).append(one)

    def walk(parent: str | None, depth: int) -> Iterable[Node]:
        for one in sorted(below.get(parent, ()), key=lambda department: department.name):
            seen = within is None or one.slug in within
            told = counted.get(one.slug, 0) if seen else None
            yield Node(department=one, depth=depth, people=people.get(one.slug, 0), usecases=told)
            yield from walk(one.slug, depth + 1)

    return list(walk(None, 0))


@router.get("/departments/new")
def show_new_department(viewer: CurrentViewer, tx: Tx, parent: str = ROOT) -> Response:
    """The form for a new department."""
    viewer.permit("department:manage", Resource(kind="department", id="new", department=parent))
    return _new_page(viewer, tx, Form.filled({"parent": parent}))


@router.post("/departments/new")
def add_department(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Add a department; its short name is made of its name when none is given."""
    form = Form.of(data)
    parent = form.text("parent") or ROOT
    viewer.permit("department:manage", Resource(kind="department", id="new", department=parent))
    if not form.require(["name"], viewer.gettext("A department needs a name")):
        return _new_page(viewer, tx, form, status=422)
    try:
        with tx.begin_nested():
            short = form.text("slug") or make_slug(form.text("name"))
            made = identity.add_department(
                tx, viewer.actor, slug=short, name=form.text("name"), parent=parent, region=form.maybe("region")
            )
    except HeadwayError as error:
        return _new_page(viewer, tx, form.take(error), status=error.status)
    return viewer.go(f"/departments/{made.slug}", viewer.gettext("%(name)s is there now", name=made.name))


def _new_page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    return viewer.page(
        "departments/new.html",
        status=status,
        title=viewer.gettext("Add a department"),
        crumbs=[(viewer.gettext("Departments"), "/departments")],
        form=form,
        parents=govern.department_choices(viewer, tx, "department:manage"),
    )


@router.get("/departments/{slug}")
def show_department(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One department: who answers for what, what belongs to it, what lies below."""
    found = identity.get_department(tx, slug)
    viewer.permit("department:read", Resource(kind="department", id=slug, department=slug))
    return _page(viewer, tx, found, Form.filled({"name": found.name, "region": found.region}))


@router.post("/departments/{slug}/edit")
def change(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Change name and region."""
    found, form = identity.get_department(tx, slug), Form.of(data)
    viewer.permit("department:manage", Resource(kind="department", id=slug, department=slug))
    if not form.require(["name"], viewer.gettext("A department needs a name")):
        return _page(viewer, tx, found, form, status=422)
    try:
        with tx.begin_nested():
            identity.update_department(tx, viewer.actor, slug, name=form.text("name"), region=form.maybe("region"))
    except HeadwayError as error:
        return _page(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go(f"/departments/{slug}", viewer.gettext("Saved"))


def _page(viewer: Viewer, tx: Session, found: Department, form: Form, status: int = 200) -> Response:
    known = {one.slug: one for one in identity.list_departments(tx)}
    return viewer.page(
        "departments/department.html",
        status=status,
        title=found.name,
        crumbs=[(viewer.gettext("Departments"), "/departments"), *_above(viewer, known, found)],
        department=found,
        form=form,
        parent=known.get(found.parent or ""),
        children=[one for one in known.values() if one.parent == found.slug],
        counts=_counts(viewer, tx, found.slug),
        roles=ROLES,
        may_manage=viewer.may("department:manage", _thing("department", found.slug)),
        may_stop=viewer.may("deployment:suspend", _thing("department", found.slug)),
        **_holders(viewer, tx, found.slug),
    )


def _above(viewer: Viewer, known: dict[str, Department], found: Department) -> list[tuple[str, str | None]]:
    line: list[tuple[str, str | None]] = []
    at = known.get(found.parent or "")
    while at is not None:
        is_seen = viewer.may("department:read", _thing("department", at.slug))
        line.insert(0, (at.name, f"/departments/{at.slug}" if is_seen else None))
        at = known.get(at.parent or "")
    return line


def _counts(viewer: Viewer, tx: Session, slug: str) -> list[tuple[str, int, str]]:
    """What belongs to a department, as far as the viewer may read it: word, number, address of the list."""
    asked = ListQuery(filters={"department": (slug,)}, limit=1)
    found = []
    if viewer.may("usecase:read", _thing("usecase", slug)):
        total = governance.find_usecases(tx, asked).total
        found.append((viewer.gettext("Use cases"), total, f"/usecases?department={slug}"))
    if viewer.may("product:read", _thing("product", slug)):
        total = catalog.find_products(tx, asked).total
        found.append((viewer.gettext("Data products"), total, f"/products?department={slug}"))
    return found


def _holders(viewer: Viewer, tx: Session, slug: str) -> dict[str, Any]:
    if not viewer.may("role:read", _thing("role", slug)):
        return {"holders": None, "people": {}}
    order = list(ROLES)
    held = sorted(identity.held_in(tx, slug), key=lambda one: order.index(one.role))
    return {"holders": held, "people": names(tx, [one.principal for one in held])}


def _thing(kind: str, department: str) -> Resource:
    return Resource(kind=kind, id="any", department=department)
