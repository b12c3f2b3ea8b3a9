"""The draft of the decision rights: rows changed one by one or from a file, checked, then adopted."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents, identity
from headway.documents import About
from headway.entrypoints.pages.exports import XLSX
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.govern import department_names
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.rights import ADOPT, LANES, NEW, STAGES, STEPS, WEAK, holder, matrix
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import mandates
from headway.governance.mandates import RightsRow
from headway.kernel import clock
from headway.kernel.errors import HeadwayError
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
DRAFT = "/decision-rights/draft"


@router.get(DRAFT)
def show_draft(viewer: CurrentViewer, tx: Tx) -> Response:
    """The draft with everything that is wrong with it and every step that would be weak."""
    viewer.permit(ADOPT, NEW)
    return _page(viewer, tx, Form())


@router.get(DRAFT + "/export")
def export(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The draft as a workbook, or as YAML where the address asks for it."""
    viewer.permit(ADOPT, NEW)
    rows = mandates.check_draft(tx).rows
    if request.query_params.get("format") == "yaml":
        return _file(mandates.write_yaml(rows).encode(), "decision-rights.yaml", "application/yaml; charset=utf-8")
    language: Literal["en", "de"] = "de" if viewer.looks.language == "de" else "en"
    about = About(by=viewer.actor.name, at=clock.now(), source=str(request.url), language=language)
    return _file(documents.write_xlsx((mandates.sheet(rows, language),), about), "decision-rights.xlsx", XLSX)


@router.get(DRAFT + "/row")
def show_row(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """One row of the draft, with everybody whom it can name."""
    viewer.permit(ADOPT, NEW)
    asked = request.query_params
    stage, lane = asked.get("stage", ""), asked.get("lane", mandates.EVERY)
    if stage not in mandates.STAGES:
        return viewer.go(DRAFT, viewer.gettext("Choose a stage"))
    lane = lane if mandates.STAGES[stage].has_lanes else mandates.EVERY
    row = next((one for one in mandates.check_draft(tx).rows if (one.stage, one.lane) == (stage, lane)), None)
    told: dict[str, object] = {step: list(row.named(step)) if row else [] for step in mandates.STEPS}
    return _row_page(viewer, Form.filled({"stage": stage, "lane": lane, **told}))


@router.post(DRAFT + "/row")
def save_row(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Change one row; one that names nobody is taken out."""
    viewer.permit(ADOPT, NEW)
    form = Form.of(data)
    row = RightsRow(
        stage=form.text("stage"),
        lane=form.text("lane") or mandates.EVERY,
        **{step: tuple(form.many(step)) for step in mandates.STEPS},
    )
    if row.stage not in mandates.STAGES:
        return viewer.go(DRAFT, viewer.gettext("Choose a stage"))
    kept = [one for one in mandates.check_draft(tx).rows if (one.stage, one.lane) != (row.stage, row.lane)]
    rows = [*kept, row] if any(row.named(step) for step in mandates.STEPS) else kept
    try:
        with tx.begin_nested():
            mandates.save_draft(tx, viewer.actor, rows)
    except HeadwayError as error:
        return _row_page(viewer, form.take(error), status=error.status)
    return viewer.go(DRAFT, viewer.gettext("Kept in the draft; nothing of it counts yet"))


@router.post(DRAFT + "/file")
def import_file(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Write the draft from a file."""
    viewer.permit(ADOPT, NEW)
    form, sent = Form.of(data), upload(data, "file")
    if sent is None:
        form.faults["file"] = viewer.gettext("Choose a file")
        return _page(viewer, tx, form, status=422)
    try:
        rows = mandates.rows_of(sent.filename or "", sent.file.read(mandates.MOST_BYTES + 1))
        with tx.begin_nested():
            mandates.save_draft(tx, viewer.actor, rows)
    except HeadwayError as error:
        form.faults["file"] = "; ".join(one.message for one in error.faults) or error.message
        return _page(viewer, tx, form, status=error.status)
    return viewer.go(DRAFT, viewer.gettext("Kept in the draft; nothing of it counts yet"))


@router.post(DRAFT + "/adopt")
def adopt(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Adopt the draft; a sponsor confirms it."""
    viewer.permit(ADOPT, NEW)
    form = Form.of(data)
    try:
        with tx.begin_nested():
            mandates.adopt_rights(tx, viewer.actor, form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, form.take(error), status=error.status)
    return viewer.go("/decision-rights", viewer.gettext("Adopted; it counts once a sponsor has confirmed it"))


def _page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    check = mandates.check_draft(tx)
    shown = matrix(viewer, check.rows)
    order = list(mandates.STAGES)
    rows = sorted(check.rows, key=lambda row: (order.index(row.stage) if row.stage in order else len(order), row.lane))
    return viewer.page(
        "rights/draft.html",
        status=status,
        title=viewer.gettext("Draft of the decision rights"),
        crumbs=[(viewer.gettext("Decision rights"), "/decision-rights")],
        form=form,
        check=check,
        rows=list(zip(rows, shown, strict=True)),
        stages=[(name, viewer.gettext(word)) for name, word in STAGES.items()],
        lanes=[(name, viewer.gettext(word)) for name, word in LANES.items()],
        stage_words=STAGES,
        lane_words=LANES,
        steps=STEPS,
        weak=WEAK,
        people=names(tx, [check.changed_by]),
        departments=department_names(tx),
    )


def _row_page(viewer: Viewer, form: Form, status: int = 200) -> Response:
    stage = mandates.STAGES[form.text("stage")]
    lane = form.text("lane") or mandates.EVERY
    return viewer.page(
        "rights/row.html",
        status=status,
        title=viewer.gettext(STAGES[stage.name]),
        crumbs=[
            (viewer.gettext("Decision rights"), "/decision-rights"),
            (viewer.gettext("Draft of the decision rights"), DRAFT),
        ],
        form=form,
        lane=viewer.gettext(LANES[lane]) if lane in LANES else lane,
        steps=[(step, viewer.gettext(STEPS[step]), choices(viewer, stage.name, lane, step)) for step in stage.steps],
    )


def choices(viewer: Viewer, stage: str, lane: str, step: mandates.Step) -> list[tuple[str, str]]:
    """Whom a row can name for a step: those whom the permission rules let take it; anybody to be told."""
    named = mandates.nameable(stage, lane, step)
    return [(one, holder(viewer, one)) for one in named if one == mandates.NOBODY or ":" in one or one in _ROLES]


_ROLES = tuple(identity.Role)


def _file(data: bytes, name: str, media_type: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)
