"""Break-glass on pages: what two people let in in an emergency, what waits for its review, and what was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session
from starlette.background import BackgroundTasks

from headway import documents, governance, registry, serving
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.approvals import titles_of
from headway.entrypoints.pages.deployment_place import publish
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.usecase_todo import ask_gate, versions_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import BreakGlass, BreakGlassStanding, ReviewFinding, UseCase
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.ids import Ref
from headway.kernel.listing import Found, ListQuery
from headway.kernel.settings import Environment
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
FILTERS = ("standing", "environment", "department", "usecase")
UNREVIEWED = (BreakGlassStanding.open, BreakGlassStanding.overdue)
PRESSING = tuple(one.value for one in (BreakGlassStanding.requested, *UNREVIEWED))
MOST_ROWS = 200


@router.get("/break-glass")
def show_all(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """What is let in now, what waits for somebody, and everything before."""
    within = govern.need_somewhere(viewer, tx, "gate:read")
    query = query_of(request, sort="requested_at", descending=True, filters=FILTERS, within=within)
    found = governance.find_break_glass(tx, query)
    if exports.is_wanted(request):
        return exports.download(viewer, _view(request, viewer, tx, found), _cells(tx, found.items))
    asked = ListQuery(filters={"standing": PRESSING}, limit=MOST_ROWS, within=within)
    pressing = governance.find_break_glass(tx, asked).items
    listed = [*found.items, *pressing]
    return viewer.page(
        "break_glass/list.html",
        title=viewer.gettext("Break-glass"),
        crumbs=[(viewer.gettext("Waivers"), "/waivers")],
        table=_view(request, viewer, tx, found),
        pressing=pressing,
        titles=titles_of(tx, {one.usecase for one in listed}),
        people=names(tx, [ref for one in listed for ref in (one.requested_by, one.answered_by, one.reviewed_by)]),
    )


def _cells(tx: Session, rows: Sequence[BreakGlass]) -> Iterator[Sequence[documents.Value]]:
    people = names(tx, [ref for one in rows for ref in (one.requested_by, one.answered_by, one.reviewed_by)])
    titles = titles_of(tx, {one.usecase for one in rows})
    for one in rows:
        yield (
            titles.get(one.usecase, one.usecase),
            one.subject,
            one.environment,
            one.standing.value,
            people[one.requested_by],
            one.requested_at,
            people[one.answered_by] if one.answered_by else None,
            one.ends_at,
            people[one.reviewed_by] if one.reviewed_by else None,
            one.reason,
        )


def _view(request: Request, viewer: Viewer, tx: Session, found: Found[BreakGlass]) -> TableView:
    said = viewer.gettext
    standings = {
        "requested": said("Asked for"),
        "open": said("To be reviewed"),
        "overdue": said("Review overdue"),
        "justified": said("Justified"),
        "not_justified": said("Not justified"),
        "lapsed": said("Lapsed"),
        "rejected": said("Rejected"),
    }
    return view_of(
        request,
        found,
        name="break-glass",
        caption=said("Break-glass"),
        columns=(
            Column(name="usecase", label=said("Use case")),
            Column(name="subject", label=said("Version")),
            Column(name="environment", label=said("Environment")),
            Column(name="standing", label=said("State")),
            Column(name="requested_by", label=said("Asked by"), is_sortable=False),
            Column(name="requested_at", label=said("Asked"), kind="date"),
            Column(name="answered_by", label=said("Answered by"), is_sortable=False),
            Column(name="ends_at", label=said("Ends"), kind="date"),
            Column(name="reviewed_by", label=said("Reviewed by"), is_sortable=False, is_wide=True),
            Column(name="reason", label=said("Emergency"), is_sortable=False, is_wide=True),
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
            "title": said("The glass was never broken"),
            "text": said(
                "In an emergency two people can let an exact version in although its gate blocks, for three days. Everybody "
                "responsible is alarmed, and a third person reviews it."
            ),
            "icon": "bolt",
        },
    )


# --- ask ---------------------------------------------------------------------------------------------------------


@router.get("/break-glass/new")
def show_new(viewer: CurrentViewer, tx: Tx, usecase: str = "", environment: str = "production") -> Response:
    """The form of an emergency, with what the gate says now."""
    case = governance.get_usecase(tx, usecase)
    viewer.permit("break_glass:request", govern.about(case, "break_glass", environment=environment))
    return _new_page(viewer, tx, case, Form.filled({"environment": environment}))


@router.post("/break-glass/new")
def ask(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Ask for it: the alarm goes out, and somebody else confirms."""
    form = Form.of(data)
    case = governance.get_usecase(tx, form.text("usecase"))
    viewer.permit("break_glass:request", govern.about(case, "break_glass", environment=form.text("environment")))
    subject, _, digest = form.text("subject").partition(" ")
    try:
        with tx.begin_nested():
            made = governance.request_break_glass(
                tx,
                viewer.actor,
                usecase=case.slug,
                environment=form.text("environment"),
                subject=Ref.parse(subject),
                subject_digest=digest,
                reason=form.text("reason"),
            )
    except HeadwayError as error:
        return _new_page(viewer, tx, case, form.take(error), status=error.status)
    return viewer.go(f"/break-glass/{made.id}", viewer.gettext("The alarm is out. Somebody else must confirm it now"))


def _new_page(viewer: Viewer, tx: Session, case: UseCase, form: Form, status: int = 200) -> Response:
    versions = versions_of(tx, case.slug)
    environment = form.text("environment") if form.text("environment") in govern.ENVIRONMENTS else "production"
    chosen = next((one for one in versions if form.text("subject").startswith(f"{one.ref} ")), None)
    version = chosen or (versions[0] if versions else None)
    may_ask = version is not None and viewer.may("gate:evaluate", govern.about(case))
    return viewer.page(
        "break_glass/new.html",
        status=status,
        title=viewer.gettext("Break the glass"),
        crumbs=[(viewer.gettext("Use cases"), "/usecases"), (case.title, f"/usecases/{case.slug}")],
        case=case,
        form=form,
        environments=[(name, viewer.gettext(word)) for name, word in govern.ENVIRONMENTS.items()],
        subjects=[(f"{one.ref} {one.digest}", f"{one.model} {one.version}") for one in versions],
        gate=ask_gate(tx, case, version, environment) if version and may_ask else None,
    )


# --- one of them -------------------------------------------------------------------------------------------------


@router.get("/break-glass/{glass_id}")
def show_one(glass_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """What the emergency was, who let what in, until when, and what was found."""
    found = governance.get_break_glass(tx, glass_id)
    viewer.permit("gate:read", governance.break_glass_resource(tx, found))
    return _page(viewer, tx, found)


@router.post("/break-glass/{glass_id}/confirm")
def confirm(glass_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Confirm it: the version is released at once."""
    found, form, here = governance.get_break_glass(tx, glass_id), Form.of(data), viewer.parts
    viewer.permit("break_glass:confirm", governance.break_glass_resource(tx, found))
    try:
        with tx.begin_nested():
            registry.confirm_break_glass(
                tx, here.storage, here.signer, viewer.actor, glass_id, reason=form.text("reason")
            )
    except HeadwayError as error:
        return _page(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go(f"/break-glass/{glass_id}", viewer.gettext("Let in for three days. A third person reviews it"))


@router.post("/break-glass/{glass_id}/reject")
def reject(glass_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say no, or take an own request back."""
    found, form = governance.get_break_glass(tx, glass_id), Form.of(data)
    if found.requested_by != viewer.actor.ref:
        viewer.permit("break_glass:confirm", governance.break_glass_resource(tx, found))
    try:
        with tx.begin_nested():
            governance.reject_break_glass(tx, viewer.actor, glass_id, form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go(f"/break-glass/{glass_id}", viewer.gettext("Rejected; the reason is kept with it"))


@router.post("/break-glass/{glass_id}/review")
def review(glass_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say whether it was justified; what was not stops at once."""
    found, form = governance.get_break_glass(tx, glass_id), Form.of(data)
    viewer.permit("break_glass:review", governance.break_glass_resource(tx, found))
    finding = (
        ReviewFinding.justified if form.text("finding") == ReviewFinding.justified else ReviewFinding.not_justified
    )
    if not form.require(["finding"], viewer.gettext("Choose one")):
        return _page(viewer, tx, found, form, status=422)
    try:
        with tx.begin_nested():
            serving.review_break_glass(tx, viewer.actor, glass_id, finding, review=form.text("review"))
    except HeadwayError as error:
        return _page(viewer, tx, found, form.take(error), status=error.status)
    response = viewer.go(f"/break-glass/{glass_id}", viewer.gettext("Reviewed; what you found is kept for good"))
    response.background = BackgroundTasks()
    response.background.add_task(publish, viewer.parts, cast(Environment, found.environment))
    return response


def _page(viewer: Viewer, tx: Session, found: BreakGlass, form: Form | None = None, *, status: int = 200) -> Response:
    case, here = governance.get_usecase(tx, found.usecase), governance.break_glass_resource(tx, found)
    is_own, is_open = found.requested_by == viewer.actor.ref, found.standing is BreakGlassStanding.requested
    release = _release(viewer, tx, found, here)
    return viewer.page(
        "break_glass/show.html",
        status=status,
        title=viewer.gettext("Break-glass for %(title)s", title=case.title),
        crumbs=[(viewer.gettext("Waivers"), "/waivers"), (viewer.gettext("Break-glass"), "/break-glass")],
        glass=found,
        case=case,
        form=form or Form(),
        release=release,
        is_own=is_own,
        is_open=is_open,
        may_confirm=is_open and viewer.may("break_glass:confirm", here),
        may_review=found.standing in UNREVIEWED and viewer.may("break_glass:review", here),
        people=names(tx, [found.requested_by, found.answered_by, found.reviewed_by]),
    )


def _release(viewer: Viewer, tx: Session, found: BreakGlass, here: Resource) -> registry.ModelRelease | None:
    if found.confirmed_at is None or not viewer.may("release:read", here):
        return None
    query = ListQuery(filters={"usecase": (found.usecase,), "environment": (found.environment,)}, limit=MOST_ROWS)
    return next((one for one in registry.find_releases(tx, query).items if one.break_glass == found.id), None)
