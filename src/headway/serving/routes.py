"""Serving over HTTP: deployments, grants, decisions and their chain, outcomes, snapshots."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, cast

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request, UploadFile, status
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import catalog, governance
from headway.governance import FindingState, OperateFinding, OperateRun
from headway.kernel import listing_text
from headway.kernel.auth import Resource
from headway.kernel.errors import Fault, Invalid, NotFound, Scalar
from headway.kernel.ids import Ref
from headway.kernel.listing import Found
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.settings import Environment
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx
from headway.serving import service
from headway.serving.entities import (
    AskedField,
    DecisionChain,
    DecisionFigures,
    DecisionInput,
    DecisionView,
    Deployment,
    Grant,
    NewGrants,
    OutcomeImport,
    OutcomeView,
    Publication,
    Scope,
    Stopped,
    TriedDecision,
)

router = APIRouter(tags=["serving"])

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Reason = Annotated[str, Field(min_length=1, max_length=2000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Review(_Body):
    """What somebody who had no part in a break-glass found of it."""

    finding: governance.ReviewFinding
    review: Annotated[str, Field(max_length=2000)]


class NewDeployment(_Body):
    """A released model version to put to work."""

    name: str = Field(min_length=1, max_length=100)
    usecase: str
    version: str
    environment: Environment
    holdout_share: float = Field(default=0.1, ge=0, lt=1)
    subject_field: str | None = None


class Change(_Body):
    """Which deployment to change, and why."""

    environment: Environment
    reason: Reason


class KillSwitch(_Body):
    """Whose deployments to stop, a use case's, a department's with all below it, or a vendor's, and why."""

    usecase: str | None = None
    department: str | None = None
    vendor: str | None = None
    reason: Reason


class WhatOperates(_Body):
    """The use case whose deployments the operate gate is asked about; everything at work by itself."""

    usecase: str | None = None


class NewLimit(_Body):
    """How many decisions a day at most; null lifts the limit."""

    environment: Environment
    decisions_per_day: int | None = Field(ge=1)


class Trial(_Body):
    """A record to decide about by hand."""

    environment: Environment
    record: dict[str, Scalar] = Field(max_length=1000)


class GrantWanted(_Body):
    """Who may use a deployment. A new token is made for ``principal`` unless ``token_hash`` names one there is."""

    deployment: str
    environment: Environment
    principal: str | None = None
    scopes: list[Scope] = Field(default=[Scope.decide, Scope.outcome], min_length=1)
    token_hash: str | None = Field(default=None, pattern=r"^sha256-[0-9a-f]{64}$")
    expires_at: AwareDatetime | None = None


class GrantRevocation(_Body):
    """Why a grant is taken back."""

    reason: Reason


def shown(here: Parts, deployment: Deployment) -> Deployment:
    """A deployment with its whole address."""
    return dataclasses.replace(deployment, url=here.settings.node_url(deployment.environment) + deployment.url)


def _publish(here: Parts, environment: Environment) -> None:
    """Tell nodes at once; should this fail, the worker's next round does it."""
    with here.database.session() as session:
        service.publish(session, here.storage, here.signer, environment)


def _resource(session: Session, name: str, environment: str, kind: str = "deployment") -> Resource:
    found = service.get_deployment(session, name, environment)
    department = governance.get_usecase(session, found.usecase).department
    return Resource(
        kind=kind, id=f"{environment}/{name}", department=department, attributes={"environment": environment}
    )


def _scope(
    session: Session, kind: str, deployment: str | None, environment: str | None, *, id: str = "all"
) -> Resource:
    """What is asked for: all of a kind, or what belongs to a deployment and so to its department."""
    department = service.department_of(session, deployment, environment) if deployment else None
    return Resource(
        kind=kind, id=id, department=department, attributes={"environment": environment or "", "filter": "deployment"}
    )


# --- deployments -------------------------------------------------------------------------------------------------


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
    after.add_task(_publish, here, body.environment)
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
    permit("deployment:read", _resource(tx, name, environment))
    return shown(here, service.get_deployment(tx, name, environment))


@router.post("/kill-switch")
def stop(
    *, body: KillSwitch, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit, after: BackgroundTasks
) -> Stopped:
    """Stop everything that a use case, a department or a vendor has at work, at once; nodes follow within seconds."""
    scope = {"usecase": body.usecase, "department": body.department, "vendor": body.vendor}
    permit("deployment:suspend", service.resource_to_stop(tx, **scope))
    made = service.stop(tx, actor, **scope, reason=body.reason)
    for environment in sorted({one.environment for one in made.deployments}):
        after.add_task(_publish, here, environment)
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
    after.add_task(_publish, here, cast(Environment, made.environment))
    return made


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
    permit("deployment:suspend", _resource(tx, name, body.environment))
    made = service.suspend(tx, actor, name=name, environment=body.environment, reason=body.reason)
    after.add_task(_publish, here, body.environment)
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
    permit("deployment:resume", _resource(tx, name, body.environment))
    made = service.resume(tx, actor, name=name, environment=body.environment, reason=body.reason)
    after.add_task(_publish, here, body.environment)
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
    permit("deployment:deploy", _resource(tx, name, body.environment))
    made = service.retire(tx, actor, name=name, environment=body.environment, reason=body.reason)
    after.add_task(_publish, here, body.environment)
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
    permit("deployment:deploy", _resource(tx, name, body.environment))
    made = service.limit(tx, actor, name=name, environment=body.environment, decisions_per_day=body.decisions_per_day)
    after.add_task(_publish, here, body.environment)
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
    permit("decision:read", _scope(tx, "decision", name, environment))
    return service.decision_figures(tx, catalog.lake_of(here), deployment=name, environment=environment, days=days)


@router.get("/deployments/{name}/fields")
def show_fields(
    name: str, tx: Tx, here: HereParts, permit: Permit, environment: Environment = "sandbox"
) -> Page[AskedField]:
    """Show the fields of the records that a deployment decides about."""
    permit("deployment:read", _resource(tx, name, environment))
    return Page(items=service.asked_fields(here.storage, service.get_deployment(tx, name, environment)), next=None)


@router.post("/deployments/{name}/try")
def try_deployment(name: str, body: Trial, here: HereParts, actor: CurrentActor, permit: Permit) -> TriedDecision:
    """Ask a node for one decision in your own name, with a grant that ends after minutes; it is logged as any other."""
    with here.database.session() as session:  # not open while the node is waited for
        permit("decision:try", _resource(session, name, body.environment, kind="decision"))
    return service.try_out(here, actor, name=name, environment=body.environment, record=body.record)


@router.get("/snapshots/{environment}")
def show_snapshot(environment: Environment, tx: Tx, permit: Permit) -> Publication:
    """Show what nodes of an environment were last told to follow."""
    permit("deployment:read", Resource(kind="snapshot", id=environment, attributes={"environment": environment}))
    found = service.get_publication(tx, environment)
    if found is None:
        raise NotFound(f"nothing was published for {environment} yet")
    return found


# --- grants ------------------------------------------------------------------------------------------------------


@router.post("/grants", status_code=status.HTTP_201_CREATED)
def give_grant(
    *,
    body: GrantWanted,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    after: BackgroundTasks,
) -> NewGrants:
    """Let somebody use a deployment; the token of a new one is in this answer and nowhere else."""
    resource = _resource(tx, body.deployment, body.environment, kind="grant")
    permit("grant:create", resource)
    if body.token_hash is None:
        owner = body.principal or actor.ref
        permit(
            "token:create",
            Resource(kind="token", id=owner, department=resource.department, attributes={"owner": owner}),
        )
    made = service.give_grant(
        tx,
        actor,
        name=body.deployment,
        environment=body.environment,
        principal=body.principal,
        scopes=body.scopes,
        token_hash=body.token_hash,
        expires_at=body.expires_at,
    )
    after.add_task(_publish, here, body.environment)
    return made


@router.get("/grants")
def list_grants(
    *,
    tx: Tx,
    permit: Permit,
    deployment: str | None = None,
    environment: Environment | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[Grant]:
    """List grants, newest first."""
    permit("grant:read", _scope(tx, "grant", deployment, environment))
    found, following = service.list_grants(
        tx, deployment=deployment, environment=environment, limit=limit, cursor=cursor
    )
    return Page(items=tuple(found), next=following)


@router.post("/grants/{grant_id}/revoke")
def revoke_grant(
    *,
    grant_id: str,
    body: GrantRevocation,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    after: BackgroundTasks,
) -> Grant:
    """Take a grant back; nodes follow within seconds."""
    found = service.get_grant(tx, grant_id)
    permit("grant:revoke", _resource(tx, found.deployment, found.environment, kind="grant"))
    made = service.revoke_grant(tx, actor, grant_id, body.reason)
    after.add_task(_publish, here, made.environment)
    return made


# --- decisions ---------------------------------------------------------------------------------------------------


@router.get("/decisions")
def list_decisions(
    *,
    tx: Tx,
    here: HereParts,
    permit: Permit,
    deployment: str | None = None,
    environment: Environment | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[DecisionView]:
    """List decisions that were taken in, newest first; inputs and subjects are not shown."""
    permit("decision:read", _scope(tx, "decision", deployment, environment))
    found, following = service.list_decisions(
        catalog.lake_of(here), deployment=deployment, environment=environment, limit=limit, cursor=cursor
    )
    return Page(items=tuple(found), next=following)


@router.get("/decisions/{decision_id}")
def show_decision(decision_id: str, tx: Tx, here: HereParts, permit: Permit) -> DecisionChain:
    """Show the chain of evidence of a decision; every link is checked anew."""
    found, _ = service.get_decision(catalog.lake_of(here), decision_id)
    permit("decision:read", _scope(tx, "decision", found.deployment, found.environment, id=decision_id))
    return service.decision_chain(tx, here, decision_id)


@router.get("/decisions/{decision_id}/input")
def show_input(decision_id: str, tx: Tx, here: HereParts, permit: Permit) -> DecisionInput:
    """Show what was asked about whom, and the reasons given; it may have been erased."""
    found, _ = service.get_decision(catalog.lake_of(here), decision_id)
    permit("decision:inspect", _scope(tx, "decision", found.deployment, found.environment, id=decision_id))
    told = service.get_input(catalog.lake_of(here), decision_id)
    if told is None:
        raise NotFound(f"the input of {decision_id} was erased", hint="the decision and its proofs are still there")
    return told


@router.get("/decisions/{decision_id}/outcomes")
def show_outcomes(decision_id: str, tx: Tx, here: HereParts, permit: Permit) -> Page[OutcomeView]:
    """Show what came of a decision, the first told first."""
    found, _ = service.get_decision(catalog.lake_of(here), decision_id)
    permit("outcome:read", _scope(tx, "outcome", found.deployment, found.environment, id=decision_id))
    return Page(items=service.list_outcomes(catalog.lake_of(here), decision_id), next=None)


# --- outcomes ----------------------------------------------------------------------------------------------------


@router.post("/outcomes", status_code=status.HTTP_201_CREATED)
def import_outcomes(
    *,
    file: UploadFile,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    deployment: Annotated[str | None, Form()] = None,
    environment: Annotated[Environment | None, Form()] = None,
) -> OutcomeImport:
    """Take in a file of outcomes (CSV or Parquet); all rows, or none when one has a fault."""
    permit("outcome:import", _scope(tx, "outcome", deployment, environment))
    if not file.filename:
        raise Invalid("the file has no name", faults=[Fault(rule="required", column="file", message="send a file")])
    with tempfile.TemporaryDirectory(prefix="headway-") as folder:
        path = Path(folder) / "outcomes"
        with path.open("wb") as stream:
            shutil.copyfileobj(file.file, stream)
        return service.import_outcomes(
            tx,
            catalog.lake_of(here),
            actor,
            path=path,
            filename=file.filename,
            deployment=deployment,
            environment=environment,
        )
