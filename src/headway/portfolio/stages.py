"""Where a use case stands on its way, and what keeps it there, told from what really happened and not from a field."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from headway.portfolio.entities import BlockerKind, Stage

ABOVE_SANDBOX = ("pilot", "production")
UNDER_WAY = ("requested", "approved", "released")


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What happened to a use case, as far as its stage depends on it."""

    is_retired: bool
    is_piloted: bool
    deployments: Collection[tuple[str, str]]  # environment and state
    releases: Collection[tuple[str, str]]  # environment and status
    waiting: int  # approvals that nobody has answered


NOTHING_YET = Happened(is_retired=False, is_piloted=False, deployments=(), releases=(), waiting=0)


def stage_of(happened: Happened) -> Stage:
    """Tell the stage: the furthest that holds now. A rejected release leads nowhere, a retired use case has left."""
    if happened.is_retired:
        return Stage.retired
    if any(state == "active" and place in ABOVE_SANDBOX for place, state in happened.deployments):
        return Stage.live
    if any(status in UNDER_WAY and place in ABOVE_SANDBOX for place, status in happened.releases):
        return Stage.approval
    if happened.is_piloted or happened.deployments or happened.releases:
        return Stage.pilot
    return Stage.proposed


def pressing_of(happened: Happened) -> BlockerKind | None:
    """Tell what keeps a use case most: somebody's answer, then the gate, then a deployment that was stopped."""
    if happened.is_retired:
        return None
    if happened.waiting:
        return BlockerKind.approval
    if any(status == "approved" for _, status in happened.releases):
        return BlockerKind.gate
    if any(state == "suspended" and place in ABOVE_SANDBOX for place, state in happened.deployments):
        return BlockerKind.suspended
    return None
