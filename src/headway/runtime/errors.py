"""Refusals of the data plane. A refusal names its reason: a node that cannot prove that it may decide, does not."""

from __future__ import annotations

from typing import Literal, get_args

from headway.kernel.errors import Conflict, Invalid

RefusalReason = Literal[
    "bundle_missing",
    "release_malformed",
    "subject_mismatch",
    "file_missing",
    "file_changed",
    "verdict_missing",
    "verdict_untrusted",
    "verdict_malformed",
    "verdict_other_subject",
    "verdict_other_environment",
    "verdict_other_gate",
    "verdict_blocked",
    "verdict_expired",
    "revoked",
    "model_malformed",
    "contract_malformed",
]
REFUSAL_REASONS: tuple[RefusalReason, ...] = get_args(RefusalReason)

SnapshotReason = Literal["missing", "untrusted", "malformed", "other_environment", "older", "forked", "state"]


class ReleaseRefused(Conflict):
    """A release may not be served; ``reason`` is one of REFUSAL_REASONS."""

    code = "runtime.release_refused"

    def __init__(self, reason: RefusalReason, why: str, *, subject: str | None = None) -> None:
        super().__init__(why, values={"reason": reason, "subject": subject})
        self.reason = reason


class SnapshotRefused(Conflict):
    """A snapshot may not be followed; ``reason`` says why. The one accepted before stays in force until it is stale."""

    code = "runtime.snapshot_refused"

    def __init__(self, reason: SnapshotReason, why: str) -> None:
        super().__init__(why, values={"reason": reason})
        self.reason = reason


class ContractBroken(Invalid):
    """Records do not keep the contract; ``faults`` lists every fault of every record."""

    code = "runtime.contract_broken"


class DeploymentMalformed(Invalid):
    """A deployment's arms, bands or limits contradict themselves."""

    code = "runtime.deployment_malformed"
