"""Packs over HTTP: read, published, switched on and off, compared, and which proof closes which control."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, ConfigDict, Field

from headway.governance import service
from headway.governance.entities import CrosswalkRow, Impact, Pack, PackDiff, PublishedPack
from headway.governance.uses import FieldUses
from headway.kernel.auth import Resource
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

router = APIRouter(prefix="/packs", tags=["policy"])
DSSE = "application/vnd.dsse.envelope.v1+json"
Yaml = Annotated[str, Field(max_length=1_000_000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PackTexts(_Body):
    """A pack as YAML, and what to hold it against: another text, or a published version of it; the one in force by itself."""

    new: Yaml
    old: Yaml | None = None
    old_version: str | None = None


class WhatIf(_Body):
    """A pack that would be switched on (as YAML, or a published one by NAME or NAME@VERSION), one that would be switched off, a day."""

    pack: Yaml | None = None
    published: str | None = None
    without: str | None = None
    on: date | None = None


class NewPack(_Body):
    """A pack as YAML."""

    pack: Yaml


class SwitchWanted(_Body):
    """Whether gates shall ask the pack, why, and with which version: the newest by itself."""

    is_on: bool
    reason: str = Field(min_length=1, max_length=2000)
    version: str | None = None


@router.get("")
def list_packs(tx: Tx, permit: Permit) -> Page[Pack]:
    """List the packs in force."""
    permit("policy:read", Resource(kind="policy", id="all"))
    return Page(items=service.list_packs(tx), next=None)


@router.get("/published")
def list_published(tx: Tx, permit: Permit) -> Page[PublishedPack]:
    """List every published version of every pack, on or off."""
    permit("policy:read", Resource(kind="policy", id="all"))
    return Page(items=service.published_packs(tx), next=None)


@router.post("", status_code=status.HTTP_201_CREATED)
def publish_pack(body: NewPack, tx: Tx, actor: CurrentActor, permit: Permit, parts: HereParts) -> PublishedPack:
    """Publish a version of an own pack: checked whole, signed, never to change. It is off until it is switched on."""
    permit("policy:manage", Resource(kind="policy", id="all"))
    return service.publish_pack(tx, parts.signer, actor, body.pack)


@router.get("/crosswalk")
def show_crosswalk(tx: Tx, permit: Permit, pack: Annotated[list[str] | None, Query()] = None) -> Page[CrosswalkRow]:
    """Tell which controls each kind of evidence helps to close, over the packs that are on and others named."""
    permit("policy:read", Resource(kind="policy", id="all"))
    return Page(items=service.crosswalk(tx, tuple(pack or ())), next=None)


@router.get("/uses")
def show_uses(tx: Tx, permit: Permit, field: str | None = None) -> Page[FieldUses]:
    """Tell what uses each field that people fill in: rules and controls of the packs that are on, and named places."""
    permit("policy:read", Resource(kind="policy", id="all"))
    return Page(items=service.list_uses(tx, field=field), next=None)


@router.get("/{pack_id}")
def show_pack(pack_id: str, tx: Tx, permit: Permit, digest: str | None = None) -> Pack:
    """Show a pack: the version in force, or any published one by its digest."""
    permit("policy:read", Resource(kind="policy", id=pack_id))
    return service.get_pack(tx, pack_id, digest=digest)


@router.get("/{pack_id}/envelope", response_class=Response)
def show_envelope(pack_id: str, tx: Tx, permit: Permit, parts: HereParts, digest: str | None = None) -> Response:
    """Give a published pack in a signed DSSE envelope."""
    permit("policy:read", Resource(kind="policy", id=pack_id))
    return Response(service.pack_envelope(tx, parts.signer, pack_id, digest), media_type=DSSE)


@router.post("/{pack_id}/switch")
def switch_pack(
    *, pack_id: str, body: SwitchWanted, tx: Tx, actor: CurrentActor, permit: Permit, parts: HereParts
) -> PublishedPack:
    """Switch a pack on or off; its impact can be asked for before."""
    permit("policy:manage", Resource(kind="policy", id=pack_id))
    return service.switch_pack(
        tx, parts.signer, actor, pack_id, is_on=body.is_on, reason=body.reason, version=body.version
    )


@router.post("/diff")
def diff_pack(body: PackTexts, tx: Tx, permit: Permit) -> PackDiff:
    """Tell what a pack changes against another text or a published version; nothing is stored."""
    permit("policy:read", Resource(kind="policy", id="all"))
    return service.diff_pack(tx, new=body.new, old=body.old, old_version=body.old_version)


@router.post("/impact")
def pack_impact(body: WhatIf, tx: Tx, permit: Permit) -> Impact:
    """Tell for which use cases something changes with a pack, or on a day, before it is switched on; nothing is stored."""
    permit("policy:read", Resource(kind="policy", id="all"))
    permit("usecase:read", Resource(kind="usecase", id="all"))
    permit("gate:read", Resource(kind="usecase", id="all"))
    return service.pack_impact(tx, pack=body.pack, published=body.published, without=body.without, on=body.on)
