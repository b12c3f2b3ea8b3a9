"""The operate gate: what it found of things at work, and asking it now."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from headway import documents, governance, identity, serving
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import FindingState, OperateFinding
from headway.kernel.auth import Resource
from headway.kernel.listing import Found, ListQuery
from headway.kernel.settings import ENVIRONMENTS
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
FILTERS = ("state", "environment", "department", "usecase", "control")


@router.get("/operate")
def list_findings(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """What the operate gate found, as far as somebody may see it."""
    within = govern.need_somewhere(viewer, tx, "gate:read")
    query = query_of(request, sort="urgency", filters=FILTERS, within=within)
    found = _found(tx, query)
    view = _view(request, viewer, tx, found)
    if exports.is_wanted(request):
        rows = exports.all_rows(found, lambda asked: _found(tx, asked))
        return exports.download(viewer, view, [_cells(viewer, one) for one in rows])
    return viewer.page(
        "gates/operate.html",
        title=viewer.gettext("Operate gate"),
        view=view,
        titles=governance.usecase_titles(tx, {one.usecase for one in found.items}),
        may_ask=viewer.may("gate:evaluate", _whole()),
    )


@router.post("/operate")
def ask(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Ask the operate gate now, about everything or one use case; nodes follow within seconds."""
    usecase = Form.of(data).maybe("usecase")
    about = _whole() if usecase is None else govern.about(governance.get_usecase(tx, usecase))
    viewer.permit("gate:evaluate", about)
    run = serving.operate(tx, viewer.actor, usecase=usecase)
    told = viewer.gettext(
        "Asked about %(asked)s at work; %(open)s findings stand open", asked=run.asked, open=len(run.findings)
    )
    response = viewer.go("/operate" if usecase is None else f"/usecases/{usecase}", told)
    response.background = BackgroundTask(serving.publish_due, viewer.parts)
    return response


def _whole() -> Resource:
    return Resource(kind="usecase", id="all")


def _found(tx: Session, query: ListQuery) -> Found[OperateFinding]:
    """What was found, with people by name in the reasons."""
    found = governance.find_operate_findings(tx, query)
    return replace(found, items=tuple(replace(one, reason=identity.by_name(tx, one.reason)) for one in found.items))


def _view(request: Request, viewer: Viewer, tx: Session, found: Found[OperateFinding]) -> TableView:
    _ = viewer.gettext
    heads = (
        ("state", _("State"), "text", False),
        ("title", _("Lost"), "text", False),
        ("usecase", _("Use case"), "text", False),
        ("environment", _("Environment"), "text", False),
        ("subject", _("Version"), "text", True),
        ("since", _("Since"), "date", False),
        ("suspends_at", _("Suspended on"), "date", False),
        ("reason", _("Why"), "text", True),
    )
    return view_of(
        request,
        found,
        name="findings",
        caption=_("Findings of the operate gate"),
        columns=[
            Column(name=name, label=label, kind=kind, is_wide=wide, is_sortable=name != "reason")
            for name, label, kind, wide in heads
        ],
        filters=_filters(viewer, tx),
        empty={
            "title": _("Nothing at work has lost a control"),
            "text": _(
                "Every few minutes all that is at work is held against the rules again. What loses a control is told here with the "
                "day on which it will be suspended; new evidence takes it back."
            ),
            "icon": "circle-check",
            **viewer.offer("deployment:read", "/deployments", _("See the deployments")),
        },
    )


def _filters(viewer: Viewer, tx: Session) -> tuple[Filter, ...]:
    _ = viewer.gettext
    places = viewer.places(tx, "gate:read")
    departments = sorted(set(governance.usecase_departments(tx).values()))
    seen = [slug for slug in departments if places is None or slug in places]
    states = {
        FindingState.warned: _("warned about"),
        FindingState.suspended: _("suspended"),
        FindingState.cleared: _("cleared"),
    }
    return (
        Filter(name="state", label=_("All states"), choices=tuple((one.value, word) for one, word in states.items())),
        Filter(name="environment", label=_("All environments"), choices=tuple((one, _(one)) for one in ENVIRONMENTS)),
        Filter(name="department", label=_("All departments"), choices=tuple((slug, slug) for slug in seen)),
    )


def _cells(viewer: Viewer, one: OperateFinding) -> tuple[documents.Value, ...]:
    return (
        viewer.gettext(one.state.value),
        f"{one.control}: {one.title}",
        one.usecase,
        one.environment,
        one.subject,
        one.since,
        one.suspends_at,
        one.reason,
    )
