"""Evidence, what gates say of it, the votes and verdicts that follow, and what was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from headway.governance.entities.kinds import ApprovalState, Confidence, Enforce, Gate, Result, Status, Tier
from headway.kernel.errors import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStep:
    """What one tier rule said: true, false, or indeterminate because facts are unknown."""

    rule: str
    tier: Tier
    expression: str
    source: str
    result: Literal["true", "false", "indeterminate"]
    why: str
    decides: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TierDecision:
    """A tier, who decided it by which rule of which pack, and the trace of every rule asked."""

    id: str
    usecase: str
    usecase_digest: str
    tier: Tier
    rule: str | None  # None: no rule decided, or a person did
    method: Literal["rules", "person"]
    decider: str
    reasons: str | None
    trace: tuple[TraceStep, ...]
    facts_needed: tuple[str, ...]
    pack_id: str
    pack_version: str
    pack_digest: str
    confidence: Confidence | None
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Facts about a subject of one digest, and who or what produced them. Never changed once written."""

    id: str
    type: str
    subject: str  # a Ref as text
    subject_digest: str
    facts: Mapping[str, Scalar]
    producer: str
    made_at: datetime
    payload_digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlResult:
    """One control at one gate."""

    id: str
    title: str
    pack: str
    source: str
    status: Status
    enforce: Enforce  # in this environment
    evidence_ids: tuple[str, ...]
    reason: str
    confidence: Confidence
    valid_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What a gate says of one exact subject in one environment."""

    gate: Gate
    environment: str
    usecase: str
    subject: str
    subject_digest: str
    result: Result
    tier: Tier
    controls: tuple[ControlResult, ...]
    missing: tuple[str, ...]  # before production, in plain words
    approvals: tuple[str, ...]  # ids of those that count
    exceptions: tuple[str, ...]  # ids of waivers and break-glass without which it would say something else
    exceptions_until: datetime | None  # the first end of these; nothing that rests on the answer lasts longer
    pack_digests: Mapping[str, str]  # "id@version" to digest
    pack_digest: str  # over all of them
    facts_digest: str
    evaluated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """How many different people besides the requester must say yes before an approval counts, in one environment."""

    environment: str
    needed: int
    changed_by: str | None  # None: nobody changed it yet
    changed_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One person's yes to an approval, and why. Never changed, never taken back."""

    person: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The yes of other people to one exact subject under one exact set of packs and evidence.

    ``needed``: how many must say yes; of an open one the larger of what was in force when it was asked for and what is
    in force now, of a decided one what held then. ``approved_by`` is who completed it, ``reason`` theirs.
    """

    id: str
    subject: str
    subject_digest: str
    environment: str
    usecase: str
    pack_digest: str
    evidence_digest: str
    state: ApprovalState
    needed: int
    votes: tuple[Vote, ...]  # oldest first
    requested_by: str
    requested_at: datetime
    approved_by: str | None
    rejected_by: str | None
    decided_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """A subject digest that must no longer be served anywhere."""

    id: str
    subject_digest: str
    reason: str
    revoked_by: str
    revoked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something that was kept out of an environment: what, where, by which rule, and through which door it came."""

    subject: str  # a Ref as text: a bundle by digest where that is known, else a deployment, a use case, an environment
    environment: str | None
    code: str
    reason: str
    via: str  # api, page, gate check, kubernetes, node
    usecase: str | None = None
    subject_digest: str | None = None
    action: str | None = None
    resource: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRecord:
    """A verdict as kept: what was decided, on which facts, and the signed envelope."""

    id: str
    gate: str
    environment: str
    usecase: str
    subject: str
    subject_digest: str
    result: Result
    tier: Tier
    controls: tuple[ControlResult, ...]
    missing: tuple[str, ...]
    approvals: tuple[str, ...]
    exceptions: tuple[str, ...]  # ids of the waivers and break-glass it rests on
    engines: Mapping[str, str]  # what answered, with versions; empty where an earlier Headway did not say
    facts: Mapping[str, object]
    facts_digest: str
    pack_digests: Mapping[str, str]
    pack_digest: str
    issued_by: str
    issued_at: datetime
    serve_until: datetime
    key_id: str
    envelope_digest: str
    revoked_at: datetime | None
