"""People and departments as a spreadsheet over HTTP: template, export, and import with the differences first."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import documents
from headway.documents import About, ImportPreview, Sheet
from headway.identity import service
from headway.identity.importing import Language
from headway.identity.routes.fields import Created
from headway.kernel import clock
from headway.kernel.auth import Actor, Resource
from headway.kernel.errors import TooLarge
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

import_router = APIRouter(prefix="/people", tags=["people"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_BYTES = documents.Limits().bytes
ACTIONS = ("department:manage", "person:manage", "role:grant")


class Seen(BaseModel):
    """Which differences somebody looked at."""

    model_config = ConfigDict(extra="forbid")

    digest: str = Field(pattern=r"^sha256-[0-9a-f]{64}$")


@import_router.get("/template.xlsx", response_class=Response)
def give_template(
    *, request: Request, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts, language: Language = "en"
) -> Response:
    """Give an empty workbook to fill in with people and departments."""
    _need_some(here, tx, actor, permit)
    return _workbook(request, actor, service.people_template(language), "people-template", language)


@import_router.get("/export.xlsx", response_class=Response)
def export_xlsx(
    *, request: Request, tx: Tx, actor: CurrentActor, permit: Permit, language: Language = "en"
) -> Response:
    """Export active people with their roles, and departments, as a workbook that can be changed and sent back."""
    _read(permit)
    return _workbook(request, actor, service.people_sheets(tx, language), "people", language)


@import_router.get("/export.csv", response_class=Response)
def export_csv(*, tx: Tx, permit: Permit, language: Language = "en") -> Response:
    """Export active people with their roles as CSV."""
    _read(permit)
    people, _ = service.people_sheets(tx, language)
    return _download(documents.write_csv(people), "people.csv", "text/csv; charset=utf-8")


@import_router.post("/imports", status_code=Created)
def stage_import(file: UploadFile, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts) -> ImportPreview:
    """Send a workbook or CSV file with people or departments; the answer tells what it would change."""
    _need_some(here, tx, actor, permit)
    data = file.file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise TooLarge(f"a file of people has at most {MOST_BYTES:,} bytes")
    made = service.stage_import(tx, here.storage, actor, filename=file.filename or "file", data=data)
    _permit(tx, permit, made)
    return made


@import_router.get("/imports/{import_id}")
def show_import(import_id: str, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts) -> ImportPreview:
    """Tell anew what a file that you sent would change, or what applying it did."""
    _need_some(here, tx, actor, permit)
    found = service.get_import(tx, here.storage, actor, import_id)
    _permit(tx, permit, found)
    return found


@import_router.post("/imports/{import_id}/apply")
def apply_import(
    *, import_id: str, body: Seen, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts
) -> ImportPreview:
    """Do what the differences with this digest told: every row, or none. People are added without a code."""
    _need_some(here, tx, actor, permit)
    _permit(tx, permit, service.get_import(tx, here.storage, actor, import_id))
    return service.apply_import(tx, here.storage, actor, import_id, preview_digest=body.digest)


def _need_some(here: Parts, session: Session, actor: Actor, permit: Permit) -> None:
    """Refuse whoever may change people and departments nowhere; what a file needs is asked for each row."""
    for action in ACTIONS:
        places = service.departments_where(here.authorizer, session, actor, action)
        if places is None or places:
            return
    permit("person:manage", Resource(kind="person", id="import"))


def _permit(session: Session, permit: Permit, preview: ImportPreview) -> None:
    for action, department in service.import_scope(session, preview):
        permit(action, Resource(kind=action.partition(":")[0], id="import", department=department))


def _read(permit: Permit) -> None:
    permit("person:read", Resource(kind="person", id="any"))
    permit("role:read", Resource(kind="role", id="any"))


def _workbook(request: Request, actor: Actor, sheets: tuple[Sheet, ...], name: str, language: Language) -> Response:
    about = About(by=actor.name, at=clock.now(), source=str(request.url), language=language)
    return _download(documents.write_xlsx(sheets, about), f"{name}.xlsx", XLSX)


def _download(data: bytes, name: str, media_type: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)
