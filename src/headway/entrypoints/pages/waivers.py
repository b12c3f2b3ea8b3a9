"""Waivers: the register of what is excused, asking for one, and one page with what a yes or no to it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents, governance
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.approvals import titles_of
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.usecase_todo import ask_gate, newest_version
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import Control, GateResult, Status, UseCase, Waiver, WaiverStanding, mandates
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.listing import Found, ListQuery
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
FILTERS = ("standing", "environment", "department", "usecase")
IN_FORCE = (WaiverStanding.in_force.value, WaiverStanding.ending.value)
MOST_ROWS = 200


@router.get("/waivers")
def show_waivers(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The register: what is excused now, what ends soon, what is over."""
    within = govern.need_somewhere(viewer, tx, "gate:read")
    query = query_of(request, sort="requested_at", descending=True, filters=FILTERS, within=within)
    found = governance.find_waivers(tx, query)
    if exports.is_wanted(request):
        return exports.download(viewer, _view(request, viewer, tx, found), _cells(tx, found.items))
    in_force = governance.find_waivers(tx, ListQuery(filters={"standing": IN_FORCE}, limit=MOST_ROWS, within=within))
    waiting = _waiting_for(viewer, tx, within)
    listed = [*found.items, *in_force.items, *waiting]
    return viewer.page(
        "waivers/list.html",
        title=viewer.gettext("Waivers"),
        table=_view(request, viewer, tx, found),
        waiting=waiting,
        overdue=governance.find_break_glass(
            tx, ListQuery(filters={"standing": ("overdue",)}, limit=MOST_ROWS, within=within)
        ).items,
        ending=[one for one in in_force.items if one.standing is WaiverStanding.ending],
        rows=[one for one in in_force.items if one.in_a_row >= governance.LONG_WAIVER_ROW],
        titles=titles_of(tx, {one.usecase for one in listed}),
        people=names(tx, [ref for one in listed for ref in (one.requested_by, one.answered_by)]),
    )


def _waiting_for(viewer: Viewer, tx: Session, within: frozenset[str] | None) -> list[Waiver]:
    """The open requests that somebody may answer, the oldest first; not their own."""
    query = ListQuery(
        filters={"standing": (WaiverStanding.requested.value,)}, sort="requested_at", limit=MOST_ROWS, within=within
    )
    departments, found = governance.usecase_departments(tx), governance.find_waivers(tx, query).items
    lanes = mandates.lanes_of(tx, {one.usecase for one in found})
    return [
        one
        for one in found
        if viewer.may("waiver:grant", resource(one, departments.get(one.usecase), lanes.get(one.usecase, "")))
    ]


def resource(waiver: Waiver, department: str | None, lane: str) -> Resource:
    """What the rules are asked about; who asked is part of it."""
    attributes = {"requested_by": waiver.requested_by, "environment": waiver.environment, "lane": lane}
    return Resource(kind="waiver", id=waiver.id, department=department, attributes=attributes)


def _cells(tx: Session, rows: Sequence[Waiver]) -> Iterator[Sequence[documents.Value]]:
    people = names(tx, [ref for one in rows for ref in (one.requested_by, one.answered_by)])
    titles = titles_of(tx, {one.usecase for one in rows})
    for one in rows:
        yield (
            titles.get(one.usecase, one.usecase),
            f"{one.pack}/{one.control}",
            one.environment,
            one.standing.value,
            one.ended_at or one.ends_at,
            one.number,
            one.in_a_row,
            people[one.requested_by],
            one.requested_at,
            people[one.answered_by] if one.answered_by else None,
            one.reason,
            one.compensation,
        )


def _view(request: Request, viewer: Viewer, tx: Session, found: Found[Waiver]) -> TableView:
    said = viewer.gettext
    standings = {
        "requested": said("Asked for"),
        "in_force": said("In force"),
        "ending": said("Ends within a week"),
        "over": said("Over"),
        "ended": said("Ended early"),
        "rejected": said("Rejected"),
    }
    return view_of(
        request,
        found,
        name="waivers",
        caption=said("Register of waivers"),
        columns=(
            Column(name="usecase", label=said("Use case")),
            Column(name="control", label=said("Control")),
            Column(name="environment", label=said("Environment")),
            Column(name="standing", label=said("State")),
            Column(name="ends_at", label=said("Ends"), kind="date"),
            Column(name="number", label=said("Number"), kind="integer", is_sortable=False),
            Column(name="in_a_row", label=said("In a row"), kind="integer", is_sortable=False),
            Column(name="requested_by", label=said("Asked by"), is_sortable=False),
            Column(name="requested_at", label=said("Asked"), kind="date"),
            Column(name="answered_by", label=said("Granted by"), is_sortable=False, is_wide=True),
            Column(name="reason", label=said("Reason"), is_sortable=False, is_wide=True),
            Column(name="compensation", label=said("Done instead"), is_sortable=False, is_wide=True),
        ),
        filters=(
            Filter(name="standing", label=said("All states"), choices=tuple(standings.items())),
            Filter(
                name="environment",
                label=said("All environments"),
                choices=tuple((name, said(word)) for name, word in govern.ENVIRONMENTS.items()),
            ),
            Filter(
                name="department",
                label=said("All departments"),
                choices=tuple(govern.department_choices(viewer, tx, "gate:read")),
            ),
        ),
        empty={
            "title": said("Nothing is or was waived"),
            "text": said(
                "When a control cannot be fulfilled in time, somebody asks for a waiver on the page of a use case, says what "
                "is done instead, and another person of the AI office grants it for 30 days at most."
            ),
            "href": "/usecases",
            "action": said("Use cases"),
            "icon": "clock",
        },
    )


# --- ask ---------------------------------------------------------------------------------------------------------


@router.get("/waivers/new")
def show_new(
    viewer: CurrentViewer, tx: Tx, usecase: str = "", environment: str = "production", control: str = ""
) -> Response:
    """The form that asks for a waiver, with what blocks now on top."""
    case = governance.get_usecase(tx, usecase)
    viewer.permit("waiver:request", govern.about(case))
    said = {"environment": environment, "control": control, "days": governance.MAX_WAIVER_DAYS}
    return _new_page(viewer, tx, case, Form.filled(said))


@router.post("/waivers/new")
def ask(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Ask for it; somebody else of the AI office decides."""
    form = Form.of(data)
    case = governance.get_usecase(tx, form.text("usecase"))
    viewer.permit("waiver:request", govern.about(case))
    pack, _, control = form.text("control").partition("/")
    try:
        with tx.begin_nested():
            made = governance.request_waiver(
                tx,
                viewer.actor,
                usecase=case.slug,
                environment=form.text("environment"),
                pack=pack,
                control=control,
                reason=form.text("reason"),
                compensation=form.text("compensation"),
                days=_days(form.text("days")) or 0,
                subject_digest=form.maybe("subject_digest"),
            )
    except HeadwayError as error:
        return _new_page(viewer, tx, case, form.take(error), status=error.status)
    return viewer.go(f"/waivers/{made.id}", viewer.gettext("Asked. Somebody else of the AI office decides now"))


def _days(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else None


def _new_page(viewer: Viewer, tx: Session, case: UseCase, form: Form, status: int = 200) -> Response:
    version = newest_version(tx, case.slug)
    environment = form.text("environment") if form.text("environment") in govern.ENVIRONMENTS else "production"
    may_ask = version is not None and viewer.may("gate:evaluate", govern.about(case))
    gate = ask_gate(tx, case, version, environment) if version and may_ask else None
    subjects = [(version.digest, f"{version.model} {version.version}")] if version else []
    return viewer.page(
        "waivers/new.html",
        status=status,
        title=viewer.gettext("Ask for a waiver"),
        crumbs=[(viewer.gettext("Use cases"), "/usecases"), (case.title, f"/usecases/{case.slug}")],
        case=case,
        form=form,
        environments=[(name, viewer.gettext(word)) for name, word in govern.ENVIRONMENTS.items()],
        controls=_choices(tx, gate, viewer.gettext),
        subjects=subjects,
        most=governance.MAX_WAIVER_DAYS,
    )


def _choices(tx: Session, gate: GateResult | None, said: Callable[..., str]) -> list[tuple[str, str]]:
    """The controls that may be waived, those that block now first."""
    blocking = {
        (one.pack.partition("@")[0], one.id)
        for one in (gate.controls if gate else ())
        if one.enforce == "block" and one.status in (Status.failed, Status.indeterminate)
    }
    found = [
        (pack.id, one)
        for pack in governance.list_packs(tx)
        if pack.mode == "enforced"
        for one in pack.controls
        if one.waivable
    ]
    found.sort(key=lambda one: (one[0], one[1].id) not in blocking)

    def told(pack: str, one: Control) -> str:
        name = f"{one.id}: {one.title}"
        return said("%(control)s (blocks now)", control=name) if (pack, one.id) in blocking else name

    return [(f"{pack}/{one.id}", told(pack, one)) for pack, one in found if one.enforce == "block"]


# --- one waiver --------------------------------------------------------------------------------------------------


@router.get("/waivers/{waiver_id}")
def show_waiver(waiver_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """What is excused, why, what is done instead, and until when."""
    found = governance.get_waiver(tx, waiver_id)
    case = governance.get_usecase(tx, found.usecase)
    viewer.permit("gate:read", resource(found, case.department, mandates.lane_of(case.tier)))
    return _page(viewer, tx, found, case)


@router.post("/waivers/{waiver_id}/grant")
def grant(waiver_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Grant it from now on."""
    found, form = governance.get_waiver(tx, waiver_id), Form.of(data)
    case = governance.get_usecase(tx, found.usecase)
    viewer.permit("waiver:grant", resource(found, case.department, mandates.lane_of(case.tier)))
    try:
        with tx.begin_nested():
            days = _days(form.text("days")) if form.maybe("days") else found.days
            made = governance.grant_waiver(tx, viewer.actor, waiver_id, form.text("reason"), days=days or 0)
    except HeadwayError as error:
        return _page(viewer, tx, found, case, form.take(error), status=error.status)
    said = viewer.gettext("Waived until %(day)s; the gate warns instead", day=f"{made.ends_at:%Y-%m-%d}")
    return viewer.go(f"/waivers/{waiver_id}", said)


@router.post("/waivers/{waiver_id}/reject")
def reject(waiver_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say no, or take an own request back."""
    found, form = governance.get_waiver(tx, waiver_id), Form.of(data)
    case = governance.get_usecase(tx, found.usecase)
    if found.requested_by != viewer.actor.ref:
        viewer.permit("waiver:grant", resource(found, case.department, mandates.lane_of(case.tier)))
    try:
        with tx.begin_nested():
            governance.reject_waiver(tx, viewer.actor, waiver_id, form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, found, case, form.take(error), status=error.status)
    return viewer.go(f"/waivers/{waiver_id}", viewer.gettext("Rejected; the reason is kept with it"))


@router.post("/waivers/{waiver_id}/end")
def end(waiver_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """End it before its time; the control blocks again."""
    found, form = governance.get_waiver(tx, waiver_id), Form.of(data)
    case = governance.get_usecase(tx, found.usecase)
    if found.requested_by != viewer.actor.ref:
        viewer.permit("waiver:grant", resource(found, case.department, mandates.lane_of(case.tier)))
    try:
        with tx.begin_nested():
            governance.end_waiver(tx, viewer.actor, waiver_id, form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, found, case, form.take(error), status=error.status)
    return viewer.go(f"/waivers/{waiver_id}", viewer.gettext("Ended: the control blocks again"))


def _page(
    viewer: Viewer, tx: Session, found: Waiver, case: UseCase, form: Form | None = None, *, status: int = 200
) -> Response:
    is_own, may_grant = (
        found.requested_by == viewer.actor.ref,
        viewer.may("waiver:grant", resource(found, case.department, mandates.lane_of(case.tier))),
    )
    pack = governance.get_pack(tx, found.pack)
    return viewer.page(
        "waivers/show.html",
        status=status,
        title=viewer.gettext("%(control)s for %(title)s", control=found.control, title=case.title),
        crumbs=[(viewer.gettext("Waivers"), "/waivers")],
        waiver=found,
        case=case,
        form=form or Form(),
        control=next((one for one in pack.controls if one.id == found.control), None),
        is_own=is_own,
        is_open=found.standing is WaiverStanding.requested,
        is_in_force=found.standing.value in IN_FORCE,
        may_grant=may_grant,
        long_row=governance.LONG_WAIVER_ROW,
        people=names(tx, [found.requested_by, found.answered_by, found.ended_by]),
    )
