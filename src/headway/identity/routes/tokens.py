"""API tokens over HTTP."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from headway.identity import service
from headway.identity.entities import NewToken, Token
from headway.identity.routes.fields import Created, Limit, Name
from headway.kernel.auth import Resource
from headway.kernel.ids import Ref
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, Permit, Tx

token_router = APIRouter(prefix="/tokens", tags=["tokens"])


class TokenRequest(BaseModel):
    """A token to make: for oneself, or for a service."""

    name: Name
    service: Name | None = None
    department: str | None = None
    scopes: list[Name] | None = None
    expires_at: datetime | None = None


@token_router.get("")
def list_tokens(
    *,
    tx: Tx,
    actor: CurrentActor,
    permit: Permit,
    owner: str | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[Token]:
    """List tokens: one's own, or those of ``owner``."""
    wanted = owner or actor.ref
    permit("token:read", Resource(kind="token", id="any", attributes={"owner": wanted}))
    return service.list_tokens(tx, owner=wanted, limit=limit, cursor=cursor)


@token_router.post("", status_code=Created)
def create_token(body: TokenRequest, tx: Tx, actor: CurrentActor, permit: Permit) -> NewToken:
    """Make a token; its secret is in this answer and nowhere else."""
    owner = Ref.parse(f"service:{body.service}" if body.service else actor.ref)
    resource = Resource(kind="token", id=str(owner), department=body.department, attributes={"owner": str(owner)})
    permit("token:create", resource)
    return service.create_token(tx, actor, owner=owner, name=body.name, scopes=body.scopes, expires_at=body.expires_at)


@token_router.delete("/{token_id}")
def revoke_token(token_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> Token:
    """End a token at once."""
    token = service.get_token(tx, token_id)
    permit("token:revoke", Resource(kind="token", id=token_id, attributes={"owner": token.owner}))
    return service.revoke_token(tx, actor, token_id)
