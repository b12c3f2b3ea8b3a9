"""Waivers over HTTP: asked for, granted by another person, ended, listed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway.governance import mandates, service
from headway.governance.entities import Waiver, WaiverStanding
from headway.governance.waivers import MAX_DAYS
from headway.kernel.auth import Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.settings import Environment
from headway.kernel.web import CurrentActor, Permit, Tx

router = APIRouter(prefix="/waivers", tags=["exceptions"])
Text = Annotated[str, Field(max_length=2000)]


class WaiverWanted(BaseModel):
    """What is to be excused, why, and what is done instead meanwhile."""

    model_config = ConfigDict(extra="forbid")

    usecase: str
    environment: Environment
    pack: str
    control: str
    reason: Text
    compensation: Text
    days: int = MAX_DAYS
    subject_digest: str | None = None


class WaiverGrant(BaseModel):
    """Why it is granted, and for how long when not as long as it was asked for."""

    model_config = ConfigDict(extra="forbid")

    reason: Text = Field(min_length=1)
    days: int | None = None


class WaiverAnswer(BaseModel):
    """Why a waiver is rejected or ended."""

    model_config = ConfigDict(extra="forbid")

    reason: Text = Field(min_length=1)


@router.get("")
def list_waivers(
    *,
    tx: Tx,
    permit: Permit,
    usecase: str | None = None,
    environment: Environment | None = None,
    standing: WaiverStanding | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    cursor: str | None = None,
) -> Page[Waiver]:
    """List waivers, newest first."""
    permit("gate:read", _of(tx, usecase) if usecase else Resource(kind="waiver", id="all"))
    return service.list_waivers(
        tx, usecase=usecase, environment=environment, standing=standing, limit=limit, cursor=cursor
    )


@router.post("", status_code=status.HTTP_201_CREATED)
def request_waiver(body: WaiverWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Waiver:
    """Ask that a control be excused for at most 30 days; nothing is excused before somebody else grants it."""
    permit("waiver:request", _of(tx, body.usecase))
    return service.request_waiver(tx, actor, **body.model_dump())


@router.get("/{waiver_id}")
def show_waiver(waiver_id: str, tx: Tx, permit: Permit) -> Waiver:
    """Show a waiver."""
    found = service.get_waiver(tx, waiver_id)
    permit("gate:read", resource(tx, found))
    return found


@router.post("/{waiver_id}/grant")
def grant_waiver(waiver_id: str, body: WaiverGrant, tx: Tx, actor: CurrentActor, permit: Permit) -> Waiver:
    """Grant a waiver that somebody else asked for, for as long as was asked or less."""
    permit("waiver:grant", resource(tx, service.get_waiver(tx, waiver_id)))
    return service.grant_waiver(tx, actor, waiver_id, body.reason, days=body.days)


@router.post("/{waiver_id}/reject")
def reject_waiver(waiver_id: str, body: WaiverAnswer, tx: Tx, actor: CurrentActor, permit: Permit) -> Waiver:
    """Say no, or take back an own request."""
    found = service.get_waiver(tx, waiver_id)
    if found.requested_by != actor.ref:
        permit("waiver:grant", resource(tx, found))
    return service.reject_waiver(tx, actor, waiver_id, body.reason)


@router.post("/{waiver_id}/end")
def end_waiver(waiver_id: str, body: WaiverAnswer, tx: Tx, actor: CurrentActor, permit: Permit) -> Waiver:
    """End a waiver before its time, or give up an own one: its control blocks again."""
    found = service.get_waiver(tx, waiver_id)
    if found.requested_by != actor.ref:
        permit("waiver:grant", resource(tx, found))
    return service.end_waiver(tx, actor, waiver_id, body.reason)


def resource(session: Session, found: Waiver) -> Resource:
    """What the rules are asked about: who asked is part of it, since nobody grants what they asked for."""
    case = service.get_usecase(session, found.usecase)
    asked = {"requested_by": found.requested_by, "environment": found.environment}
    return Resource(
        kind="waiver",
        id=found.id,
        department=case.department,
        attributes={**asked, "lane": mandates.lane_of(case.tier)},
    )


def _of(session: Session, slug: str) -> Resource:
    case = service.get_usecase(session, slug)
    asked = {"lane": mandates.lane_of(case.tier)}
    return Resource(kind="usecase", id=slug, department=case.department, attributes=asked)
