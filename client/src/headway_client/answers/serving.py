"""Answers about deployments, grants and decisions."""

from __future__ import annotations

from datetime import datetime
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
    arms: list[Arm]
    subject_field: str | None
    bands: list[Band]
    daily_limit: int | None
    created_by: str
    created_at: datetime
    changed_at: datetime
    expires_at: datetime | None
    url: str


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
