"""Labels: a steward looks at a few rows of a product and says which cells are wrong; suggestions learn from it."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import catalog
from headway.catalog import access, repairs
from headway.catalog.repairs import Data, Label
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)


@router.get("/products/{slug}/labels")
def show_labels(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The rows that would teach most, and those labelled already."""
    return _page(viewer, tx, _product(viewer, tx, slug), Form())


@router.post("/products/{slug}/labels")
def label(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Keep what was said of the rows."""
    product, form = _product(viewer, tx, slug), Form.of(data)
    viewer.permit("product:update", Resource(kind="product", id=slug, department=product.department))
    labels = [_label(form, int(row)) for row in form.many("row") if row.isdigit()]
    try:
        with tx.begin_nested():
            store = _data(viewer, tx)
            kept = repairs.label(store, viewer.actor, slug, labels, snapshot_id=form.maybe("snapshot"))
    except HeadwayError as error:
        return _page(viewer, tx, product, form.take(error), status=error.status)
    words = viewer.gettext("%(count)s rows are labelled; the suggestions were made anew", count=kept)
    return viewer.go(f"/products/{slug}/labels", words)


def _label(form: Form, row: int) -> Label:
    """What a form says of a row: a ticked cell is wrong, a value beside it is right."""
    wrong: dict[str, str | None] = {}
    emptied = []
    for at, name in enumerate(form.values.get(f"column-{row}", [])):
        right, is_empty = form.maybe(f"right-{row}-{at}"), form.is_on(f"empty-{row}-{at}")
        if form.is_on(f"wrong-{row}-{at}") or right is not None or is_empty:
            wrong[name] = right
            if is_empty:
                emptied.append(name)
    return Label(row=row, wrong=wrong, emptied=tuple(emptied))


def _page(viewer: Viewer, tx: Session, product: catalog.DataProduct, form: Form, status: int = 200) -> Response:
    try:
        task = repairs.rows_to_label(_data(viewer, tx), product.slug)
    except repairs.NotLookedThrough:
        task = None
    return viewer.page(
        "products/labels.html",
        status=status,
        title=viewer.gettext("Label rows of %(product)s", product=product.name),
        crumbs=[
            (viewer.gettext("Data products"), "/products"),
            (product.name, f"/products/{product.slug}"),
            (viewer.gettext("Suggestions"), f"/products/{product.slug}/suggestions"),
        ],
        product=product,
        task=task,
        form=form,
        may_decide=viewer.may(
            "product:update", Resource(kind="product", id=product.slug, department=product.department)
        ),
    )


def _product(viewer: Viewer, tx: Session, slug: str) -> catalog.DataProduct:
    product = catalog.get_product(tx, slug)
    viewer.permit("data:query", access.reading_of(viewer.actor, product, None))
    return product


def _data(viewer: Viewer, tx: Session) -> Data:
    return Data(tx, viewer.parts.storage, catalog.lake_of(viewer.parts))
