"""Data products over HTTP: register files, read contracts, quality and faults, check files against contracts."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Response, UploadFile, status
from fastapi.responses import JSONResponse, StreamingResponse

from headway.catalog import access, connectors, service, trends, versions
from headway.catalog.adapters.lake import lake_of
from headway.catalog.contract import to_yaml
from headway.catalog.entities import (
    ContractCheck,
    DataProduct,
    FaultPage,
    FileMode,
    InferredContract,
    ProductSnapshot,
    QualityReport,
    Registration,
    Sample,
    Upload,
)
from headway.catalog.evolving import Difference
from headway.catalog.jobs import REGISTER
from headway.catalog.standards import LintReport
from headway.kernel import ids
from headway.kernel.auth import Resource
from headway.kernel.canonical import file_digest
from headway.kernel.errors import Invalid, TooLarge, problem
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.receiving import received, sent_name
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

router = APIRouter()
_CONTRACT_BYTES = 4_000_000
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Text = Annotated[str, Form(min_length=1, max_length=200)]
OptionalText = Annotated[str | None, Form(max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A job that does the work; follow it under /jobs."""

    job: str


@router.post(
    "/products",
    tags=["products"],
    status_code=status.HTTP_201_CREATED,
    response_model=Registration | Started,
)
def register(
    *,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    response: Response,
    file: UploadFile,
    department: Text,
    name: Text,
    label: OptionalText = None,
    positive: OptionalText = None,
    time: OptionalText = None,
    subject: OptionalText = None,
    exclude: Annotated[list[str] | None, Form()] = None,
    contract: UploadFile | None = None,
    mode: Annotated[FileMode, Form()] = "replace",
    background: Annotated[bool, Form()] = False,
) -> Registration | Started | Response:
    """Register a CSV, Parquet, JSON lines or Excel file as a data product, or as the next snapshot of one.

    Answers 201 with the product, or 202 with a job for files over 64 MB and where ``background`` is asked for; 409 where the
    port for uploads blocks and rows break the contract: the batch is kept in the quarantine.
    ``mode``: the file is the whole table, is put at the end of the rows there are, or over those with the same key.
    """
    slug = service.slug_of(department, name)
    permit("product:register", Resource(kind="product", id=slug, department=ids.slug(department)))
    connectors.refuse_upload(tx, slug)
    options = {
        "department": department,
        "name": name,
        "label": label or None,
        "positive": positive or None,
        "time": time or None,
        "subject": subject or None,
        "exclude": [column for column in exclude if column] if exclude is not None else None,
        "contract_text": _contract_text(contract),
        "mode": mode,
    }
    filename = sent_name(file.filename)
    with received(file.file, here.settings.max_upload_bytes) as source:
        if background or source.stat().st_size > service.BACKGROUND_BYTES:
            key = "uploads/" + file_digest(source).removeprefix("sha256-")
            here.storage.ensure(key, source)
            payload = {"key": key, "filename": filename, "options": options}
            response.status_code = status.HTTP_202_ACCEPTED
            return Started(job=here.jobs.enqueue(tx, REGISTER, payload, actor=actor))
        made = service.register_product(
            tx,
            actor,
            here.storage,
            lake_of(here),
            source=source,
            filename=filename,
            **options,  # type: ignore[arg-type]
        )
    if refused := service.refusal_of(made):  # told without raising, so that the batch is kept
        return JSONResponse(problem(refused), refused.status, media_type="application/problem+json")
    response.status_code = status.HTTP_201_CREATED if made.created else status.HTTP_200_OK
    return made


@router.get("/products", tags=["products"])
def list_products(
    *, tx: Tx, permit: Permit, department: str | None = None, limit: Limit = 50, cursor: str | None = None
) -> Page[DataProduct]:
    """List data products, of one department or of all."""
    permit(
        "product:read", Resource(kind="product", id="all", department=department, attributes={"filter": "department"})
    )
    return service.list_products(tx, department=department, limit=limit, cursor=cursor)


@router.get("/products/{slug}", tags=["products"])
def show_product(slug: str, tx: Tx, permit: Permit, response: Response) -> DataProduct:
    """Show a data product with its contract; headers warn where it is deprecated."""
    product = service.get_product(tx, slug)
    permit("product:read", access.about_product(product))
    response.headers.update(versions.warning(tx, product))
    return product


@router.get(
    "/products/{slug}/contract",
    tags=["products"],
    response_model=None,
    responses={200: {"content": {"application/json": {}, "application/yaml": {}}}},
)
def show_contract(
    *,
    slug: str,
    tx: Tx,
    permit: Permit,
    format: Literal["json", "yaml"] = "json",
    digest: str | None = None,
) -> dict[str, object] | Response:
    """Show a product's contract in the Open Data Contract Standard: the current one, or the version of a digest."""
    product = service.get_product(tx, slug)
    permit("product:read", access.about_product(product))
    contract = service.contract_of(tx, product, digest)
    return contract if format == "json" else Response(to_yaml(contract), media_type="application/yaml")


@router.get("/products/{slug}/snapshots", tags=["products"])
def list_snapshots(
    *, slug: str, tx: Tx, permit: Permit, limit: Limit = 50, cursor: str | None = None
) -> Page[ProductSnapshot]:
    """List a product's snapshots, the newest first."""
    permit("product:read", access.about_product(service.get_product(tx, slug)))
    return service.list_snapshots(tx, slug, limit=limit, cursor=cursor)


@router.get("/products/{slug}/quality", tags=["products"])
def show_quality(
    *, slug: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit, snapshot: str | None = None
) -> QualityReport:
    """Show how a snapshot (default: the current one) fared against the current contract.

    The first bad rows are in it for those who read the department's data without a grant.
    """
    product = service.get_product(tx, slug)
    permit("product:read", access.about_product(product))
    found = service.quality_of(tx, slug, snapshot)
    return found if access.readable_by(here.authorizer, actor)(product, None) else replace(found, faults=())


@router.get("/products/{slug}/quality/history", tags=["products"])
def show_quality_history(
    *, slug: str, tx: Tx, permit: Permit, limit: Limit = 30, cursor: str | None = None
) -> Page[trends.TrendPoint]:
    """List a product's snapshots with failures by rule and part, and with what was unusual about each; newest first."""
    permit("product:read", access.about_product(service.get_product(tx, slug)))
    return trends.history(tx, slug, limit=limit, cursor=cursor)


@router.get(
    "/products/{slug}/quality/faults",
    tags=["products"],
    response_model=FaultPage,
    responses={200: {"content": {"application/json": {}, "text/csv": {}}}},
)
def list_faults(
    *,
    slug: str,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    snapshot: str | None = None,
    rule: str | None = None,
    column: str | None = None,
    limit: Limit = 100,
    cursor: str | None = None,
    format: Literal["json", "csv"] = "json",
) -> FaultPage | Response:
    """List every fault with row, column, rule and value; ``format=csv`` gives all of them as a file.

    Faults tell values of rows, so they are for those who read the department's data without a grant.
    """
    permit("data:query", access.reading_of(actor, service.get_product(tx, slug), None))
    if format == "csv":
        pieces = service.export_faults(tx, here.storage, slug, snapshot)
        headers = {"content-disposition": f'attachment; filename="{slug}-faults.csv"'}
        return StreamingResponse(pieces, media_type="text/csv", headers=headers)
    return service.faults(
        tx, here.storage, slug, snapshot_id=snapshot, rule=rule, column=column, limit=limit, cursor=cursor
    )


@router.get("/products/{slug}/sample", tags=["products"])
def show_sample(
    *,
    slug: str,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Sample:
    """Show the first rows of the current snapshot as one may see them; values of restricted columns are masked."""
    product = service.get_product(tx, slug)
    permit("data:query", access.reading_of(actor, product, access.shown_to(tx, actor, slug)))
    return access.sample(tx, actor, lake_of(here), slug, limit=limit, may=access.readable_by(here.authorizer, actor))


@router.post("/uploads", tags=["products"], status_code=status.HTTP_201_CREATED)
def keep_upload(
    *, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit, file: UploadFile, department: Text
) -> Upload:
    """Keep a file for a pilot or a product, and say what its columns hold; the same file again is the same upload."""
    slug = ids.slug(department)
    permit("upload:create", Resource(kind="upload", id="new", department=slug))
    with received(file.file, here.settings.max_upload_bytes) as source:
        return service.keep_upload(
            tx, actor, here.storage, source=source, filename=sent_name(file.filename), department=slug
        )


@router.get("/uploads/{upload_id}", tags=["products"])
def show_upload(upload_id: str, tx: Tx, permit: Permit) -> Upload:
    """Show a file that waits: its columns, what they hold, and a guess at their roles."""
    found = service.get_upload(tx, upload_id)
    permit("upload:read", Resource(kind="upload", id=upload_id, department=found.department))
    return found


@router.post("/contracts/check", tags=["contracts"])
def check_contract(*, here: HereParts, permit: Permit, file: UploadFile, contract: UploadFile) -> ContractCheck:
    """Hold a file to a contract without keeping either, and tell how every rule fared and what it costs the score."""
    permit("product:read", Resource(kind="product", id="all"))
    text = _contract_text(contract)
    with received(file.file, here.settings.max_upload_bytes) as source:
        return service.check_contract(source, sent_name(file.filename), text or "")


@router.post(
    "/contracts/check/bad-rows",
    tags=["contracts"],
    response_model=None,
    responses={200: {"content": {"text/csv": {}, "application/vnd.apache.parquet": {}}}},
)
def check_bad_rows(
    *,
    here: HereParts,
    permit: Permit,
    file: UploadFile,
    contract: UploadFile,
    format: Annotated[Literal["csv", "parquet"], Form()] = "csv",
) -> Response:
    """Hold a file to a contract and give its bad rows whole, with their numbers and the rules they break; nothing is kept."""
    permit("product:read", Resource(kind="product", id="all"))
    text = _contract_text(contract)
    with received(file.file, here.settings.max_upload_bytes) as source:
        found = service.bad_rows(source, sent_name(file.filename), text or "")
    if format == "csv":
        return Response(found.write_csv(), media_type="text/csv; charset=utf-8")
    with io.BytesIO() as out:
        found.write_parquet(out)
        return Response(out.getvalue(), media_type="application/vnd.apache.parquet")


@router.post("/contracts/infer", tags=["contracts"])
def infer_contract(
    *, here: HereParts, permit: Permit, file: UploadFile, name: OptionalText = None, department: OptionalText = None
) -> InferredContract:
    """Infer a contract from a file without keeping either; it is a draft for people to complete."""
    permit("product:read", Resource(kind="product", id="all"))
    with received(file.file, here.settings.max_upload_bytes) as source:
        return service.infer_contract(
            source, sent_name(file.filename), name=name or None, department=department or None
        )


@router.post("/contracts/lint", tags=["contracts"])
def lint_contract(permit: Permit, contract: UploadFile, dictionary: UploadFile | None = None) -> LintReport:
    """Hold a contract to the standardisation protocol, and to a dictionary of the organisation's terms if one is sent."""
    permit("product:read", Resource(kind="product", id="all"))
    return service.lint_contract(_contract_text(contract) or "", _contract_text(dictionary))


@router.post("/contracts/diff", tags=["contracts"])
def diff_contracts(permit: Permit, old: UploadFile, new: UploadFile) -> Difference:
    """Compare a contract with its successor: what breaks its readers, and the version that says so."""
    permit("product:read", Resource(kind="product", id="all"))
    return service.diff_contracts(_contract_text(old) or "", _contract_text(new) or "")


def _contract_text(contract: UploadFile | None) -> str | None:
    if contract is None:
        return None
    data = contract.file.read(_CONTRACT_BYTES + 1)
    if len(data) > _CONTRACT_BYTES:
        raise TooLarge(f"a contract has at most {_CONTRACT_BYTES:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"the contract is not UTF-8 text: byte {error.start}") from error
