"""Contracts over HTTP: look at a draft, propose it, follow what consumers say, answer; versions and their end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway.catalog import access, versions
from headway.catalog.changes import service
from headway.catalog.changes.entities import ColumnEdit, Consumer, ContractChange, ContractCheck
from headway.catalog.changes.service.consumers import consumers_of
from headway.catalog.changes.service.means import means_of
from headway.catalog.changes.standing import USUAL_KEPT
from headway.catalog.service import get_product
from headway.catalog.versions import Deprecation, ProductVersion
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

router = APIRouter(tags=["contracts"])
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
Whole = Annotated[str, Field(max_length=4_000_000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ColumnChanged(_Body):
    """What changes of one column; what is left out stays."""

    column: Line
    description: Text | None = None
    required: bool | None = None
    unique: bool | None = None
    classification: Line | None = None
    missing_percent: float | None = None


class ContractDraft(_Body):
    """A contract (ODCS, YAML or JSON; default is the one in force) with changes of columns written into it."""

    contract: Whole | None = None
    columns: Annotated[list[ColumnChanged], Field(max_length=1000)] = Field(default_factory=list)


class ContractProposed(ContractDraft):
    """A draft, why, until when consumers may answer, and how long the old version is read afterwards."""

    reason: Text
    answer_by: date | None = None
    keep_days: int = USUAL_KEPT


class Answered(_Body):
    """A word to the owner; ``consumer`` names the person whose answer was handed on."""

    reason: Text = ""
    consumer: Line | None = None


class Objected(_Body):
    """Why not; ``consumer`` names the person whose answer was handed on."""

    reason: Text
    consumer: Line | None = None


class HandedOn(_Body):
    """The person who may answer instead: ``person:ID``, a mail address or a name."""

    to: Line


class ChangeWithdrawn(_Body):
    """Why a proposal is taken back."""

    reason: Text


class VersionEnded(_Body):
    """The last day of a version (default: of the whole product), what follows it, and why."""

    ends_on: date
    reason: Text
    version: Line | None = None
    successor: Line | None = None


class VersionKept(_Body):
    """Why a deprecation is taken back."""

    reason: Text
    version: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumers:
    """What depends on a product."""

    items: tuple[Consumer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractChanges:
    """Changes that wait for an answer of one's own, those that end first before others."""

    items: tuple[ContractChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """Versions of a product, the newest first."""

    items: tuple[ProductVersion, ...]


@router.post("/products/{slug}/contract/check")
def check_draft(
    *, slug: str, body: ContractDraft, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> ContractCheck:
    """Look at a contract as the next one of a product: faults by line, protocol, what breaks, how the rows would fare.

    Nothing is kept.
    """
    permit("product:update", access.about_product(get_product(tx, slug)))
    text = service.draft_of(tx, slug, body.contract, _edits(body))
    return service.check_proposal(tx, actor, means_of(here), slug, text)


@router.post("/products/{slug}/contract/changes", status_code=status.HTTP_201_CREATED)
def propose(
    *, slug: str, body: ContractProposed, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> ContractChange:
    """Propose a contract: what breaks nobody takes effect at once, what breaks readers is put to every consumer."""
    permit("product:update", access.about_product(get_product(tx, slug)))
    return service.propose(
        tx,
        actor,
        means_of(here),
        product=slug,
        text=service.draft_of(tx, slug, body.contract, _edits(body)),
        reason=body.reason,
        answer_by=body.answer_by,
        keep_days=body.keep_days,
    )


@router.get("/products/{slug}/contract/changes")
def list_changes(
    *, slug: str, tx: Tx, permit: Permit, limit: Limit = 50, cursor: str | None = None
) -> Page[ContractChange]:
    """List the changes of a product's contract, newest first."""
    permit("product:read", access.about_product(get_product(tx, slug)))
    return service.list_changes(tx, slug, limit=limit, cursor=cursor)


@router.get("/products/{slug}/consumers", tags=["products"])
def list_consumers(slug: str, tx: Tx, here: HereParts, permit: Permit) -> Consumers:
    """List what depends on a product: grants, models that learned from it, and their deployments."""
    permit("data:follow", access.followed(get_product(tx, slug)))
    return Consumers(items=consumers_of(tx, here.subjects, slug))


@router.get("/products/{slug}/versions", tags=["products"])
def list_versions(slug: str, tx: Tx, permit: Permit) -> Versions:
    """List the versions of a product with their state and their last day."""
    permit("product:read", access.about_product(get_product(tx, slug)))
    return Versions(items=versions.list_versions(tx, slug))


@router.post("/products/{slug}/deprecate", tags=["products"])
def deprecate(
    *, slug: str, body: VersionEnded, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> Deprecation:
    """Give a version, or the whole product, a last day; its readers are warned until then and refused afterwards."""
    permit("product:update", access.about_product(get_product(tx, slug)))
    return service.end_version(
        tx,
        actor,
        here.subjects,
        slug,
        ends_on=body.ends_on,
        reason=body.reason,
        version=body.version,
        successor=body.successor,
    )


@router.post("/products/{slug}/reinstate", tags=["products"])
def reinstate(*, slug: str, body: VersionKept, tx: Tx, actor: CurrentActor, permit: Permit) -> Deprecation:
    """Take a deprecation back."""
    permit("product:update", access.about_product(get_product(tx, slug)))
    return versions.reinstate(tx, actor, slug, reason=body.reason, version=body.version)


@router.get("/contract-changes")
def list_asked(tx: Tx, actor: CurrentActor, permit: Permit) -> ContractChanges:
    """List the changes that wait for one's own answer."""
    permit("data:follow", Resource(kind="data", id="own", attributes={"owner": actor.ref}))
    return ContractChanges(items=service.list_asked(tx, actor.ref))


@router.get("/contract-changes/{change_id}")
def show_change(change_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> ContractChange:
    """Show a change to those who are asked, and to those who may read the product."""
    return need_seen(tx, actor, permit, change_id)


@router.post("/contract-changes/{change_id}/accept")
def accept(
    *, change_id: str, body: Answered, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> ContractChange:
    """Agree, as one who is asked; the change takes effect with the last who agrees."""
    permit("contract:answer", answering(actor, need_seen(tx, actor, permit, change_id)))
    return service.accept(tx, actor, means_of(here), change_id=change_id, consumer=body.consumer, reason=body.reason)


@router.post("/contract-changes/{change_id}/object")
def object_to(*, change_id: str, body: Objected, tx: Tx, actor: CurrentActor, permit: Permit) -> ContractChange:
    """Object with a reason, as one who is asked."""
    permit("contract:answer", answering(actor, need_seen(tx, actor, permit, change_id)))
    return service.object_to(tx, actor, change_id, body.reason, consumer=body.consumer)


@router.post("/contract-changes/{change_id}/hand-on")
def hand_on(*, change_id: str, body: HandedOn, tx: Tx, actor: CurrentActor, permit: Permit) -> ContractChange:
    """Let another person give one's answer."""
    permit("contract:answer", answering(actor, need_seen(tx, actor, permit, change_id)))
    return service.hand_on(tx, actor, change_id, body.to)


@router.post("/contract-changes/{change_id}/withdraw")
def withdraw(*, change_id: str, body: ChangeWithdrawn, tx: Tx, actor: CurrentActor, permit: Permit) -> ContractChange:
    """Take a proposal back, as one who may change the product."""
    found = service.get_change(tx, change_id)
    permit("product:update", access.about_product(get_product(tx, found.product)))
    return service.withdraw(tx, actor, change_id, body.reason)


def need_seen(session: Session, actor: Actor, permit: Permit, change_id: str) -> ContractChange:
    """Read a change for somebody who is asked or may read the product; raises ChangeUnknown, Denied."""
    found = service.get_change(session, change_id)
    if is_asked(actor, found):
        permit("data:follow", Resource(kind="data", id="own", attributes={"owner": actor.ref}))
    else:
        permit("product:read", access.about_product(get_product(session, found.product)))
    return found


def is_asked(actor: Actor, change: ContractChange) -> bool:
    """Whether somebody is a consumer who is asked, or may answer for one."""
    return any(actor.ref in (one.consumer, one.delegate) for one in change.answers)


def answering(actor: Actor, change: ContractChange) -> Resource:
    """Describe an answer to a change: it belongs to who is asked."""
    owner = actor.ref if is_asked(actor, change) else ""
    return Resource(kind="contract", id=change.id, attributes={"owner": owner})


def _edits(body: ContractDraft) -> list[ColumnEdit]:
    return [ColumnEdit(**one.model_dump()) for one in body.columns]
