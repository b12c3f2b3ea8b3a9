"""Alerts: the list, and one of them with its evidence and the answers of people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents, governance, monitoring, serving
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.monitoring_words import ADVICE, DAYS, FACTS, KINDS, title_of
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import Conflict, Invalid
from headway.kernel.listing import Found
from headway.kernel.settings import ENVIRONMENTS
from headway.kernel.web import Tx
from headway.monitoring import SCORES, Alert, AlertState, Severity

router = APIRouter(include_in_schema=False)
FILTERS = ("state", "kind", "severity", "environment", "department", "deployment")


@router.get("/alerts")
def list_alerts(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The alerts that somebody may see."""
    within = govern.need_somewhere(viewer, tx, "alert:read")
    query = query_of(request, sort="opened_at", descending=True, filters=FILTERS, within=within)
    found = monitoring.find_alerts(tx, query)
    view = _view(request, viewer, tx, found)
    if exports.is_wanted(request):
        rows = exports.all_rows(found, lambda asked: monitoring.find_alerts(tx, asked))
        return exports.download(viewer, view, [_cells(viewer, one) for one in rows])
    return viewer.page(
        "alerts/list.html",
        title=viewer.gettext("Alerts"),
        view=view,
        title_of=lambda kind: title_of(viewer, kind),
    )


def _view(request: Request, viewer: Viewer, tx: Session, found: Found[Alert]) -> TableView:
    _ = viewer.gettext
    heads = (
        ("kind", _("Alert"), "text", False),
        ("severity", _("Severity"), "text", False),
        ("state", _("State"), "text", False),
        ("deployment", _("Deployment"), "text", False),
        ("environment", _("Environment"), "text", False),
        ("version", _("Version"), "text", True),
        ("since", _("Since"), "date", False),
        ("last_seen", _("Last seen"), "date", True),
        ("opened_at", _("Told"), "date", True),
    )
    return view_of(
        request,
        found,
        name="alerts",
        caption=_("Alerts"),
        columns=[Column(name=name, label=label, kind=kind, is_wide=wide) for name, label, kind, wide in heads],
        filters=_filters(viewer, tx),
        empty={
            "title": _("No alert"),
            "text": _(
                "Each deployment is compared with the rows its model was made of, the day after. What differs for certain, and "
                "by much, is told here once."
            ),
            "icon": "circle-check",
            **viewer.offer("deployment:read", "/deployments", _("See the deployments")),
        },
    )


def _filters(viewer: Viewer, tx: Session) -> tuple[Filter, ...]:
    _ = viewer.gettext
    departments = sorted(set(governance.usecase_departments(tx).values()))
    places = viewer.places(tx, "alert:read")
    seen = [slug for slug in departments if places is None or slug in places]
    return (
        Filter(name="state", label=_("All states"), choices=tuple((one.value, _(one.value)) for one in AlertState)),
        Filter(name="kind", label=_("All kinds"), choices=tuple((one.value, _(text)) for one, text in KINDS.items())),
        Filter(name="severity", label=_("Any severity"), choices=tuple((one.value, _(one.value)) for one in Severity)),
        Filter(name="environment", label=_("All environments"), choices=tuple((one, _(one)) for one in ENVIRONMENTS)),
        Filter(name="department", label=_("All departments"), choices=tuple((slug, slug) for slug in seen)),
    )


def _cells(viewer: Viewer, one: Alert) -> tuple[documents.Value, ...]:
    return (
        title_of(viewer, one.kind),
        viewer.gettext(one.severity.value),
        viewer.gettext(one.state.value),
        one.deployment,
        one.environment,
        one.version,
        one.since,
        one.last_seen,
        one.opened_at,
    )


# --- one alert ---------------------------------------------------------------------------------------------------


@router.get("/alerts/{alert_id}")
def show_alert(alert_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One alert with its evidence."""
    found = monitoring.get_alert(tx, alert_id)
    viewer.permit("alert:read", _resource(tx, found))
    return _page(viewer, tx, found, Form())


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge(alert_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say that one looks into it."""
    said = viewer.gettext("Noted: you look into it")
    return _answer(viewer, tx, alert_id, Form.of(data), monitoring.acknowledge, said)


@router.post("/alerts/{alert_id}/close")
def close(alert_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Close it with a reason."""
    return _answer(viewer, tx, alert_id, Form.of(data), monitoring.close, viewer.gettext("The alert is closed"))


def _answer(  # noqa: PLR0917  an answer, and what to say after it
    viewer: Viewer, tx: Session, alert_id: str, form: Form, act: Callable[..., Alert], said: str
) -> Response:
    found = monitoring.get_alert(tx, alert_id)
    viewer.permit("alert:answer", _resource(tx, found))
    if not form.require(["reason"], viewer.gettext("Say why")):
        return _page(viewer, tx, found, form, 422)
    try:
        with tx.begin_nested():
            act(tx, viewer.actor, alert_id, form.text("reason"))
    except (Invalid, Conflict) as error:
        return _page(viewer, tx, monitoring.get_alert(tx, alert_id), form.take(error), error.status)
    return viewer.go(f"/alerts/{alert_id}", said)


def _page(viewer: Viewer, tx: Session, found: Alert, form: Form, status: int = 200) -> Response:
    reference = serving.reference_of(viewer.parts.storage, found.release)
    labels = {f.name: f.label or f.name for f in reference.release.features} if reference is not None else {}
    labels[SCORES] = viewer.gettext("Scores")
    return viewer.page(
        "alerts/show.html",
        status=status,
        title=title_of(viewer, found.kind),
        crumbs=[(viewer.gettext("Alerts"), "/alerts")],
        alert=found,
        form=form,
        advice=viewer.gettext(ADVICE[found.kind]),
        columns=_columns(found),
        facts=_facts(viewer, found),
        labels=labels,
        case=governance.get_usecase(tx, found.usecase),
        **_ways(viewer, tx, found),
        names=names(tx, [found.acknowledged_by, found.closed_by]),
        may_answer=viewer.may("alert:answer", _resource(tx, found)) and found.state is not AlertState.closed,
    )


def _ways(viewer: Viewer, tx: Session, found: Alert) -> dict[str, str | None]:
    """The addresses of what an alert is about, as far as somebody may open them."""
    about = _resource(tx, found)

    def may(action: str) -> bool:
        return viewer.may(action, replace(about, kind=action.partition(":")[0]))

    place = f"/deployments/{found.deployment}/monitoring?environment={found.environment}"
    behind = f"/decisions?deployment={found.deployment}&environment={found.environment}&at={found.since.isoformat()}.."
    return {
        "place": place if may("monitoring:read") and may("deployment:read") else None,
        "behind": behind if may("decision:read") else None,
    }


def _columns(found: Alert) -> dict[str, dict[str, Any]]:
    """The evidence by column, the farthest first, days as days."""
    told = found.evidence.get("columns")
    held = told if isinstance(told, Mapping) else {}  # the database keeps no order of names
    made = {name: dict(held[name]) for name in found.columns if name in held}
    for one in made.values():
        if "since" in one:
            one["since"] = date.fromisoformat(one["since"])
    return made


def _facts(viewer: Viewer, found: Alert) -> list[tuple[str, Any]]:
    """The evidence that is about no single column, in words."""
    told = [(name, found.evidence[name]) for name in FACTS if name in found.evidence]
    return [
        (viewer.gettext(FACTS[name]), date.fromisoformat(value) if name in DAYS and isinstance(value, str) else value)
        for name, value in told
    ]


def _resource(session: Session, found: Alert) -> Resource:
    department = serving.department_of(session, found.deployment, found.environment)
    return Resource(kind="alert", id=found.id, department=department, attributes={"environment": found.environment})
