"""Drafts of notifications and the lifting of a containment: what would be told, with its records; who sent it; what decides again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session
from starlette.background import BackgroundTasks

from headway import incidents
from headway.entrypoints.pages.deployment_place import publish
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.incident_words import CONFIDENCE, NOTICE_KINDS
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.incidents import Incident, Notice
from headway.incidents.routes.notices import FORMATS, proof_of, read_proof
from headway.kernel import clock
from headway.kernel.errors import Fault, HeadwayError, Invalid
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
READ, MANAGE, NOTIFY = (f"incident:{verb}" for verb in ("read", "manage", "notify"))


@router.post("/incidents/{incident_id}/notices")
def draft(incident_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Draft what one clock asks for, or what all do that run."""
    found = incidents.get_incident(tx, incident_id)
    viewer.permit(MANAGE, incidents.resource_of_drafts(found))
    storage = viewer.parts.storage
    made = incidents.draft_notices(
        tx, viewer.actor, incident_id, clock_id=Form.of(data).maybe("clock"), storage=storage
    )
    place = f"/incidents/{incident_id}/notices/{made[0].id}" if len(made) == 1 else f"/incidents/{incident_id}#notices"
    return viewer.go(place, viewer.gettext("Drafted from the records: %(count)s", count=len(made)))


@router.get("/incidents/{incident_id}/notices/{notice_id}")
def show(incident_id: str, notice_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """A draft: its gaps, every fact with its record, and what was sent."""
    found, kept = _read(viewer, tx, incident_id, notice_id)
    return _page(viewer, tx, found, kept, Form.filled({"sent_at": f"{clock.now():%Y-%m-%dT%H:%M}"}))


@router.get("/incidents/{incident_id}/notices/{notice_id}/document")
def document(
    *, incident_id: str, notice_id: str, viewer: CurrentViewer, tx: Tx, format: Literal["pdf", "txt"] = "pdf"
) -> Response:
    """The draft as it was kept, as PDF or text."""
    viewer.permit(READ, incidents.resource_of_drafts(incidents.get_incident(tx, incident_id)))
    data = incidents.write_notice(tx, incident_id, notice_id, format)
    headers = {"content-disposition": f'attachment; filename="{notice_id}.{format}"', "cache-control": "no-store"}
    return Response(data, media_type=FORMATS[format], headers=headers)


@router.get("/incidents/{incident_id}/notices/{notice_id}/proof")
def proof(incident_id: str, notice_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The file that proves a sending."""
    viewer.permit(READ, incidents.resource_of_drafts(incidents.get_incident(tx, incident_id)))
    return proof_of(*incidents.read_proof(tx, incident_id, notice_id, viewer.parts.storage))


@router.post("/incidents/{incident_id}/notices/{notice_id}/sent")
def sent(incident_id: str, notice_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Note that it was sent; its clock is met."""
    found = incidents.get_incident(tx, incident_id)
    viewer.permit(NOTIFY, incidents.resource_of(found))
    form = Form.of(data)
    try:
        with tx.begin_nested():
            incidents.mark_sent(
                tx, viewer.actor, incident_id, notice_id, sent_at=_moment(form), to=form.text("to"),
                reference=form.maybe("reference"), file=_file(data), storage=viewer.parts.storage,
            )  # fmt: skip
    except HeadwayError as error:
        return _page(viewer, tx, *_read(viewer, tx, incident_id, notice_id), form.take(error), error.status)
    return viewer.go(f"/incidents/{incident_id}/notices/{notice_id}", viewer.gettext("Noted as sent; its clock is met"))


@router.get("/incidents/{incident_id}/lifting")
def show_lifting(incident_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """What lifting would let decide again, what not, and what must be ended first."""
    return _lifting(viewer, tx, incident_id, Form())


@router.post("/incidents/{incident_id}/lifting")
def lift(incident_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Let decide again what it stopped; nodes follow within seconds."""
    form = Form.of(data)
    viewer.permit("incident:lift", incidents.resource_of_drafts(incidents.get_incident(tx, incident_id)))
    try:
        with tx.begin_nested():
            done = incidents.lift(tx, viewer.actor, incident_id, form.text("reason"), permit=viewer.permit)
    except HeadwayError as error:
        return _lifting(viewer, tx, incident_id, form.take(error), error.status)
    response = viewer.go(f"/incidents/{incident_id}", viewer.gettext("Lifted; nodes follow within seconds"))
    response.background = BackgroundTasks()
    for environment in sorted({one.environment for one in done}):
        response.background.add_task(publish, viewer.parts, environment)
    return response


def drafted(viewer: Viewer, tx: Session, found: Incident) -> tuple[Notice, ...]:
    """The drafts of an incident, as far as somebody may see them."""
    if not viewer.may(READ, incidents.resource_of_drafts(found)):
        return ()
    return incidents.list_notices(tx, found.id, viewer.parts.storage)


def _read(viewer: Viewer, tx: Session, incident_id: str, notice_id: str) -> tuple[Incident, Notice]:
    found = incidents.get_incident(tx, incident_id)
    viewer.permit(READ, incidents.resource_of_drafts(found))
    return found, incidents.get_notice(tx, incident_id, notice_id, viewer.parts.storage)


def _moment(form: Form) -> datetime:
    try:
        at = datetime.fromisoformat(form.text("sent_at"))
    except ValueError:
        message = f"{form.text('sent_at')!r} is no time"
        raise Invalid(message, faults=[Fault(rule="incident.time", column="sent_at", message=message)]) from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _file(data: Any) -> tuple[str, bytes] | None:  # noqa: ANN401  a form that was sent
    chosen = upload(data, "file")
    return None if chosen is None else (chosen.filename or "", read_proof(chosen.file))


def _page(  # noqa: PLR0917  what the page shows
    viewer: Viewer, tx: Session, found: Incident, kept: Notice, form: Form, status: int = 200
) -> Response:
    known = {one.id: one for one in incidents.view_incident(tx, found.id).clocks}
    people = names(tx, [kept.made_by, kept.sending.noted_by if kept.sending else None])
    return viewer.page(
        "incidents/notice.html",
        status=status,
        title=kept.draft.title,
        crumbs=[(viewer.gettext("Incidents"), "/incidents"), (found.title, f"/incidents/{found.id}")],
        incident=found,
        notice=kept,
        of=known[kept.clock],
        form=form,
        people=people,
        may_notify=found.state != "closed" and viewer.may(NOTIFY, incidents.resource_of(found)),
        may_draft=found.state != "closed" and viewer.may(MANAGE, incidents.resource_of_drafts(found)),
        confidence_words=CONFIDENCE,
        kind_words=NOTICE_KINDS,
    )


def _lifting(viewer: Viewer, tx: Session, incident_id: str, form: Form, status: int = 200) -> Response:
    found = incidents.get_incident(tx, incident_id)
    viewer.permit(READ, incidents.resource_of_drafts(found))
    planned = incidents.lifting_of(tx, incident_id)
    return viewer.page(
        "incidents/lifting.html",
        status=status,
        title=viewer.gettext("Let decide again what it stopped"),
        crumbs=[(viewer.gettext("Incidents"), "/incidents"), (found.title, f"/incidents/{found.id}")],
        incident=found,
        planned=planned,
        people=names(tx, [one.stopped_by for one in planned.lifts]),
        is_own=any(one.stopped_by == viewer.actor.ref and one.environment != "sandbox" for one in planned.lifts),
        form=form,
    )
