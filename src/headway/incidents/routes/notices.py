"""Drafts of notifications and the lifting of a containment, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, BinaryIO, Literal

from fastapi import APIRouter, BackgroundTasks, Form, Response, UploadFile, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import serving
from headway.incidents.entities import Lifting, Stop
from headway.incidents.notice import Notice
from headway.incidents.service import lifting, noticing, registering
from headway.kernel.auth import Resource
from headway.kernel.errors import TooLarge
from headway.kernel.settings import Environment
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

router = APIRouter(prefix="/incidents", tags=["incidents"])
Line = Annotated[str, Field(max_length=noticing.MOST_LINE)]
FORMATS = {"pdf": "application/pdf", "txt": "text/plain; charset=utf-8"}


class Wish(BaseModel):
    """Which clock's notification is drafted; left out: those of all running clocks."""

    model_config = ConfigDict(extra="forbid")

    clock: Line | None = None


class Because(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=2_000)]


class Notices(BaseModel):
    """Drafts of notifications, the newest first."""

    items: list[Notice]


class Lifted(BaseModel):
    """What was lifted, each with what became of it."""

    items: list[Stop]


@router.post("/{incident_id}/notices", status_code=status.HTTP_201_CREATED)
def draft_notices(  # noqa: PLR0917  what an act needs
    incident_id: str, body: Wish, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> Notices:
    """Draft the notification that a clock asks for, or those of all running clocks, from what the records hold. Sends nothing."""
    permit("incident:manage", _drafts(tx, incident_id))
    made = noticing.draft_notices(tx, actor, incident_id, clock_id=body.clock, storage=here.storage)
    return Notices(items=list(made))


@router.get("/{incident_id}/notices")
def list_notices(incident_id: str, tx: Tx, here: HereParts, permit: Permit) -> Notices:
    """List the drafts of an incident, each with what was sent, and whether the records still say the same."""
    permit("incident:read", _drafts(tx, incident_id))
    return Notices(items=list(noticing.list_notices(tx, incident_id, here.storage)))


@router.get("/{incident_id}/notices/{notice_id}")
def show_notice(incident_id: str, notice_id: str, tx: Tx, here: HereParts, permit: Permit) -> Notice:
    """Show a draft with every fact, its record, and the gaps."""
    permit("incident:read", _drafts(tx, incident_id))
    return noticing.get_notice(tx, incident_id, notice_id, here.storage)


@router.get("/{incident_id}/notices/{notice_id}/document", response_class=Response)
def write_notice(
    *, incident_id: str, notice_id: str, tx: Tx, permit: Permit, format: Literal["pdf", "txt"] = "pdf"
) -> Response:
    """Download a draft as it was kept, as tagged PDF or plain text."""
    permit("incident:read", _drafts(tx, incident_id))
    data = noticing.write_notice(tx, incident_id, notice_id, format)
    name = f'attachment; filename="{notice_id}.{format}"'
    return Response(data, media_type=FORMATS[format], headers={"content-disposition": name})


@router.post("/{incident_id}/notices/{notice_id}/sent")
def mark_sent(
    *,
    incident_id: str,
    notice_id: str,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    sent_at: Annotated[datetime, Form()],
    to: Annotated[str, Form(max_length=noticing.MOST_LINE)],
    reference: Annotated[str | None, Form(max_length=noticing.MOST_LINE)] = None,
    file: UploadFile | None = None,
) -> Notice:
    """Note that a person sent a draft, which meets its clock; a file may prove it."""
    permit("incident:notify", registering.resource_of(registering.get_incident(tx, incident_id)))
    proof = None if file is None or not file.filename else (file.filename, read_proof(file.file))
    return noticing.mark_sent(
        tx, actor, incident_id, notice_id, sent_at=sent_at, to=to, reference=reference, file=proof, storage=here.storage
    )


def read_proof(file: BinaryIO) -> bytes:
    """The bytes of a file that was sent; raises TooLarge."""
    data = file.read(noticing.MOST_FILE + 1)
    if len(data) > noticing.MOST_FILE:
        raise TooLarge(f"a file that proves a sending has at most {noticing.MOST_FILE:,} bytes")
    return data


@router.get("/{incident_id}/notices/{notice_id}/proof", response_class=Response)
def download_proof(incident_id: str, notice_id: str, tx: Tx, here: HereParts, permit: Permit) -> Response:
    """Download the file that proves a sending, as it was brought."""
    permit("incident:read", _drafts(tx, incident_id))
    return proof_of(*noticing.read_proof(tx, incident_id, notice_id, here.storage))


def proof_of(name: str, data: bytes) -> Response:
    """A file that somebody brought: it is saved, never shown, whatever it says it is."""
    safe = "".join(one if one.isascii() and (one.isalnum() or one in "._-") else "_" for one in name)
    headers = {"content-disposition": f'attachment; filename="{safe}"', "x-content-type-options": "nosniff"}
    return Response(data, media_type="application/octet-stream", headers=headers)


@router.get("/{incident_id}/lifting")
def show_lifting(incident_id: str, tx: Tx, permit: Permit) -> Lifting:
    """Show what lifting the containment would let decide again, what not and why, and the actions that must be ended first."""
    permit("incident:read", _drafts(tx, incident_id))
    return lifting.lifting_of(tx, incident_id)


@router.post("/{incident_id}/lifting")
def lift(  # noqa: PLR0917  what an act needs
    incident_id: str,
    body: Because,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    after: BackgroundTasks,
) -> Lifted:
    """Lift the containment: what the incident stopped decides again; nodes follow within five seconds."""
    permit("incident:lift", _drafts(tx, incident_id))  # before anything is told of it
    done = lifting.lift(tx, actor, incident_id, body.reason, permit=permit)
    publish_after(after, here, done)
    return Lifted(items=list(done))


def publish_after(after: BackgroundTasks, here: Parts, done: tuple[Stop, ...]) -> None:
    """Have the nodes of every environment told, once what was done is kept."""
    for environment in sorted({one.environment for one in done}):
        after.add_task(_publish, here, environment)


def _publish(here: Parts, environment: Environment) -> None:
    with here.database.session() as session:
        serving.publish(session, here.storage, here.signer, environment)


def _drafts(session: Session, incident_id: str) -> Resource:
    return registering.resource_of_drafts(registering.get_incident(session, incident_id))
