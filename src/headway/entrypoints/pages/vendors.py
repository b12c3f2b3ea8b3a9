"""Vendors: who supplies systems from outside, what rests on them, what of it runs, and whether all is in order."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import governance
from headway.entrypoints.pages import exports, govern, supplied
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import Vendor
from headway.kernel.auth import Resource
from headway.kernel.canonical import sha256
from headway.kernel.errors import Fault, HeadwayError, Invalid
from headway.kernel.ids import Ref
from headway.kernel.listing import Found
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
FIELDS = ("name", "supplies", "contact", "contract_ends", "exit_plan")
ASSESSMENT = "vendor_assessment"
SHOWN, LARGEST_DOCUMENT = 20, 50_000_000


def _one(slug: str) -> Resource:
    return Resource(kind="vendor", id=slug)


@router.get("/vendors")
def show_vendors(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The register of vendors."""
    govern.need_somewhere(viewer, tx, "vendor:read")
    found = governance.find_vendors(tx, query_of(request, sort="name", filters=("retired",)))
    table = _view(request, viewer, found)
    if exports.is_wanted(request):
        rows = exports.all_rows(found, lambda query: governance.find_vendors(tx, query))
        cells = [
            (
                one.name,
                one.supplies,
                len(one.systems),
                one.contract_ends.isoformat() if one.contract_ends else None,
                one.assessed_at,
                "; ".join(one.missing),
            )
            for one in rows
        ]
        return exports.download(viewer, table, cells)
    return viewer.page(
        "vendors/list.html",
        title=viewer.gettext("Vendors"),
        table=table,
        may_add=viewer.may("vendor:manage", _one("new")),
    )


def _view(request: Request, viewer: Viewer, found: Found[Vendor]) -> TableView:
    said = viewer.gettext
    return view_of(
        request,
        found,
        name="vendors",
        caption=said("Vendors"),
        columns=(
            Column(name="name", label=said("Name")),
            Column(name="supplies", label=said("Supplies"), is_sortable=False, is_wide=True),
            Column(name="systems", label=said("Systems"), kind="integer"),
            Column(name="contract_ends", label=said("Contract ends")),
            Column(name="assessed_at", label=said("Assessed"), kind="date"),
            Column(name="missing", label=said("Not in order"), is_sortable=False),
        ),
        filters=(
            Filter(
                name="retired",
                label=said("Retired or not"),
                choices=(("false", said("active")), ("true", said("retired"))),
            ),
        ),
        empty={
            "title": said("No vendors yet"),
            "text": said(
                "A vendor supplies a system, or the model in it. Written down, everything that rests on one can be seen, "
                "and stopped at once."
            ),
            "icon": "briefcase",
            **(
                {"href": "/vendors/new", "action": said("Write down a vendor")}
                if viewer.may("vendor:manage", _one("new"))
                else {}
            ),
        },
    )


@router.get("/vendors/new")
def show_new_vendor(viewer: CurrentViewer) -> Response:
    """The form for a vendor."""
    viewer.permit("vendor:manage", _one("new"))
    return _new_page(viewer, Form())


@router.post("/vendors/new")
def open_vendor(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Write the vendor down; the name in addresses is made of the name."""
    form = Form.of(data)
    viewer.permit("vendor:manage", _one("new"))
    if not form.require(["name"], viewer.gettext("A vendor needs a name")):
        return _new_page(viewer, form, status=422)
    try:
        with tx.begin_nested():
            made = governance.open_vendor(
                tx,
                viewer.actor,
                slug=form.text("slug") or supplied.name_of(form.text("name")),
                name=form.text("name"),
                supplies=form.maybe("supplies"),
                contact=form.maybe("contact"),
                contract_ends=_day(viewer, form),
                exit_plan=form.maybe("exit_plan"),
            )
    except HeadwayError as error:
        return _new_page(viewer, form.take(error), status=error.status)
    return viewer.go(f"/vendors/{made.slug}", viewer.gettext("%(name)s is there now", name=made.name))


def _new_page(viewer: Viewer, form: Form, status: int = 200) -> Response:
    return viewer.page(
        "vendors/new.html",
        status=status,
        title=viewer.gettext("Write down a vendor"),
        crumbs=[(viewer.gettext("Vendors"), "/vendors")],
        form=form,
    )


@router.get("/vendors/{slug}")
def show_vendor(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One vendor: contract, exit plan, assessments, systems, the use cases that rest on them, what runs."""
    return _page(viewer, tx, slug, Form())


@router.post("/vendors/{slug}/edit")
def change(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Change a vendor."""
    form = Form.of(data)
    viewer.permit("vendor:manage", _one(slug))
    found = governance.get_vendor(tx, slug)
    try:
        with tx.begin_nested():
            said = {**{name: form.maybe(name) for name in FIELDS}, "contract_ends": _day(viewer, form)}
            changes = {name: value for name, value in said.items() if value != getattr(found, name)}
            if changes:
                governance.change_vendor(tx, viewer.actor, slug, changes=changes)
    except HeadwayError as error:
        return _page(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go(f"/vendors/{slug}", viewer.gettext("Saved"))


@router.post("/vendors/{slug}/assess")
def assess(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Attest an assessment in one's own name; of a document only its digest is kept."""
    form = Form.of(data)
    viewer.permit("evidence:record", Resource(kind="evidence", id=ASSESSMENT))
    found, file = governance.get_vendor(tx, slug), upload(data, "document")
    content = file.file.read(LARGEST_DOCUMENT) if file else None
    try:
        with tx.begin_nested():
            governance.attest(
                tx,
                viewer.actor,
                type=ASSESSMENT,
                subject=Ref("vendor", slug),
                subject_digest=found.digest,
                facts={},
                payload_digest=sha256(content) if content is not None else None,
            )
    except HeadwayError as error:
        return _page(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go(f"/vendors/{slug}", viewer.gettext("Attested in your name"))


@router.post("/vendors/{slug}/retire")
def retire(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Retire a vendor."""
    form = Form.of(data)
    viewer.permit("vendor:manage", _one(slug))
    try:
        with tx.begin_nested():
            governance.retire_vendor(tx, viewer.actor, slug, form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go(f"/vendors/{slug}", viewer.gettext("Retired"))


@router.post("/vendors/{slug}/reopen")
def reopen(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take a retired vendor up again."""
    form = Form.of(data)
    viewer.permit("vendor:manage", _one(slug))
    try:
        with tx.begin_nested():
            governance.reopen_vendor(tx, viewer.actor, slug, form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, slug, form.take(error), status=error.status)
    return viewer.go(f"/vendors/{slug}", viewer.gettext("Taken up again"))


def _page(viewer: Viewer, tx: Session, slug: str, form: Form, status: int = 200) -> Response:
    govern.need_somewhere(viewer, tx, "vendor:read")
    found = governance.get_vendor(tx, slug)
    rest = supplied.resting(viewer, tx, governance.usecases_of_vendor(tx, slug))
    proofs = governance.list_evidence(tx, subject=Ref("vendor", slug), limit=SHOWN).items
    return viewer.page(
        "vendors/show.html",
        status=status,
        title=found.name,
        crumbs=[(viewer.gettext("Vendors"), "/vendors")],
        vendor=found,
        systems=governance.list_systems(tx, vendor=slug, limit=supplied.MOST).items,
        kinds={kind.value: viewer.gettext(word) for kind, word in supplied.KINDS.items()},
        rest=rest,
        running=supplied.running(viewer, tx, rest.seen),
        proofs=proofs,
        form=form,
        edit=form if form.text("name") else Form.filled({name: getattr(found, name) for name in FIELDS}),
        departments=govern.department_names(tx),
        people=names(tx, [found.opened_by, found.retired_by, *(one.producer for one in proofs)]),
        may={
            "edit": viewer.may("vendor:manage", _one(slug)),
            "assess": viewer.may("evidence:record", Resource(kind="evidence", id=ASSESSMENT)),
            "stop": viewer.may("deployment:suspend", _one(slug)),
            "system": viewer.may("system:manage", Resource(kind="system", id="new")),
        },
    )


def _day(viewer: Viewer, form: Form) -> date | None:
    """The last day of the contract; raises Invalid when it is none."""
    if not form.text("contract_ends"):
        return None
    try:
        return date.fromisoformat(form.text("contract_ends"))
    except ValueError as error:
        message = viewer.gettext("write a day as 2026-12-31")
        raise Invalid(message, faults=[Fault(rule="vendor.day", column="contract_ends", message=message)]) from error
