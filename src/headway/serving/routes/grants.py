"""Grants over HTTP: who may use a deployment."""

from __future__ import annotations

from fastapi import APIRouter, BackgroundTasks, status
from pydantic import AwareDatetime, Field

from headway.kernel.auth import Resource
from headway.kernel.paging import Page
from headway.kernel.settings import Environment
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx
from headway.serving import service
from headway.serving.entities import (
    Grant,
    NewGrants,
    Scope,
)
from headway.serving.routes.resources import Body, Limit, Reason, publish, resource_of, scope_of

router = APIRouter(tags=["serving"])


class GrantWanted(Body):
    """Who may use a deployment. A new token is made for ``principal`` unless ``token_hash`` names one there is."""

    deployment: str
    environment: Environment
    principal: str | None = None
    scopes: list[Scope] = Field(default=[Scope.decide, Scope.outcome], min_length=1)
    token_hash: str | None = Field(default=None, pattern=r"^sha256-[0-9a-f]{64}$")
    expires_at: AwareDatetime | None = None


class GrantRevocation(Body):
    """Why a grant is taken back."""

    reason: Reason


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
    resource = resource_of(tx, body.deployment, body.environment, kind="grant")
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
    after.add_task(publish, here, body.environment)
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
    permit("grant:read", scope_of(tx, "grant", deployment, environment))
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
    permit("grant:revoke", resource_of(tx, found.deployment, found.environment, kind="grant"))
    made = service.revoke_grant(tx, actor, grant_id, body.reason)
    after.add_task(publish, here, made.environment)
    return made
