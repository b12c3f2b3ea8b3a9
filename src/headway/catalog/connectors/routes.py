"""Input ports over HTTP: add, look first, list, read now, give another rhythm, remove."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field

from headway.catalog.connectors import service
from headway.catalog.connectors.entities import InputPort, Peek, PortRun, StartedRun
from headway.kernel.auth import Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

router = APIRouter(tags=["input ports"], prefix="/products/{slug}/ports")
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Kind = Literal["sql", "files", "folder", "rest"]
Name = Annotated[str, Field(min_length=1, max_length=60)]
Value = Annotated[str, Field(max_length=20_000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SourceWanted(_Body):
    """What a source is: its kind, and the settings that this kind knows, as text. Secrets are named, never written."""

    kind: Kind
    settings: Annotated[dict[Name, Value], Field(max_length=30)]


class PortWanted(SourceWanted):
    """An input port: its name, its source, and how often it is read; without ``every_minutes`` by hand."""

    name: Name
    every_minutes: int | None = None
    keep_upload: bool = True


class Rhythm(_Body):
    """How often a port is read; null: by hand."""

    every_minutes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The input ports of a product, in the order of its rows."""

    items: tuple[InputPort, ...]


@router.post("", status_code=status.HTTP_201_CREATED)
def add_port(slug: str, body: PortWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> InputPort:
    """Add an input port to a product, or to one that its first run makes."""
    product = _permitted(permit, "product:register", slug)
    return service.add_port(
        tx,
        actor,
        product,
        name=body.name,
        kind=body.kind,
        settings=body.settings,
        every_minutes=body.every_minutes,
        keep_upload=body.keep_upload,
    )


@router.post("/test")
def test_port(slug: str, body: SourceWanted, here: HereParts, permit: Permit) -> Peek:
    """Look at the first rows of a source and keep nothing; values of personal data are masked."""
    product = _permitted(permit, "product:register", slug)
    return service.peek(here.settings, product.partition(".")[0], body.kind, body.settings)


@router.get("")
def list_ports(slug: str, tx: Tx, permit: Permit) -> Ports:
    """List the input ports of a product."""
    return Ports(items=service.list_ports(tx, _permitted(permit, "product:read", slug)))


@router.get("/{port}")
def show_port(slug: str, port: str, tx: Tx, permit: Permit) -> InputPort:
    """Show an input port."""
    return service.get_port(tx, _permitted(permit, "product:read", slug), port)


@router.get("/{port}/runs")
def list_runs(
    *, slug: str, port: str, tx: Tx, permit: Permit, limit: Limit = 50, cursor: str | None = None
) -> Page[PortRun]:
    """List the runs of an input port, newest first, also of one that was removed."""
    return service.list_runs(tx, _permitted(permit, "product:read", slug), port, limit=limit, cursor=cursor)


@router.post("/{port}/run", status_code=status.HTTP_202_ACCEPTED)
def run_port(*, slug: str, port: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> StartedRun:
    """Read an input port now, by a job."""
    return service.start_run(tx, here.jobs, actor, _permitted(permit, "product:register", slug), port)


@router.patch("/{port}")
def change_port(*, slug: str, port: str, body: Rhythm, tx: Tx, actor: CurrentActor, permit: Permit) -> InputPort:
    """Read an input port in another rhythm, or by hand."""
    product = _permitted(permit, "product:register", slug)
    return service.change_rhythm(tx, actor, product, port, body.every_minutes)


@router.delete("/{port}")
def remove_port(slug: str, port: str, tx: Tx, actor: CurrentActor, permit: Permit) -> InputPort:
    """Remove an input port; its rows go with the next run of another one, every snapshot stays."""
    return service.remove_port(tx, actor, _permitted(permit, "product:register", slug), port)


def _permitted(permit: Permit, action: str, slug: str) -> str:
    """The product's slug, once what is asked for is allowed in its department."""
    department, product = service.place_of(slug)
    permit(action, Resource(kind="product", id=product, department=department))
    return product
