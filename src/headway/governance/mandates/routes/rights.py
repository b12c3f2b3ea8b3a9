"""The decision-rights matrix over HTTP: the draft, its check, versions, files, and who holds what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response, UploadFile, status
from pydantic import BaseModel, ConfigDict, Field

from headway import documents, identity
from headway.documents import About
from headway.governance.mandates import rights_file, service
from headway.governance.mandates.holding import StepHeld
from headway.governance.mandates.rights import EVERY, DecisionRights, RightsRow
from headway.governance.mandates.rights_file import Language
from headway.governance.mandates.routes.appetites import seen_by
from headway.governance.mandates.service import RightsCheck
from headway.kernel import clock
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

router = APIRouter(prefix="/decision-rights", tags=["decision rights"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DSSE = "application/vnd.dsse.envelope.v1+json"
Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
Holders = Annotated[list[Line], Field(max_length=50)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RowWanted(_Body):
    """Who holds the steps of a stage in a lane: roles, and seats as ``seat:legal``; ``nobody``: nobody; empty: as the rules have it."""

    stage: Line
    lane: Line = EVERY
    proposes: Holders = Field(default_factory=list)
    reviews: Holders = Field(default_factory=list)
    decides: Holders = Field(default_factory=list)
    told: Holders = Field(default_factory=list)


class RightsWanted(_Body):
    """All rows of the draft."""

    rows: Annotated[list[RowWanted], Field(max_length=200)]


class RightsReason(_Body):
    """Why the draft becomes a version."""

    reason: Text


class RightsConfirmation(_Body):
    """The digest of what the sponsor read."""

    digest: Line


@router.get("")
def list_rights(tx: Tx, actor: CurrentActor, permit: Permit) -> Page[DecisionRights]:
    """List every version of the decision rights, newest first, each with the Cedar that it compiles to."""
    permit("rights:read", seen(actor))
    return Page(items=service.list_rights(tx), next=None)


@router.post("", status_code=status.HTTP_201_CREATED)
def adopt_rights(body: RightsReason, tx: Tx, actor: CurrentActor, permit: Permit) -> DecisionRights:
    """Adopt the draft; it counts once a sponsor, somebody else, has confirmed it."""
    permit("rights:adopt", NEW)
    return service.adopt_rights(tx, actor, body.reason)


@router.get("/draft")
def show_draft(tx: Tx, permit: Permit) -> RightsCheck:
    """Show the draft with everything that is wrong with it, the Cedar it compiles to, and the steps that would be weak."""
    permit("rights:adopt", NEW)
    return service.check_draft(tx)


@router.put("/draft")
def save_draft(body: RightsWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> RightsCheck:
    """Write all rows of the draft; nothing of it counts before it is adopted and confirmed."""
    permit("rights:adopt", NEW)
    return service.save_draft(tx, actor, [_row(one) for one in body.rows])


@router.get("/draft.xlsx", response_class=Response)
def export_draft(
    *, request: Request, tx: Tx, actor: CurrentActor, permit: Permit, language: Language = "en"
) -> Response:
    """Export the draft as a workbook that can be changed and sent back."""
    permit("rights:adopt", NEW)
    about = About(by=actor.name, at=clock.now(), source=str(request.url), language=language)
    data = documents.write_xlsx((rights_file.sheet(service.check_draft(tx).rows, language),), about)
    return _download(data, "decision-rights.xlsx", XLSX)


@router.get("/draft.yaml", response_class=Response)
def export_yaml(tx: Tx, permit: Permit) -> Response:
    """Export the draft as YAML that can be changed and sent back."""
    permit("rights:adopt", NEW)
    text = rights_file.write_yaml(service.check_draft(tx).rows)
    return _download(text.encode(), "decision-rights.yaml", "application/yaml; charset=utf-8")


@router.post("/draft/file")
def import_draft(file: UploadFile, tx: Tx, actor: CurrentActor, permit: Permit) -> RightsCheck:
    """Write the draft from a workbook, CSV or YAML file; what cannot be read changes nothing."""
    permit("rights:adopt", NEW)
    data = file.file.read(rights_file.MOST_BYTES + 1)
    return service.save_draft(tx, actor, service.rows_of(file.filename or "", data))


@router.get("/holders")
def list_holders(
    tx: Tx, actor: CurrentActor, here: HereParts, permit: Permit, department: str | None = None
) -> Page[StepHeld]:
    """Say who holds each step now, in a department or in all that one may see, with the steps that are weak."""
    if department is not None:
        permit("rights:read", Resource(kind="rights", id="holders", department=department))
        identity.get_department(tx, department)
        return Page(items=service.who_holds(tx, [department]), next=None)
    permit("rights:read", seen(actor))
    within = identity.departments_where(here.authorizer, tx, actor, "rights:read")
    return Page(items=service.who_holds(tx, within), next=None)


@router.get("/{version}")
def show_rights(version: int, tx: Tx, actor: CurrentActor, permit: Permit) -> DecisionRights:
    """Show a version."""
    permit("rights:read", seen(actor))
    return service.get_rights(tx, version)


@router.get("/{version}/envelope", response_class=Response)
def show_rights_envelope(version: int, tx: Tx, actor: CurrentActor, permit: Permit) -> Response:
    """Give a confirmed version as a DSSE envelope, to be checked without this system."""
    permit("rights:read", seen(actor))
    return Response(service.rights_envelope(tx, version), media_type=DSSE)


@router.post("/{version}/confirm")
def confirm_rights(
    *, version: int, body: RightsConfirmation, tx: Tx, actor: CurrentActor, here: HereParts, permit: Permit
) -> DecisionRights:
    """Put a version in force as a sponsor; the permission rules narrow by it from the next request on."""
    permit("rights:confirm", to_confirm(service.get_rights(tx, version), actor))
    return service.confirm_rights(tx, here.signer, actor, version, digest=body.digest)


NEW = Resource(kind="rights", id="new")


def seen(actor: Actor) -> Resource:
    """Decision rights are the whole organisation's: whoever holds a role anywhere may read them."""
    return Resource(kind="rights", id="all", department=seen_by(actor).department)


def to_confirm(found: DecisionRights, actor: Actor) -> Resource:
    """What is asked about when a version is confirmed: by a sponsor, of whatever department; and who adopted it."""
    places = [grant.department for grant in actor.roles if grant.role == identity.Role.sponsor]
    return Resource(
        kind="rights",
        id=str(found.version),
        department=None if None in places else min((one for one in places if one), default=None),
        attributes={"requested_by": found.adopted_by},
    )


def _row(one: RowWanted) -> RightsRow:
    return RightsRow(
        lane=one.lane,
        stage=one.stage,
        proposes=tuple(one.proposes),
        reviews=tuple(one.reviews),
        decides=tuple(one.decides),
        told=tuple(one.told),
    )


def _download(data: bytes, name: str, media_type: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)
