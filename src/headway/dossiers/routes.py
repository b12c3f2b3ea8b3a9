"""Dossiers over HTTP: what is owed and missing, making one, the files of those that were made."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Response, UploadFile, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import governance
from headway.dossiers import auditing, service
from headway.dossiers.entities import Audited, Dossier, DossierKind, DossierStanding
from headway.dossiers.service.auditing import MOST_BYTES
from headway.kernel.auth import Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

router = APIRouter(tags=["dossiers"])
ORGANISATION = Resource(kind="dossier", id="organisation")
"""What the rules are asked about a board pack before there is one."""


class DossierWanted(BaseModel):
    """Which kind of document is to be made."""

    model_config = ConfigDict(extra="forbid")

    kind: DossierKind


@router.get("/usecases/{slug}/dossiers")
def show_standings(slug: str, tx: Tx, here: HereParts, permit: Permit) -> dict[str, list[DossierStanding] | None]:
    """Tell for each kind of document whether it is owed, what is missing now, and whether the newest is outdated."""
    permit("dossier:read", of_usecase(tx, slug))
    return {"items": list(service.standings(tx, here, slug)), "next": None}


@router.post("/usecases/{slug}/dossiers", status_code=status.HTTP_201_CREATED)
def make_dossier(
    *, slug: str, body: DossierWanted, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> Dossier:
    """Make a document about a use case from the records as they are now; it is kept for ever."""
    permit("dossier:make", of_usecase(tx, slug))
    return service.make_dossier(tx, here, actor, usecase=slug, kind=body.kind)


class StartedDossier(BaseModel):
    """A document that was begun; follow its job."""

    dossier: str
    job: str


@router.post("/usecases/{slug}/audit-bundle", status_code=status.HTTP_202_ACCEPTED)
def start_bundle(slug: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> StartedDossier:
    """Begin an auditor's bundle: everything recorded of a use case, with proofs and a program that checks them offline."""
    permit("dossier:bundle", of_usecase(tx, slug))
    made = service.start_bundle(tx, actor, here.jobs, usecase=slug)
    return StartedDossier(dossier=made.id, job=made.job or "")


class BoardPackWanted(BaseModel):
    """The quarter that a board pack is wanted of, written like ``2026-Q3``."""

    model_config = ConfigDict(extra="forbid")

    quarter: Annotated[str, Field(max_length=20)]


@router.post("/board-packs", status_code=status.HTTP_202_ACCEPTED)
def start_board_pack(
    body: BoardPackWanted, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> StartedDossier:
    """Begin the board pack of a quarter: what the records of the whole organisation say of it, with every gap named."""
    permit("dossier:board", ORGANISATION)
    made = service.start_board_pack(tx, actor, here.jobs, quarter=body.quarter)
    return StartedDossier(dossier=made.id, job=made.job or "")


Text = Annotated[str, Form(min_length=1, max_length=200)]
OptionalText = Annotated[str | None, Form(max_length=2000)]


@router.post("/usecases/{slug}/bias-audits", status_code=status.HTTP_201_CREATED)
def audit_bias(
    *,
    slug: str,
    tx: Tx,
    actor: CurrentActor,
    permit: Permit,
    file: UploadFile,
    sex: Text,
    race: Text,
    chosen: OptionalText = None,
    positive: OptionalText = None,
    score: OptionalText = None,
    source: Annotated[auditing.Source, Form()] = "own",
    reason: OptionalText = None,
) -> Audited:
    """Count a CSV file of people who were assessed, and bring the ratios as evidence ``bias_audit``; the file is not kept."""
    permit("evidence:record", Resource(kind="usecase", id=slug, department=of_usecase(tx, slug).department))
    wanted = auditing.AuditWanted(
        sex=sex,
        race=race,
        chosen=chosen or None,
        positive=positive or None,
        score=score or None,
        source=source,
        reason=reason,
    )
    data = file.file.read(MOST_BYTES + 1)
    return service.audit_bias(tx, actor, usecase=slug, data=data, wanted=wanted)


@router.get("/usecases/{slug}/oscal/{kind}")
def show_oscal(slug: str, kind: service.OscalKind, tx: Tx, here: HereParts, permit: Permit) -> dict[str, Any]:
    """Write a use case as OSCAL JSON: a component definition, or its verdicts as assessment results."""
    permit("dossier:read", of_usecase(tx, slug))
    return service.oscal_of_usecase(tx, here, slug, kind)


@router.get("/packs/{pack_id}/oscal")
def show_catalog(pack_id: str, tx: Tx, permit: Permit, version: str | None = None) -> dict[str, Any]:
    """Write a policy pack as an OSCAL catalogue."""
    permit("policy:read", Resource(kind="pack", id=pack_id))
    return service.oscal_of_pack(tx, pack_id, version)


@router.get("/dossiers")
def list_dossiers(
    *,
    tx: Tx,
    permit: Permit,
    usecase: str | None = None,
    kind: DossierKind | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    cursor: str | None = None,
) -> Page[Dossier]:
    """List the documents that were made, newest first."""
    permit("dossier:read", of_usecase(tx, usecase) if usecase else Resource(kind="dossier", id="all"))
    return service.list_dossiers(tx, usecase=usecase, kind=kind, limit=limit, cursor=cursor)


@router.get("/dossiers/{dossier_id}")
def show_dossier(dossier_id: str, tx: Tx, permit: Permit) -> Dossier:
    """Show a document that was made: its files, digests and gaps."""
    return _readable(tx, permit, dossier_id)


@router.get("/dossiers/{dossier_id}/comparison")
def compare_dossier(dossier_id: str, tx: Tx, here: HereParts, permit: Permit) -> DossierStanding:
    """Hold a document that was made beside what the records say now."""
    _readable(tx, permit, dossier_id)
    return service.compare(tx, here, dossier_id)


@router.get("/dossiers/{dossier_id}/files/{file}", response_class=Response)
def download_file(dossier_id: str, file: str, tx: Tx, here: HereParts, permit: Permit) -> Response:
    """Download a file of a document: ``document.pdf``, ``.docx``, ``.md`` or ``.json``."""
    found = _readable(tx, permit, dossier_id)
    kept, data = service.read_file(tx, here.storage, dossier_id, file)
    headers = {"content-disposition": f'attachment; filename="{service.file_name(found, kept)}"'}
    return Response(data, media_type=kept.media, headers={**headers, "cache-control": "no-store"})


def resource(found: Dossier) -> Resource:
    """What the rules are asked about."""
    return Resource(kind="dossier", id=found.id, department=found.department)


def of_usecase(session: Session, slug: str) -> Resource:
    """What the rules are asked about documents of a use case; raises UseCaseUnknown."""
    return Resource(kind="dossier", id=slug, department=governance.get_usecase(session, slug).department)


def _readable(session: Session, permit: Permit, dossier_id: str) -> Dossier:
    found = service.get_dossier(session, dossier_id)
    permit(service.action_to_read(found), resource(found))
    return found
