"""The environment snapshot: what a node follows, signed, with an epoch that only rises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from headway.kernel.crypto import Signer, dsse_open, dsse_sign
from headway.kernel.errors import Invalid
from headway.kernel.settings import Environment
from headway.runtime.arms import bounds, check_salt
from headway.runtime.entities import Deployment, Snapshot
from headway.runtime.errors import DeploymentMalformed, SnapshotRefused
from headway.runtime.policy import check_policy

SNAPSHOT_TYPE = "application/vnd.headway.snapshot+json"
SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The highest snapshot a node has accepted: what it must never go behind."""

    environment: Environment
    epoch: int
    digest: str  # of the envelope


def check_deployment(deployment: Deployment) -> None:
    """Raise DeploymentMalformed unless arms, salt and policy are sound."""
    bounds(deployment.arms)
    check_salt(deployment.salt)
    if deployment.policy is not None:
        check_policy(deployment.policy)


def sign_snapshot(signer: Signer, snapshot: Snapshot) -> bytes:
    """Check every deployment and wrap the snapshot in a signed envelope; raises DeploymentMalformed."""
    for name, deployment in snapshot.deployments.items():
        if name != deployment.name:
            raise DeploymentMalformed(f"deployment {deployment.name!r} is listed as {name!r}")
        check_deployment(deployment)
    return dsse_sign(signer, SNAPSHOT_TYPE, msgspec.to_builtins(snapshot))


def open_snapshot(envelope: bytes, trusted: Mapping[str, bytes], environment: Environment) -> Snapshot:
    """Read a signed snapshot; raises SnapshotRefused (untrusted, malformed, other_environment)."""
    try:
        payload = dsse_open(trusted, SNAPSHOT_TYPE, envelope)
    except Invalid as error:
        raise SnapshotRefused("untrusted", f"the snapshot is not believed: {error.message}") from error
    try:
        snapshot = msgspec.json.decode(payload, type=Snapshot)
    except msgspec.MsgspecError as error:
        raise SnapshotRefused("malformed", f"the snapshot cannot be read: {error}") from error
    if snapshot.schema != SCHEMA:
        raise SnapshotRefused("malformed", f"the snapshot has schema {snapshot.schema}, expected {SCHEMA}")
    if snapshot.environment != environment:
        why = f"the snapshot is of {snapshot.environment}, this node serves {environment}"
        raise SnapshotRefused("other_environment", why)
    return snapshot


def check_order(snapshot: Snapshot, digest: str, mark: Mark | None) -> None:
    """Raise SnapshotRefused when a snapshot is older than the mark, or another one of the same epoch."""
    if mark is None:
        return
    if mark.environment != snapshot.environment:
        raise SnapshotRefused("state", f"this node's state is of {mark.environment}, not of {snapshot.environment}")
    if snapshot.epoch < mark.epoch:
        raise SnapshotRefused("older", f"snapshot {snapshot.epoch} is older than {mark.epoch}, seen before")
    if snapshot.epoch == mark.epoch and digest != mark.digest:
        raise SnapshotRefused("forked", f"there are two different snapshots of epoch {mark.epoch}")
