"""Vendors and systems over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field

from headway.governance import service
from headway.governance.entities import System, SystemKind, Vendor
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.web import CurrentActor, Permit, Tx

vendors = APIRouter(prefix="/vendors", tags=["systems"])
systems = APIRouter(prefix="/systems", tags=["systems"])

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Slug = Annotated[str, Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(max_length=2000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewVendor(_Body):
    """A vendor; leave out what nobody knows."""

    slug: Slug
    name: Text
    supplies: Text | None = None
    contact: Text | None = None
    contract_ends: date | None = None
    exit_plan: Text | None = None


class VendorChange(_Body):
    """Fields to change; null empties one."""

    name: Text | None = None
    supplies: Text | None = None
    contact: Text | None = None
    contract_ends: date | None = None
    exit_plan: Text | None = None


class NewSystem(_Body):
    """A system, and the use cases that rest on it. One that is vendor_supplied names its vendor."""

    slug: Slug
    title: Text
    kind: SystemKind
    vendor: str | None = None
    description: Text | None = None
    usecases: list[str] = Field(default_factory=list, max_length=1000)


class SystemChange(_Body):
    """Fields to change; null empties one."""

    title: Text | None = None
    kind: SystemKind | None = None
    vendor: str | None = None
    description: Text | None = None


class Served(_Body):
    """A use case that rests on a system."""

    usecase: str


class Ended(_Body):
    """Why something is retired or taken up again."""

    reason: Text = Field(min_length=1)


def _vendor(slug: str) -> Resource:
    return Resource(kind="vendor", id=slug)


def _system(slug: str) -> Resource:
    return Resource(kind="system", id=slug)


def _seen(actor: Actor, kind: str) -> Resource:
    """Registers belong to the whole organisation: whoever holds a role that reads them anywhere sees them whole."""
    places = {grant.department for grant in actor.roles}
    return Resource(kind=kind, id="all", department=None if None in places else min(filter(None, places), default=None))


# --- vendors -----------------------------------------------------------------------------------------------------


@vendors.get("")
def list_vendors(
    *, tx: Tx, actor: CurrentActor, permit: Permit, limit: Limit = 50, cursor: str | None = None
) -> Page[Vendor]:
    """List vendors by name."""
    permit("vendor:read", _seen(actor, "vendor"))
    return service.list_vendors(tx, limit=limit, cursor=cursor)


@vendors.post("", status_code=status.HTTP_201_CREATED)
def open_vendor(body: NewVendor, tx: Tx, actor: CurrentActor, permit: Permit) -> Vendor:
    """Write a vendor down."""
    permit("vendor:manage", _vendor(body.slug))
    return service.open_vendor(tx, actor, **body.model_dump())


@vendors.get("/{slug}")
def show_vendor(slug: str, tx: Tx, actor: CurrentActor, permit: Permit) -> Vendor:
    """Show a vendor, its systems, and what is not in order."""
    permit("vendor:read", _seen(actor, "vendor"))
    return service.get_vendor(tx, slug)


@vendors.patch("/{slug}")
def change_vendor(slug: str, body: VendorChange, tx: Tx, actor: CurrentActor, permit: Permit) -> Vendor:
    """Change fields of a vendor."""
    permit("vendor:manage", _vendor(slug))
    return service.change_vendor(tx, actor, slug, changes=body.model_dump(exclude_unset=True))


@vendors.post("/{slug}/retire")
def retire_vendor(slug: str, body: Ended, tx: Tx, actor: CurrentActor, permit: Permit) -> Vendor:
    """Retire a vendor; refused while a system of theirs is not retired."""
    permit("vendor:manage", _vendor(slug))
    return service.retire_vendor(tx, actor, slug, body.reason)


@vendors.post("/{slug}/reopen")
def reopen_vendor(slug: str, body: Ended, tx: Tx, actor: CurrentActor, permit: Permit) -> Vendor:
    """Take a retired vendor up again."""
    permit("vendor:manage", _vendor(slug))
    return service.reopen_vendor(tx, actor, slug, body.reason)


# --- systems -----------------------------------------------------------------------------------------------------


@systems.get("")
def list_systems(
    *,
    tx: Tx,
    actor: CurrentActor,
    permit: Permit,
    vendor: str | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[System]:
    """List systems by name."""
    permit("system:read", _seen(actor, "system"))
    return service.list_systems(tx, vendor=vendor, limit=limit, cursor=cursor)


@systems.post("", status_code=status.HTTP_201_CREATED)
def open_system(body: NewSystem, tx: Tx, actor: CurrentActor, permit: Permit) -> System:
    """Write a system down, and which use cases rest on it."""
    permit("system:manage", _system(body.slug))
    for usecase in body.usecases:
        department = service.get_usecase(tx, usecase).department
        permit("usecase:update", Resource(kind="usecase", id=usecase, department=department))
    return service.open_system(tx, actor, **body.model_dump())


@systems.get("/{slug}")
def show_system(slug: str, tx: Tx, actor: CurrentActor, permit: Permit) -> System:
    """Show a system and the use cases that rest on it."""
    permit("system:read", _seen(actor, "system"))
    return service.get_system(tx, slug)


@systems.patch("/{slug}")
def change_system(slug: str, body: SystemChange, tx: Tx, actor: CurrentActor, permit: Permit) -> System:
    """Change fields of a system; the tier of use cases whose facts move with it is decided anew."""
    permit("system:manage", _system(slug))
    return service.change_system(tx, actor, slug, changes=body.model_dump(exclude_unset=True))


@systems.post("/{slug}/usecases", status_code=status.HTTP_201_CREATED)
def link_system(slug: str, body: Served, tx: Tx, actor: CurrentActor, permit: Permit) -> System:
    """Say that a use case rests on a system; what the system settles is no longer asked of people."""
    department = service.get_usecase(tx, body.usecase).department
    permit("usecase:update", Resource(kind="usecase", id=body.usecase, department=department))
    return service.link_system(tx, actor, slug, body.usecase)


@systems.delete("/{slug}/usecases/{usecase}")
def unlink_system(slug: str, usecase: str, tx: Tx, actor: CurrentActor, permit: Permit) -> System:
    """Say that a use case no longer rests on a system; what it alone settled is unknown again."""
    department = service.get_usecase(tx, usecase).department
    permit("usecase:update", Resource(kind="usecase", id=usecase, department=department))
    return service.unlink_system(tx, actor, slug, usecase)


@systems.post("/{slug}/retire")
def retire_system(slug: str, body: Ended, tx: Tx, actor: CurrentActor, permit: Permit) -> System:
    """Retire a system; refused while a use case rests on it."""
    permit("system:manage", _system(slug))
    return service.retire_system(tx, actor, slug, body.reason)


@systems.post("/{slug}/reopen")
def reopen_system(slug: str, body: Ended, tx: Tx, actor: CurrentActor, permit: Permit) -> System:
    """Take a retired system up again."""
    permit("system:manage", _system(slug))
    return service.reopen_system(tx, actor, slug, body.reason)
