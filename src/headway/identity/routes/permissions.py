"""Who one is, and why something is allowed or not, over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

from headway.identity import service
from headway.identity.adapters import CedarAuthorizer
from headway.identity.entities import Explanation, WhoAmI
from headway.kernel.auth import Resource
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

me_router = APIRouter(tags=["permissions"])


@me_router.get("/whoami")
def whoami(actor: CurrentActor) -> WhoAmI:
    """Tell who the token belongs to and what it may stand for."""
    scopes = None if actor.scopes is None else tuple(sorted(actor.scopes))
    return WhoAmI(ref=actor.ref, name=actor.name, roles=actor.roles, scopes=scopes)


@me_router.get("/permissions/explain")
def explain(
    *,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    action: str,
    kind: str = "thing",
    id: str = "any",
    department: str | None = None,
    environment: str | None = None,
    requested_by: str | None = None,
    owner: str | None = None,
    principal: str | None = None,
) -> Explanation:
    """Explain why one may or may not do an action to a resource, by which rule, and how to get access."""
    if principal is not None and principal != actor.ref:
        permit("role:read", Resource(kind="person", id=principal))
        actor = service.get_actor(tx, principal)
    attributes = {"environment": environment, "requested_by": requested_by, "owner": owner}
    resource = Resource(kind=kind, id=id, department=department, attributes=attributes)
    return CedarAuthorizer(here.database).explain(actor, action, resource)
