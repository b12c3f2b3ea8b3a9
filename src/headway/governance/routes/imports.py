"""The inventory as a spreadsheet or YAML over HTTP: template, export, and import with a look at the differences first."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response, UploadFile, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import documents, identity
from headway.documents import About, ImportPreview, Sheet
from headway.governance import service
from headway.governance.importing import Language
from headway.kernel import clock, listing_text
from headway.kernel.auth import Actor, Resource
from headway.kernel.errors import TooLarge
from headway.kernel.listing import ListQuery
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

router = APIRouter(prefix="/usecases", tags=["usecases"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_BYTES = documents.Limits().bytes


class Seen(BaseModel):
    """Which differences somebody looked at."""

    model_config = ConfigDict(extra="forbid")

    digest: str = Field(pattern=r"^sha256-[0-9a-f]{64}$")


@router.get("/template.xlsx", response_class=Response)
def give_template(
    *, request: Request, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts, language: Language = "en"
) -> Response:
    """Give an empty workbook to fill in with use cases."""
    _need_some(here, tx, actor, permit)
    return _workbook(request, actor, service.usecase_template(tx, language), "usecases-template", language)


@router.get("/export.xlsx", response_class=Response)
def export_xlsx(
    *,
    request: Request,
    tx: Tx,
    actor: CurrentActor,
    permit: Permit,
    language: Language = "en",
    department: str | None = None,
    search: str = "",
    sort: str = "",
) -> Response:
    """Export use cases as a workbook that can be changed and sent back; columns of the list are filters."""
    return _workbook(request, actor, _exported(request, tx, permit, language, department), "usecases", language)


@router.get("/export.csv", response_class=Response)
def export_csv(
    *,
    request: Request,
    tx: Tx,
    permit: Permit,
    language: Language = "en",
    department: str | None = None,
    search: str = "",
    sort: str = "",
) -> Response:
    """Export use cases as CSV, for machines."""
    sheet = _exported(request, tx, permit, language, department)
    return _download(documents.write_csv(sheet), "usecases.csv", "text/csv; charset=utf-8")


@router.get("/export.yaml", response_class=Response)
def export_yaml(
    *, request: Request, tx: Tx, permit: Permit, department: str | None = None, search: str = "", sort: str = ""
) -> Response:
    """Export use cases as YAML that can be changed and sent back."""
    _permit_read(permit, department)
    text = service.usecase_yaml(tx, _asked(request))
    return _download(text.encode(), "usecases.yaml", "application/yaml; charset=utf-8")


@router.post("/imports", status_code=status.HTTP_201_CREATED)
def stage_import(file: UploadFile, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts) -> ImportPreview:
    """Send a workbook, CSV or YAML file with use cases; the answer tells what it would change. Nothing changes yet."""
    _need_some(here, tx, actor, permit)
    data = file.file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise TooLarge(f"a file of use cases has at most {MOST_BYTES:,} bytes")
    made = service.stage_import(tx, here.storage, actor, filename=file.filename or "file", data=data)
    _permit(tx, permit, made)
    return made


@router.get("/imports/{import_id}")
def show_import(import_id: str, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts) -> ImportPreview:
    """Tell anew what a file that you sent would change, or what applying it did."""
    _need_some(here, tx, actor, permit)
    found = service.get_import(tx, here.storage, actor, import_id)
    _permit(tx, permit, found)
    return found


@router.post("/imports/{import_id}/apply")
def apply_import(
    *, import_id: str, body: Seen, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts
) -> ImportPreview:
    """Do what the differences with this digest told: every row, or none when anything changed since."""
    _need_some(here, tx, actor, permit)
    _permit(tx, permit, service.get_import(tx, here.storage, actor, import_id))
    return service.apply_import(tx, here.storage, actor, import_id, preview_digest=body.digest)


def _need_some(here: Parts, session: Session, actor: Actor, permit: Permit) -> None:
    """Refuse whoever may write use cases nowhere; what a file needs is asked for each department."""
    for action in ("usecase:open", "usecase:update"):
        places = identity.departments_where(here.authorizer, session, actor, action)
        if places is None or places:
            return
    permit("usecase:open", Resource(kind="usecase", id="import"))


def _permit(session: Session, permit: Permit, preview: ImportPreview) -> None:
    for action, department in service.import_scope(session, preview):
        permit(action, Resource(kind="usecase", id="import", department=department))


def _exported(request: Request, session: Session, permit: Permit, language: Language, department: str | None) -> Sheet:
    _permit_read(permit, department)
    return service.usecase_sheet(session, _asked(request), language)


def _permit_read(permit: Permit, department: str | None) -> None:
    permit(
        "usecase:read", Resource(kind="usecase", id="all", department=department, attributes={"filter": "department"})
    )


def _asked(request: Request) -> ListQuery:
    return listing_text.read(request.query_params.multi_items(), besides=("language", "offset", "limit"))


def _workbook(request: Request, actor: Actor, sheet: Sheet, name: str, language: Language) -> Response:
    pairs = [(key, value) for key, value in request.query_params.multi_items() if value and key != "language"]
    about = About(by=actor.name, at=clock.now(), source=str(request.url), filters=tuple(pairs), language=language)
    return _download(documents.write_xlsx([sheet], about), f"{name}.xlsx", XLSX)


def _download(data: bytes, name: str, media_type: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)
