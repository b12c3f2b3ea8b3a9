"""Data products: the list, and one product with its contract, quality, bad rows, sample and snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from headway import catalog, documents, identity, registry
from headway.catalog import DataProduct, QualityReport, access, minima, trends, versions
from headway.documents import BarChart, Bars, Figure, LineChart, Series, Value
from headway.entrypoints.pages import data_access, exports, ports, product_about, product_keeping
from headway.entrypoints.pages.minima import LEVELS
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import NotFound
from headway.kernel.listing import Found
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
TABS = ("contract", "about", "quality", "rows", "sample", "snapshots", "inputs", "access")
SHOWN_RULES, SAMPLE = 12, 20
HISTORY, FEWEST_POINTS, TREND_RULES = 30, 2, 5
_MADE_ELSEWHERE: Mapping[str, Callable[[Viewer, Session, DataProduct], dict[str, Any]]] = {
    "about": product_about.of_product,
    "inputs": ports.of_product,
    "access": data_access.of_product,
    "snapshots": product_keeping.of_product,
}
"""Tabs with a module of their own."""


@router.get("/products")
def show_products(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The data products that somebody may see."""
    if not viewer.may_somewhere("product:read"):
        viewer.permit("product:read", Resource(kind="product", id="all"))
    view = _table(request, viewer, tx)
    if exports.is_wanted(request):
        return exports.download(viewer, view, _cells(tx, view))
    return viewer.page(
        "products/list.html",
        title=viewer.gettext("Data products"),
        view=view,
        names=names(tx, [one.registered_by for one in view.rows]),
        may_register=viewer.may_somewhere("product:register"),
    )


def _cells(tx: Session, view: TableView) -> Iterator[tuple[Value, ...]]:
    """What a file of the list holds, in the order of its columns."""
    found = exports.all_of(view, lambda query: catalog.find_products(tx, query))
    people = names(tx, [one.registered_by for one in found])
    for one in found:
        by = people[one.registered_by]
        yield one.name, one.department, one.rows, len(one.columns), one.contract_version, by, one.updated_at


@router.get("/products/{slug}")
def show_product(slug: str, viewer: CurrentViewer, tx: Tx, show: str = "contract") -> Response:
    """One product; ``show`` is what of it."""
    product = _readable(viewer, tx, slug)
    tab = show if show in TABS else "contract"
    quality = _quality(tx, product)
    is_closed = tab in ("rows", "sample") and not _may_read(viewer, tx, product, tab)
    return viewer.page(
        "products/product.html",
        title=product.name,
        crumbs=[(viewer.gettext("Data products"), "/products")],
        product=product,
        tab=tab,
        quality=quality,
        names=names(tx, [product.registered_by]),
        may_register=viewer.may("product:register", access.about_product(product)),
        is_fed=ports.is_fed(tx, product.slug),
        uses=_uses(viewer, tx, product),
        ends=versions.deprecation_of(tx, product),
        is_closed=is_closed,
        may_suggest=viewer.may("data:query", access.reading_of(viewer.actor, product, None)),
        **({} if is_closed else _inside(viewer, tx, product, quality, tab)),
    )


@router.get("/products/{slug}/contract.yaml")
def download_contract(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The contract in the Open Data Contract Standard."""
    product = _readable(viewer, tx, slug)
    headers = {"content-disposition": f'attachment; filename="{product.slug}.yaml"', "cache-control": "no-store"}
    return Response(catalog.to_yaml(product.contract), media_type="application/yaml", headers=headers)


@router.get("/products/{slug}/bad-rows.csv")
def download_faults(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Every fault of the current snapshot."""
    product = _readable(viewer, tx, slug)
    viewer.permit("data:query", access.reading_of(viewer.actor, product, None))
    pieces = catalog.export_faults(tx, viewer.parts.storage, product.slug)
    headers = {
        "content-disposition": f'attachment; filename="{product.slug}-bad-rows.csv"',
        "cache-control": "no-store",
    }
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)


def _inside(
    viewer: Viewer, session: Session, product: DataProduct, quality: QualityReport | None, tab: str
) -> dict[str, Any]:
    """What the chosen tab shows."""
    if tab == "contract":
        rules: dict[str, list[str]] = {}
        for rule in quality.rules if quality else ():
            rules.setdefault(rule.column or "", []).append(rule.description)
        return {"columns": catalog.columns_of(product.contract), "rules": rules}
    if tab == "quality":
        points = trends.history(session, product.slug, limit=HISTORY).items
        return {
            "chart": _rules_chart(viewer, quality) if quality else None,
            "points": points,
            "trend": _trend_chart(viewer, points),
            "rule_trend": _rule_trend_chart(viewer, points),
            "minimum": minima.of_product(session, product.slug),
            "levels": LEVELS,
            "may_see_minima": viewer.may("policy:read", Resource(kind="policy", id="all")),
            "may_rate": viewer.may("product:update", access.about_product(product)),
        }
    if made := _MADE_ELSEWHERE.get(tab):
        return made(viewer, session, product)
    if tab == "rows":
        return {"view": _faults(viewer.request, viewer, session, product, quality) if quality else None}
    may = access.readable_by(viewer.parts.authorizer, viewer.actor)
    lake = catalog.lake_of(viewer.parts)
    return {"sample": access.sample(session, viewer.actor, lake, product.slug, limit=SAMPLE, may=may)}


def _may_read(viewer: Viewer, session: Session, product: DataProduct, tab: str) -> bool:
    """Whether somebody may see rows: a sample also by a grant, bad rows as one of the department only."""
    held = access.shown_to(session, viewer.actor, product.slug) if tab == "sample" else None
    return viewer.may("data:query", access.reading_of(viewer.actor, product, held))


def _rules_chart(viewer: Viewer, quality: QualityReport) -> Figure | None:
    broken = sorted((rule for rule in quality.rules if rule.failed_rows), key=lambda rule: -rule.failed_rows)
    if not broken:
        return None
    chart = BarChart(
        title=viewer.gettext("Rows that break a rule"),
        categories=tuple(rule.id for rule in broken[:SHOWN_RULES]),
        series=(Bars(name=viewer.gettext("Rows"), values=tuple(rule.failed_rows for rule in broken[:SHOWN_RULES])),),
        horizontal=True,
        label=viewer.gettext("Rows"),
        category_label=viewer.gettext("Rule"),
    )
    return documents.figure(chart, locale=viewer.looks.language, name="rules")


def _trend_chart(viewer: Viewer, points: Sequence[trends.TrendPoint]) -> Figure | None:
    """The share of good rows, snapshot by snapshot."""
    if len(points) < FEWEST_POINTS:
        return None
    chart = LineChart(
        title=viewer.gettext("Quality over the snapshots"),
        x=tuple(one.at for one in reversed(points)),
        series=(Series(name=viewer.gettext("Quality"), values=tuple(one.score for one in reversed(points))),),
        y_label=viewer.gettext("Share of rows without a fault"),
    )
    return documents.figure(chart, locale=viewer.looks.language, name="trend")


def _rule_trend_chart(viewer: Viewer, points: Sequence[trends.TrendPoint]) -> Figure | None:
    """Failures of the rules that were broken most, snapshot by snapshot."""
    totals: dict[str, int] = {}
    for one in points:
        for rule, failed in one.rules.items():
            totals[rule] = totals.get(rule, 0) + failed
    broken = sorted((rule for rule, failed in totals.items() if failed), key=lambda rule: -totals[rule])[:TREND_RULES]
    if len(points) < FEWEST_POINTS or not broken:
        return None
    chart = LineChart(
        title=viewer.gettext("Rows that break a rule, over the snapshots"),
        x=tuple(one.at for one in reversed(points)),
        series=tuple(
            Series(name=rule, values=tuple(one.rules.get(rule) for one in reversed(points))) for rule in broken
        ),
        y_label=viewer.gettext("Rows"),
        zero=True,
    )
    return documents.figure(chart, locale=viewer.looks.language, name="rule-trend")


def _faults(
    request: Request, viewer: Viewer, session: Session, product: DataProduct, quality: QualityReport
) -> TableView:
    _ = viewer.gettext
    query = query_of(request, sort="row", filters=("rule", "column"))
    chosen = {name: values[0] for name, values in query.filters.items()}
    page = catalog.faults(
        session,
        viewer.parts.storage,
        product.slug,
        rule=chosen.get("rule"),
        column=chosen.get("column"),
        limit=query.limit,
        cursor=str(query.offset),
    )
    broken = [rule for rule in quality.rules if rule.failed_rows]
    columns = sorted({rule.column for rule in broken if rule.column})
    return view_of(
        request,
        Found(items=page.items, total=page.total, is_more=False, query=query),
        name="faults",
        caption=_("Bad rows"),
        columns=(
            Column(name="row", label=_("Row"), kind="integer", is_sortable=False),
            Column(name="column", label=_("Column"), is_sortable=False),
            Column(name="value", label=_("Value"), is_sortable=False),
            Column(name="rule", label=_("Rule"), is_sortable=False),
            Column(name="message", label=_("What is wrong"), is_sortable=False, is_wide=True),
        ),
        filters=(
            Filter(name="rule", label=_("All rules"), choices=tuple((rule.id, rule.id) for rule in broken)),
            Filter(name="column", label=_("All columns"), choices=tuple((name, name) for name in columns)),
        ),
        is_searchable=False,
        exports=(),
        empty={
            "title": _("No bad rows"),
            "text": _("Every row keeps every rule of the contract."),
            "icon": "circle-check",
        },
    )


def _uses(viewer: Viewer, session: Session, product: DataProduct) -> list[tuple[str, int]]:
    """The models that learned from this product, newest first: (name, newest version)."""
    about = Resource(kind="model", id="all", department=product.department)
    if not viewer.may("model:read", about):
        return []
    newest: dict[str, int] = {}
    for run in registry.list_runs(session, product=product.slug, limit=200).items:
        newest[run.model] = max(run.version, newest.get(run.model, 0))
    return list(newest.items())


def _quality(session: Session, product: DataProduct) -> QualityReport | None:
    try:
        return catalog.quality_of(session, product.slug)
    except NotFound:
        return None


def _readable(viewer: Viewer, session: Session, slug: str) -> DataProduct:
    product = catalog.get_product(session, slug)
    viewer.permit("product:read", access.about_product(product))
    return product


def _table(request: Request, viewer: Viewer, session: Session) -> TableView:
    _ = viewer.gettext
    within = viewer.places(session, "product:read")
    query = query_of(request, sort="name", filters=("department",), within=within)
    departments = [one for one in identity.list_departments(session) if within is None or one.slug in within]
    return view_of(
        request,
        catalog.find_products(session, query),
        name="products",
        caption=_("Data products"),
        columns=(
            Column(name="name", label=_("Data product")),
            Column(name="department", label=_("Department")),
            Column(name="rows", label=_("Rows"), kind="integer"),
            Column(name="columns", label=_("Columns"), kind="integer", is_sortable=False, is_wide=True),
            Column(name="contract_version", label=_("Contract"), is_wide=True),
            Column(name="registered_by", label=_("Registered by"), is_sortable=False, is_wide=True),
            Column(name="updated_at", label=_("Changed"), kind="date"),
        ),
        filters=(
            Filter(
                name="department",
                label=_("All departments"),
                choices=tuple((one.slug, one.name) for one in departments),
            ),
        ),
        empty={
            "title": _("No data products yet"),
            "text": _(
                "A data product is a table that others may rely on: a contract says what it promises, every bad row is "
                "named, and each file that comes in is kept as it was."
            ),
            **viewer.offer("product:register", "/products/new", _("Register a file")),
            "icon": "database",
        },
    )
