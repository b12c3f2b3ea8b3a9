"""Input ports of data products: added after a look at the source, read now or in a rhythm, their runs, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import catalog
from headway.catalog import connectors
from headway.catalog.connectors import InputPort, Peek, PortKind
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.pilot_start import department_choices
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
SHOWN = 50
KINDS: Mapping[str, tuple[str, str, str]] = {
    "sql": (N_("Database"), N_("A table or a query of PostgreSQL, SQLite and others."), "database"),
    "folder": (N_("Watched folder"), N_("Each file that is laid into a folder is taken once."), "inbox"),
    "files": (N_("Files and object storage"), N_("Files of a folder or a bucket, as they lie there now."), "stack-2"),
    "rest": (N_("API or CRM system"), N_("The pages that a system answers with."), "webhook"),
    "upload": (N_("Uploaded file"), N_("The file that was uploaded before there were input ports."), "cloud-upload"),
}
"""Name, what it is, icon."""
OFFERED: tuple[PortKind, ...] = ("sql", "folder", "files", "rest")


@router.get("/inputs/new")
def show_new(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """Which kind of source, and then what it needs."""
    if not viewer.may_somewhere("product:register"):
        viewer.permit("product:register", Resource(kind="product", id="new"))
    asked = request.query_params
    filled = {name: asked.get(name) for name in ("product", "kind", "department")}
    return _new_page(viewer, tx, Form.filled({**filled, "keep_upload": "true", "mode": "replace"}))


@router.post("/inputs/new")
def add(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Look at the source, or add it; the first run follows at once."""
    form = Form.of(data)
    kind = _kind(form)
    wanted = ("kind", "name") if form.text("product") else ("kind", "name", "department", "product_name")
    if not form.require(wanted, viewer.gettext("This is needed")) or kind is None:
        return _new_page(viewer, tx, form, status=422)
    settings = {name: form.text(name) for name in connectors.FIELDS[kind]}
    try:
        name = form.text("product") or f"{form.text('department')}.{form.text('product_name')}"
        department, product = connectors.place_of(name)
        viewer.permit("product:register", Resource(kind="product", id=product, department=department))
        if form.text("do") == "look":
            seen = connectors.peek(viewer.parts.settings, department, kind, settings)
            return _new_page(viewer, tx, form, seen=seen)
        with tx.begin_nested():
            made = connectors.add_port(
                tx,
                viewer.actor,
                product,
                name=form.text("name"),
                kind=kind,
                settings=settings,
                every_minutes=_minutes(form),
                keep_upload=form.is_on("keep_upload"),
            )
            connectors.start_run(tx, viewer.parts.jobs, viewer.actor, product, made.name)
    except HeadwayError as error:
        return _new_page(viewer, tx, form.take(error), status=error.status)
    return viewer.go(
        f"/products/{product}/inputs/{made.name}", viewer.gettext("Added; it is read for the first time now")
    )


@router.get("/products/{slug}/inputs/{port}")
def show_port(slug: str, port: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One input port: where it reads, how often, and what became of each run."""
    found = _readable(viewer, tx, slug, port)
    return _page(viewer, tx, found, Form())


@router.post("/products/{slug}/inputs/{port}/run")
def run(slug: str, port: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Read it now."""
    found = _own(viewer, tx, slug, port)
    try:
        with tx.begin_nested():
            started = connectors.start_run(tx, viewer.parts.jobs, viewer.actor, found.product, port)
    except HeadwayError as error:
        return _page(viewer, tx, found, Form().take(error), status=error.status)
    return viewer.go(f"/jobs/{started.job}", viewer.gettext("It is being read"))


@router.post("/products/{slug}/inputs/{port}/schedule")
def schedule(slug: str, port: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Read it in another rhythm, or by hand."""
    found, form = _own(viewer, tx, slug, port), Form.of(data)
    try:
        with tx.begin_nested():
            connectors.change_rhythm(tx, viewer.actor, found.product, port, _minutes(form))
    except HeadwayError as error:
        return _page(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go(f"/products/{found.product}/inputs/{port}", viewer.gettext("Changed"))


@router.post("/products/{slug}/inputs/{port}/remove")
def remove(slug: str, port: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Take it away."""
    found = _own(viewer, tx, slug, port)
    connectors.remove_port(tx, viewer.actor, found.product, port)
    return viewer.go(_back(tx, found), viewer.gettext("Removed; its rows go with the next run of another input"))


def is_fed(tx: Session, product: str) -> bool:
    """Whether the rows of a product come from input ports, so that it takes no uploads."""
    return any(one.kind != "upload" for one in connectors.list_ports(tx, product))


def of_product(viewer: Viewer, tx: Session, product: catalog.DataProduct) -> dict[str, Any]:
    """What the product's own page tells of its inputs."""
    return {
        "ports": connectors.list_ports(tx, product.slug),
        "runs": connectors.list_runs(tx, product.slug, limit=SHOWN).items,
        "kinds": KINDS,
    }


def _page(viewer: Viewer, tx: Session, found: InputPort, form: Form, status: int = 200) -> Response:
    runs = connectors.list_runs(tx, found.product, found.name, limit=SHOWN).items
    return viewer.page(
        "products/input.html",
        status=status,
        title=found.name,
        crumbs=[(viewer.gettext("Data products"), "/products"), (found.product, _back(tx, found))],
        port=found,
        form=form,
        kind=KINDS[found.kind],
        runs=runs,
        people=names(tx, [found.created_by, *(one.started_by for one in runs)]),
        may_change=viewer.may("product:register", _resource(found.product)),
    )


def _new_page(viewer: Viewer, tx: Session, form: Form, status: int = 200, seen: Peek | None = None) -> Response:
    kind, product = _kind(form), form.text("product")
    return viewer.page(
        "products/input_new.html",
        status=status,
        title=viewer.gettext("Add an input") if product else viewer.gettext("A data product from a source"),
        crumbs=[
            (viewer.gettext("Data products"), "/products"),
            *([(product, f"/products/{product}")] if product else []),
        ],
        form=form,
        kind=kind,
        kinds=KINDS,
        offered=OFFERED,
        seen=seen,
        departments=department_choices(viewer, tx, "product:register"),
        hosts=viewer.parts.settings.source_hosts,
    )


def _kind(form: Form) -> PortKind | None:
    return next((one for one in OFFERED if one == form.text("kind")), None)


def _minutes(form: Form) -> int | None:
    text = form.text("every_minutes")
    return None if not text else int(text) if text.isdecimal() and len(text) < 8 else 0


def _back(tx: Session, found: InputPort) -> str:
    """The product's page, or the list while the first run has not made it."""
    known = {one.slug for one in catalog.list_products(tx, department=found.department, limit=1000).items}
    return f"/products/{found.product}?show=inputs" if found.product in known else "/products"


def _readable(viewer: Viewer, tx: Session, slug: str, port: str) -> InputPort:
    viewer.permit("product:read", _resource(slug))
    return connectors.get_port(tx, slug, port)


def _own(viewer: Viewer, tx: Session, slug: str, port: str) -> InputPort:
    viewer.permit("product:register", _resource(slug))
    return connectors.get_port(tx, slug, port)


def _resource(slug: str) -> Resource:
    department, product = connectors.place_of(slug)
    return Resource(kind="product", id=product, department=department)
