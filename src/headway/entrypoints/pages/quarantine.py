"""The quarantine of a product: rows that were set aside, one row to mend, a corrected file brought back, and its ports."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import catalog
from headway.catalog import DataProduct, access
from headway.catalog import quarantine as quarantined
from headway.catalog.quarantine import Edit, Mode, Places, QuarantinedRow, RowState
from headway.documents import About
from headway.entrypoints.pages import exports
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid, NotFound
from headway.kernel.listing import Found
from headway.kernel.receiving import received, sent_name
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
STATES = {
    RowState.open: (N_("open"), "bad", "circle-x"),
    RowState.fixed: (N_("mended"), "warn", "clock"),
    RowState.replayed: (N_("entered"), "ok", "circle-check"),
    RowState.dismissed: (N_("given up"), "", "history"),
}
MODES = {
    Mode.warn: N_("All rows enter, the report tells"),
    Mode.quarantine: N_("Good rows enter, bad rows are set aside"),
    Mode.block: N_("The whole batch is refused"),
}
BATCHES = 20


@router.get("/products/{slug}/quarantine")
def show_quarantine(request: Request, slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The rows that wait, the batches they came with, and what each port does."""
    product = _product(viewer, tx, slug)
    if exports.is_wanted(request):
        return _download(request, viewer, tx, product)
    return _page(viewer, tx, product, Form())


@router.get("/products/{slug}/quarantine/row")
def show_row(slug: str, viewer: CurrentViewer, tx: Tx, batch: str = "", row: int = 0) -> Response:
    """One row: what came, what it is now, what is wrong with it, and a form to mend it."""
    product = _product(viewer, tx, slug)
    return _row_page(viewer, tx, product, _row(viewer, tx, product, batch, row), Form())


@router.post("/products/{slug}/quarantine/fix")
def fix(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Change values of one row; it is held to the contract at once."""
    product, form = catalog.get_product(tx, slug), Form.of(data)
    viewer.permit("product:register", _about(product))
    one = _row(viewer, tx, product, form.text("batch"), _number(form.text("row")))
    values = {name: form.text(_cell(name)) or None for name in product.columns if _cell(name) in form.values}
    changed = {
        name: text
        for name, text in values.items()
        if text != (one.values.get(name) or "").strip() and (text or one.values.get(name))
    }
    try:
        with tx.begin_nested():
            edits = [Edit(batch=one.batch, row=one.row, values=changed)]
            made = quarantined.fix(tx, viewer.actor, _places(viewer), slug, edits=edits, reason=form.text("reason"))
    except HeadwayError as error:
        return _row_page(viewer, tx, product, one, form.take(error), status=error.status)
    if made.open:
        told = viewer.gettext("Kept, and the row still breaks a rule")
        return viewer.go(f"/products/{slug}/quarantine/row?batch={one.batch}&row={one.row}", told)
    return viewer.go(f"/products/{slug}/quarantine", viewer.gettext("The row passes now; a replay lets it in"))


@router.post("/products/{slug}/quarantine/file")
def fix_by_file(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take a corrected download back."""
    product, form, sent = catalog.get_product(tx, slug), Form.of(data), upload(data, "file")
    viewer.permit("product:register", _about(product))
    viewer.permit("data:query", access.reading_of(viewer.actor, product, None))
    if sent is None:
        form.faults["file"] = viewer.gettext("Choose a file")
        return _page(viewer, tx, product, form, status=422)
    try:
        with received(sent.file, viewer.parts.settings.max_upload_bytes) as source, tx.begin_nested():
            made = quarantined.fix_by_file(
                tx, viewer.actor, _places(viewer), slug, (source, sent_name(sent.filename)), reason=form.text("reason"),
                unmasked=_seen(viewer, tx, slug),
            )  # fmt: skip
    except HeadwayError as error:
        form.faults["file"] = error.message
        form.hint = error.hint
        return _page(viewer, tx, product, form, status=error.status)
    told = viewer.gettext(
        "Rows that pass now: %(fixed)s; rows that still break a rule: %(open)s", fixed=made.fixed, open=made.open
    )
    return viewer.go(f"/products/{slug}/quarantine", told)


@router.post("/products/{slug}/quarantine/dismiss")
def dismiss(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Give up a row, with a reason."""
    product, form = catalog.get_product(tx, slug), Form.of(data)
    viewer.permit("product:register", _about(product))
    one = _row(viewer, tx, product, form.text("batch"), _number(form.text("row")))
    try:
        with tx.begin_nested():
            quarantined.dismiss(tx, viewer.actor, slug, {one.batch: [one.row]}, form.text("reason"))
    except HeadwayError as error:
        return _row_page(viewer, tx, product, one, form.take(error), status=error.status)
    return viewer.go(f"/products/{slug}/quarantine", viewer.gettext("Given up; the row never enters"))


@router.post("/products/{slug}/quarantine/replay")
def replay(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Let the rows that pass now enter."""
    product, form = catalog.get_product(tx, slug), Form.of(data)
    viewer.permit("product:register", _about(product))
    try:
        with tx.begin_nested():
            made = quarantined.replay(tx, viewer.actor, _places(viewer), slug, batch=form.maybe("batch"))
    except HeadwayError as error:
        return _page(viewer, tx, product, form.take(error), status=error.status)
    if made.snapshot_id is None:
        return viewer.go(f"/products/{slug}/quarantine", viewer.gettext("No row passes so far; nothing was changed"))
    told = viewer.gettext("Rows that entered: %(count)s; rows that wait: %(open)s", count=made.replayed, open=made.open)
    return viewer.go(f"/products/{slug}/quarantine", told)


@router.post("/products/{slug}/enforcement")
def set_enforcement(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Choose what a port does with bad rows."""
    product, form = catalog.get_product(tx, slug), Form.of(data)
    viewer.permit("product:update", _about(product))
    try:
        with tx.begin_nested():
            mode = form.text("mode")
            if mode not in set(Mode):
                raise Invalid(viewer.gettext("Choose what bad rows do"))
            quarantined.set_enforcement(
                tx, viewer.actor, slug, port=form.text("port"), mode=Mode(mode), reason=form.text("reason")
            )
    except HeadwayError as error:
        return _page(viewer, tx, product, form.take(error), status=error.status)
    return viewer.go(f"/products/{slug}/quarantine", viewer.gettext("Chosen; it counts from the next batch on"))


def _page(viewer: Viewer, tx: Session, product: DataProduct, form: Form, *, status: int = 200) -> Response:
    may_read = viewer.may("data:query", access.reading_of(viewer.actor, product, None))
    ports = quarantined.list_enforcements(tx, product.slug)
    batches = quarantined.list_batches(tx, product.slug, limit=BATCHES).items
    return viewer.page(
        "products/quarantine.html",
        status=status,
        title=viewer.gettext("Quarantine of %(product)s", product=product.name),
        crumbs=[(viewer.gettext("Data products"), "/products"), (product.name, f"/products/{product.slug}")],
        product=product,
        form=form,
        view=_table(viewer, tx, product) if may_read else None,
        batches=batches,
        current=next((one for one in batches if one.is_current and _waits(one)), None),
        ports=ports,
        modes=MODES,
        states=STATES,
        mode_choices=[(mode.value, viewer.gettext(text)) for mode, text in MODES.items()],
        names=names(tx, [one.set_by for one in ports if one.set_by] + [one.created_by for one in batches]),
        may={
            "mend": viewer.may("product:register", _about(product)),
            "set": viewer.may("product:update", _about(product)),
        },
    )


def _waits(batch: quarantined.Batch) -> bool:
    return batch.outcome is quarantined.Outcome.refused or any(
        batch.counts[state.value] for state in quarantined.WAITING
    )


def _row_page(
    viewer: Viewer, tx: Session, product: DataProduct, one: QuarantinedRow, form: Form, *, status: int = 200
) -> Response:
    if not form.values:
        form = Form.filled({_cell(name): one.values.get(name) or "" for name in product.columns})
    broken: dict[str, list[str]] = {}
    for reason in one.reasons:
        broken.setdefault(reason.column or "", []).append(reason.kind)
    page = quarantined.list_rows(tx, product.slug, limit=1, unmasked=_seen(viewer, tx, product.slug))
    return viewer.page(
        "products/quarantined_row.html",
        status=status,
        title=viewer.gettext("Row %(number)s", number=one.row),
        crumbs=[
            (product.name, f"/products/{product.slug}"),
            (viewer.gettext("Quarantine"), f"/products/{product.slug}/quarantine"),
        ],
        product=product,
        one=one,
        form=form,
        broken=broken,
        masked=page.masked,
        state=STATES[one.state],
        names=names(tx, [who for who in (one.mended_by, one.settled_by) if who]),
        may_mend=one.state in quarantined.WAITING and viewer.may("product:register", _about(product)),
    )


def _table(viewer: Viewer, tx: Session, product: DataProduct) -> TableView:
    _ = viewer.gettext
    query = query_of(viewer.request, sort="row", filters=("state", "rule", "column", "batch"))
    chosen = {name: values[0] for name, values in query.filters.items()}
    page = quarantined.list_rows(
        tx, product.slug, **_narrowed(chosen), unmasked=_seen(viewer, tx, product.slug), limit=query.limit,
        cursor=str(query.offset),
    )  # fmt: skip
    rules = quarantined.counts_by_rule(tx, product.slug)
    return view_of(
        viewer.request,
        Found(items=page.items, total=page.total, is_more=False, query=query),
        name="quarantine",
        caption=_("Rows that were set aside"),
        columns=(
            Column(name="row", label=_("Row"), kind="integer", is_sortable=False),
            Column(name="state", label=_("State"), is_sortable=False),
            Column(name="values", label=_("Values that break a rule"), is_sortable=False),
            Column(name="rules", label=_("Rules"), is_sortable=False, is_wide=True),
        ),
        filters=(
            Filter(name="state", label=_("Waiting"), choices=tuple((s.value, _(STATES[s][0])) for s in RowState)),
            Filter(
                name="rule", label=_("All rules"), choices=tuple((rule, f"{rule} ({n})") for rule, n in rules.items())
            ),
            Filter(name="column", label=_("All columns"), choices=tuple((name, name) for name in product.columns)),
        ),
        is_searchable=False,
        exports=("xlsx", "csv"),
        empty={
            "title": _("No row waits"),
            "text": _("A port that sets bad rows aside keeps them here until they are mended, given up or let in."),
            "icon": "circle-check",
        },
    )


def _download(request: Request, viewer: Viewer, tx: Session, product: DataProduct) -> Response:
    viewer.permit("data:query", access.reading_of(viewer.actor, product, None))
    chosen = {
        name: request.query_params[name]
        for name in ("state", "rule", "column", "batch")
        if request.query_params.get(name)
    }
    page = quarantined.list_rows(
        tx, product.slug, **_narrowed(chosen), unmasked=_seen(viewer, tx, product.slug), limit=quarantined.MOST
    )
    name = f"{product.slug}-quarantine"
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{name}.{request.query_params["format"]}"',
    }
    if request.query_params["format"] == "csv":
        return Response("".join(quarantined.as_csv(page.items, page.columns)), media_type=exports.CSV, headers=headers)
    book = quarantined.as_workbook(
        page.items, page.columns, about=About(by=viewer.actor.name, at=clock.now(), source=str(request.url))
    )
    return Response(book, media_type=exports.XLSX, headers=headers)


def _narrowed(chosen: dict[str, str]) -> dict[str, Any]:
    state = chosen.get("state")
    return {**chosen, "state": RowState(state) if state in set(RowState) else None}


def _row(viewer: Viewer, tx: Session, product: DataProduct, batch: str, number: int) -> QuarantinedRow:
    viewer.permit("data:query", access.reading_of(viewer.actor, product, None))
    found = quarantined.get_row(tx, product.slug, batch, number, unmasked=_seen(viewer, tx, product.slug))
    if found is None:
        raise NotFound(viewer.gettext("There is no such row in the quarantine"))
    return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _cell(name: str) -> str:
    return f"cell.{name}"


def _seen(viewer: Viewer, tx: Session, slug: str) -> tuple[str, ...]:
    held = access.shown_to(tx, viewer.actor, slug)
    return held.policy.unmasked if held is not None else ()


def _product(viewer: Viewer, tx: Session, slug: str) -> DataProduct:
    product = catalog.get_product(tx, slug)
    viewer.permit("product:read", _about(product))
    return product


def _places(viewer: Viewer) -> Places:
    return Places(storage=viewer.parts.storage, lake=catalog.lake_of(viewer.parts))


def _about(product: DataProduct) -> Resource:
    return Resource(kind="product", id=product.slug, department=product.department)
