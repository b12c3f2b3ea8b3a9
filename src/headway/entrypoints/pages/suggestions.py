"""Suggestions for a data product: doubted cells by column and reason, accepted or refused in bulk; and what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import catalog
from headway.catalog import access, repairs
from headway.catalog.repairs import ActKind, Choice, Data, RepairAct
from headway.documents import Value
from headway.entrypoints.pages import exports
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.listing import Found
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
KINDS = {
    "missing": N_("missing"),
    "marker": N_("word for missing"),
    "format": N_("number with unit"),
    "type": N_("no number"),
    "pattern": N_("unusual shape"),
    "spelling": N_("spelling"),
    "dictionary": N_("almost a frequent value"),
    "dependency": N_("contradicts other rows"),
    "sources": N_("contradicts other sources"),
    "outlier": N_("far from all others"),
    "misplaced": N_("in the wrong column"),
    "labels": N_("taught by labels"),
}
"""Reasons in words."""
ACTS = {
    ActKind.accepted: (N_("accepted"), "ok", "check"),
    ActKind.refused: (N_("refused"), "", "x"),
    ActKind.undone: (N_("taken back"), "warn", "history"),
}
SHARES = ("0.7", "0.8", "0.9", "0.95", "0.99")
SHOWN_ACTS = 50


@router.get("/products/{slug}/suggestions")
def show_suggestions(slug: str, request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """Doubted cells of the current snapshot."""
    product = _readable(viewer, tx, slug)
    try:
        view = _table(request, viewer, tx, product)
    except repairs.NotLookedThrough:
        return _page(viewer, tx, product, None, form=Form())
    if exports.is_wanted(request):
        return exports.download(viewer, view, _cells(view))
    return _page(viewer, tx, product, view, form=Form())


@router.post("/products/{slug}/suggestions/look")
def look(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Look through a large snapshot, by a job."""
    _readable(viewer, tx, slug)
    job = viewer.parts.jobs.enqueue(tx, repairs.LOOK, {"product": slug}, actor=viewer.actor)
    return viewer.go(
        f"/jobs/{job}", viewer.gettext("A job looks for errors; the suggestions stand at the product then")
    )


@router.post("/products/{slug}/suggestions/accept")
def accept(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Repair the chosen cells in a new snapshot."""
    return _decide(viewer, tx, slug, Form.of(data), ActKind.accepted)


@router.post("/products/{slug}/suggestions/refuse")
def refuse(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Refuse the chosen suggestions for good."""
    return _decide(viewer, tx, slug, Form.of(data), ActKind.refused)


@router.get("/products/{slug}/repairs/{act_id}")
def show_act(slug: str, act_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One decision with its cells."""
    product = _readable(viewer, tx, slug)
    return _act_page(viewer, tx, product, act_id, form=Form())


@router.post("/products/{slug}/repairs/{act_id}/undo")
def undo(slug: str, act_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take accepted repairs back."""
    product, form = _readable(viewer, tx, slug), Form.of(data)
    viewer.permit("product:update", Resource(kind="product", id=slug, department=product.department))
    try:
        with tx.begin_nested():
            repairs.undo(_data(viewer, tx), viewer.actor, slug, act_id, reason=form.text("reason"))
    except HeadwayError as error:
        return _act_page(viewer, tx, product, act_id, form=form.take(error), status=error.status)
    return viewer.go(f"/products/{slug}/suggestions", viewer.gettext("Taken back: the rows before are current again"))


def _decide(viewer: Viewer, tx: Session, slug: str, form: Form, kind: ActKind) -> Response:
    product = _readable(viewer, tx, slug)
    viewer.permit("product:update", Resource(kind="product", id=slug, department=product.department))
    act = repairs.accept if kind is ActKind.accepted else repairs.refuse
    try:
        with tx.begin_nested():
            choice = _choice(viewer, form)
            done = act(
                _data(viewer, tx),
                viewer.actor,
                slug,
                choice,
                reason=form.text("reason"),
                snapshot_id=form.maybe("snapshot"),
            )
    except HeadwayError as error:
        try:
            view = _table(viewer.request, viewer, tx, product)
        except repairs.NotLookedThrough:
            view = None
        return _page(viewer, tx, product, view, form=form.take(error), status=error.status)
    words = viewer.gettext("%(count)s cells repaired: a new snapshot is current", count=done.cells)
    if kind is ActKind.refused:
        words = viewer.gettext("%(count)s suggestions refused; they are not made again", count=done.cells)
    return viewer.go(f"/products/{slug}/suggestions", words)


def _choice(viewer: Viewer, form: Form) -> Choice:
    """What was chosen: ticked cells, a group, or all that the filters show."""
    cells = []
    for one in form.many("cell"):
        row, _, column = one.partition(":")
        if row.isdigit() and column:
            cells.append((int(row), column))
    if not cells and not form.is_on("bulk"):
        raise Invalid(viewer.gettext("Tick the cells that you mean, or take a whole group"))
    return Choice(
        column=form.maybe("column"),
        kind=form.maybe("kind"),
        least=_share(form.text("least"), 0.5),
        sure=_share(form.text("sure"), 0.0),
        cells=tuple(cells),
    )


def _share(text: str, otherwise: float) -> float:
    try:
        found = float(text)
    except ValueError:
        return otherwise
    return found if 0 <= found <= 1 else otherwise


def _table(request: Request, viewer: Viewer, tx: Session, product: catalog.DataProduct) -> TableView:
    _ = viewer.gettext
    query = query_of(request, sort="row", filters=("column", "kind", "least", "sure"))
    chosen = {name: values[0] for name, values in query.filters.items()}
    choice = Choice(
        column=chosen.get("column") if chosen.get("column") in product.columns else None,
        kind=chosen.get("kind") if chosen.get("kind") in KINDS else None,
        least=_share(chosen.get("least", ""), 0.5),
        sure=_share(chosen.get("sure", ""), 0.0),
    )
    page = repairs.suggest(
        _data(viewer, tx), viewer.actor, product.slug, choice, limit=query.limit, cursor=str(query.offset)
    )
    return view_of(
        request,
        Found(items=page.items, total=page.total, is_more=False, query=query),
        name="suggestions",
        caption=_("Cells that are probably wrong"),
        columns=_columns(viewer),
        filters=(
            Filter(name="column", label=_("All columns"), choices=tuple((one, one) for one in product.columns)),
            Filter(name="kind", label=_("All reasons"), choices=tuple((one, _(word)) for one, word in KINDS.items())),
            Filter(
                name="least",
                label=_("Wrong: at least 50 %"),
                choices=tuple((one, _("Wrong: at least %(share)s %%", share=_percent(one))) for one in SHARES),
            ),
            Filter(
                name="sure",
                label=_("Repair: any"),
                choices=tuple((one, _("Repair right: at least %(share)s %%", share=_percent(one))) for one in SHARES),
            ),
        ),
        is_searchable=False,
        empty={
            "title": _("No cell looks wrong"),
            "text": _(
                "Cells are compared with the rest of their column and their row: rare spellings, odd shapes, values that "
                "contradict other rows. Nothing stands out, or all of it was decided. Labels of a few rows sharpen the eye."
            ),
            "href": f"/products/{product.slug}/labels",
            "action": _("Label a few rows"),
            "icon": "circle-check",
        },
    )


def _columns(viewer: Viewer) -> tuple[Column, ...]:
    _ = viewer.gettext
    return (
        Column(name="row", label=_("Row"), kind="integer", is_sortable=False),
        Column(name="column", label=_("Column"), is_sortable=False),
        Column(name="old", label=_("Value now"), is_sortable=False),
        Column(name="new", label=_("Proposed repair"), is_sortable=False),
        Column(name="kind", label=_("Reason"), is_sortable=False),
        Column(name="confidence", label=_("Wrong"), kind="percent", is_sortable=False),
        Column(name="repair_confidence", label=_("Repair right"), kind="percent", is_sortable=False),
        Column(name="evidence", label=_("Why"), is_sortable=False, is_wide=True),
    )


def _percent(share: str) -> str:
    return f"{float(share) * 100:g}"


def _cells(view: TableView) -> Iterator[tuple[Value, ...]]:
    """What a file of the list holds, in the order of its columns."""
    for one in view.rows:
        new = "" if one.action == "empty" else one.new
        yield one.row, one.column, one.old, new, one.kind, one.confidence, one.repair_confidence, one.evidence


def _page(
    viewer: Viewer, tx: Session, product: catalog.DataProduct, view: TableView | None, *, form: Form, status: int = 200
) -> Response:
    acts = repairs.list_acts(_data(viewer, tx), product.slug, limit=SHOWN_ACTS).items
    context: dict[str, Any] = {"view": view, "groups": None}
    if view is not None:
        chosen = {name: view.query.filters.get(name, ("",))[0] for name in ("least", "sure")}
        choice = Choice(least=_share(chosen["least"], 0.5), sure=_share(chosen["sure"], 0.0))
        context["groups"] = repairs.groups(_data(viewer, tx), viewer.actor, product.slug, choice)
        context["chosen"] = {
            name: view.query.filters.get(name, ("",))[0] for name in ("column", "kind", "least", "sure")
        }
    return viewer.page(
        "products/suggestions.html",
        status=status,
        title=viewer.gettext("Suggestions for %(product)s", product=product.name),
        crumbs=_crumbs(viewer, product),
        product=product,
        form=form,
        kinds=KINDS,
        acts=acts,
        act_words=ACTS,
        people=names(tx, [one.made_by for one in acts]),
        may_decide=_may_decide(viewer, product),
        **context,
    )


def _act_page(
    viewer: Viewer, tx: Session, product: catalog.DataProduct, act_id: str, *, form: Form, status: int = 200
) -> Response:
    _ = viewer.gettext
    request = viewer.request
    query = query_of(request, sort="row")
    found = repairs.get_act(
        _data(viewer, tx), viewer.actor, product.slug, act_id, limit=query.limit, cursor=str(query.offset)
    )
    view = view_of(
        request,
        Found(items=found.items, total=found.total, is_more=False, query=query),
        name="repairs",
        caption=_("Cells of the decision"),
        columns=_columns(viewer),
        is_searchable=False,
        empty={"title": _("No cells"), "text": "", "icon": "database"},
    )
    if exports.is_wanted(request):
        return exports.download(viewer, view, _cells(view))
    return viewer.page(
        "products/repair.html",
        status=status,
        title=_("Decision about suggestions"),
        crumbs=[
            *_crumbs(viewer, product),
            (_("Suggestions"), f"/products/{product.slug}/suggestions"),
        ],
        product=product,
        act=found.act,
        word=ACTS[found.act.kind],
        kinds=KINDS,
        view=view,
        form=form,
        people=names(tx, [found.act.made_by]),
        may_undo=_may_decide(viewer, product) and _is_standing(found.act),
    )


def _is_standing(act: RepairAct) -> bool:
    return act.kind is ActKind.accepted and act.undone_by is None


def _may_decide(viewer: Viewer, product: catalog.DataProduct) -> bool:
    return viewer.may("product:update", Resource(kind="product", id=product.slug, department=product.department))


def _crumbs(viewer: Viewer, product: catalog.DataProduct) -> list[tuple[str, str]]:
    return [(viewer.gettext("Data products"), "/products"), (product.name, f"/products/{product.slug}")]


def _readable(viewer: Viewer, tx: Session, slug: str) -> catalog.DataProduct:
    product = catalog.get_product(tx, slug)
    viewer.permit("data:query", access.reading_of(viewer.actor, product, None))
    return product


def _data(viewer: Viewer, tx: Session) -> Data:
    return Data(tx, viewer.parts.storage, catalog.lake_of(viewer.parts))
