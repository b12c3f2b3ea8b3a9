"""Long work: the tray at the top of each page, live progress by server-sent events, the list and the page of a job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import dossiers, portfolio
from headway.catalog import keeping, repairs
from headway.documents import Value
from headway.entrypoints.pages import exports
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.streams import draw, follow, stream
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.jobs import Job, JobStatus
from headway.kernel.listing import Found, ListQuery
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
TRAY = 6
OPEN = (JobStatus.queued, JobStatus.running)


@router.get("/jobs/tray")
def show_tray(viewer: CurrentViewer, tx: Tx) -> Response:
    """The inside of the tray."""
    jobs = viewer.parts.jobs.list(tx, TRAY, actor=viewer.actor.ref).items
    return viewer.page("jobs/tray_live.html", title="", tray=jobs)


@router.get("/jobs/stream")
async def stream_tray(viewer: CurrentViewer) -> Response:
    """Send the tray whenever a job of one's own moves, until none is open."""

    def part() -> tuple[str, bool]:
        with viewer.parts.database.session() as session:
            jobs = viewer.parts.jobs.list(session, TRAY, actor=viewer.actor.ref).items
        return draw(viewer, "jobs/tray_inside.html", tray=jobs), any(job.status in OPEN for job in jobs)

    return stream(follow(viewer, "tray", part))


@router.get("/jobs")
def show_jobs(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """One's own jobs, or everybody's for those who may see them."""
    may_see_all = viewer.may("job:read", _listed(None))
    is_all = may_see_all and request.query_params.get("whose") == "all"
    viewer.permit("job:read", _listed(None if is_all else viewer.actor.ref))
    view = _table(request, viewer, tx, is_all=is_all)
    if exports.is_wanted(request):
        return exports.download(viewer, view, _cells(viewer, tx, view, is_all=is_all))
    return viewer.page(
        "jobs/list.html",
        title=viewer.gettext("Jobs"),
        view=view,
        is_all=is_all,
        may_see_all=may_see_all,
        names=names(tx, [job.actor for job in view.rows]),
    )


def _cells(viewer: Viewer, tx: Session, view: TableView, *, is_all: bool) -> Iterator[tuple[Value, ...]]:
    """What a file of the list holds, in the order of its columns."""
    found = exports.all_of(view, lambda query: _found(viewer, tx, query, is_all=is_all))
    people = names(tx, [one.actor for one in found])
    for one in found:
        stands = one.error["detail"] if one.error else one.message
        asker = (people[one.actor],) if is_all else ()
        yield (one.name, one.status.value, stands, *asker, one.created_at, one.ended_at)


def _found(viewer: Viewer, tx: Session, query: ListQuery, *, is_all: bool) -> Found[Job]:
    """The jobs that are asked for: everybody's, or the viewer's own."""
    own = query if is_all else replace(query, filters={**query.filters, "actor": (viewer.actor.ref,)})
    return replace(viewer.parts.jobs.find(tx, own), query=query)


@router.get("/jobs/{job_id}")
def show_job(job_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One job: what it is doing or has done, what came of it."""
    job = viewer.parts.jobs.get(tx, job_id)
    viewer.permit("job:read", _resource(job))
    return viewer.page(
        "jobs/job.html",
        title=viewer.gettext("Job"),
        crumbs=[(viewer.gettext("Jobs"), "/jobs")],
        job=job,
        is_open=job.status in OPEN,
        may_cancel=job.status in OPEN and viewer.may("job:cancel", _resource(job)),
        made=made_by(viewer, tx, job),
        names=names(tx, [job.actor]),
    )


@router.get("/jobs/{job_id}/stream")
async def stream_job(job_id: str, viewer: CurrentViewer) -> Response:
    """Send the live part of a job's page until it has ended."""

    def part() -> tuple[str, bool]:
        with viewer.parts.database.session() as session:
            job = viewer.parts.jobs.get(session, job_id)
        viewer.permit("job:read", _resource(job))
        return draw(viewer, "jobs/steps.html", job=job), job.status in OPEN

    return stream(follow(viewer, "job", part))


@router.get("/jobs/{job_id}/ended")
def show_ended(job_id: str, viewer: CurrentViewer) -> Response:
    """Send a page that followed a job to its end to the page of what it is now."""
    return viewer.go(f"/jobs/{job_id}")


@router.post("/jobs/{job_id}/cancel")
def cancel_job(job_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Cancel a job; one that runs ends at its next step."""
    jobs = viewer.parts.jobs
    viewer.permit("job:cancel", _resource(jobs.get(tx, job_id)))
    try:
        with tx.begin_nested():
            jobs.cancel(tx, job_id)
    except HeadwayError as error:
        return viewer.go(f"/jobs/{job_id}", error.message)
    return viewer.go(f"/jobs/{job_id}", viewer.gettext("Cancelled; a running job ends at its next step"))


def made_by(viewer: Viewer, session: Session, job: Job) -> list[tuple[str, str]]:
    """What came of a job: (label, reference)."""
    if job.name == "pilot":
        asked = ListQuery(filters={"job": (job.id,)}, limit=1)
        found = portfolio.find_pilots(session, asked).items
        return [(viewer.gettext("Pilot %(name)s", name=one.name), f"pilot:{one.id}") for one in found]
    result = job.result or {}
    by_id = {
        "scale": ("plan", "scaleplan", viewer.gettext("Plan to scale")),
        dossiers.JOB: ("dossier", "dossier", viewer.gettext("What was made")),
        portfolio.REPLAY: ("replay", "replay", viewer.gettext("What the replay tells")),
    }
    field, kind, said = by_id.get(job.name, ("", "", ""))
    if field in result:
        return [(said, f"{kind}:{result[field]}")]
    if job.name in ("product", repairs.LOOK) and "product" in result:
        name = result["product"]
        return [(viewer.gettext("Data product %(name)s", name=name), f"product:{name}")]
    if job.name == "training" and "version" in result:
        model, _, number = str(result["version"]).removeprefix("model:").partition("@")
        text = viewer.gettext("Version %(number)s of %(name)s", number=number, name=model)
        return [(text, f"model:{model}@{number}")]
    return []


def _table(request: Request, viewer: Viewer, session: Session, *, is_all: bool) -> TableView:
    _ = viewer.gettext
    query = query_of(request, sort="created_at", descending=True, filters=("status", "name"))
    found = _found(viewer, session, query, is_all=is_all)
    states = {"queued": _("waiting"), "running": _("running"), "done": _("done"), "failed": _("failed")}
    kinds = {
        "pilot": _("Pilot"),
        "product": _("Data product"),
        "training": _("Training"),
        "scale": _("Plan to scale"),
        "replay": _("Replay"),
        "dossier": _("Document"),
        repairs.LOOK: _("Suggestions"),
        keeping.KEEP: _("Snapshots"),
    }
    return view_of(
        request,
        found,
        name="jobs",
        caption=_("Jobs"),
        columns=(
            Column(name="name", label=_("What")),
            Column(name="status", label=_("State")),
            Column(name="message", label=_("Where it stands"), is_sortable=False, is_wide=True),
            *((Column(name="actor", label=_("Asked for by")),) if is_all else ()),
            Column(name="created_at", label=_("Asked for"), kind="date"),
            Column(name="ended_at", label=_("Ended"), kind="date"),
        ),
        filters=(
            Filter(name="status", label=_("All states"), choices=(*states.items(), ("cancelled", _("cancelled")))),
            Filter(name="name", label=_("All kinds"), choices=tuple(kinds.items())),
        ),
        empty={
            "title": _("No jobs yet"),
            "text": _("Whatever takes longer than a moment runs as a job: pilots, training, large files."),
            **viewer.offer("pilot:start", "/pilots/new", _("Start a pilot")),
            "icon": "activity",
        },
    )


def _listed(owner: str | None) -> Resource:
    return Resource(kind="job", id="mine" if owner else "all", attributes={"owner": owner})


def _resource(job: Job) -> Resource:
    return Resource(kind="job", id=job.id, attributes={"owner": job.actor})
