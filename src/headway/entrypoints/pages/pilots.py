"""Pilots: the list, and one pilot with its steps live, its failure with what to do, or its result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import catalog, identity, portfolio
from headway.documents import Value
from headway.entrypoints.pages import exports
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.streams import draw, follow, stream
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, NotFound
from headway.kernel.jobs import Job, JobStatus
from headway.kernel.web import Tx
from headway.portfolio import Pilot

router = APIRouter(include_in_schema=False)
STEPS = ("product", "usecase", "training", "release", "deploy", "report")
OPEN = (JobStatus.queued, JobStatus.running)


@router.get("/pilots")
def show_pilots(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The pilots that somebody may see."""
    if not viewer.may_somewhere("pilot:read"):
        viewer.permit("pilot:read", Resource(kind="pilot", id="all"))
    view = _table(request, viewer, tx)
    if exports.is_wanted(request):
        return exports.download(viewer, view, _cells(viewer, tx, view))
    return viewer.page(
        "pilots/list.html",
        title=viewer.gettext("Pilots"),
        view=view,
        titles=solution_titles(viewer),
        names=names(tx, [pilot.started_by for pilot in view.rows]),
        may_start=viewer.may_somewhere("pilot:start"),
    )


def _cells(viewer: Viewer, tx: Session, view: TableView) -> Iterator[tuple[Value, ...]]:
    """What a file of the list holds, in the order of its columns."""
    found = exports.all_of(view, lambda query: portfolio.find_pilots(tx, query))
    people, titles = names(tx, [one.started_by for one in found]), solution_titles(viewer)
    for one in found:
        solution = titles.get(one.solution, one.solution)
        by = people[one.started_by]
        yield one.name, one.state.value, solution, one.department, one.filename, by, one.started_at


@router.get("/pilots/{pilot_id}")
def show_pilot(pilot_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One pilot: running, failed or done."""
    pilot = readable(viewer, tx, pilot_id)
    return viewer.page(
        "pilots/pilot.html",
        title=viewer.gettext("Pilot %(name)s", name=pilot.name),
        crumbs=[(viewer.gettext("Pilots"), "/pilots")],
        pilot=pilot,
        solution=solution_titles(viewer).get(pilot.solution, pilot.solution),
        names=names(tx, [pilot.started_by]),
        may_start=viewer.may("pilot:start", _resource(pilot)),
        upload=_upload_of(viewer, tx, pilot),
        **_progress(viewer, tx, pilot),
    )


@router.get("/pilots/{pilot_id}/stream")
async def stream_pilot(pilot_id: str, viewer: CurrentViewer) -> Response:
    """Send the steps of a pilot until it has ended."""

    def part() -> tuple[str, bool]:
        with viewer.parts.database.session() as session:
            pilot = readable(viewer, session, pilot_id)
            progress = _progress(viewer, session, pilot)
        return draw(viewer, "pilots/steps.html", **progress), pilot.state == "running"

    return stream(follow(viewer, "pilot", part))


@router.get("/pilots/{pilot_id}/ended")
def show_ended(pilot_id: str, viewer: CurrentViewer) -> Response:
    """Send a page that followed a pilot to its end to the page of what it is now."""
    return viewer.go(f"/pilots/{pilot_id}")


@router.post("/pilots/{pilot_id}/retry")
def retry_pilot(pilot_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take a failed pilot up again where it failed."""
    pilot = portfolio.get_pilot(tx, pilot_id)
    viewer.permit("pilot:start", _resource(pilot))
    try:
        with tx.begin_nested():
            portfolio.retry_pilot(tx, viewer.actor, viewer.parts.jobs, pilot_id)
    except HeadwayError as error:
        return viewer.go(f"/pilots/{pilot_id}", _told(error))
    return viewer.go(f"/pilots/{pilot_id}", viewer.gettext("It goes on where it failed"))


@router.post("/pilots/{pilot_id}/repeat")
def repeat_pilot(pilot_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Start a pilot like this one from the same file, with the columns left out that somebody ticked."""
    pilot = portfolio.get_pilot(tx, pilot_id)
    viewer.permit("pilot:start", _resource(pilot))
    parts, form = viewer.parts, Form.of(data)
    try:
        with tx.begin_nested():
            made = portfolio.repeat_pilot(
                tx,
                viewer.actor,
                parts.jobs,
                portfolio.shelf(parts.settings.solutions),
                pilot_id,
                storage=parts.storage,
                exclude=form.many("exclude"),
            )
    except HeadwayError as error:
        return viewer.go(f"/pilots/{pilot_id}", _told(error))
    return viewer.go(f"/pilots/{made.id}", viewer.gettext("A new pilot has begun from the same file"))


def readable(viewer: Viewer, session: Session, pilot_id: str) -> Pilot:
    """A pilot that the viewer may see; raises UnknownPilot, Denied."""
    pilot = portfolio.get_pilot(session, pilot_id)
    viewer.permit("pilot:read", _resource(pilot))
    return pilot


def solution_titles(viewer: Viewer) -> dict[str, str]:
    """The titles of installed solutions by id."""
    found = portfolio.shelf(viewer.parts.settings.solutions).solutions
    return {name: solution.title for name, solution in found.items()}


def _progress(viewer: Viewer, session: Session, pilot: Pilot) -> dict[str, Any]:
    """All six steps of a pilot with how each stands, of its last job."""
    job = viewer.parts.jobs.get(session, pilot.job)
    begun = {step.name: step for step in job.steps}
    steps = []
    for name in STEPS:
        step = begun.get(name)
        state, seconds = "later", None
        if step is not None:
            failed = step.error is not None and job.status == JobStatus.failed
            state = "failed" if failed else "done" if step.ended_at and not step.error else "now"
            seconds = (step.ended_at - step.started_at).total_seconds() if step.ended_at and not failed else None
        steps.append((name, state, seconds))
    return {"job": job, "steps": steps, "done": sum(state == "done" for _, state, _ in steps), "is_open": _is_open(job)}


def _is_open(job: Job) -> bool:
    return job.status in OPEN


def _upload_of(viewer: Viewer, session: Session, pilot: Pilot) -> str | None:
    """The upload that a failed pilot was started from, while it waits."""
    digest = str(pilot.request.get("file_digest", ""))
    try:
        found = catalog.find_upload(session, digest, pilot.department)
    except NotFound:
        return None
    may_read = viewer.may("upload:read", Resource(kind="upload", id=found.id, department=found.department))
    return found.id if may_read else None


def _resource(pilot: Pilot) -> Resource:
    return Resource(kind="pilot", id=pilot.id, department=pilot.department)


def _told(error: HeadwayError) -> str:
    return f"{error.message}. {error.hint}" if error.hint else error.message


def _table(request: Request, viewer: Viewer, session: Session) -> TableView:
    _ = viewer.gettext
    within = viewer.places(session, "pilot:read")
    query = query_of(request, sort="started_at", descending=True, filters=("department", "state"), within=within)
    departments = [one for one in identity.list_departments(session) if within is None or one.slug in within]
    states = (("running", _("running")), ("done", _("done")), ("failed", _("failed")))
    return view_of(
        request,
        portfolio.find_pilots(session, query),
        name="pilots",
        caption=_("Pilots"),
        columns=(
            Column(name="name", label=_("Pilot")),
            Column(name="state", label=_("State")),
            Column(name="solution", label=_("Solution"), is_wide=True),
            Column(name="department", label=_("Department")),
            Column(name="filename", label=_("File"), is_wide=True),
            Column(name="started_by", label=_("Started by"), is_wide=True, is_sortable=False),
            Column(name="started_at", label=_("Started"), kind="date"),
        ),
        filters=(
            Filter(
                name="department",
                label=_("All departments"),
                choices=tuple((one.slug, one.name) for one in departments),
            ),
            Filter(name="state", label=_("All states"), choices=states),
        ),
        empty={
            "title": _("No pilots yet"),
            "text": _(
                "A pilot takes a file of past cases and tells in minutes how well a model would do, why, and what is "
                "missing before it may be used. It stays in the sandbox."
            ),
            **viewer.offer("pilot:start", "/pilots/new", _("Start a pilot from a file")),
            "icon": "test-pipe",
        },
    )
