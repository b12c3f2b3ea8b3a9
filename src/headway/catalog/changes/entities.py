"""The values of changes of contracts: proposals with what they would do, and the answers of those who read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from headway.catalog.evolving import Change, Difference, Level
from headway.catalog.standards import Finding

ConsumerKind = Literal["grant", "model", "deployment"]
Because = Literal["compatible", "no_consumer", "accepted", "notice_over"]


class ChangeState(StrEnum):
    """How far a change is."""

    open = "open"  # consumers are asked
    effective = "effective"
    withdrawn = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """Something that depends on a product, and the people who answer for it."""

    kind: ConsumerKind
    ref: str  # data-access:acc_..., model:name@3, deployment:production/name
    title: str
    usecase: str | None
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one consumer is asked, and said."""

    consumer: str  # person:ID
    because: tuple[str, ...]  # references to what makes them a consumer
    delegate: str | None  # who may answer instead
    accepted: bool | None
    reason: str | None
    answered_by: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractChange:
    """A new version of a product's contract, from its proposal to its taking effect."""

    id: str
    product: str
    version_before: str
    digest_before: str
    version: str
    digest: str
    level: Level
    changes: tuple[Change, ...]
    contract: Mapping[str, object]
    reason: str
    proposed_by: str
    proposed_at: datetime
    answer_by: date | None  # the last day (UTC) of the notice; None where nobody is asked
    keep_days: int  # how long the old version stays readable afterwards
    answers: tuple[Answer, ...]
    state: ChangeState
    effective_at: datetime | None
    effective_because: Because | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_because: str | None

    @property
    def objections(self) -> tuple[Answer, ...]:
        """Those who objected."""
        return tuple(one for one in self.answers if one.accepted is False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnEdit:
    """What the simple fields say of one column; None leaves it as it is, an empty text takes it away."""

    column: str
    description: str | None = None
    required: bool | None = None
    unique: bool | None = None
    classification: str | None = None
    missing_percent: float | None = None  # how many values may be missing, 0 to 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFault:
    """Something that makes a contract unusable, with the line it stands in."""

    line: int | None  # from 1
    rule: str
    where: str | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How the current rows would fare; ``why_not`` says why they were not held to it."""

    rows: int | None
    failed_rows: int | None
    score: float | None
    passed: bool | None
    broken: tuple[str, ...]  # rules with failures: id and how many
    why_not: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCheck:
    """What a contract would be as the next one of a product. With faults nothing else is known."""

    product: str
    yaml: str
    faults: tuple[LineFault, ...]
    findings: tuple[Finding, ...]  # of the standardisation protocol
    difference: Difference | None
    score: Score | None
    consumers: int  # people who would be asked if something breaks
    may_be_proposed: bool
