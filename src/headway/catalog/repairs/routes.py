"""Repairs over HTTP: look for errors, see suggestions, accept, refuse, take back, label rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway.catalog import access
from headway.catalog.adapters.lake import lake_of
from headway.catalog.repairs import service
from headway.catalog.repairs.entities import (
    Choice,
    Label,
    LabelTask,
    RepairAct,
    RepairPage,
    SuggestionGroups,
    SuggestionPage,
)
from headway.catalog.repairs.jobs import LOOK
from headway.catalog.service import get_product
from headway.catalog.service.renewing import Data
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

router = APIRouter(tags=["repairs"])
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Share = Annotated[float, Query(ge=0, le=1)]
Name = Annotated[str, Field(min_length=1, max_length=500)]
Text = Annotated[str, Field(max_length=2000)]
Value = Annotated[str, Field(max_length=1000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CellNamed(_Body):
    """A cell: its row, from 1, and column."""

    row: Annotated[int, Field(ge=1)]
    column: Name


class Chosen(_Body):
    """Which suggestions are meant: those that fulfil all that is named; why; and the snapshot they were seen in."""

    column: Name | None = None
    kind: Name | None = None
    least: Annotated[float, Field(ge=0, le=1)] = 0.5
    sure: Annotated[float, Field(ge=0, le=1)] = 0.0
    cells: Annotated[list[CellNamed], Field(max_length=10_000)] = Field(default_factory=list)
    reason: Text
    snapshot: Name | None = None

    def choice(self) -> Choice:
        """The choice in the words of the service."""
        return Choice(
            column=self.column,
            kind=self.kind,
            least=self.least,
            sure=self.sure,
            cells=tuple((one.row, one.column) for one in self.cells),
        )


class Reason(_Body):
    """Why repairs are taken back."""

    reason: Text


class RowLabelled(_Body):
    """A row whose cells were looked at: the wrong columns with the right value (null where unknown), and those to be emptied."""

    row: Annotated[int, Field(ge=1)]
    wrong: dict[Name, Value | None] = Field(default_factory=dict)
    emptied: Annotated[list[Name], Field(max_length=1000)] = Field(default_factory=list)


class Labelled(_Body):
    """Labels of rows, and the snapshot they were seen in."""

    rows: Annotated[list[RowLabelled], Field(max_length=200)]
    snapshot: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookStarted:
    """A job that looks for errors; follow it under /jobs."""

    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsKept:
    """How many rows of the current snapshot are labelled now."""

    labelled: int


@router.get("/products/{slug}/suggestions")
def list_suggestions(
    *,
    slug: str,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    column: str | None = None,
    kind: str | None = None,
    least: Share = 0.5,
    sure: Share = 0.0,
    limit: Limit = 100,
    cursor: str | None = None,
) -> SuggestionPage:
    """List cells of the current snapshot that are probably wrong, with reasons and proposed repairs; nothing is changed.

    They tell values of rows, so they are for those who read the department's data without a grant; values of restricted
    columns are masked.
    """
    permit("data:query", access.reading_of(actor, get_product(tx, slug), None))
    choice = Choice(column=column, kind=kind, least=least, sure=sure)
    return service.suggest(_data(tx, here), actor, slug, choice, limit=limit, cursor=cursor)


@router.get("/products/{slug}/suggestions/groups")
def group_suggestions(
    *,
    slug: str,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    least: Share = 0.5,
    sure: Share = 0.0,
) -> SuggestionGroups:
    """Count the suggestions by column and reason, with examples; the largest group first."""
    permit("data:query", access.reading_of(actor, get_product(tx, slug), None))
    return service.groups(_data(tx, here), actor, slug, Choice(least=least, sure=sure))


@router.post("/products/{slug}/suggestions", status_code=status.HTTP_202_ACCEPTED)
def look_for_errors(*, slug: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> LookStarted:
    """Begin to look through the current snapshot; what is found is kept. Needed for snapshots of over 2 million cells."""
    permit("data:query", access.reading_of(actor, get_product(tx, slug), None))
    return LookStarted(job=here.jobs.enqueue(tx, LOOK, {"product": slug}, actor=actor))


@router.post("/products/{slug}/suggestions/refuse")
def refuse(*, slug: str, body: Chosen, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> RepairAct:
    """Refuse suggestions in bulk: they are not made again for the same value."""
    _permit(tx, permit, actor, slug)
    return service.refuse(_data(tx, here), actor, slug, body.choice(), reason=body.reason, snapshot_id=body.snapshot)


@router.post("/products/{slug}/repairs", status_code=status.HTTP_201_CREATED)
def accept(*, slug: str, body: Chosen, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> RepairAct:
    """Accept suggestions in bulk: their repairs make a new snapshot, which is held to the contract and becomes current."""
    _permit(tx, permit, actor, slug)
    return service.accept(_data(tx, here), actor, slug, body.choice(), reason=body.reason, snapshot_id=body.snapshot)


@router.get("/products/{slug}/repairs")
def list_repairs(
    *,
    slug: str,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[RepairAct]:
    """List what was accepted, refused and taken back, the newest first."""
    permit("data:query", access.reading_of(actor, get_product(tx, slug), None))
    return service.list_acts(_data(tx, here), slug, limit=limit, cursor=cursor)


@router.get("/products/{slug}/repairs/{act_id}")
def show_repair(
    *,
    slug: str,
    act_id: str,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    limit: Limit = 100,
    cursor: str | None = None,
) -> RepairPage:
    """Show one act with its cells: row, column, old and new value, reason, probability."""
    permit("data:query", access.reading_of(actor, get_product(tx, slug), None))
    return service.get_act(_data(tx, here), actor, slug, act_id, limit=limit, cursor=cursor)


@router.post("/products/{slug}/repairs/{act_id}/undo", status_code=status.HTTP_201_CREATED)
def undo(
    *, slug: str, act_id: str, body: Reason, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> RepairAct:
    """Take accepted repairs back: the rows before them become current again, as a new snapshot."""
    _permit(tx, permit, actor, slug)
    return service.undo(_data(tx, here), actor, slug, act_id, reason=body.reason)


@router.get("/products/{slug}/labels")
def rows_to_label(
    *,
    slug: str,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    count: Annotated[int, Query(ge=1, le=20)] = 5,
) -> LabelTask:
    """Name rows whose labels would teach most, and the labels there are."""
    permit("data:query", access.reading_of(actor, get_product(tx, slug), None))
    return service.rows_to_label(_data(tx, here), slug, count=count)


@router.post("/products/{slug}/labels")
def label(*, slug: str, body: Labelled, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> LabelsKept:
    """Say of rows which cells are wrong and what would be right; suggestions are made anew with it."""
    _permit(tx, permit, actor, slug)
    labels = [Label(row=one.row, wrong=one.wrong, emptied=tuple(one.emptied)) for one in body.rows]
    kept = service.label(_data(tx, here), actor, slug, labels, snapshot_id=body.snapshot)
    return LabelsKept(labelled=kept)


def _data(tx: Session, here: Parts) -> Data:
    return Data(tx, here.storage, lake_of(here))


def _permit(tx: Session, permit: Permit, actor: Actor, slug: str) -> None:
    """A steward changes what they may read."""
    product = get_product(tx, slug)
    permit("data:query", access.reading_of(actor, product, None))
    permit("product:update", Resource(kind="product", id=slug, department=product.department))
