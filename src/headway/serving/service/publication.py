"""Telling nodes what to follow: a signed snapshot for each environment, with an epoch that only rises.

What should be published is computed from the rows each time and compared with what was published last. So nobody has
to remember to publish: a change, a grant that ran out, a release revoked elsewhere and a crash between commit and
publication all show as the same difference, and the next round heals them.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal, cast

import msgspec
from sqlalchemy.orm import Session

from headway import governance, identity, runtime
from headway.kernel import canonical, clock
from headway.kernel.auth import SYSTEM
from headway.kernel.crypto import Signer
from headway.kernel.errors import Conflict, NotFound
from headway.kernel.settings import ENVIRONMENTS, Environment
from headway.kernel.storage import Storage
from headway.kernel.web import Parts
from headway.serving import store
from headway.serving.entities import Publication
from headway.serving.service.deployments import suspend_expired
from headway.serving.service.operating import hold
from headway.serving.tables import DeploymentRow

FRESH_FOR = timedelta(hours=24)
REFRESH_BEFORE = timedelta(hours=12)
EPOCH_TRIES = 100
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def publish_due(parts: Parts) -> list[Publication]:
    """Publish every environment whose snapshot is missing, no longer true, or grows stale.

    The environment of this machine's own node gets a snapshot even while nothing is deployed, so that the node can
    tell an unknown deployment from an unknown world.
    """
    with parts.database.session() as session:
        suspend_expired(session, SYSTEM)
        hold(session, SYSTEM)
        wanted = store.served_environments(session) | {parts.settings.environment}
        due = [name for name in ENVIRONMENTS if name in wanted and is_due(session, name)]
    made = []
    for environment in due:
        with parts.database.session() as session:
            made.append(publish(session, parts.storage, parts.signer, environment))
    return made


def is_due(session: Session, environment: Environment) -> bool:
    """Tell whether an environment's last snapshot is missing, says something else than the rows, or grows stale."""
    last = store.read_publication(session, environment)
    now = clock.now()
    return (
        last is None
        or _is_stale(last.fresh_until, now)
        or last.content_digest != _digest(_content(session, environment, now))
    )


def publish(session: Session, storage: Storage, signer: Signer, environment: Environment) -> Publication:
    """Publish an environment's snapshot from what is committed, unless the last one still says the same.

    Call it in a transaction of its own: a snapshot must not tell of a change that may yet be rolled back.
    """
    row = store.lock_publication(session, environment)
    now = clock.now()
    content = _content(session, environment, now)
    digest = _digest(content)
    last = store.publication_of(row)
    if last is not None and last.content_digest == digest and not _is_stale(last.fresh_until, now):
        return last
    row.epoch = _write(storage, signer, content, row.epoch, now)
    row.content_digest, row.published_at, row.fresh_until = digest, now, now + FRESH_FOR
    session.flush()
    return Publication(
        environment=environment,
        epoch=row.epoch,
        content_digest=digest,
        published_at=now,
        fresh_until=now + FRESH_FOR,
    )


def get_publication(session: Session, environment: Environment) -> Publication | None:
    """What nodes of an environment were last told to follow."""
    return store.read_publication(session, environment)


def _is_stale(fresh_until: datetime, now: datetime) -> bool:
    return fresh_until - now < REFRESH_BEFORE


def _write(storage: Storage, signer: Signer, content: runtime.Snapshot, after: int, now: datetime) -> int:
    """Write the snapshot under the first free epoch; a crash or a restored backup may have left later ones."""
    epoch = max(after, _pointed_epoch(storage, content.environment))
    for _ in range(EPOCH_TRIES):
        epoch += 1
        try:
            runtime.publish_snapshot(
                storage, signer, replace(content, epoch=epoch, issued_at=now, fresh_until=now + FRESH_FOR)
            )
        except Conflict:
            continue
        return epoch
    raise Conflict(f"no free epoch for {content.environment} up to {epoch}")


def _pointed_epoch(storage: Storage, environment: Environment) -> int:
    try:
        return int(json.loads(storage.get(runtime.pointer_key(environment)))["epoch"])
    except NotFound:
        return 0


def _digest(content: runtime.Snapshot) -> str:
    return canonical.digest(msgspec.to_builtins(content))


def _content(session: Session, environment: Environment, now: datetime) -> runtime.Snapshot:
    """Make the snapshot from the rows; epoch and times are the same in each, so that equal rows give equal content."""
    deployments = {row.name: _deployment(row) for row in store.serving_rows(session, environment)}
    grants: dict[str, tuple[runtime.Grant, ...]] = {}
    live = store.live_grants(session, environment, now)
    dead = identity.dead_tokens(session, {grant.token_hash for grant, _ in live})
    for grant, deployment in live:
        if grant.token_hash in dead:
            continue
        made = runtime.Grant(
            deployment=deployment.name,
            scope=cast(Literal["decide", "outcome"], grant.scope),
            principal=grant.principal,
            expires=grant.expires_at,
        )
        grants[grant.token_hash] = (*grants.get(grant.token_hash, ()), made)
    return runtime.Snapshot(
        environment=environment,
        epoch=0,
        deployments=deployments,
        grants=grants,
        revoked=tuple(sorted({found.subject_digest for found in governance.list_revocations(session)})),
        issued_at=NO_TIME,
        fresh_until=NO_TIME,
    )


def _deployment(row: DeploymentRow) -> runtime.Deployment:
    return runtime.Deployment(
        name=row.name,
        usecase=row.usecase,
        state="active" if store.state_of(row) == "active" else "suspended",
        salt=row.salt,
        arms=tuple(runtime.Arm(name=a["name"], release=a["release"], share=float(a["share"])) for a in row.arms),
        subject_field=row.subject_field,
        limits=runtime.Limits(decisions_per_day=row.daily_limit, expires_at=row.expires_at),
        reason=store.deployment_of(row).reason,
    )
