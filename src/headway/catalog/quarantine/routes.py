"""The quarantine over HTTP: look, mend by hand or by a corrected file, dismiss, replay; what each port does with bad rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Response, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway.catalog import access
from headway.catalog.adapters.lake import lake_of
from headway.catalog.batches.entities import Batch, Enforcement, Mode, RowState
from headway.catalog.entities import DataProduct
from headway.catalog.quarantine import service, sheets
from headway.catalog.quarantine.entities import Dismissed, Edit, Mended, QuarantinePage, Replayed
from headway.catalog.quarantine.service.ground import Places
from headway.catalog.service import get_product
from headway.documents import About
from headway.kernel import clock
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.receiving import received, sent_name
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

router = APIRouter(tags=["quarantine"])
XLSX = sheets.XLSX
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Line = Annotated[str, Field(max_length=200)]
Why = Annotated[str, Field(max_length=2_000)]
WhyForm = Annotated[str, Form(max_length=2_000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RowEdit(_Body):
    """New values of one row that waits; null empties a cell."""

    batch: Line
    row: Annotated[int, Field(ge=1)]
    values: dict[str, str | None]


class EditsWanted(_Body):
    """Rows to change, and why."""

    edits: Annotated[list[RowEdit], Field(max_length=10_000)]
    reason: Why


class RowsWanted(_Body):
    """Rows of a batch to give up, and why."""

    batch: Line
    rows: Annotated[list[Annotated[int, Field(ge=1)]], Field(max_length=100_000)]
    reason: Why


class ReplayWanted(_Body):
    """The batch whose rows shall enter (default: the newest with rows that wait), and a remark."""

    batch: Line | None = None
    reason: Why = ""


class EnforcementWanted(_Body):
    """What a port shall do with bad rows, and why."""

    port: Line = "upload"
    mode: Mode
    reason: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforcements:
    """What each port of a product does with bad rows."""

    items: tuple[Enforcement, ...]


@router.get("/products/{slug}/quarantine")
def list_quarantine(
    *,
    slug: str,
    tx: Tx,
    actor: CurrentActor,
    permit: Permit,
    state: RowState | None = None,
    rule: str | None = None,
    column: str | None = None,
    batch: str | None = None,
    limit: Limit = 100,
    cursor: str | None = None,
) -> QuarantinePage:
    """List the rows that were set aside, with values and reasons; without a state those that wait.

    For those who read the department's data without a grant; restricted columns are masked unless a grant shows them.
    """
    permit("data:query", access.reading_of(actor, get_product(tx, slug), None))
    return service.list_rows(
        tx, slug, state=state, rule=rule, column=column, batch=batch, unmasked=seen_by(tx, actor, slug), limit=limit,
        cursor=cursor,
    )  # fmt: skip


@router.get(
    "/products/{slug}/quarantine/rows", response_model=None, responses={200: {"content": {"text/csv": {}, XLSX: {}}}}
)
def download_quarantine(
    *,
    slug: str,
    tx: Tx,
    actor: CurrentActor,
    permit: Permit,
    format: Literal["csv", "xlsx"] = "csv",
    state: RowState | None = None,
    rule: str | None = None,
    column: str | None = None,
    batch: str | None = None,
) -> Response:
    """Give whole rows that were set aside as CSV or Excel, to be corrected and brought back."""
    product = get_product(tx, slug)
    permit("data:query", access.reading_of(actor, product, None))
    page = service.list_rows(
        tx,
        slug,
        state=state,
        rule=rule,
        column=column,
        batch=batch,
        unmasked=seen_by(tx, actor, slug),
        limit=sheets.MOST,
    )
    name = f"{slug}-quarantine"
    if format == "csv":
        pieces = sheets.as_csv(page.items, page.columns)
        return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=_as_file(f"{name}.csv"))
    return Response(
        sheets.as_workbook(
            page.items, page.columns, about=About(by=actor.name, at=clock.now(), source=f"product:{slug}")
        ),
        media_type=XLSX,
        headers=_as_file(f"{name}.xlsx"),
    )


@router.get("/products/{slug}/batches")
def list_batches(*, slug: str, tx: Tx, permit: Permit, limit: Limit = 50, cursor: str | None = None) -> Page[Batch]:
    """List the files some of whose rows did not enter, newest first, with what became of their rows."""
    permit("product:read", about(get_product(tx, slug)))
    return service.list_batches(tx, slug, limit=limit, cursor=cursor)


@router.post("/products/{slug}/quarantine/fix")
def fix(*, slug: str, body: EditsWanted, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Mended:
    """Change values of rows that wait; each is held to the contract at once."""
    _need_both(tx, actor, permit, slug)
    edits = [Edit(batch=one.batch, row=one.row, values=one.values) for one in body.edits]
    return service.fix(tx, actor, places_of(here), slug, edits=edits, reason=body.reason)


@router.post("/products/{slug}/quarantine/fix-file")
def fix_by_file(
    *,
    slug: str,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    file: UploadFile,
    reason: WhyForm,
    batch: Annotated[str | None, Form(max_length=200)] = None,
) -> Mended:
    """Take a corrected download back: cells that differ are changed, and the rows held to the contract at once."""
    _need_both(tx, actor, permit, slug)
    with received(file.file, here.settings.max_upload_bytes) as source:
        return service.fix_by_file(
            tx, actor, places_of(here), slug, (source, sent_name(file.filename)), reason=reason, batch=batch or None,
            unmasked=seen_by(tx, actor, slug),
        )  # fmt: skip


@router.post("/products/{slug}/quarantine/dismiss")
def dismiss(slug: str, body: RowsWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Dismissed:
    """Give up rows that wait, with a reason."""
    _need_both(tx, actor, permit, slug)
    return service.dismiss(tx, actor, slug, {body.batch: body.rows}, body.reason)


@router.post("/products/{slug}/quarantine/replay")
def replay(*, slug: str, body: ReplayWanted, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Replayed:
    """Let the rows that pass now enter as a new snapshot, once; the others stay, with new reasons."""
    permit("product:register", about(get_product(tx, slug)))
    return service.replay(tx, actor, places_of(here), slug, batch=body.batch, reason=body.reason)


@router.get("/products/{slug}/enforcement")
def list_enforcements(slug: str, tx: Tx, permit: Permit) -> Enforcements:
    """Tell what each port does with a batch whose rows break the contract: block, quarantine or warn."""
    permit("product:read", about(get_product(tx, slug)))
    return Enforcements(items=service.list_enforcements(tx, slug))


@router.post("/products/{slug}/enforcement")
def set_enforcement(slug: str, body: EnforcementWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Enforcement:
    """Choose what a port does with bad rows, as the product's owner, from the next batch on."""
    permit("product:update", about(get_product(tx, slug)))
    return service.set_enforcement(tx, actor, slug, port=body.port, mode=body.mode, reason=body.reason)


def about(product: DataProduct) -> Resource:
    """What is asked about when rows are mended or ports set."""
    return Resource(kind="product", id=product.slug, department=product.department)


def places_of(here: Parts) -> Places:
    """Where files and rows lie."""
    return Places(storage=here.storage, lake=lake_of(here))


def seen_by(session: Session, actor: Actor, slug: str) -> tuple[str, ...]:
    """Restricted columns that a grant shows to somebody."""
    held = access.shown_to(session, actor, slug)
    return held.policy.unmasked if held is not None else ()


def _need_both(session: Session, actor: Actor, permit: Callable[[str, Resource], None], slug: str) -> None:
    """Whoever changes rows that wait may register rows and read them: what is answered tells values."""
    product = get_product(session, slug)
    permit("product:register", about(product))
    permit("data:query", access.reading_of(actor, product, None))


def _as_file(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
