"""Answers about changes of contracts and versions of products."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from headway_client.answer import Answer
from headway_client.answers.catalog import Change, Difference, Finding


class ConsumerAnswer(Answer):
    """What one consumer is asked, and said."""

    consumer: str
    because: list[str]
    delegate: str | None
    accepted: bool | None
    reason: str | None
    answered_by: str | None
    answered_at: datetime | None


class ContractChange(Answer):
    """A new version of a product's contract, from its proposal to its taking effect."""

    id: str
    product: str
    version_before: str
    digest_before: str
    version: str
    digest: str
    level: str
    changes: list[Change]
    contract: dict[str, Any]
    reason: str
    proposed_by: str
    proposed_at: datetime
    answer_by: date | None
    keep_days: int
    answers: list[ConsumerAnswer]
    state: str
    effective_at: datetime | None
    effective_because: str | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_because: str | None


class AskedChanges(Answer):
    """Changes that wait for an answer of one's own."""

    items: list[ContractChange]


class LineFault(Answer):
    """Something that makes a contract unusable, with the line it stands in."""

    line: int | None
    rule: str
    where: str | None
    message: str


class Score(Answer):
    """How the current rows would fare."""

    rows: int | None
    failed_rows: int | None
    score: float | None
    passed: bool | None
    broken: list[str]
    why_not: str | None


class ContractCheck(Answer):
    """What a contract would be as the next one of a product."""

    product: str
    yaml: str
    faults: list[LineFault]
    findings: list[Finding]
    difference: Difference | None
    score: Score | None
    consumers: int
    may_be_proposed: bool


class Consumer(Answer):
    """Something that depends on a product, and the people who answer for it."""

    kind: str
    ref: str
    title: str
    usecase: str | None
    people: list[str]


class Consumers(Answer):
    """What depends on a product."""

    items: list[Consumer]


class ProductVersion(Answer):
    """One version of a product."""

    product: str
    version: str
    contract_digest: str
    contract_id: str | None
    table: str
    state: str
    made_by: str
    made_at: datetime
    snapshot_id: str | None
    deprecated_at: datetime | None
    ends_on: date | None
    successor: str | None
    reason: str | None


class ProductVersions(Answer):
    """Versions of a product, the newest first."""

    items: list[ProductVersion]


class Deprecation(Answer):
    """That a version, or the whole product where ``version`` is empty, ends; without a last day it was taken back."""

    id: str
    product: str
    version: str
    made_by: str
    at: datetime
    ends_on: date | None
    successor: str | None
    reason: str
