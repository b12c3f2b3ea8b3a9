"""One decision by hand: a grant that is lent for minutes to whoever asks, and the node's answer.

The node is asked as any caller asks it, so that what is seen is what callers get, and the decision is one like any
other: logged, with its chain. Browsers never hold the token, and cannot: it is kept in this process alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from headway import identity, runtime
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Scalar
from headway.kernel.settings import Environment
from headway.kernel.storage import Storage
from headway.kernel.web import Parts
from headway.serving import adapters, store, trial
from headway.serving.entities import AskedField, Deployment, Scope, TriedDecision
from headway.serving.errors import NodeUnreachable, WrongState
from headway.serving.service.grants import grant
from headway.serving.service.publication import publish

LENT = timedelta(minutes=15)
SPARE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Loan:
    token: str
    ends: datetime


_loans: dict[tuple[str, str, str], _Loan] = {}
_lending = Lock()


def asked_fields(storage: Storage, deployment: Deployment) -> tuple[AskedField, ...]:
    """The fields of the records that a deployment's release decides about."""
    release = runtime.read_release(storage.get(runtime.object_key(deployment.release, "release.json")))
    contract = json.loads(storage.get(runtime.object_key(deployment.release, release.contract_path)))
    return trial.fields_of(release, contract, deployment.subject_field)


def try_out(
    parts: Parts,
    actor: Actor,
    *,
    name: str,
    environment: Environment,
    record: Mapping[str, Scalar],
    ask: adapters.Ask = adapters.ask_node,
) -> TriedDecision:
    """Ask a node for one decision in the actor's own name; it is logged as any other.

    The first time the actor gets a grant that ends after minutes, which the ledger records. Call it outside of a
    transaction: a grant must be committed before nodes can be told.

    Raises: RecordRefused: with the faults of the fields. NodeRefused, NodeUnreachable, WrongState, UnknownDeployment.
    """
    with parts.database.session() as session:
        found = store.deployment_of(store.need_deployment(session, name, environment))
    if found.state != "active":
        raise WrongState(f"{name!r} in {environment} is {found.state.value} and decides nothing", hint=found.reason)
    address = parts.settings.node_url(environment)
    if not address:
        hint = f"set HEADWAY_NODE_URLS to {environment}=ADDRESS"
        raise NodeUnreachable(f"no address of a node of {environment} is known here", hint=hint)
    token = _lend(parts, actor, found)
    answer = ask(address + found.url, token, record)
    if answer is None:  # the token is unknown there: revoked, or the nodes follow another home
        _loans.pop((actor.ref, environment, found.id), None)
        answer = ask(address + found.url, _lend(parts, actor, found), record)
    if answer is None:
        raise NodeUnreachable("the node does not know of the grant yet", hint="try again in a few seconds")
    return answer


def _lend(parts: Parts, actor: Actor, deployment: Deployment) -> str:
    """A token of the actor's with a grant to decide, made when none is lent yet."""
    key = (actor.ref, deployment.environment, deployment.id)
    with _lending:
        loan, now = _loans.get(key), clock.now()
        if loan is not None and loan.ends > now + SPARE:
            return loan.token
        loan = _loans[key] = _make(parts, actor, deployment, now + LENT)
        for old in [one for one, kept in _loans.items() if kept.ends <= now]:
            del _loans[old]
    with parts.database.session() as session:
        publish(session, parts.storage, parts.signer, deployment.environment)
    return loan.token


def _make(parts: Parts, actor: Actor, deployment: Deployment, ends: datetime) -> _Loan:
    with parts.database.session() as session:
        title = f"trying {deployment.name} in {deployment.environment}"
        token = identity.create_token(session, actor, name=title, scopes=(Scope.decide,), expires_at=ends)
        grant(
            session,
            actor,
            name=deployment.name,
            environment=deployment.environment,
            token_hash=token.hash,
            principal=actor.ref,
            scopes=(Scope.decide,),
            expires_at=ends,
        )
    return _Loan(token.secret, ends)
