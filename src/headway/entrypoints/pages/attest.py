"""Evidence that people attest: an assessment that was made, a plan that was written, a declaration that was signed."""

from __future__ import annotations

from typing import TypedDict

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import governance
from headway.entrypoints.pages import asked, govern
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.usecase import evidence_types
from headway.entrypoints.pages.usecase_todo import newest_version
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import EvidenceType, UseCase
from headway.kernel.canonical import sha256
from headway.kernel.errors import Conflict, Fault, HeadwayError, Invalid, Scalar
from headway.kernel.ids import Ref
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
CLEARANCE = "suspect_clearance"  # given column by column on the page of the model version
LARGEST_DOCUMENT = 50_000_000


class About(TypedDict):
    """What evidence is about: a reference and the digest of what it stands for."""

    subject: Ref
    subject_digest: str


@router.get("/usecases/{slug}/attest")
def show_attest(slug: str, viewer: CurrentViewer, tx: Tx, type: str = "") -> Response:
    """Choose a kind of evidence, then say what it tells."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("evidence:record", govern.about(case))
    return _page(viewer, tx, case, Form.filled({"type": type or None}))


@router.post("/usecases/{slug}/attest")
def attest(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Write the evidence in one's own name; of a document only its digest is kept."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    viewer.permit("evidence:record", govern.about(case))
    try:
        kind = _kind(tx, form.text("type"))
        file = upload(data, "document")
        content = file.file.read(LARGEST_DOCUMENT) if file else None
        with tx.begin_nested():
            governance.attest(
                tx,
                viewer.actor,
                type=kind.name,
                facts=_facts(form, kind),
                payload_digest=sha256(content) if content is not None else None,
                **_about(viewer, tx, case, kind),
            )
    except HeadwayError as error:
        return _page(viewer, tx, case, form.take(error), status=error.status)
    return viewer.go(f"/usecases/{slug}/evidence", viewer.gettext("Attested in your name"))


def attestable(session: Session) -> list[EvidenceType]:
    """The kinds of evidence that people attest on this page."""
    return [kind for kind in evidence_types(session).values() if kind.producer == "human" and kind.name != CLEARANCE]


def _kind(session: Session, name: str) -> EvidenceType:
    found = evidence_types(session).get(name)  # what only jobs write is refused by the service, which leaves an entry
    if found is None or name == CLEARANCE:
        message = "choose what you attest"
        raise Invalid(message, faults=[Fault(rule="evidence.type", column="type", message=message)])
    return found


def _about(viewer: Viewer, session: Session, case: UseCase, kind: EvidenceType) -> About:
    """The use case for evidence that ages; one exact version for evidence that counts for nothing else."""
    if kind.freshness_days or kind.producer == "auto":  # the latter is refused, whatever it is about
        return About(subject=Ref("usecase", case.slug), subject_digest=case.digest)
    version = newest_version(session, case.slug)
    if version is None:
        told = viewer.gettext("This is attested for one exact model version, and there is none yet")
        raise Conflict(told, hint=viewer.gettext("run a pilot first"))
    return About(subject=Ref.parse(version.ref), subject_digest=version.digest)


def _facts(form: Form, kind: EvidenceType) -> dict[str, Scalar]:
    """The facts of the form. Raises Invalid with every number that is none."""
    facts: dict[str, Scalar] = {}
    faults = []
    for name, sort in kind.facts.items():
        said = form.text(f"fact-{name}")
        if sort == "number" and said:
            try:
                facts[name] = float(said)
            except ValueError:
                faults.append(Fault(rule="evidence.number", column=f"fact-{name}", message=f"{name}: write a number"))
        elif sort == "boolean":
            facts[name] = form.is_on(f"fact-{name}")
        elif said:
            facts[name] = said
    if faults:
        raise Invalid("; ".join(fault.message for fault in faults), faults=faults)
    return facts


def _page(viewer: Viewer, tx: Session, case: UseCase, form: Form, *, status: int = 200) -> Response:
    kinds = attestable(tx)
    return viewer.page(
        "usecases/attest.html",
        status=status,
        title=viewer.gettext("Attest evidence"),
        crumbs=[(viewer.gettext("Use cases"), "/usecases"), (case.title, f"/usecases/{case.slug}")],
        case=case,
        form=form,
        kinds=kinds,
        asked=asked.lines(viewer, tx, "attestation"),
        choices=[(kind.name, kind.title) for kind in kinds],
        chosen=next((kind for kind in kinds if kind.name == form.text("type")), None),
        version=newest_version(tx, case.slug),
    )
