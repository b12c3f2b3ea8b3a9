"""Decisions: the list, however many there are, and one with its answer, its chain of evidence, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec
from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import catalog, documents, serving
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.links import href
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, Viewer
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.listing import LARGEST_PAGE, ListQuery
from headway.kernel.settings import ENVIRONMENTS
from headway.kernel.web import Tx
from headway.serving import DecisionInput, DecisionView, Link, UnknownDecision

router = APIRouter(include_in_schema=False)
FILTERS = ("deployment", "environment", "arm", "band", "action", "at", "principal", "score")
_ICONS = {
    "principal": "user-circle",
    "decision": "route",
    "segment": "file-description",
    "snapshot": "flag",
    "deployment": "rocket",
    "release": "cube",
    "verdict": "scale",
    "pack": "scale",
    "approval": "gavel",
    "model": "cube",
    "run": "activity",
    "product": "database",
    "contract": "file-description",
    "quality": "circle-check",
    "usecase": "bulb",
    "tier": "gavel",
    "ledger": "shield-lock",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A link of a chain as the page draws it."""

    link: Link
    title: str
    icon: str
    text: str
    href: str | None


@router.get("/decisions")
def list_decisions(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The decisions that somebody may see, the newest first."""
    within = govern.need_somewhere(viewer, tx, "decision:read")
    query = query_of(request, sort="", filters=FILTERS, within=within)
    found = serving.find_decisions(tx, catalog.lake_of(viewer.parts), query)
    _ = viewer.gettext
    view = view_of(
        request,
        found,
        name="decisions",
        caption=_("Decisions"),
        columns=_columns(viewer),
        filters=_filters(viewer, tx, within),
        empty={
            "title": _("No decision was taken in yet"),
            "text": _("Nodes write every decision down, and ship their log some seconds later."),
            "href": "/deployments",
            "action": _("See the deployments"),
            "icon": "route",
        },
    )
    if exports.is_wanted(request):
        lake = catalog.lake_of(viewer.parts)
        rows = exports.all_rows(found, lambda asked: serving.find_decisions(tx, lake, asked))
        return exports.download(viewer, view, [_cells(one) for one in rows])
    people = names(tx, [row.principal for row in found.items])
    return viewer.page("decisions/list.html", title=_("Decisions"), view=view, names=people)


def _cells(one: DecisionView) -> tuple[documents.Value, ...]:
    return (one.at, one.deployment, one.environment, one.arm, one.score, one.band, one.action, one.principal)


def _columns(viewer: Viewer) -> tuple[Column, ...]:
    _ = viewer.gettext
    labels = {
        "at": _("When"),
        "deployment": _("Deployment"),
        "environment": _("Environment"),
        "arm": _("Arm"),
        "score": _("Score"),
        "band": _("Band"),
        "action": _("Action"),
        "principal": _("Asked by"),
    }
    kinds = {"score": "number", "at": "date"}
    return tuple(
        Column(
            name=name,
            label=label,
            kind=kinds.get(name, "text"),
            is_sortable=False,
            is_wide=name in ("environment", "principal"),
        )
        for name, label in labels.items()
    )


def _filters(viewer: Viewer, tx: Session, within: frozenset[str] | None) -> tuple[Filter, ...]:
    _ = viewer.gettext
    known = serving.find_deployments(tx, ListQuery(limit=LARGEST_PAGE, within=within)).items
    deployments = sorted({one.name for one in known})
    arms = sorted({arm.name for one in known for arm in one.arms})
    bands = sorted({band.name for one in known for band in one.bands})
    actions = sorted({band.action for one in known for band in one.bands})
    return (
        Filter(name="deployment", label=_("All deployments"), choices=tuple((name, name) for name in deployments)),
        Filter(
            name="environment", label=_("All environments"), choices=tuple((name, _(name)) for name in ENVIRONMENTS)
        ),
        Filter(name="arm", label=_("All arms"), choices=tuple((name, name.replace("_", " ")) for name in arms)),
        Filter(name="band", label=_("All bands"), choices=tuple((name, name) for name in bands)),
        Filter(
            name="action", label=_("All actions"), choices=tuple((name, name.replace("_", " ")) for name in actions)
        ),
        Filter(name="at", label=_("At any time"), choices=_times(viewer)),
    )


def _times(viewer: Viewer) -> tuple[tuple[str, str], ...]:
    today, _ = clock.now().date(), viewer.gettext
    told = ((0, _("Today")), (6, _("Last 7 days")), (29, _("Last 30 days")))
    return tuple((f"{today - timedelta(days=back)}..", label) for back, label in told)


@router.get("/decisions/{decision_id}")
def show_decision(decision_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One decision; a very young one is waited for."""
    try:
        found = _permitted(viewer, tx, decision_id)
    except UnknownDecision as error:
        if not serving.is_recent(decision_id):
            raise
        return _waiting(viewer, decision_id, error)
    lake, _ = catalog.lake_of(viewer.parts), viewer.gettext
    told = serving.get_input(lake, decision_id) if viewer.may("decision:inspect", _resource(tx, found)) else None
    may_outcomes = viewer.may("outcome:read", _resource(tx, found, "outcome"))
    return viewer.page(
        "decisions/show.html",
        title=_("Decision"),
        crumbs=[(_("Decisions"), "/decisions")],
        found=found,
        told=told,
        may_inspect=viewer.may("decision:inspect", _resource(tx, found)),
        reasons=_reasons(viewer, told),
        labels={reason.feature: reason.label for reason in told.reasons} if told else {},
        outcomes=serving.list_outcomes(lake, decision_id) if may_outcomes else (),
        may_outcomes=may_outcomes,
        names=names(tx, [found.principal]),
    )


def _waiting(viewer: Viewer, decision_id: str, error: UnknownDecision) -> Response:
    """A page, or the part of it that asks again every second or two."""
    _ = viewer.gettext
    return viewer.page(
        "decisions/waiting_part.html" if viewer.is_fragment else "decisions/waiting.html",
        title=_("Decision"),
        crumbs=[(_("Decisions"), "/decisions")],
        decision_id=decision_id,
        error=error,
    )


@router.get("/decisions/{decision_id}/waiting")
def await_decision(decision_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Go to a decision as soon as it has been taken in."""
    try:
        _permitted(viewer, tx, decision_id)
    except UnknownDecision as error:
        return _waiting(viewer, decision_id, error)
    return viewer.go(f"/decisions/{decision_id}")


@router.get("/decisions/{decision_id}/chain")
def show_chain(decision_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The chain of evidence, every link checked anew."""
    _permitted(viewer, tx, decision_id)
    began = clock.now()
    chain = serving.decision_chain(tx, viewer.parts, decision_id)
    people = names(tx, [link.ref for link in chain.links if link.kind == "principal"])
    steps = [_step(viewer, link, people[link.ref]) for link in chain.links]
    _ = viewer.gettext
    return viewer.page(
        "decisions/chain_part.html" if viewer.is_fragment else "decisions/chain.html",
        title=_("Chain of evidence"),
        crumbs=[(_("Decisions"), "/decisions"), (decision_id, f"/decisions/{decision_id}")],
        chain=chain,
        steps=[one for one in steps if one.link.kind != "ledger"],
        proofs=[one for one in steps if one.link.kind == "ledger"],
        checked_at=began,
    )


@router.get("/decisions/{decision_id}/evidence.json")
def download_evidence(decision_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Everything behind a decision that somebody may see, as a file."""
    found = _permitted(viewer, tx, decision_id)
    lake = catalog.lake_of(viewer.parts)
    body: dict[str, object] = {
        "decision": found,
        "chain": serving.decision_chain(tx, viewer.parts, decision_id),
        "made_at": clock.now(),
    }
    if viewer.may("outcome:read", _resource(tx, found, "outcome")):
        body["outcomes"] = serving.list_outcomes(lake, decision_id)
    if viewer.may("decision:inspect", _resource(tx, found)):
        body["input"] = serving.get_input(lake, decision_id)
    headers = {"content-disposition": f'attachment; filename="{decision_id}.json"', "cache-control": "no-store"}
    return Response(msgspec.json.format(msgspec.json.encode(body)), media_type="application/json", headers=headers)


def _permitted(viewer: Viewer, tx: Session, decision_id: str) -> DecisionView:
    found, _ = serving.get_decision(catalog.lake_of(viewer.parts), decision_id)
    viewer.permit("decision:read", _resource(tx, found))
    return found


def _resource(tx: Session, found: DecisionView, kind: str = "decision") -> Resource:
    department = serving.department_of(tx, found.deployment, found.environment)
    attributes = {"environment": found.environment, "filter": "deployment"}
    return Resource(kind=kind, id=found.id, department=department, attributes=attributes)


def _reasons(viewer: Viewer, told: DecisionInput | None) -> documents.Figure | None:
    if told is None or not told.reasons:
        return None
    pairs = [(f"{one.label}: {said(viewer, one.value)}", one.contribution) for one in told.reasons]
    return reasons_figure(viewer, pairs)


def reasons_figure(viewer: Viewer, reasons: list[tuple[str, float]]) -> documents.Figure:
    """Signed bars of what raised and lowered a score."""
    _ = viewer.gettext
    chart = documents.BarChart(
        title=_("Reasons"),
        categories=tuple(label for label, _amount in reasons),
        series=(documents.Bars(name=_("Contribution"), values=tuple(amount for _label, amount in reasons)),),
        horizontal=True,
        label=_("Contribution in log-odds: right of zero raises the score, left lowers it"),
    )
    return documents.figure(chart, locale=viewer.looks.language)


def said(viewer: Viewer, value: object) -> str:
    """The value of a reason in words."""
    if value is None:
        return viewer.gettext("missing")
    if isinstance(value, bool):
        return viewer.gettext("yes") if value else viewer.gettext("no")
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _step(viewer: Viewer, link: Link, person: str) -> Step:
    place = _place(link)
    return Step(
        link=link,
        title=_titles(viewer).get(link.kind, link.kind),
        icon=_ICONS.get(link.kind, "point"),
        text=person if link.kind == "principal" else _short(link.ref),
        href=href(place) if place and viewer.may_open(place) else None,
    )


def _titles(viewer: Viewer) -> dict[str, str]:
    _ = viewer.gettext
    return {
        "principal": _("Who asked"),
        "decision": _("What was decided"),
        "segment": _("The sealed log"),
        "snapshot": _("What the node was told"),
        "deployment": _("Deployment"),
        "release": _("The files that decided"),
        "verdict": _("Verdict of the gate"),
        "pack": _("Policy pack"),
        "approval": _("Approval"),
        "model": _("Model version"),
        "run": _("Training run"),
        "product": _("Data it learnt from"),
        "contract": _("Contract"),
        "quality": _("Check of the data"),
        "usecase": _("Use case"),
        "tier": _("Risk tier"),
        "ledger": _("Ledger"),
    }


def _short(reference: str) -> str:
    kind, _, rest = reference.partition(":")
    name, mark, digest = rest.partition("sha256-")
    return f"{name}{mark}{digest[:12]}" if mark else rest or kind


def _place(link: Link) -> str | None:
    """The reference whose page is behind a link; some have none, or another than their kind says."""
    kind, _, rest = link.ref.partition(":")
    if link.kind == "snapshot":
        return None
    if link.kind == "pack":
        return f"policy:{rest.partition('@')[0]}"
    if link.kind == "tier":
        return None
    if link.kind == "product" and kind == "product":
        return f"product:{rest.partition('@')[0]}"
    return None if kind in ("release", "service") else link.ref
