"""Query data: one SELECT over the products that somebody may read, its rows on the page or as a workbook."""

from __future__ import annotations

from fastapi import APIRouter, Response

from headway import catalog
from headway.catalog import access
from headway.documents import Sheet, SheetColumn
from headway.entrypoints.pages import exports
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.paging import MAX_LIMIT
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
SHOWN, EXPORTED = 200, 100_000


@router.get("/queries")
def show_queries(viewer: CurrentViewer, tx: Tx, product: str = "") -> Response:
    """The field for a statement; what one may read stands beside it."""
    _permit(viewer)
    name = '"' + product.replace('"', "") + '"'
    return _page(viewer, tx, Form.filled({"sql": f"SELECT * FROM {name} LIMIT 20" if product else None}), None)  # noqa: S608


@router.post("/queries")
def run_query(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Run the statement; ``form`` of the button says whether its rows are shown or given as a workbook."""
    _permit(viewer)
    form = Form.of(data)
    is_export = form.text("form") == "xlsx"
    lake = catalog.lake_of(viewer.parts)
    may = access.readable_by(viewer.parts.authorizer, viewer.actor)
    try:
        with tx.begin_nested():
            limit = EXPORTED if is_export else SHOWN
            result = access.as_table(access.read(tx, viewer.actor, lake, form.text("sql"), limit=limit, may=may))
    except HeadwayError as error:
        form.take(error).faults.setdefault("sql", error.message)
        form.failure = None
        return _page(viewer, tx, form, None, status=error.status)
    if not is_export:
        return _page(viewer, tx, form, result)
    columns = tuple(SheetColumn(name=f"c{at}", label=one.name) for at, one in enumerate(result.columns))
    sheet = Sheet(title=viewer.gettext("Query data"), columns=columns, rows=result.rows)
    return exports.workbook(viewer, [sheet], "query", filters=[(viewer.gettext("Statement"), form.text("sql"))])


def _permit(viewer: Viewer) -> None:
    viewer.permit("data:query", Resource(kind="data", id="sql", attributes={"owner": viewer.actor.ref}))


def _page(viewer: Viewer, tx: Tx, form: Form, result: access.ResultTable | None, status: int = 200) -> Response:
    return viewer.page(
        "queries/query.html",
        status=status,
        title=viewer.gettext("Query data"),
        form=form,
        result=result,
        masked=sorted({name for names in result.masked.values() for name in names}) if result else [],
        readable=_readable(viewer, tx),
    )


def _readable(viewer: Viewer, tx: Tx) -> list[tuple[str, tuple[str, ...]]]:
    """The products that somebody may read, with the columns that they see of each."""
    found = []
    for one in catalog.list_products(tx, limit=MAX_LIMIT).items:
        held = access.shown_to(tx, viewer.actor, one.slug)
        if viewer.may("data:query", access.reading_of(viewer.actor, one, held)):
            hidden = held.policy.hidden if held else ()
            found.append((one.slug, tuple(name for name in one.columns if name not in hidden)))
    return found
