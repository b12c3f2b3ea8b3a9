"""Monitoring over HTTP: what was judged of a deployment, alerts and answers to them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import serving
from headway.kernel import listing_text
from headway.kernel.auth import Resource
from headway.kernel.listing import Found
from headway.kernel.paging import MAX_LIMIT
from headway.kernel.settings import Environment
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx
from headway.monitoring import service
from headway.monitoring.entities import Alert, AlertKind, AlertState, Monitoring, Severity

router = APIRouter(tags=["monitoring"])
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Place(_Body):
    """In which environment."""

    environment: Environment


class Answer(_Body):
    """Why an alert is taken on or closed."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class StartedRun(BaseModel):
    """A run of monitoring that was begun; follow its job."""

    job: str


@router.get("/deployments/{name}/monitoring")
def show_monitoring(
    *,
    name: str,
    tx: Tx,
    here: HereParts,
    permit: Permit,
    environment: Environment = "sandbox",
    days: Annotated[int, Query(ge=1, le=366)] = 90,
) -> Monitoring:
    """Show drift by day, realised performance by week, and the alerts of the release at work now."""
    permit("monitoring:read", _deployment(tx, name, environment))
    return service.overview(tx, here.storage, name=name, environment=environment, days=days)


@router.post("/deployments/{name}/monitoring/run", status_code=status.HTTP_202_ACCEPTED)
def run_monitoring(
    *, name: str, body: Place, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> StartedRun:
    """Judge a deployment now; it happens by itself each day."""
    permit("monitoring:run", _deployment(tx, name, body.environment))
    return StartedRun(job=service.start(tx, here.jobs, actor, name=name, environment=body.environment))


@router.get("/alerts")
def list_alerts(
    *,
    request: Request,
    tx: Tx,
    permit: Permit,
    department: str | None = None,
    deployment: str | None = None,
    environment: Environment | None = None,
    usecase: str | None = None,
    kind: AlertKind | None = None,
    severity: Severity | None = None,
    state: AlertState | None = None,
    search: str = "",
    sort: str = "",
    limit: Limit = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Found[Alert]:
    """Search alerts, the newest first; any column can be a filter, ``sort=-since`` falls."""
    attributes = {"filter": "department"}
    permit("alert:read", Resource(kind="alert", id="all", department=department, attributes=attributes))
    return service.find_alerts(tx, listing_text.read(request.query_params.multi_items()))


@router.get("/alerts/{alert_id}")
def show_alert(alert_id: str, tx: Tx, permit: Permit) -> Alert:
    """Show an alert with its evidence."""
    found = service.get_alert(tx, alert_id)
    permit("alert:read", _alert(tx, found))
    return found


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge_alert(alert_id: str, body: Answer, tx: Tx, actor: CurrentActor, permit: Permit) -> Alert:
    """Say that you look into an alert, and how."""
    permit("alert:answer", _alert(tx, service.get_alert(tx, alert_id)))
    return service.acknowledge(tx, actor, alert_id, body.reason)


@router.post("/alerts/{alert_id}/close")
def close_alert(alert_id: str, body: Answer, tx: Tx, actor: CurrentActor, permit: Permit) -> Alert:
    """Close an alert for good; what it tells is not told again while it goes on unchanged."""
    permit("alert:answer", _alert(tx, service.get_alert(tx, alert_id)))
    return service.close(tx, actor, alert_id, body.reason)


def _deployment(session: Session, name: str, environment: str) -> Resource:
    department = serving.department_of(session, name, environment)
    return Resource(
        kind="monitoring",
        id=f"{environment}/{name}",
        department=department,
        attributes={"environment": environment},
    )


def _alert(session: Session, found: Alert) -> Resource:
    department = serving.department_of(session, found.deployment, found.environment)
    return Resource(kind="alert", id=found.id, department=department, attributes={"environment": found.environment})
