"""Systems: what does the work of use cases, what it settles about them, its versions by digest, where it runs."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import governance
from headway.entrypoints.pages import exports, govern, kept, supplied
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import System
from headway.kernel.auth import Resource
from headway.kernel.errors import Denied, HeadwayError
from headway.kernel.listing import Found
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
FIELDS = ("title", "kind", "vendor", "description")


def _one(slug: str) -> Resource:
    return Resource(kind="system", id=slug)


@router.get("/systems")
def show_systems(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The register of systems."""
    govern.need_somewhere(viewer, tx, "system:read")
    found = governance.find_systems(tx, query_of(request, sort="title", filters=("kind", "vendor", "retired")))
    vendors = dict(supplied.vendor_choices(tx))
    table = _view(request, viewer, found, vendors)
    if exports.is_wanted(request):
        rows = exports.all_rows(found, lambda query: governance.find_systems(tx, query))
        cells = [
            (one.title, _kind(viewer, one), one.vendor, len(one.usecases), one.updated_at, one.status) for one in rows
        ]
        return exports.download(viewer, table, cells)
    return viewer.page(
        "systems/list.html",
        title=viewer.gettext("Systems"),
        table=table,
        vendors=vendors,
        kind=lambda one: _kind(viewer, one),
        may_add=viewer.may("system:manage", _one("new")),
    )


def _view(request: Request, viewer: Viewer, found: Found[System], vendors: Mapping[str, str]) -> TableView:
    said = viewer.gettext
    return view_of(
        request,
        found,
        name="systems",
        caption=said("Systems"),
        columns=(
            Column(name="title", label=said("Title")),
            Column(name="kind", label=said("Kind")),
            Column(name="vendor", label=said("Vendor")),
            Column(name="usecases", label=said("Use cases"), kind="integer"),
            Column(name="updated_at", label=said("Updated"), kind="date", is_wide=True),
            Column(name="retired", label=said("State")),
        ),
        filters=(
            Filter(
                name="kind",
                label=said("All kinds"),
                choices=tuple((kind.value, said(word)) for kind, word in supplied.KINDS.items()),
            ),
            Filter(name="vendor", label=said("All vendors"), choices=tuple(vendors.items())),
            Filter(
                name="retired",
                label=said("Retired or not"),
                choices=(("false", said("active")), ("true", said("retired"))),
            ),
        ),
        empty={
            "title": said("No systems yet"),
            "text": said(
                "A system is what does the work of a use case: a model of your own, software from a vendor, "
                "something generative. What is known of it fills in the risk facts of its use cases."
            ),
            "icon": "stack-2",
            **(
                {"href": "/systems/new", "action": said("Write down a system")}
                if viewer.may("system:manage", _one("new"))
                else {}
            ),
        },
    )


@router.get("/systems/new")
def show_new_system(viewer: CurrentViewer, tx: Tx, usecase: str = "", vendor: str = "") -> Response:
    """The form for a system."""
    viewer.permit("system:manage", _one("new"))
    kind = "vendor_supplied" if vendor else "own"
    return _new_page(viewer, tx, Form.filled({"usecase": usecase or None, "vendor": vendor or None, "kind": kind}))


@router.post("/systems/new")
def open_system(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Write the system down; its name in addresses is made of its title."""
    form = Form.of(data)
    viewer.permit("system:manage", _one("new"))
    usecase = form.maybe("usecase")
    if usecase is not None:
        viewer.permit("usecase:update", govern.about(governance.get_usecase(tx, usecase)))
    if not form.require(["title"], viewer.gettext("A system needs a title")):
        return _new_page(viewer, tx, form, status=422)
    try:
        with tx.begin_nested():
            made = governance.open_system(
                tx,
                viewer.actor,
                slug=form.text("slug") or supplied.name_of(form.text("title")),
                title=form.text("title"),
                kind=form.text("kind"),
                vendor=form.maybe("vendor"),
                description=form.maybe("description"),
                usecases=(usecase,) if usecase else (),
            )
    except Denied:
        raise
    except HeadwayError as error:
        return _new_page(viewer, tx, form.take(error), status=error.status)
    return viewer.go(f"/systems/{made.slug}", viewer.gettext("%(name)s is there now", name=made.title))


def _new_page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    return viewer.page(
        "systems/new.html",
        status=status,
        title=viewer.gettext("Write down a system"),
        crumbs=[(viewer.gettext("Systems"), "/systems")],
        form=form,
        usecases=supplied.usecase_choices(viewer, tx, ()),
        **_choices(viewer, tx, form),
    )


def _choices(viewer: Viewer, tx: Session, form: Form, now: str | None = None) -> dict[str, object]:
    return {
        "kinds": [(kind.value, viewer.gettext(word)) for kind, word in supplied.KINDS.items()],
        "vendors": supplied.vendor_choices(tx, now),
    }


# --- links -------------------------------------------------------------------------------------------------------


@router.post("/systems/link")
def link(request: Request, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say that a use case rests on a system."""
    form = Form.of(data)
    if not form.require(("system", "usecase"), viewer.gettext("Choose one")):
        return viewer.go(kept.came_from(request), viewer.gettext("Choose one"))
    case = governance.get_usecase(tx, form.text("usecase"))
    viewer.permit("usecase:update", govern.about(case))
    try:
        with tx.begin_nested():
            governance.link_system(tx, viewer.actor, form.text("system"), case.slug)
    except HeadwayError as error:
        return _page(viewer, tx, form.text("system"), form.take(error), status=error.status)
    told = viewer.gettext("Linked; what the system settles is filled in")
    return viewer.go(kept.came_from(request), told)


@router.post("/systems/unlink")
def unlink(request: Request, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say that a use case no longer rests on a system."""
    form = Form.of(data)
    case = governance.get_usecase(tx, form.text("usecase"))
    viewer.permit("usecase:update", govern.about(case))
    try:
        with tx.begin_nested():
            governance.unlink_system(tx, viewer.actor, form.text("system"), case.slug)
    except HeadwayError as error:
        return _page(viewer, tx, form.text("system"), form.take(error), status=error.status)
    told = viewer.gettext("Unlinked; what the system alone settled is unknown again")
    return viewer.go(kept.came_from(request), told)


# --- one system --------------------------------------------------------------------------------------------------


@router.get("/systems/{slug}")
def show_system(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One system: what it is, what rests on it, its versions, where it runs."""
    return _page(viewer, tx, slug, Form())


@router.post("/systems/{slug}/edit")
def change(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Change a system; tiers that depend on it are decided anew."""
    form = Form.of(data)
    viewer.permit("system:manage", _one(slug))
    found = governance.get_system(tx, slug)
    try:
        with tx.begin_nested():
            changes = {name: form.maybe(name) for name in FIELDS if form.maybe(name) != getattr(found, name)}
            if changes:
                governance.change_system(tx, viewer.actor, slug, changes=changes)
    except HeadwayError as error:
        return _page(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go(f"/systems/{slug}", viewer.gettext("Saved"))


@router.post("/systems/{slug}/retire")
def retire(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Retire a system."""
    form = Form.of(data)
    viewer.permit("system:manage", _one(slug))
    try:
        with tx.begin_nested():
            governance.retire_system(tx, viewer.actor, slug, form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go(f"/systems/{slug}", viewer.gettext("Retired"))


@router.post("/systems/{slug}/reopen")
def reopen(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take a retired system up again."""
    form = Form.of(data)
    viewer.permit("system:manage", _one(slug))
    try:
        with tx.begin_nested():
            governance.reopen_system(tx, viewer.actor, slug, form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go(f"/systems/{slug}", viewer.gettext("Taken up again"))


def _page(viewer: Viewer, tx: Session, slug: str, form: Form, status: int = 200) -> Response:
    govern.need_somewhere(viewer, tx, "system:read")
    found = governance.get_system(tx, slug)
    rest = supplied.resting(viewer, tx, found.usecases)
    edit = form if form.text("title") else Form.filled({name: getattr(found, name) for name in FIELDS})
    may_edit = viewer.may("system:manage", _one(slug))
    return viewer.page(
        "systems/show.html",
        status=status,
        title=found.title,
        crumbs=[(viewer.gettext("Systems"), "/systems")],
        system=found,
        kind=_kind(viewer, found),
        vendor=governance.get_vendor(tx, found.vendor) if found.vendor else None,
        rest=rest,
        versions=supplied.versions(viewer, tx, rest.seen),
        running=supplied.running(viewer, tx, rest.seen),
        form=form,
        edit=edit,
        changeable={case.slug for case in rest.seen if viewer.may("usecase:update", govern.about(case))},
        offered=supplied.usecase_choices(viewer, tx, found.usecases) if found.status == "active" else (),
        departments=govern.department_names(tx),
        people=names(tx, [found.opened_by, found.retired_by]),
        may_edit=may_edit,
        **(_choices(viewer, tx, edit, found.vendor) if may_edit else {"kinds": (), "vendors": ()}),
    )


def _kind(viewer: Viewer, system: System) -> str:
    return viewer.gettext(supplied.KINDS[system.kind])
