"""Who may use a deployment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.kernel import clock, ids
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault, Invalid
from headway.kernel.ids import Ref
from headway.kernel.settings import Environment
from headway.serving import store
from headway.serving.entities import Grant, NewGrants, Scope
from headway.serving.service.deployments import ref_of
from headway.serving.tables import GrantRow

GRANT_LIFE = timedelta(days=90)


def give_grant(
    session: Session,
    actor: Actor,
    *,
    name: str,
    environment: Environment,
    principal: str | None = None,
    scopes: Iterable[Scope] = (Scope.decide, Scope.outcome),
    token_hash: str | None = None,
    expires_at: datetime | None = None,
) -> NewGrants:
    """Let somebody use a deployment, with a new token unless one there is is named.

    Args: principal: who; the actor when left out. expires_at: after 90 days when left out.
    Returns: with the secret of a new token, which can be seen here and nowhere else.
    Raises: Invalid: the token is another's, scopes or end are wrong. identity.NotYours, Denied.
    """
    holder, ends = principal or actor.ref, expires_at or clock.now() + GRANT_LIFE
    wanted, secret = tuple(scopes), None
    if token_hash is None:
        title = f"{name} in {environment}"
        made = identity.create_token(
            session, actor, owner=Ref.parse(holder), name=title, scopes=wanted, expires_at=ends
        )
        secret, token_hash = made.secret, made.hash
    else:
        _need_own_token(session, token_hash, holder)
    grants = grant(
        session,
        actor,
        name=name,
        environment=environment,
        token_hash=token_hash,
        principal=holder,
        scopes=wanted,
        expires_at=ends,
    )
    return NewGrants(token=secret, grants=grants)


def _need_own_token(session: Session, token_hash: str, principal: str) -> None:
    """Refuse a grant that would name somebody else than the token's owner in every decision."""
    owner = identity.owner_of(session, token_hash)
    if owner == principal or (owner is None and principal.startswith("service:")):
        return
    owner = f"it belongs to {owner}" if owner else "a token not made here can only stand for a service"
    told = f"{principal} cannot be the principal of this token: {owner}"
    raise Invalid(told, faults=[Fault(rule="grant.principal", column="principal", value=principal, message=told)])


def grant(
    session: Session,
    actor: Actor,
    *,
    name: str,
    environment: Environment,
    token_hash: str,
    principal: str,
    scopes: Iterable[Scope],
    expires_at: datetime,
) -> tuple[Grant, ...]:
    """Let the holder of a token use a deployment; granting again moves the end and undoes a revocation.

    Args: token_hash: ``identity.token_hash`` of the token. principal: whom decisions will name.
    """
    now = clock.now()
    wanted = sorted(set(scopes))
    faults = []
    if not wanted:
        faults.append(Fault(rule="required", column="scopes", message="name at least one scope: decide, outcome"))
    if expires_at <= now:
        faults.append(
            Fault(rule="future", column="expires_at", value=clock.iso(expires_at), message="lies in the past")
        )
    if faults:
        raise Invalid("the grant cannot be made", faults=faults)
    deployment = store.need_deployment(session, name, environment, lock=True)
    known = {row.scope: row for row in store.grants_by_hash(session, deployment.id, token_hash)}
    rows = []
    for scope in wanted:
        row = known.get(scope)
        if row is None:
            row = GrantRow(id=ids.new_id("grt"), deployment_id=deployment.id, token_hash=token_hash, scope=scope)
            row.created_by, row.created_at = actor.ref, now
            session.add(row)
        row.principal, row.expires_at, row.revoked_at = principal, expires_at, None
        rows.append(row)
    session.flush()
    ledger.record(
        session,
        actor=actor,
        type="grant.given",
        subject=ref_of(name, environment),
        payload={"token_hash": token_hash, "principal": principal, "scopes": list(wanted), "expires_at": expires_at},
    )
    return tuple(store.grant_of(row, deployment) for row in rows)


def get_grant(session: Session, grant_id: str) -> Grant:
    """Read a grant; raises UnknownGrant."""
    return store.grant_of(*store.need_grant(session, grant_id))


def revoke_grant(session: Session, actor: Actor, grant_id: str, reason: str) -> Grant:
    """Take a grant back; nodes refuse it from their next poll."""
    row, deployment = store.need_grant(session, grant_id)
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        ledger.record(
            session,
            actor=actor,
            type="grant.revoked",
            subject=ref_of(deployment.name, deployment.environment),
            payload={"grant": grant_id, "token_hash": row.token_hash, "scope": row.scope, "reason": reason},
        )
    return store.grant_of(row, deployment)


def list_grants(
    session: Session,
    *,
    deployment: str | None = None,
    environment: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[list[Grant], str | None]:
    """Grants, newest first, and the cursor of those after them."""
    found = store.list_grants(session, deployment=deployment, environment=environment, limit=limit + 1, before=cursor)
    return found[:limit], found[limit - 1].id if len(found) > limit else None
