"""Deployments over HTTP: made, changed, listed, tried, and what nodes were told of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Query, status
from pydantic import Field

from headway import catalog, governance
from headway.kernel.auth import Resource
from headway.kernel.errors import NotFound, Scalar
from headway.kernel.ids import Ref
from headway.kernel.paging import Page
from headway.kernel.settings import Environment
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx
from headway.serving import service
from headway.serving.entities import (
    AskedField,
    DecisionFigures,
    Deployment,
    Publication,
    TriedDecision,
)
from headway.serving.routes.resources import Body, Change, Limit, publish, resource_of, scope_of, shown

router = APIRouter(tags=["serving"])


class NewDeployment(Body):
    """A released model version to put to work."""

    name: str = Field(min_length=1, max_length=100)
    usecase: str
    version: str
    environment: Environment
    holdout_share: float = Field(default=0.1, ge=0, lt=1)
    subject_field: str | None = None


class NewLimit(Body):
    """How many decisions a day at most; null lifts the limit."""

    environment: Environment
    decisions_per_day: int | None = Field(ge=1)


class Trial(Body):
    """A record to decide about by hand."""

    environment: Environment
    record: dict[str, Scalar] = Field(max_length=1000)


@router.post("/deployments", status_code=status.HTTP_201_CREATED)
def deploy(
    *,
    body: NewDeployment,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    after: BackgroundTasks,
) -> Deployment:
    """Deploy a released version; the release needs a valid verdict for the environment."""
    usecase = governance.get_usecase(tx, body.usecase)
    permit(
        "deployment:deploy",
        Resource(
            kind="deployment",
            id=f"{body.environment}/{body.name}",
            department=usecase.department,
            attributes={"environment": body.environment},
        ),
    )
    made = service.deploy_version(
        tx,
        actor,
        name=body.name,
        usecase=usecase.slug,
        version=Ref.parse(body.version),
        environment=body.environment,
        holdout_share=body.holdout_share,
        subject_field=body.subject_field,
    )
    after.add_task(publish, here, body.environment)
    return shown(here, made)


@router.get("/deployments")
def list_deployments(
    *,
    tx: Tx,
    here: HereParts,
    permit: Permit,
    environment: Environment | None = None,
    usecase: str | None = None,
    department: str | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[Deployment]:
    """List deployments, newest first."""
    of = governance.get_usecase(tx, usecase).department if usecase else department
    permit("deployment:read", Resource(kind="deployment", id="all", department=of, attributes={"filter": "department"}))
    found, following = service.list_deployments(
        tx, environment=environment, usecase=usecase, department=department, limit=limit, cursor=cursor
    )
    return Page(items=tuple(shown(here, one) for one in found), next=following)


@router.get("/deployments/{name}")
def show_deployment(
    name: str, tx: Tx, here: HereParts, permit: Permit, environment: Environment = "sandbox"
) -> Deployment:
    """Show the deployment that has a name in an environment."""
    permit("deployment:read", resource_of(tx, name, environment))
    return shown(here, service.get_deployment(tx, name, environment))


@router.post("/deployments/{name}/suspend")
def suspend(
    *,
    name: str,
    body: Change,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    after: BackgroundTasks,
) -> Deployment:
    """Stop a deployment from deciding; nodes follow within seconds."""
    permit("deployment:suspend", resource_of(tx, name, body.environment))
    made = service.suspend(tx, actor, name=name, environment=body.environment, reason=body.reason)
    after.add_task(publish, here, body.environment)
    return shown(here, made)


@router.post("/deployments/{name}/resume")
def resume(
    *,
    name: str,
    body: Change,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    after: BackgroundTasks,
) -> Deployment:
    """Let a suspended deployment decide again."""
    permit("deployment:resume", resource_of(tx, name, body.environment))
    made = service.resume(tx, actor, name=name, environment=body.environment, reason=body.reason)
    after.add_task(publish, here, body.environment)
    return shown(here, made)


@router.post("/deployments/{name}/retire")
def retire(
    *,
    name: str,
    body: Change,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    after: BackgroundTasks,
) -> Deployment:
    """End a deployment for good."""
    permit("deployment:deploy", resource_of(tx, name, body.environment))
    made = service.retire(tx, actor, name=name, environment=body.environment, reason=body.reason)
    after.add_task(publish, here, body.environment)
    return shown(here, made)


@router.post("/deployments/{name}/limits")
def set_limit(
    *,
    name: str,
    body: NewLimit,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    after: BackgroundTasks,
) -> Deployment:
    """Set how many decisions a day a deployment makes at most."""
    permit("deployment:deploy", resource_of(tx, name, body.environment))
    made = service.limit(tx, actor, name=name, environment=body.environment, decisions_per_day=body.decisions_per_day)
    after.add_task(publish, here, body.environment)
    return shown(here, made)


@router.get("/deployments/{name}/figures")
def show_figures(
    *,
    name: str,
    tx: Tx,
    here: HereParts,
    permit: Permit,
    environment: Environment = "sandbox",
    days: Annotated[int, Query(ge=1, le=366)] = 30,
) -> DecisionFigures:
    """Count what a deployment decided over the last days, by day, arm, action and score."""
    permit("decision:read", scope_of(tx, "decision", name, environment))
    return service.decision_figures(tx, catalog.lake_of(here), deployment=name, environment=environment, days=days)


@router.get("/deployments/{name}/fields")
def show_fields(
    name: str, tx: Tx, here: HereParts, permit: Permit, environment: Environment = "sandbox"
) -> Page[AskedField]:
    """Show the fields of the records that a deployment decides about."""
    permit("deployment:read", resource_of(tx, name, environment))
    return Page(items=service.asked_fields(here.storage, service.get_deployment(tx, name, environment)), next=None)


@router.post("/deployments/{name}/try")
def try_deployment(name: str, body: Trial, here: HereParts, actor: CurrentActor, permit: Permit) -> TriedDecision:
    """Ask a node for one decision in your own name, with a grant that ends after minutes; it is logged as any other."""
    with here.database.session() as session:  # not open while the node is waited for
        permit("decision:try", resource_of(session, name, body.environment, kind="decision"))
    return service.try_out(here, actor, name=name, environment=body.environment, record=body.record)


@router.get("/snapshots/{environment}")
def show_snapshot(environment: Environment, tx: Tx, permit: Permit) -> Publication:
    """Show what nodes of an environment were last told to follow."""
    permit("deployment:read", Resource(kind="snapshot", id=environment, attributes={"environment": environment}))
    found = service.get_publication(tx, environment)
    if found is None:
        raise NotFound(f"nothing was published for {environment} yet")
    return found
