"""Asking the gate about anything: what a pipeline or a cluster would be answered, and what to put into a pipeline."""

from __future__ import annotations

from typing import cast, get_args

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import governance
from headway.entrypoints.pages import govern
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import AdmissionAnswer, FoundSubject
from headway.kernel.auth import Resource
from headway.kernel.settings import ENVIRONMENTS, Environment
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
ACTION = "gate:evaluate"
LONGEST = 500


@router.get("/gate")
def show_gate(viewer: CurrentViewer, tx: Tx, subject: str = "", environment: str = "production") -> Response:
    """What shall be asked about."""
    govern.need_somewhere(viewer, tx, ACTION)
    return _page(viewer, tx, Form.filled({"subject": subject[:LONGEST], "environment": environment}))


@router.post("/gate")
def ask(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Ask as a pipeline does; a refusal is told to the ledger."""
    form, here = Form.of(data), viewer.parts
    govern.need_somewhere(viewer, tx, ACTION)
    if not form.require(["subject"], viewer.gettext("Fill this in")) or len(form.text("subject")) > LONGEST:
        return _page(viewer, tx, form, status=422)
    environment = _environment(form)
    found = governance.find_subject(tx, form.text("subject"), environment)
    _permit(viewer, tx, found)
    asked = governance.Asked(found=found, environment=environment, via="page")
    answer = governance.admit(
        tx, here.signer, viewer.actor, asked, lambda digest, where: here.halted(tx, digest, where)
    )
    return _page(viewer, tx, form, answer=answer)


def _permit(viewer: Viewer, tx: Session, found: FoundSubject) -> None:
    if found.usecase is not None:
        department = governance.get_usecase(tx, found.usecase).department
        viewer.permit(ACTION, Resource(kind="gate", id=found.usecase, department=department))


def _environment(form: Form) -> Environment:
    named = form.text("environment")
    return cast(Environment, named) if named in get_args(Environment) else "production"


def _page(
    viewer: Viewer, tx: Session, form: Form, *, answer: AdmissionAnswer | None = None, status: int = 200
) -> Response:
    environment, named = _environment(form), form.text("subject")
    given = answer.admission if answer else None
    subject = (given.image_digest or given.subject_digest if given else None) or named or "sha256-..."
    address = viewer.parts.settings.public_url or str(viewer.request.base_url).rstrip("/")
    return viewer.page(
        "gates/ask.html",
        status=status,
        title=viewer.gettext("Ask the gate"),
        form=form,
        given=given,
        envelope=answer.envelope if answer else None,
        case=governance.get_usecase(tx, given.usecase) if given and given.usecase else None,
        environments=[(one, viewer.gettext(govern.ENVIRONMENTS[one])) for one in ENVIRONMENTS],
        snippet=f"export HEADWAY_URL={address}\nheadway gate check {subject} --environment {environment}",
    )
