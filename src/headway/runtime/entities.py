"""Shapes that cross between the control plane and the nodes: release, verdict, snapshot, decision.

They are the wire form too: ``release.json``, the payloads of signed envelopes and the node's answer are these values in
canonical JSON. Times are aware and in UTC; digests are ``sha256-`` and 64 hex digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from headway.kernel.errors import Scalar
from headway.kernel.settings import Environment
from headway.numerics import Calibration

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Digest = Annotated[str, msgspec.Meta(pattern="^sha256-[0-9a-f]{64}$")]

ModelFormat = Literal["lightgbm-text", "additive-json"]
FeatureKind = Literal["number", "integer", "boolean", "category", "date_part"]
DatePart = Literal["year", "month", "day", "weekday", "hour", "day_of_year"]
GateOutcome = Literal["pass", "warn", "block"]
DeploymentState = Literal["active", "suspended"]
GrantScope = Literal["decide", "outcome"]


# --- release -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One input of a model: how a field of a record becomes one float64.

    number, integer: the value. boolean: 1 or 0. category: the place of the value in ``categories`` (frozen order);
    a value not listed becomes NaN and is flagged. date_part: ``part`` of a date or time. Missing is always NaN.
    """

    name: str  # unique in the release; equals column but for date parts
    column: str  # field of the record
    kind: FeatureKind
    label: str | None = None  # words for people
    categories: tuple[str, ...] = ()
    part: DatePart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """Which model a release holds."""

    name: str
    version: str
    format: ModelFormat
    path: str  # key in Release.files
    learner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A range of scores with the action recommended in it; ``at_least`` is None for the lowest band."""

    name: str
    at_least: float | None
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a score leads to: bands from the highest to the lowest, and what happens to those held out."""

    bands: tuple[Band, ...]
    default_action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The governed reference row that reasons compare with: raw values by column, as a record would hold them."""

    reference: Mapping[str, Scalar]
    reference_name: str  # told with each decision, for example "median of the training rows"
    top_k: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """``release.json``: everything a node needs to know; its canonical digest is the *subject* that gates judge."""

    model: ModelInfo
    files: Mapping[str, Digest]  # path in the bundle: digest; holds the model, contract.json, card and more
    contract_path: str  # key in files
    contract_digest: Digest
    features: tuple[Feature, ...]  # in the order of the model's inputs
    policy: Policy
    explanation: Explanation
    calibration: Calibration = field(default_factory=Calibration)
    profile_ref: str | None = None  # key in files: what profiles of its decisions are counted by
    schema: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A packed release: its subject and its objects by path (``release.json`` among them)."""

    subject: str
    release: Release
    objects: Mapping[str, bytes]


# --- verdict -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlOutcome:
    """What one control of a gate found."""

    id: str
    status: Literal["passed", "failed", "indeterminate", "waived", "not_applicable", "upcoming"]
    evidence_ids: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a gate said about one subject in one environment; worth nothing elsewhere or after ``serve_until``."""

    id: str
    gate: str
    environment: Environment
    subject_digest: Digest
    pack_digest: Digest
    facts_digest: Digest
    result: GateOutcome
    controls: tuple[ControlOutcome, ...]
    approvals: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    engines: dict[str, str] = field(default_factory=dict)  # what answered, with versions
    issued_at: Moment
    serve_until: Moment
    key_id: str


# --- snapshot ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A share of the subjects: decided by ``release``, or held out when it is None."""

    name: str
    release: Digest | None
    share: float  # of 1; a multiple of 0.0001


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a deployment may do at most."""

    records_per_request: int = 1000
    decisions_per_day: int | None = None
    expires_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A named place where decisions are made for one use case."""

    name: str
    usecase: str
    state: DeploymentState
    salt: str  # 1 to 64 bytes; a new salt deals the arms anew
    arms: tuple[Arm, ...]
    subject_field: str | None = None
    policy: Policy | None = None  # instead of the release's
    limits: Limits = field(default_factory=Limits)
    reason: str | None = None  # why it is suspended


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What the bearer of a token may do."""

    deployment: str
    scope: GrantScope
    principal: str
    expires: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything a node of one environment follows; a higher epoch replaces a lower one wholly."""

    environment: Environment
    epoch: int
    deployments: Mapping[str, Deployment]
    grants: Mapping[str, tuple[Grant, ...]]  # by the token's digest, "sha256-HEX"
    revoked: tuple[str, ...] = ()  # subjects of releases and digests of tokens
    issued_at: Moment
    fresh_until: Moment
    schema: int = 1


# --- decision (hot path) -----------------------------------------------------------------------------------------


class Reason(msgspec.Struct, frozen=True, gc=False):
    """One feature's exact Shapley share of the distance to the reference row, in log-odds."""

    feature: str
    label: str
    value: str | int | float | bool | None
    contribution: float
    direction: Literal["raises", "lowers"]


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What was decided about one record; the held-out have no score, band, reasons, release or verdict."""

    subject: str
    arm: str
    release: str | None  # subject of the bundle
    version: str | None  # model:name@version
    verdict: str | None  # id
    score: float | None
    band: str | None
    action: str
    reasons: tuple[Reason, ...]
    reference: str | None
    flags: tuple[str, ...]  # "hold_out", "no_subject", "unseen_category:COLUMN"
