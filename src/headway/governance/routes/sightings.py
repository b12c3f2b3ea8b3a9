"""Shadow AI over HTTP: reports, logs of gateways, and what becomes of each tool."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, UploadFile, status
from pydantic import BaseModel, ConfigDict, Field

from headway.governance import gateway, service
from headway.governance.intake import GatewayImport, Outcome, Sighting, SightingState
from headway.governance.routes.intake import somewhere
from headway.kernel.auth import Actor, Resource
from headway.kernel.errors import TooLarge
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

router = APIRouter(prefix="/sightings", tags=["shadow AI"])

Line = Annotated[str, Field(max_length=500)]
READ, REPORT, SETTLE, IMPORT = "sighting:read", "sighting:report", "sighting:settle", "sighting:import"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Report(_Body):
    """A tool that somebody uses or sees; its name, its address or its host. ``unnamed``: only the AI office learns who said it."""

    tool: Line
    what_for: Line
    department: str | None = None
    unnamed: bool = False


class Settlement(_Body):
    """What becomes of a tool: an entry opened for it, an umbrella, an entry whose users join, or nothing and why."""

    outcome: Outcome
    usecase: str | None = None
    umbrella: str | None = None
    reason: Line | None = None


@router.post("", status_code=status.HTTP_201_CREATED)
def report_sighting(body: Report, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts) -> Sighting:
    """Report a tool for AI that is in use without an entry; nobody is blamed for it."""
    places = somewhere(here, tx, actor, permit, REPORT)
    permit(REPORT, Resource(kind="sighting", id="new", department=min(places) if places else None))
    return service.report_sighting(
        tx, actor, tool=body.tool, what_for=body.what_for, department=body.department, unnamed=body.unnamed
    )


@router.post("/import", status_code=status.HTTP_201_CREATED)
def import_gateway_log(file: UploadFile, tx: Tx, actor: CurrentActor, permit: Permit) -> GatewayImport:
    """Read a gateway's log into the queue: CSV or JSON lines with time, host or tool, user or department, count.

    Every line or none. Users are counted, and never kept.
    """
    permit(IMPORT, Resource(kind="sighting", id="import"))
    data = file.file.read(gateway.MOST_BYTES + 1)
    if len(data) > gateway.MOST_BYTES:
        raise TooLarge(f"a log has at most {gateway.MOST_BYTES:,} bytes; send it in parts")
    return service.import_gateway_log(tx, actor, filename=file.filename or "log", data=data)


@router.get("")
def list_sightings(
    *,
    tx: Tx,
    actor: CurrentActor,
    permit: Permit,
    here: HereParts,
    state: SightingState | None = None,
    own: bool = False,
) -> Page[Sighting]:
    """List tools that were seen, the longest waiting first; with ``own`` those that the caller reported."""
    if own:
        somewhere(here, tx, actor, permit, REPORT)
        items = service.list_sightings(tx, state=state, reporter=actor.ref, names_for=actor.ref)
        return Page(items=tuple(items), next=None)
    within = somewhere(here, tx, actor, permit, READ)
    items = service.list_sightings(tx, state=state, within=within, names_for=names_for(here, actor))
    return Page(items=tuple(items), next=None)


@router.get("/{sighting_id}")
def show_sighting(sighting_id: str, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts) -> Sighting:
    """Show a tool that was seen, and the entries that name it."""
    found = service.get_sighting(tx, sighting_id, names_for=names_for(here, actor))
    permit(READ, about(found))
    return found


@router.post("/{sighting_id}/settle")
def settle_sighting(
    *, sighting_id: str, body: Settlement, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts
) -> Sighting:
    """Say what becomes of a tool that was seen."""
    permit(SETTLE, about(service.get_sighting(tx, sighting_id)))
    service.settle_sighting(tx, actor, sighting_id, **body.model_dump())
    return service.get_sighting(tx, sighting_id, names_for=names_for(here, actor))


def about(found: Sighting) -> Resource:
    """What is asked about a tool that was seen."""
    return Resource(kind="sighting", id=found.id, department=found.department)


def names_for(here: Parts, actor: Actor) -> str:
    """Whose reports are shown with names: all to the AI office, their own to others."""
    is_office = here.authorizer.allows(actor, SETTLE, Resource(kind="sighting", id="all"))
    return "*" if is_office else actor.ref
