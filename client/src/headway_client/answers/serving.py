"""Answers about deployments, grants and decisions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from headway_client import notebook
from headway_client.answer import Answer


class Arm(Answer):
    """A part of the subjects: those decided by a release, or the hold-out that is not."""

    name: str
    release: str | None
    share: float


class Band(Answer):
    """A part of the ranking with the action recommended for it, as the release's policy has it."""

    name: str
    action: str


class Deployment(Answer):
    """A release at work for a use case in one environment, under a name that callers use."""

    id: str
    name: str
    environment: str
    usecase: str
    version: str
    release: str
    state: str
    reason: str | None
    held: str | None
    kept_by: list[str]
    arms: list[Arm]
    subject_field: str | None
    bands: list[Band]
    daily_limit: int | None
    created_by: str
    created_at: datetime
    changed_at: datetime
    expires_at: datetime | None
    url: str


class Stopped(Answer):
    """What the kill switch stopped, all at once; ``scope`` is a reference to the use case, department or vendor."""

    scope: str
    reason: str
    deployments: list[Deployment]


class Publication(Answer):
    """The snapshot that nodes of an environment were last told to follow."""

    environment: str
    epoch: int
    content_digest: str
    published_at: datetime
    fresh_until: datetime


class Grant(Answer):
    """Leave for the holder of a token to use a deployment; the token itself is kept nowhere."""

    id: str
    deployment: str
    environment: str
    scope: str
    principal: str
    token_hash: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class NewGrants(Answer):
    """Grants just made, with the token when it was made too: the only time it can be seen."""

    token: str | None
    grants: list[Grant]


class DecisionView(Answer):
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
    flags: list[str]
    node: str
    segment: str
    seq: int
    epoch: int


class Link(Answer):
    """One link of a decision's chain of evidence."""

    kind: str
    ref: str
    digest: str | None
    at: datetime | None
    verified: bool | None
    note: str
    detail: dict[str, Any]


class DecisionChain(Answer):
    """Every link from who asked to the data the model learnt from, and the ledger's proof of each event."""

    decision: str
    complete: bool
    verified: bool
    links: list[Link]

    def _repr_html_(self) -> str:
        return notebook.chain(self._raw)


class OutcomeImport(Answer):
    """What an imported file of outcomes brought in; rows told before are counted, not doubled."""

    id: str
    rows: int
    added: int
    known: int
    pending: int
    ignored_columns: list[str]
    file_digest: str


class Reason(Answer):
    """One column's exact share of a score, in log-odds against the governed reference row."""

    feature: str
    label: str
    value: str | float | bool | None
    contribution: float
    direction: str


class ReasonView(Answer):
    """One feature's share of a score, in log-odds against the reference row."""

    feature: str
    label: str
    value: str | int | float | bool | None
    contribution: float


class DecisionInput(Answer):
    """What was asked about whom, and the reasons given."""

    decision: str
    subject: str | None
    input: dict[str, Any]
    reasons: list[ReasonView]


class OutcomeView(Answer):
    """What came of a decision, as it was told."""

    id: str
    decision: str
    name: str
    outcome: str | None
    value: float | None
    at: datetime
    recorded_at: datetime
    principal: str
    source: str


class DecisionOutcomes(Answer):
    """Everything that came of a decision, the first told first."""

    items: list[OutcomeView]
    next: str | None


class AskedField(Answer):
    """A field of the records that a deployment decides about."""

    name: str
    label: str
    type: str
    is_required: bool
    choices: list[str]
    minimum: str | None
    maximum: str | None
    example: str | None
    help: str | None


class AskedFields(Answer):
    """All fields of the records that a deployment decides about."""

    items: list[AskedField]
    next: str | None


class TriedDecision(Answer):
    """What a node answered about one record that was tried by hand."""

    decision: str
    deployment: str
    environment: str
    release: str | None
    version: str | None
    arm: str
    score: float | None
    band: str | None
    action: str
    reasons: list[ReasonView]
    reference: str | None
    flags: list[str]


class ArmFigures(Answer):
    """How many decisions an arm made on each day, and what they came to."""

    arm: str
    by_day: list[int]
    decisions: int
    mean_score: float | None


class ActionFigures(Answer):
    """How often a band led to its action."""

    band: str | None
    action: str
    decisions: int


class DecisionFigures(Answer):
    """What a deployment decided over some days, counted from what was taken in."""

    days: list[date]
    decisions: int
    arms: list[ArmFigures]
    actions: list[ActionFigures]
    edges: list[float]
    scores: list[int]


class Decision(Answer):
    """What a node decided about one record; ``score`` is None where the record fell into the hold-out."""

    decision: str
    deployment: str
    environment: str
    release: str | None
    version: str | None
    arm: str
    score: float | None
    band: str | None
    action: str
    reasons: list[Reason]
    reference: str | None
    flags: list[str]
