"""Break-glass over HTTP: asked for, rejected, read. ``registry`` confirms, since it releases; ``serving`` reviews, since it suspends."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field

from headway.governance import service
from headway.governance.entities import BreakGlass, BreakGlassStanding
from headway.kernel.auth import Resource
from headway.kernel.ids import Ref
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.settings import Environment
from headway.kernel.web import CurrentActor, Permit, Tx

router = APIRouter(prefix="/break-glass", tags=["exceptions"])
Text = Annotated[str, Field(max_length=2000)]


class BreakGlassWanted(BaseModel):
    """What must go in although its gate blocks, and what the emergency is."""

    model_config = ConfigDict(extra="forbid")

    usecase: str
    environment: Environment
    subject: str
    subject_digest: str
    reason: Text


class BreakGlassAnswer(BaseModel):
    """Why it is rejected."""

    model_config = ConfigDict(extra="forbid")

    reason: Text


@router.get("")
def list_break_glass(
    *,
    tx: Tx,
    permit: Permit,
    usecase: str | None = None,
    standing: BreakGlassStanding | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    cursor: str | None = None,
) -> Page[BreakGlass]:
    """List break-glass, newest first."""
    about = Resource(kind="break_glass", id="all")
    if usecase:
        department = service.get_usecase(tx, usecase).department
        about = Resource(kind="usecase", id=usecase, department=department)
    permit("gate:read", about)
    return service.list_break_glass(tx, usecase=usecase, standing=standing, limit=limit, cursor=cursor)


@router.post("", status_code=status.HTTP_201_CREATED)
def request_break_glass(body: BreakGlassWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> BreakGlass:
    """Ask to let an exact subject in although its gate blocks; everybody responsible is alarmed, nothing goes in yet."""
    department = service.get_usecase(tx, body.usecase).department
    where = {"environment": body.environment}
    permit(
        "break_glass:request",
        Resource(kind="break_glass", id=body.usecase, department=department, attributes=where),
    )
    return service.request_break_glass(tx, actor, **{**body.model_dump(), "subject": Ref.parse(body.subject)})


@router.get("/{glass_id}")
def show_break_glass(glass_id: str, tx: Tx, permit: Permit) -> BreakGlass:
    """Show a break-glass."""
    found = service.get_break_glass(tx, glass_id)
    permit("gate:read", service.break_glass_resource(tx, found))
    return found


@router.post("/{glass_id}/reject")
def reject_break_glass(
    glass_id: str, body: BreakGlassAnswer, tx: Tx, actor: CurrentActor, permit: Permit
) -> BreakGlass:
    """Say no, or take back an own request."""
    found = service.get_break_glass(tx, glass_id)
    if found.requested_by != actor.ref:
        permit("break_glass:confirm", service.break_glass_resource(tx, found))
    return service.reject_break_glass(tx, actor, glass_id, body.reason)
