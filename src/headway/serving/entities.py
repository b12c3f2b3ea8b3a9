"""The words of serving: deployments, grants, publications, segments taken in, outcomes, the chain of a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from headway.kernel.errors import Scalar
from headway.kernel.settings import Environment


class DeploymentState(StrEnum):
    """Active decides, suspended may come back, retired never does."""

    active = "active"
    suspended = "suspended"
    retired = "retired"


class Scope(StrEnum):
    """What a grant allows at a node."""

    decide = "decide"
    outcome = "outcome"


class SegmentState(StrEnum):
    """Where a segment of a decision log stands on its way into the tables."""

    writing = "writing"
    taken = "taken"
    refused = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A part of the subjects: those decided by a release, or the hold-out that is not."""

    name: str
    release: str | None
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A part of the ranking with the action recommended for it, as the release's policy has it."""

    name: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A release at work for a use case in one environment, under a name that callers use."""

    id: str
    name: str
    environment: Environment
    usecase: str
    version: str
    release: str
    state: DeploymentState
    reason: str | None
    arms: tuple[Arm, ...]
    subject_field: str | None
    bands: tuple[Band, ...]
    daily_limit: int | None
    created_by: str
    created_at: datetime
    changed_at: datetime
    expires_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Leave for the holder of a token to use a deployment; the token itself is kept nowhere."""

    id: str
    deployment: str
    environment: Environment
    scope: Scope
    principal: str
    token_hash: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGrants:
    """Grants just made, with the token when it was made too: the only time it can be seen."""

    token: str | None
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The snapshot that nodes of an environment were last told to follow."""

    environment: Environment
    epoch: int
    content_digest: str
    published_at: datetime
    fresh_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A sealed piece of a node's decision log, as intake found it."""

    key: str
    environment: str
    node: str
    segment: str
    batch: str
    state: SegmentState
    records: int
    head: str | None
    digest: str | None
    reason: str | None
    taken_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeReport:
    """What one intake brought in."""

    segments: int
    decisions: int
    outcomes: int
    refusals: int
    refused: tuple[str, ...]
    """Segments that failed verification, each with why; they are never taken in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """A decision as the tables hold it."""

    id: str
    at: datetime
    environment: str
    deployment: str
    release: str | None
    verdict: str | None
    arm: str | None
    principal: str
    score: float | None
    band: str | None
    action: str | None
    flags: tuple[str, ...]
    node: str
    segment: str
    seq: int
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeImport:
    """What an imported file of outcomes brought in; rows told before are counted, not doubled."""

    id: str
    rows: int
    added: int
    known: int
    pending: int
    """Rows whose decision is too young to have been taken in; they are joined to it when it is."""
    ignored_columns: tuple[str, ...]
    file_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of a decision's chain of evidence.

    ``verified`` is what was checked just now: True it holds, False it is broken, None it cannot be checked yet or
    has nothing to check it against; ``detail`` says which.
    """

    kind: str
    ref: str
    digest: str | None
    at: datetime | None
    verified: bool | None
    note: str
    detail: Mapping[str, Scalar | list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionChain:
    """Every link from who asked to the data the model learnt from, and the ledger's proof of each event."""

    decision: str
    complete: bool
    """Whether every link is there and could be checked; proofs follow within seconds of the intake."""
    verified: bool
    """Whether no link is broken."""
    links: tuple[Link, ...]
