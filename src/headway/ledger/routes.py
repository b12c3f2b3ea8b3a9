"""The ledger over HTTP: read, prove, verify, export, erase."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask

from headway.kernel.auth import Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx
from headway.ledger import service
from headway.ledger.adapters import read_trust
from headway.ledger.entities import Checkpoint, ConsistencyProof, Event, InclusionProof, VerifyReport

router = APIRouter(prefix="/ledger", tags=["ledger"])
LEDGER = Resource(kind="ledger", id="main")


class Erasure(BaseModel):
    """Why a person's data is erased."""

    reason: str = Field(min_length=1, max_length=1000)


@router.get("/events")
def list_events(
    *,
    tx: Tx,
    permit: Permit,
    subject: str | None = None,
    type: str | None = None,
    actor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    cursor: str | None = None,
) -> Page[Event]:
    """List events, newest first."""
    permit("ledger:read", LEDGER)
    return service.find(tx, subject=subject, type=type, actor=actor, limit=limit, cursor=cursor)


@router.get("/events/{event_id}")
def show_event(event_id: str, tx: Tx, permit: Permit) -> Event:
    """Show one event."""
    permit("ledger:read", LEDGER)
    return service.get_event(tx, event_id)


@router.get("/events/{event_id}/proof")
def prove_event(event_id: str, tx: Tx, permit: Permit) -> InclusionProof:
    """Prove that an event is in the log."""
    permit("ledger:read", LEDGER)
    return service.prove(tx, event_id)


@router.post("/events/{event_id}/erase")
def erase_payload(event_id: str, body: Erasure, tx: Tx, actor: CurrentActor, permit: Permit) -> Event:
    """Forget the personal payload of an event; its proofs stay valid."""
    permit("ledger:erase", LEDGER)
    return service.erase(tx, actor, event_id, body.reason)


@router.get("/checkpoint")
def show_checkpoint(tx: Tx, permit: Permit) -> Checkpoint:
    """Show the newest signed checkpoint."""
    permit("ledger:read", LEDGER)
    return service.checkpoint(tx)


@router.get("/consistency")
def prove_consistency(old: int, tx: Tx, permit: Permit, new: int | None = None) -> ConsistencyProof:
    """Prove that the log at an old checkpoint is the start of the log at a newer one."""
    permit("ledger:read", LEDGER)
    return service.prove_consistency(tx, old, new)


@router.post("/verify")
def verify_log(tx: Tx, here: HereParts, permit: Permit) -> VerifyReport:
    """Verify the whole log, its payloads and every checkpoint, those in object storage included."""
    permit("ledger:verify", LEDGER)
    trusted = {**read_trust(here.settings.trust_file), here.signer.key_id: here.signer.public}
    return service.verify(tx, here.storage, trusted=trusted)


@router.get("/export", response_class=FileResponse)
def export_log(tx: Tx, here: HereParts, permit: Permit) -> FileResponse:
    """Export the log as a zip that verifies without this system."""
    permit("ledger:export", LEDGER)
    trusted = {**read_trust(here.settings.trust_file), here.signer.key_id: here.signer.public}
    with tempfile.NamedTemporaryFile(suffix=".zip", delete=False) as made:
        path = Path(made.name)
    try:
        service.export(tx, here.storage, path, trusted=trusted)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return FileResponse(
        path, media_type="application/zip", filename="headway-ledger.zip", background=BackgroundTask(path.unlink)
    )
