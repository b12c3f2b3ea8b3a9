"""What a worker follows right now: one immutable value, made beside the requests and swapped whole."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from headway.entrypoints.node.quota import Quota
from headway.kernel.errors import HeadwayError
from headway.kernel.settings import Environment
from headway.runtime import Decider, Deployment, GrantScope, LoadedRelease, Snapshot


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not followed or not served: a stable reason, and words."""

    reason: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOut:
    """What was found in storage and not taken over: a release that a deployment names, or a snapshot."""

    code: str
    reason: str
    why: str
    deployment: str = ""
    release: str | None = None


@dataclass(frozen=True, slots=True)
class Permission:
    """What a token may do at one deployment: until when (POSIX seconds), by scope."""

    principal: str
    until: Mapping[GrantScope, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """A deployment as a worker serves it."""

    deployment: Deployment
    ends_at: float  # POSIX seconds; infinity without an end
    quota: Quota
    releases: Mapping[str, LoadedRelease]
    decider: Decider | None
    refusal: Refusal | None  # set exactly when there is no decider
    serve_until: float  # the first end of its releases' verdicts

    @property
    def status(self) -> Literal["serving", "refused", "suspended"]:
        """What to tell about it."""
        if self.deployment.state == "suspended":
            return "suspended"
        return "refused" if self.decider is None else "serving"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NodeState:
    """Everything that requests are answered by."""

    environment: Environment
    epoch: int
    fresh_until: float  # POSIX seconds
    deployments: Mapping[str, Place]
    permissions: Mapping[str, Mapping[str, Permission]]  # by the token's digest, then by deployment
    problem: Refusal | None = None  # why the last look did not bring a snapshot

    @staticmethod
    def empty(environment: Environment) -> NodeState:
        """The state before the first snapshot: nothing is served."""
        return NodeState(environment=environment, epoch=-1, fresh_until=-math.inf, deployments={}, permissions={})


def build_state(
    snapshot: Snapshot,
    releases: Mapping[str, LoadedRelease],
    failed: Mapping[str, Refusal],
    *,
    before: NodeState,
    quotas: Path,
    problem: Refusal | None,
) -> NodeState:
    """Make the state of a snapshot; what did not change since ``before`` is taken over.

    Args: releases: loaded, by subject. failed: why others are not. quotas: folder of the daily counts.
    """
    places = {
        name: _place(deployment, releases, failed, before.deployments.get(name), quotas)
        for name, deployment in snapshot.deployments.items()
    }
    return NodeState(
        environment=snapshot.environment,
        epoch=snapshot.epoch,
        fresh_until=snapshot.fresh_until.timestamp(),
        deployments=places,
        permissions=before.permissions if before.epoch == snapshot.epoch else _permissions(snapshot),
        problem=problem,
    )


def _place(
    deployment: Deployment,
    releases: Mapping[str, LoadedRelease],
    failed: Mapping[str, Refusal],
    before: Place | None,
    quotas: Path,
) -> Place:
    subjects = [arm.release for arm in deployment.arms if arm.release is not None]
    refusal = next((failed[subject] for subject in subjects if subject in failed), None)
    if refusal is None and not all(subject in releases for subject in subjects):
        refusal = Refusal("not_loaded", "a release of this deployment is not loaded yet")
    used = {subject: releases[subject] for subject in subjects if subject in releases}
    if before is not None and before.deployment == deployment and _same(before.releases, used) and refusal is None:
        return before
    decider: Decider | None = None
    if refusal is None:
        try:
            decider = Decider(deployment, used)
        except HeadwayError as error:
            refusal = Refusal(error.code, error.message)
    limits = deployment.limits
    return Place(
        deployment=deployment,
        ends_at=math.inf if limits.expires_at is None else limits.expires_at.timestamp(),
        quota=Quota(quotas, deployment.name) if before is None else before.quota,
        releases=used,
        decider=decider,
        refusal=refusal,
        serve_until=min((loaded.verdict.serve_until.timestamp() for loaded in used.values()), default=math.inf),
    )


def _same(before: Mapping[str, LoadedRelease], now: Mapping[str, LoadedRelease]) -> bool:
    return before.keys() == now.keys() and all(before[subject] is now[subject] for subject in now)


def _permissions(snapshot: Snapshot) -> dict[str, dict[str, Permission]]:
    made: dict[str, dict[str, Permission]] = {}
    for token, grants in snapshot.grants.items():
        if token in snapshot.revoked:
            continue
        mine = made.setdefault(token, {})
        for grant in grants:
            until = math.inf if grant.expires is None else grant.expires.timestamp()
            held = dict(mine[grant.deployment].until) if grant.deployment in mine else {}
            held[grant.scope] = max(until, held.get(grant.scope, -math.inf))
            mine[grant.deployment] = Permission(grant.principal, held)
    return made
