"""Stopping over HTTP: the kill switch, the operate gate, the review of a broken glass."""

from __future__ import annotations

import dataclasses
from typing import Annotated, cast

from fastapi import APIRouter, BackgroundTasks, Query, Request
from pydantic import Field

from headway import governance
from headway.governance import FindingState, OperateFinding, OperateRun
from headway.kernel import listing_text
from headway.kernel.auth import Resource
from headway.kernel.listing import Found
from headway.kernel.settings import Environment
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx
from headway.serving import service
from headway.serving.entities import (
    Stopped,
)
from headway.serving.routes.resources import Body, Limit, Reason, publish, shown

router = APIRouter(tags=["serving"])


class Review(Body):
    """What somebody who had no part in a break-glass found of it."""

    finding: governance.ReviewFinding
    review: Annotated[str, Field(max_length=2000)]


class KillSwitch(Body):
    """Whose deployments to stop, a use case's, a department's with all below it, or a vendor's, and why."""

    usecase: str | None = None
    department: str | None = None
    vendor: str | None = None
    reason: Reason


class WhatOperates(Body):
    """The use case whose deployments the operate gate is asked about; everything at work by itself."""

    usecase: str | None = None


@router.post("/kill-switch")
def stop(
    *, body: KillSwitch, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit, after: BackgroundTasks
) -> Stopped:
    """Stop everything that a use case, a department or a vendor has at work, at once; nodes follow within seconds."""
    scope = {"usecase": body.usecase, "department": body.department, "vendor": body.vendor}
    permit("deployment:suspend", service.resource_to_stop(tx, **scope))
    made = service.stop(tx, actor, **scope, reason=body.reason)
    for environment in sorted({one.environment for one in made.deployments}):
        after.add_task(publish, here, environment)
    return dataclasses.replace(made, deployments=tuple(shown(here, one) for one in made.deployments))


@router.post("/operate")
def operate(
    *, body: WhatOperates, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit, after: BackgroundTasks
) -> OperateRun:
    """Ask the operate gate now; it warns, suspends and clears as it does by itself each few minutes."""
    department = governance.get_usecase(tx, body.usecase).department if body.usecase else None
    permit("gate:evaluate", Resource(kind="usecase", id=body.usecase or "all", department=department))
    made = service.operate(tx, actor, usecase=body.usecase)
    after.add_task(service.publish_due, here)
    return made


@router.get("/operate/findings")
def list_findings(
    *,
    request: Request,
    tx: Tx,
    permit: Permit,
    department: str | None = None,
    usecase: str | None = None,
    environment: Environment | None = None,
    pack: str | None = None,
    control: str | None = None,
    state: FindingState | None = None,
    search: str = "",
    sort: str = "",
    limit: Limit = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Found[OperateFinding]:
    """Search what the operate gate found, what is suspended first; any column can be a filter."""
    permit("gate:read", Resource(kind="verdict", id="all", department=department, attributes={"filter": "department"}))
    return governance.find_operate_findings(tx, listing_text.read(request.query_params.multi_items()))


@router.post("/break-glass/{glass_id}/review", tags=["exceptions"])
def review_break_glass(
    *, glass_id: str, body: Review, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit, after: BackgroundTasks
) -> governance.BreakGlass:
    """Say as a third person whether it was justified; what was not stops at once, and nodes follow within seconds."""
    permit("break_glass:review", governance.break_glass_resource(tx, governance.get_break_glass(tx, glass_id)))
    made = service.review_break_glass(tx, actor, glass_id, body.finding, review=body.review)
    after.add_task(publish, here, cast(Environment, made.environment))
    return made
