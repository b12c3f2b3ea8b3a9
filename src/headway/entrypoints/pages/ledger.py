"""The ledger: everything that happened, its newest checkpoint, verifying all of it, and one event with its proof."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from headway import documents, identity, ledger
from headway.entrypoints.pages import exports
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import SYSTEM, Resource
from headway.kernel.errors import Conflict, Invalid
from headway.kernel.jobs import JobStatus
from headway.kernel.listing import ListQuery
from headway.kernel.web import Tx
from headway.ledger import CheckpointNotFound, Event, InclusionProof, NotYetSequenced, VerifyReport

router = APIRouter(include_in_schema=False)
LEDGER = Resource(kind="ledger", id="main")
FILTERS = ("type", "actor", "subject", "at")
AT_ONCE = 3_000
"""Events that are verified while somebody waits; more of them become a job."""
MOST_PEOPLE = 200


@router.get("/ledger")
def list_events(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """Everything that happened, the newest first."""
    viewer.permit("ledger:read", LEDGER)
    query = query_of(request, sort="id", descending=True, filters=FILTERS)
    found = ledger.find_events(tx, query)
    _ = viewer.gettext
    view = view_of(
        request,
        found,
        name="events",
        caption=_("Events"),
        columns=(
            Column(name="at", label=_("When"), kind="date"),
            Column(name="type", label=_("What")),
            Column(name="actor", label=_("Who"), is_sortable=False),
            Column(name="subject", label=_("About")),
            Column(name="proof", label=_("Proof"), kind="text", is_sortable=False, is_wide=True),
        ),
        filters=_filters(viewer, tx),
    )
    if exports.is_wanted(request):
        rows = exports.all_rows(found, lambda asked: ledger.find_events(tx, asked))
        return exports.download(viewer, view, [_cells(one) for one in rows])
    return viewer.page(
        "ledger/list.html",
        title=_("Ledger"),
        view=view,
        names=names(tx, [one.actor for one in found.items]),
        newest=_newest(tx),
        allowed=_allowed(viewer),
    )


def _cells(one: Event) -> tuple[documents.Value, ...]:
    leaf = None if one.leaf_index is None else str(one.leaf_index)
    return (one.at, one.type, one.actor, one.subject, leaf)


def _allowed(viewer: Viewer) -> frozenset[str]:
    return frozenset(verb for verb in ("verify", "export", "erase") if viewer.may(f"ledger:{verb}", LEDGER))


def _newest(tx: Session) -> ledger.Checkpoint | None:
    try:
        return ledger.checkpoint(tx)
    except CheckpointNotFound:
        return None


def _filters(viewer: Viewer, tx: Session) -> tuple[Filter, ...]:
    _ = viewer.gettext
    kinds = {
        "usecase.": _("Use cases"),
        "tier.": _("Risk tiers"),
        "evidence.": _("Evidence"),
        "verdict.": _("Verdicts"),
        "approval.": _("Approvals"),
        "quorum.": _("Quorum"),
        "release.": _("Releases"),
        "product.": _("Data products"),
        "run.": _("Runs"),
        "model.": _("Models"),
        "pilot.": _("Pilots"),
        "deployment.": _("Deployments"),
        "grant.": _("Grants"),
        "segment.": _("Decision logs"),
        "outcomes.": _("Outcomes"),
        "person.": _("People"),
        "role.": _("Roles"),
        "token.": _("Tokens"),
        "access.": _("Refusals"),
        "ledger.": _("Ledger"),
    }
    people = identity.find_people(tx, ListQuery(limit=MOST_PEOPLE)).items
    actors = ((SYSTEM.ref, SYSTEM.name), *((one.ref, one.name) for one in people))
    return (
        Filter(name="type", label=_("Everything"), choices=tuple(kinds.items())),
        Filter(name="actor", label=_("By anybody"), choices=actors),
    )


@router.post("/ledger/verify")
def verify(viewer: CurrentViewer, tx: Tx) -> Response:
    """Verify the whole log: at once while it is short, as a job when it is long."""
    viewer.permit("ledger:verify", LEDGER)
    newest = _newest(tx)
    if newest is not None and newest.size > AT_ONCE:
        job = viewer.parts.jobs.enqueue(tx, ledger.VERIFY, {}, actor=viewer.actor)
        return viewer.go(f"/ledger/verifications/{job}")
    return _report_page(viewer, ledger.verify(tx, viewer.parts.storage, trusted=trusted(viewer)))


@router.get("/ledger/verifications/{job_id}")
def show_verification(job_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """How far a verification is, and its report once it is done."""
    viewer.permit("ledger:verify", LEDGER)
    job = viewer.parts.jobs.get(tx, job_id)
    if job.name == ledger.VERIFY and job.status is JobStatus.done and job.result is not None:
        if viewer.is_fragment:
            return viewer.go(f"/ledger/verifications/{job_id}")
        return _report_page(viewer, msgspec.convert(job.result, VerifyReport))
    return viewer.page(
        "ledger/verifying_part.html" if viewer.is_fragment else "ledger/verifying.html",
        title=viewer.gettext("Verifying the ledger"),
        crumbs=[(viewer.gettext("Ledger"), "/ledger")],
        job=job,
    )


def _report_page(viewer: Viewer, report: VerifyReport) -> Response:
    return viewer.page(
        "ledger/report.html",
        title=viewer.gettext("Verification of the ledger"),
        crumbs=[(viewer.gettext("Ledger"), "/ledger")],
        report=report,
    )


def trusted(viewer: Viewer) -> Mapping[str, bytes]:
    """The public keys that may have signed checkpoints."""
    here = viewer.parts
    return {**ledger.read_trust(here.settings.trust_file), here.signer.key_id: here.signer.public}


@router.get("/ledger/export")
def export(viewer: CurrentViewer, tx: Tx) -> Response:
    """The log as a zip that verifies without this system."""
    viewer.permit("ledger:export", LEDGER)
    with tempfile.NamedTemporaryFile(suffix=".zip", delete=False) as made:
        path = Path(made.name)
    try:
        ledger.export(tx, viewer.parts.storage, path, trusted=trusted(viewer))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return FileResponse(
        path,
        media_type="application/zip",
        filename="headway-ledger.zip",
        headers={"cache-control": "no-store"},
        background=BackgroundTask(path.unlink),
    )


@router.get("/ledger/{event_id}")
def show_event(event_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One event, and its proof, checked anew."""
    viewer.permit("ledger:read", LEDGER)
    return _event_page(viewer, tx, ledger.get_event(tx, event_id), Form())


def _event_page(viewer: Viewer, tx: Session, event: Event, form: Form, status: int = 200) -> Response:
    proof = _proof(tx, event)
    return viewer.page(
        "ledger/event.html",
        status=status,
        title=event.type,
        crumbs=[(viewer.gettext("Ledger"), "/ledger")],
        event=event,
        proof=proof,
        holds=ledger.check_proof(proof, trusted(viewer)) if proof is not None else None,
        names=names(tx, [event.actor]),
        form=form,
        allowed=_allowed(viewer),
    )


def _proof(tx: Session, event: Event) -> InclusionProof | None:
    try:
        return ledger.prove(tx, event.id)
    except NotYetSequenced:
        return None


@router.post("/ledger/{event_id}/erase")
def erase(event_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Forget the personal payload of an event; its proofs stay."""
    viewer.permit("ledger:erase", LEDGER)
    form = Form.of(data)
    if not form.require(["reason"], viewer.gettext("Say why it is erased")):
        return _event_page(viewer, tx, ledger.get_event(tx, event_id), form, 422)
    try:
        with tx.begin_nested():
            ledger.erase(tx, viewer.actor, event_id, form.text("reason"))
    except (Invalid, Conflict) as error:
        return _event_page(viewer, tx, ledger.get_event(tx, event_id), form.take(error), error.status)
    return viewer.go(f"/ledger/{event_id}", viewer.gettext("The payload is erased; the event and its proof stay"))
