"""Incidents: the register, one incident with its clocks, and what is due."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session
from starlette.background import BackgroundTasks
from starlette.datastructures import FormData

from headway import catalog, documents, incidents
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.deployment_place import publish as publish_snapshot
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.incident_notices import drafted
from headway.entrypoints.pages.incident_words import (
    ANSWERS,
    CLOCKS,
    CONFIDENCE,
    FACTS,
    HARM,
    NOTICE_KINDS,
    RISKS,
    SEVERITIES,
    STATES,
)
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.incidents import Incident, IncidentState, IncidentView
from headway.incidents.routes import MEDIA, allows_decisions
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.errors import Conflict, HeadwayError, Invalid
from headway.kernel.listing import Found, ListQuery
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
READ, REPORT, MANAGE, NOTIFY, CLOSE = (f"incident:{verb}" for verb in ("read", "report", "manage", "notify", "close"))
FILTERS = ("state", "severity", "department", "usecase", "harm", "late")
WORDS: dict[str, Any] = {
    "states": STATES,
    "severities": SEVERITIES,
    "clock_states": CLOCKS,
    "answers": ANSWERS,
    "harm_words": HARM,
    "risk_words": RISKS,
    "fact_words": FACTS,
    "confidence_words": CONFIDENCE,
    "kind_words": NOTICE_KINDS,
}


@router.get("/incidents")
def show_register(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The register, as far as somebody may see it; who may see none sees what they reported."""
    viewer.permit(REPORT, incidents.report_resource(viewer.actor))
    asked = query_of(request, sort="opened_at", descending=True, filters=FILTERS)
    found = incidents.find_incidents(tx, _mine(viewer, tx, asked))
    view = _view(request, viewer, tx, replace(found, query=asked))
    if exports.is_wanted(request):
        rows = exports.all_rows(found, lambda asked: incidents.find_incidents(tx, asked))
        return exports.download(viewer, view, _cells(viewer, tx, rows))
    late = incidents.find_incidents(tx, _mine(viewer, tx, ListQuery(filters={"late": ("yes",)}, limit=20)))
    return viewer.page(
        "incidents/list.html",
        title=viewer.gettext("Incidents"),
        table=view,
        late=late.items,
        may_read=viewer.may_somewhere(READ, owner=""),
        people=names(tx, [one.opened_by for one in found.items]),
        **WORDS,
    )


def _mine(viewer: Viewer, tx: Session, query: ListQuery) -> ListQuery:
    """Narrow a question to what somebody may see."""
    places = viewer.places(tx, READ)
    if places is not None and not places:
        return replace(query, filters={**query.filters, "opened_by": (viewer.actor.ref,)}, within=None)
    return replace(query, within=places)


def _view(request: Request, viewer: Viewer, tx: Session, found: Found[Incident]) -> TableView:
    _ = viewer.gettext
    heads = (
        ("title", _("Incident"), "text", False),
        ("state", _("State"), "text", False),
        ("severity", _("Severity"), "text", False),
        ("department", _("Department"), "text", False),
        ("next_due", _("Next clock ends"), "date", False),
        ("running", _("Clocks"), "integer", False),
        ("aware_at", _("Aware since"), "date", True),
        ("opened_by", _("Reported by"), "text", True),
        ("opened_at", _("Reported"), "date", True),
    )
    places = govern.department_names(tx)
    return view_of(
        request,
        found,
        name="incidents",
        caption=_("Register of incidents"),
        columns=[
            Column(name=name, label=label, kind=kind, is_wide=wide, is_sortable=name != "running")
            for name, label, kind, wide in heads
        ],
        filters=(
            Filter(name="state", label=_("All states"), choices=_badges(viewer, STATES)),
            Filter(name="severity", label=_("Any severity"), choices=_badges(viewer, SEVERITIES)),
            Filter(name="department", label=_("All departments"), choices=tuple(places.items())),
            Filter(name="late", label=_("Late or not"), choices=(("yes", _("a clock has passed")),)),
        ),
        empty={
            "title": _("No incident"),
            "text": _(
                "What goes wrong with what decides is reported here, so that it is stopped, told in time and mended."
            ),
            "icon": "circle-check",
            "href": "/incidents/new",
            "action": _("Report an incident"),
        },
    )


def _badges(viewer: Viewer, words: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401  badges by name
    return tuple((str(name), viewer.gettext(word)) for name, (_, _, word) in words.items())


def _cells(viewer: Viewer, tx: Session, rows: Iterable[Incident]) -> list[tuple[documents.Value, ...]]:
    listed = list(rows)
    people = names(tx, [one.opened_by for one in listed])
    return [
        (
            one.title,
            viewer.gettext(STATES[one.state][2]),
            viewer.gettext(SEVERITIES[one.severity][2]) if one.severity else None,
            one.department,
            one.next_due,
            one.running,
            one.aware_at,
            people[one.opened_by],
            one.opened_at,
        )
        for one in listed
    ]


@router.get("/incidents/deadlines")
def show_deadlines(viewer: CurrentViewer, tx: Tx) -> Response:
    """Everything that is due, by day."""
    within = govern.need_somewhere(viewer, tx, READ)
    due = incidents.deadlines(tx, within=within)
    days: dict[object, list[incidents.Deadline]] = {}
    for one in due:
        days.setdefault(one.due.date(), []).append(one)
    return viewer.page(
        "incidents/deadlines.html",
        title=viewer.gettext("What is due"),
        crumbs=[(viewer.gettext("Incidents"), "/incidents")],
        days=days,
        today=clock.now().date(),
        people=names(tx, [one.owner for one in due]),
        **WORDS,
    )


@router.get("/incidents/clocks")
def show_clocks(viewer: CurrentViewer, tx: Tx) -> Response:
    """The clocks that incidents may start, with their sources."""
    govern.need_somewhere(viewer, tx, "policy:read")
    return viewer.page(
        "incidents/clocks.html",
        title=viewer.gettext("Clocks of incidents"),
        crumbs=[(viewer.gettext("Incidents"), "/incidents")],
        sets=incidents.sets_in_force(tx),
        may_rule=viewer.may_everywhere("incident:rule"),
        may_read=viewer.may_somewhere(READ, owner=""),
        form=Form(),
        **WORDS,
    )


@router.post("/incidents/clocks")
def publish(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Publish a file of clocks."""
    viewer.permit("incident:rule", Resource(kind="clocks", id="all"))
    form = Form.of(data)
    try:
        with tx.begin_nested():
            made = incidents.publish_clocks(tx, viewer.actor, form.text("text"))
    except HeadwayError as error:
        return viewer.page(
            "incidents/clocks.html",
            status=error.status,
            title=viewer.gettext("Clocks of incidents"),
            crumbs=[(viewer.gettext("Incidents"), "/incidents")],
            sets=incidents.sets_in_force(tx),
            may_rule=True,
            may_read=viewer.may_somewhere(READ, owner=""),
            form=form.take(error),
            **WORDS,
        )
    name = f"{made.id}@{made.version}"
    return viewer.go("/incidents/clocks", viewer.gettext("Published: %(name)s", name=name))


# --- one incident ------------------------------------------------------------------------------------------------


@router.get("/incidents/{incident_id}")
def show_incident(incident_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One incident: what is known, where it counts, which clocks run, what was done."""
    found = incidents.view_incident(tx, incident_id)
    viewer.permit(READ, incidents.resource_of(found.incident))
    return _page(viewer, tx, found, Form())


@router.post("/incidents/{incident_id}/jurisdictions")
def place(incident_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say whether it is in a jurisdiction."""
    form = Form.of(data)
    is_in = form.text("is_in") == "yes"

    def act(reason: str) -> None:
        name = form.text("jurisdiction")
        incidents.place_incident(tx, viewer.actor, incident_id, jurisdiction=name, is_in=is_in, reason=reason)

    return _act(viewer, tx, incident_id, form, MANAGE, act, viewer.gettext("Noted; the clocks were asked anew"))


@router.post("/incidents/{incident_id}/clocks/{clock_id}/judge")
def judge(incident_id: str, clock_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Judge a clock not due."""

    def act(reason: str) -> None:
        incidents.judge_clock(tx, viewer.actor, incident_id, clock_id, reason)

    return _act(
        viewer, tx, incident_id, Form.of(data), NOTIFY, act, viewer.gettext("Judged not due; the reason is kept")
    )


@router.post("/incidents/{incident_id}/affected")
def count(incident_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Count whom it touched; a job does it."""
    viewer.permit(MANAGE, incidents.resource_of(incidents.get_incident(tx, incident_id)))
    try:
        job = incidents.start_counting(tx, viewer.parts.jobs, viewer.actor, incident_id)
    except HeadwayError as error:
        return _page(viewer, tx, incidents.view_incident(tx, incident_id), Form().take(error), error.status)
    return viewer.go(f"/jobs/{job}", viewer.gettext("Counting has begun; the incident shows what was found"))


@router.get("/incidents/{incident_id}/affected.{format}")
def list_affected(
    incident_id: str, format: Literal["csv", "parquet", "xlsx"], viewer: CurrentViewer, tx: Tx
) -> Response:
    """Every decision that it touched, as a file, without whom they are about."""
    viewer.permit(READ, incidents.resource_of(incidents.get_incident(tx, incident_id)))
    lake, storage = catalog.lake_of(viewer.parts), viewer.parts.storage
    allow = allows_decisions(viewer.permit, with_subjects=False)
    data = incidents.write_affected(tx, lake, viewer.actor, incident_id, format, storage, allow=allow)
    headers = {"content-disposition": f'attachment; filename="affected.{format}"', "cache-control": "no-store"}
    return Response(data, media_type=MEDIA[format], headers=headers)


@router.get("/incidents/{incident_id}/containment")
def show_containment(incident_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """What stopping would stop, and what not, and why."""
    return _containment(viewer, tx, incident_id, Form())


@router.post("/incidents/{incident_id}/containment")
def stop(incident_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Stop all of it; nodes follow within seconds."""
    form = Form.of(data)
    viewer.permit(MANAGE, incidents.resource_of(incidents.get_incident(tx, incident_id)))
    try:
        with tx.begin_nested():
            made = incidents.contain(
                tx, viewer.actor, incident_id, form.text("reason"), permit=viewer.permit, storage=viewer.parts.storage
            )
    except (Invalid, Conflict) as error:
        return _containment(viewer, tx, incident_id, form.take(error), error.status)
    told = viewer.gettext("Stopped: %(count)s; nodes follow within seconds", count=len(made.stops))
    response = viewer.go(f"/incidents/{incident_id}", told)
    response.background = BackgroundTasks()
    for environment in sorted({one.environment for one in made.stops}):
        response.background.add_task(publish_snapshot, viewer.parts, environment)
    return response


def _containment(viewer: Viewer, tx: Session, incident_id: str, form: Form, status: int = 200) -> Response:
    found = incidents.get_incident(tx, incident_id)
    viewer.permit(MANAGE, incidents.resource_of(found))
    return viewer.page(
        "incidents/containment.html",
        status=status,
        title=viewer.gettext("Stop what it reaches"),
        crumbs=[(viewer.gettext("Incidents"), "/incidents"), (found.title, f"/incidents/{found.id}")],
        incident=found,
        planned=incidents.containment_of(tx, incident_id, viewer.parts.storage),
        form=form,
    )


@router.post("/incidents/{incident_id}/contained")
def contain(incident_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Note that it does no more harm."""
    said = viewer.gettext("Noted: it does no more harm")
    return _move(viewer, tx, incident_id, data, MANAGE, incidents.mark_contained, said)


@router.post("/incidents/{incident_id}/corrected")
def correct(incident_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Note that its causes are mended."""
    said = viewer.gettext("Noted: its causes are mended")
    return _move(viewer, tx, incident_id, data, MANAGE, incidents.mark_corrected, said)


@router.post("/incidents/{incident_id}/close")
def close(incident_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Close it, by another person than the one who opened it."""
    said = viewer.gettext("The incident is closed")
    return _move(viewer, tx, incident_id, data, CLOSE, incidents.close_incident, said)


@router.post("/incidents/{incident_id}/reopen")
def reopen(incident_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Open it again."""
    said = viewer.gettext("The incident is open again")
    return _move(viewer, tx, incident_id, data, MANAGE, incidents.reopen_incident, said)


def _move(  # noqa: PLR0917  a move, and what to say after it
    viewer: Viewer,
    tx: Session,
    incident_id: str,
    data: FormData,
    action: str,
    function: Callable[..., Incident],
    said: str,
) -> Response:
    def act(reason: str) -> None:
        function(tx, viewer.actor, incident_id, reason)

    return _act(viewer, tx, incident_id, Form.of(data), action, act, said)


def _act(  # noqa: PLR0917  an act, and what to say after it
    viewer: Viewer, tx: Session, incident_id: str, form: Form, action: str, act: Callable[[str], None], said: str
) -> Response:
    viewer.permit(action, incidents.resource_of(incidents.get_incident(tx, incident_id)))
    try:
        with tx.begin_nested():
            act(form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, incidents.view_incident(tx, incident_id), form.take(error), error.status)
    return viewer.go(f"/incidents/{incident_id}", said)


def _page(viewer: Viewer, tx: Session, found: IncidentView, form: Form, status: int = 200) -> Response:
    one = found.incident
    about = incidents.resource_of(one)
    is_open = one.state is not IncidentState.closed
    people = names(
        tx,
        [
            one.opened_by,
            one.closed_by,
            *(c.settled_by for c in found.clocks),
            *(p.said_by for p in found.places),
            *(s.stopped_by for s in found.stops),
            *(s.lifted_by for s in found.stops),
        ],
    )
    return viewer.page(
        "incidents/show.html",
        status=status,
        title=one.title,
        crumbs=[(viewer.gettext("Incidents"), "/incidents")],
        incident=one,
        clocks=found.clocks,
        places=found.places,
        stops=found.stops,
        notices=drafted(viewer, tx, one),
        drafts=sum(c.state == "running" and incidents.tells(c) for c in found.clocks),
        tells={c.id for c in found.clocks if c.state == "running" and incidents.tells(c)},
        before_closing=found.before_closing,
        affected=(affected := incidents.latest_affected(tx, one.id)),
        is_stale=affected is not None and incidents.is_stale(catalog.lake_of(viewer.parts), affected),
        nothing_known={name: text for kept in incidents.sets_in_force(tx) for name, text in kept.nothing_known},
        form=form,
        people=people,
        titles=viewer.parts.subjects.titles(tx, one.concerns),
        may_draft=is_open and viewer.may(MANAGE, incidents.resource_of_drafts(one)),
        may_lift=viewer.may(READ, incidents.resource_of_drafts(one)) and any(s.lifted_at is None for s in found.stops),
        may_manage=is_open and viewer.may(MANAGE, about),
        may_reopen=not is_open and viewer.may(MANAGE, about),
        may_notify=is_open and viewer.may(NOTIFY, about),
        may_close=is_open and viewer.may(CLOSE, about),
        is_own=one.opened_by == viewer.actor.ref,
        **WORDS,
    )
