"""Starting a pilot from a file: the file first, then what its columns mean. The file is sent once and waits in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import catalog, governance, identity, portfolio
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel import ids
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.money import Money
from headway.kernel.receiving import received, sent_name
from headway.kernel.web import Tx
from headway.portfolio import PilotRequest

router = APIRouter(include_in_schema=False)
MONEY = ("value_per_success", "cost_per_action")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What is known when the second step is drawn."""

    upload: catalog.Upload
    usecase: str | None
    like: str | None

    @property
    def columns(self) -> Mapping[str, catalog.ColumnPreview]:
        """The file's columns by name."""
        return {one.name: one for one in self.upload.preview.columns}


@router.get("/pilots/new")
def show_start(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The first step, or the second one for a file that waits."""
    asked = request.query_params
    if not viewer.may_somewhere("pilot:start"):
        viewer.permit("pilot:start", Resource(kind="pilot", id="new"))
    if not asked.get("upload"):
        return _file_page(viewer, tx, Form.filled(_case(tx, asked.get("usecase"))))
    start = _start(viewer, tx, asked["upload"], asked.get("usecase"), asked.get("like"))
    return _answers_page(viewer, start, Form.filled(_proposal(viewer, tx, start)))


@router.get("/pilots/new/positive")
def show_positive(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The choice of the value that means success, for another label."""
    start = _start(viewer, tx, request.query_params.get("upload", ""), None, None)
    label = start.columns.get(request.query_params.get("label", ""))
    is_guessed = label is not None and label.name == start.upload.preview.guess.label
    form = Form.filled({"positive": start.upload.preview.guess.positive if is_guessed else None})
    return viewer.page("pilots/positive.html", title="", form=form, values=label.values if label else ())


@router.post("/pilots/new/file")
def take_file(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Keep the file and go on to its columns."""
    form, sent = Form.of(data), upload(data, "file")
    department = ids.slug(form.text("department")) if form.text("department") else ""
    if sent is None:
        form.faults["file"] = viewer.gettext("Choose a file")
    if not department:
        form.faults["department"] = viewer.gettext("Say whose data it is")
    if sent is None or not department:
        return _file_page(viewer, tx, form, status=422)
    for action in ("upload:create", "pilot:start"):
        viewer.permit(action, Resource(kind=action.partition(":")[0], id="new", department=department))
    parts = viewer.parts
    try:
        with received(sent.file, parts.settings.max_upload_bytes) as source, tx.begin_nested():
            kept = catalog.keep_upload(
                tx, viewer.actor, parts.storage, source=source, filename=sent_name(sent.filename), department=department
            )
    except HeadwayError as error:
        form.faults["file"] = error.message
        form.faults |= {f"file-{at}": fault.message for at, fault in enumerate(error.faults[1:12])}
        form.hint = error.hint
        return _file_page(viewer, tx, form, status=error.status)
    case = f"&usecase={form.text('usecase')}" if form.text("usecase") else ""
    return viewer.go(f"/pilots/new?upload={kept.id}{case}")


@router.post("/pilots/new")
def start_pilot(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Start the pilot, or tell every fault at its field."""
    form = Form.of(data)
    start = _start(viewer, tx, form.text("upload"), form.maybe("usecase"), form.maybe("like"))
    viewer.permit("pilot:start", Resource(kind="pilot", id="new", department=start.upload.department))
    form.require(("solution", "label", "name"), viewer.gettext("This is needed"))
    request = _request(viewer, start, form)
    if form.faults:
        return _answers_page(viewer, start, form, status=422)
    parts = viewer.parts
    try:
        with tx.begin_nested():
            made = portfolio.start_from_upload(
                tx,
                viewer.actor,
                parts.jobs,
                portfolio.shelf(parts.settings.solutions),
                upload_id=start.upload.id,
                request=request,
            )
    except HeadwayError as error:
        return _answers_page(viewer, start, form.take(error), status=error.status)
    return viewer.go(f"/pilots/{made.id}", viewer.gettext("The pilot has begun; you may close this page"))


def _start(viewer: Viewer, session: Session, upload_id: str, usecase: str | None, like: str | None) -> Start:
    found = catalog.get_upload(session, upload_id)
    viewer.permit("upload:read", Resource(kind="upload", id=found.id, department=found.department))
    return Start(upload=found, usecase=usecase, like=like)


def _file_page(viewer: Viewer, session: Session, form: Form, *, status: int = 200) -> Response:
    choices = department_choices(viewer, session, "pilot:start")
    if not form.text("department") and len(choices) == 1:
        form = replace(form, values={**form.values, "department": [choices[0][0]]})
    return viewer.page(
        "pilots/file.html",
        status=status,
        title=viewer.gettext("Start a pilot"),
        crumbs=[(viewer.gettext("Pilots"), "/pilots")],
        form=form,
        departments=choices,
        largest=size_in_words(viewer.parts.settings.max_upload_bytes),
    )


def _answers_page(viewer: Viewer, start: Start, form: Form, *, status: int = 200) -> Response:
    label = start.columns.get(form.text("label"))
    found = portfolio.shelf(viewer.parts.settings.solutions).solutions
    return viewer.page(
        "pilots/answers.html",
        status=status,
        title=viewer.gettext("Start a pilot"),
        crumbs=[(viewer.gettext("Pilots"), "/pilots")],
        form=form,
        start=start,
        preview=start.upload.preview,
        names=[(name, name) for name in start.columns],
        values=label.values if label else (),
        solutions=[(one.id, one.title) for one in found.values()],
        chosen=found.get(form.text("solution")),
        currency=viewer.parts.settings.currency,
    )


def _proposal(viewer: Viewer, session: Session, start: Start) -> dict[str, object]:
    """The second step filled in: as the pilot before, else as the file suggests."""
    found = portfolio.shelf(viewer.parts.settings.solutions).solutions
    case, guess = _case(session, start.usecase), start.upload.preview.guess
    near = [one for one in found.values() if one.department == start.upload.department] or list(found.values())
    solution = str(case.get("solution") or (near[0].id if near else ""))
    proposal: dict[str, object] = {
        "solution": solution,
        "name": start.usecase or solution.rpartition(".")[2],
        **{role: getattr(guess, role) for role in ("label", "positive", "time", "subject")},
        "exclude": list(guess.exclude),
    }
    if start.like:
        before = portfolio.get_pilot(session, start.like)
        viewer.permit("pilot:read", Resource(kind="pilot", id=before.id, department=before.department))
        proposal |= {name: before.request.get(name) for name in (*proposal, *MONEY)}
        proposal["ordered"] = "true" if before.request.get("ordered") else None
    return proposal


def _request(viewer: Viewer, start: Start, form: Form) -> PilotRequest:
    """What the form asks for; faults of names and amounts are noted at their fields."""
    amounts = {name: _amount(viewer, form, name) for name in MONEY}
    return PilotRequest(
        name=_slug(viewer, form, "name"),
        solution=form.text("solution"),
        department=start.upload.department,
        filename="",
        file_key="",
        file_digest="",
        label=form.text("label"),
        positive=form.maybe("positive"),
        time=form.maybe("time"),
        ordered=form.is_on("ordered"),
        subject=form.maybe("subject"),
        exclude=tuple(form.many("exclude")),
        value_per_success=amounts["value_per_success"],
        cost_per_action=amounts["cost_per_action"],
    )


def _slug(viewer: Viewer, form: Form, name: str) -> str:
    try:
        return ids.slug(form.text(name)) if form.text(name) else ""
    except Invalid:
        form.faults[name] = viewer.gettext("Use letters and digits")
        return ""


def _amount(viewer: Viewer, form: Form, name: str) -> str | None:
    text = form.maybe(name)
    if text is None:
        return None
    try:
        return str(Money.parse(text, viewer.parts.settings.currency))
    except Invalid as error:
        form.faults[name] = f"{error.message}: {error.hint}" if error.hint else error.message
        return None


def _case(session: Session, usecase: str | None) -> dict[str, str | None]:
    """What is fixed when a pilot is for a use case of the inventory."""
    if not usecase:
        return {}
    found = governance.get_usecase(session, usecase)
    return {"usecase": found.slug, "department": found.department, "solution": found.solution}


def size_in_words(size: int) -> str:
    """A number of bytes as people read it."""
    for unit, least in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)):
        if size >= least:
            return f"{size / least:.3g} {unit}"
    return f"{size} B"


def department_choices(viewer: Viewer, session: Session, action: str) -> list[tuple[str, str]]:
    """The departments in which somebody may do an action; whoever may everywhere is offered those of solutions too."""
    places = viewer.places(session, action)
    known = {one.slug: one.name for one in identity.list_departments(session)}
    if places is not None:
        return [(slug, known.get(slug, slug)) for slug in sorted(places)]
    wanted = {one.department for one in portfolio.shelf(viewer.parts.settings.solutions).solutions.values()}
    offered = known | {slug: slug.capitalize() for slug in wanted - set(known)}
    return sorted(((slug, name) for slug, name in offered.items() if slug != "org"), key=lambda one: one[1].lower())
