"""The words of serving: deployments, grants, publications, segments taken in, outcomes, the chain of a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
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
    held: str | None  # why the operate gate holds it; resuming by hand is refused meanwhile
    kept_by: tuple[str, ...]  # references to what keeps it stopped, as incidents; only who lifts that resumes it
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
class ScopeName:
    """A name in an environment while one deployment had it. ``is_whole``: all it decided lies in the scope, whatever the release."""

    environment: str
    deployment: str
    since: datetime | None
    until: datetime | None
    usecase: str
    department: str | None
    is_whole: bool
    way: str | None
    """What leads to a whole name, in words for a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionScope:
    """Which decisions are meant: of releases, of whole names, single ones; all within a time whose open ends are None.

    ``names`` are all there are, so that each decision finds its use case.
    """

    releases: tuple[str, ...]
    names: tuple[ScopeName, ...]
    decisions: tuple[str, ...]
    ways: tuple[tuple[str, str], ...]
    """What leads to each release and single decision, in words for a list."""
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCount:
    """How many decisions, about how many known subjects, share a value of one kind (deployment, band, day and so on)."""

    kind: str
    value: str | None
    decisions: int
    subjects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionsInScope:
    """What lies in a scope, of what was taken in; ``version`` names the state of the tables that was counted."""

    decisions: int
    subjects: int
    without_subject: int
    first: datetime | None
    last: datetime | None
    beside: int
    """What the same deployments decided in the same time outside the scope: by other releases, and the hold-out."""
    counts: tuple[DecisionCount, ...]
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonView:
    """One feature's share of a score, in log-odds against the reference row."""

    feature: str
    label: str
    value: str | int | float | bool | None
    contribution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionInput:
    """The erasable half of a decision: what was asked about whom, and the reasons given."""

    decision: str
    subject: str | None
    input: Mapping[str, Scalar]
    reasons: tuple[ReasonView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedField:
    """A field of the records that a deployment decides about, as its contract and its model have it.

    ``choices`` are all values there may be; ``example`` is what the governed reference row holds.
    """

    name: str
    label: str
    type: str
    is_required: bool
    choices: tuple[str, ...]
    minimum: str | None
    maximum: str | None
    example: str | None
    help: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedDecision:
    """What a node answered about one record; ``score`` is None where the record fell into the hold-out."""

    decision: str
    deployment: str
    environment: str
    release: str | None
    version: str | None
    arm: str
    score: float | None
    band: str | None
    action: str
    reasons: tuple[ReasonView, ...]
    reference: str | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeView:
    """What came of a decision, as it was told; ``source`` is ``node`` or ``import``."""

    id: str
    decision: str
    name: str
    outcome: str | None
    value: float | None
    at: datetime
    recorded_at: datetime
    principal: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFigures:
    """How many decisions an arm made on each day, and what they came to."""

    arm: str
    by_day: tuple[int, ...]
    decisions: int
    mean_score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFigures:
    """How often a band led to its action."""

    band: str | None
    action: str
    decisions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFigures:
    """What a deployment decided over some days, counted from what was taken in."""

    days: tuple[date, ...]
    """Every day up to today (UTC), the first first."""
    decisions: int
    arms: tuple[ArmFigures, ...]
    actions: tuple[ActionFigures, ...]
    edges: tuple[float, ...]
    """Ends of the ranges of scores, one more than ``scores``; empty while nothing was scored."""
    scores: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfiledRelease:
    """A release at work in a deployment, of whose decisions profiles were made."""

    environment: str
    deployment: str
    release: str
    first: date
    last: date
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRange:
    """Known outcomes of decisions whose score lies in one range; ranges rise with the score."""

    range: int
    failures: int
    successes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredDay:
    """What became known of the decisions that a release made on one day; sums are over those of known outcome."""

    release: str
    day: date
    decided: int
    known: int
    successes: int
    score_sum: float
    variance_sum: float
    """Of score times one less the score."""
    squared_error_sum: float
    """Of score less outcome, squared; and the squares of those."""
    squared_error_squares: float
    ranges: tuple[ScoredRange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What the kill switch stopped, all at once; ``scope`` is a reference to the use case, department or vendor."""

    scope: str
    reason: str
    deployments: tuple[Deployment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmOutcomes:
    """What came of the subjects of one arm, each counted once; those whose window is still open have no outcome yet."""

    arm: str
    share: float
    """The share of subjects that was planned for the arm."""
    subjects: int
    decisions: int
    actions: int
    """Decisions whose action costs something."""
    due: int
    """Subjects whose outcome window is over; all of them where there is no window."""
    known: int
    """Of the due ones, those whose outcome is a success or a failure."""
    successes: int
    known_actions: int
    """Actions about subjects whose outcome is known."""
    amounts: int
    """Of the due ones, those whose outcome is a number."""
    amount_mean: float | None
    amount_variance: float | None
    """Of the sample; None below two amounts."""
    numbers: int
    """Outcomes that are a number and neither yes nor no; where there are some, outcomes are amounts and not successes."""
    unread: int
    """Outcomes that are neither a number nor known to be a success or a failure."""
    switched: int
    """Subjects that another arm decided about later; they count here, where they were first."""
    median_delay_days: float | None
    """From a subject's first decision to its outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesByArm:
    """The arms of a deployment side by side, since their shares were last set."""

    deployment: Deployment
    since: datetime
    window_days: int | None
    free_action: str | None
    """What is done in the lowest band, which is taken to cost nothing."""
    arms: tuple[ArmOutcomes, ...]


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
