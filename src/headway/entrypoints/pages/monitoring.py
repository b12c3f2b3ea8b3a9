"""The monitoring of a deployment: drift by day, scores beside the reference, how right it was, open alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request, Response

from headway import documents, monitoring
from headway.entrypoints.pages import exports
from headway.entrypoints.pages.deployment_place import Place, place_of
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.monitoring_words import title_of
from headway.entrypoints.pages.tables import Column, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.listing import Found
from headway.kernel.web import Tx
from headway.monitoring import SCORES, ColumnFigures, DayLine, Monitoring, Performance, Rate

router = APIRouter(include_in_schema=False)
MOST_ROWS = 200
_ORDER = {"serious": 0, "warning": 1, None: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A column as the table of columns shows it: the week up to the last day, else the longest span there is."""

    name: str
    label: str
    severity: str | None
    psi: float | None
    noise: float | None
    limit: float | None
    js: float | None
    n: int | None
    missing: Rate | None
    unseen: Rate | None
    is_calendar: bool


@router.get("/deployments/{name}/monitoring")
def show_monitoring(request: Request, name: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """What was judged of a deployment; ``column`` says which column the chart follows."""
    place = place_of(viewer, tx, name, request.query_params.get("environment"))
    viewer.permit("monitoring:read", place.resource("monitoring"))
    found = monitoring.overview(tx, viewer.parts.storage, name=name, environment=place.environment)
    lines = lines_of(viewer, found)
    view = _table(request, viewer, lines)
    if exports.is_wanted(request):
        return exports.download(viewer, view, [_cells(viewer, one) for one in lines])
    column = _chosen(found, lines, request.query_params.get("column"))
    labels = {one.name: one.label for one in lines}
    return viewer.page(
        "deployments/monitoring.html",
        title=name,
        crumbs=[(viewer.gettext("Deployments"), "/deployments")],
        place=place,
        now=place.now,
        found=found,
        view=view,
        column=column,
        column_label=labels.get(column, column),
        drift=_drift(viewer, found.days, column),
        scores=_scores(viewer, found),
        ranking=_ranking(viewer, found),
        rates=_rates(viewer, found),
        title_of=lambda kind: title_of(viewer, kind),
        may_run=viewer.may("monitoring:run", place.resource("monitoring")),
    )


@router.post("/deployments/{name}/monitoring/run")
def run_monitoring(name: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Judge a deployment now."""
    place: Place = place_of(viewer, tx, name, Form.of(data).text("environment"))
    viewer.permit("monitoring:run", place.resource("monitoring"))
    job = monitoring.start(tx, viewer.parts.jobs, viewer.actor, name=name, environment=place.environment)
    return viewer.go(f"/jobs/{job}", viewer.gettext("Judging has begun; it takes some seconds"))


# --- the table of columns ----------------------------------------------------------------------------------------


def lines_of(viewer: Viewer, found: Monitoring) -> list[Line]:
    """Every column and the scores, the farthest from the reference first."""
    if found.latest is None:
        return []
    listed = [*found.latest.columns, found.latest.scores]
    lines = [
        _line(one, viewer.gettext("Scores") if one.column == SCORES else found.labels.get(one.column, one.column))
        for one in listed
    ]
    return sorted(lines, key=lambda line: (_ORDER[line.severity], -((line.psi or 0.0) - (line.noise or 0.0))))


def _line(one: ColumnFigures, label: str) -> Line:
    latest = one.latest
    return Line(
        name=one.column,
        label=label,
        severity=one.severity.value if one.severity is not None else None,
        psi=latest.psi if latest else None,
        noise=latest.noise if latest else None,
        limit=latest.limit if latest else None,
        js=latest.js if latest else None,
        n=latest.n if latest else None,
        missing=one.missing[-1] if one.missing else None,
        unseen=one.unseen[-1] if one.unseen else None,
        is_calendar=one.is_calendar,
    )


def _table(request: Request, viewer: Viewer, lines: list[Line]) -> TableView:
    _ = viewer.gettext
    heads = (
        ("column", _("Column"), "text"),
        ("severity", _("Alarm"), "text"),
        ("psi", _("Index (PSI)"), "number"),
        ("noise", _("By chance"), "number"),
        ("limit", _("Limit"), "number"),
        ("js", _("Jensen-Shannon"), "number"),
        ("n", _("Decisions"), "integer"),
        ("missing", _("Missing"), "percent"),
        ("unseen", _("Never seen"), "percent"),
    )
    query = query_of(request, sort="severity", per_page=MOST_ROWS)
    found = Found(items=tuple(lines), total=len(lines), is_more=False, query=query)
    return view_of(
        request,
        found,
        name="columns",
        caption=_("Columns"),
        columns=[Column(name=name, label=label, kind=kind, is_sortable=False) for name, label, kind in heads],
        is_searchable=False,
        empty={"title": _("No day was judged yet"), "text": _("Days are judged when they are over."), "icon": "gauge"},
    )


def _cells(viewer: Viewer, one: Line) -> tuple[documents.Value, ...]:
    rates = [rate.rate if rate is not None else None for rate in (one.missing, one.unseen)]
    alarm = viewer.gettext(one.severity) if one.severity else ""
    return (one.label, alarm, one.psi, one.noise, one.limit, one.js, one.n, *rates)


# --- charts ------------------------------------------------------------------------------------------------------


def _chosen(found: Monitoring, lines: list[Line], wanted: str | None) -> str:
    """The column that the chart follows: the one asked for, else the farthest that has figures."""
    drawn = {name for day in found.days for name in day.places}
    if wanted in drawn and wanted is not None:
        return wanted
    return next((line.name for line in lines if line.name in drawn), SCORES)


def _drift(viewer: Viewer, days: tuple[DayLine, ...], column: str) -> documents.Figure | None:
    shown = [(day.day, day.places[column]) for day in days if column in day.places]
    if not shown:
        return None
    _ = viewer.gettext
    chart = documents.LineChart(
        title=_("Drift by day"),
        x=tuple(day for day, _place in shown),
        series=(
            documents.Series(name=_("Index over the week"), values=tuple(place.psi for _day, place in shown)),
            documents.Series(name=_("By chance"), values=tuple(place.noise for _day, place in shown)),
            documents.Series(name=_("Limit"), values=tuple(place.limit for _day, place in shown)),
        ),
        unit=documents.Unit(kind="number", digits=3),
        zero=True,
    )
    return documents.figure(chart, locale=viewer.looks.language, name="drift")


def _scores(viewer: Viewer, found: Monitoring) -> documents.Figure | None:
    if not found.score_bins:
        return None
    _ = viewer.gettext
    chart = documents.BarChart(
        title=_("Scores beside the reference"),
        categories=tuple(one.label for one in found.score_bins),
        series=(
            documents.Bars(name=_("Reference"), values=tuple(one.reference for one in found.score_bins)),
            documents.Bars(name=_("Last four weeks"), values=tuple(one.current for one in found.score_bins)),
        ),
        unit=documents.PERCENT,
        category_label=_("Score"),
    )
    return documents.figure(chart, locale=viewer.looks.language, name="scores")


def _ranking(viewer: Viewer, found: Monitoring) -> documents.Figure | None:
    if not any(week.auc is not None for week in found.weeks):
        return None
    _ = viewer.gettext
    expected = found.expected.auc if found.expected is not None else None
    chart = documents.LineChart(
        title=_("Ranking by week"),
        x=tuple(_monday(week) for week in found.weeks),
        series=(
            documents.Series(
                name=_("Area under the curve"),
                values=tuple(week.auc for week in found.weeks),
                low=tuple(week.auc_low for week in found.weeks),
                high=tuple(week.auc_high for week in found.weeks),
            ),
        ),
        unit=documents.Unit(kind="number", digits=3),
        rules=(documents.Rule(name=_("test at training"), value=expected),) if expected is not None else (),
    )
    return documents.figure(chart, locale=viewer.looks.language, name="ranking")


def _rates(viewer: Viewer, found: Monitoring) -> documents.Figure | None:
    if not any(week.observed is not None for week in found.weeks):
        return None
    _ = viewer.gettext
    chart = documents.LineChart(
        title=_("Success foreseen and seen"),
        x=tuple(_monday(week) for week in found.weeks),
        series=(
            documents.Series(
                name=_("Seen"),
                values=tuple(week.observed for week in found.weeks),
                low=tuple(week.observed_low for week in found.weeks),
                high=tuple(week.observed_high for week in found.weeks),
            ),
            documents.Series(name=_("Foreseen"), values=tuple(week.expected for week in found.weeks)),
        ),
        unit=documents.PERCENT,
        zero=True,
    )
    return documents.figure(chart, locale=viewer.looks.language, name="rates")


def _monday(week: Performance) -> date:
    return week.first - timedelta(days=week.first.weekday())
