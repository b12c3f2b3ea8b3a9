"""Answers about data products."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from headway_client.answer import Answer
from headway_client.answers.quarantine import Batch


class DataProduct(Answer):
    """A table of a department that others may rely on, with the contract that says what it promises."""

    slug: str
    name: str
    department: str
    columns: list[str]
    rows: int
    contract: dict[str, Any]
    contract_version: str
    contract_digest: str
    snapshot_id: str | None
    registered_by: str
    steward: str | None
    created_at: datetime
    updated_at: datetime


class ProductSnapshot(Answer):
    """The rows of a product as they were at one time; they never change."""

    id: str
    product: str
    table: str
    iceberg_snapshot_id: str
    tag: str
    digest: str
    file_key: str
    file_digest: str
    filename: str
    file_kind: str
    rows: int
    notes: list[str]
    mode: str
    parent: str | None
    created_at: datetime
    expired_at: datetime | None


class RuleResult(Answer):
    """How one rule of the contract fared."""

    id: str
    column: str | None
    rule: str
    description: str
    failed_rows: int
    passed: bool
    threshold: str
    bears_none: bool
    cost: float
    alone: int


class Fault(Answer):
    """One thing that is wrong with an input: where, which rule, what to do."""

    rule: str
    message: str
    row: int | None
    column: str | None
    value: str | None


class QualityReport(Answer):
    """What a contract check found. All faults are kept; ``faults`` shows the first."""

    id: str
    product: str | None
    snapshot_id: str | None
    contract_digest: str
    rows: int
    failed_rows: int
    score: float
    passed: bool
    rules: list[RuleResult]
    faults: list[Fault]
    fault_count: int
    skipped: list[str]
    checked_at: datetime


class Deviation(Answer):
    """A figure outside the band that earlier snapshots let expect: ``rows``, ``missing`` or ``spread``."""

    figure: str
    column: str | None
    value: float
    low: float
    middle: float
    high: float
    reports: int


class PartCount(Answer):
    """A part of a snapshot: its rows, those with a fault, and the failures of each rule that has some."""

    part: str
    rows: int
    failed_rows: int
    rules: dict[str, int]


class TrendPoint(Answer):
    """One snapshot of a product's history, held to the contract of its time."""

    snapshot_id: str
    at: datetime
    filename: str
    contract_digest: str
    rows: int
    failed_rows: int
    score: float
    passed: bool
    rules: dict[str, int]
    parts: list[PartCount]
    deviations: list[Deviation]


class CheckedRule(Answer):
    """How one rule fared in a check; ``threshold`` is what is borne, ``cost`` what the rule takes from the score."""

    id: str
    column: str | None
    kind: str
    failed: int
    checked: int
    threshold: str
    passed: bool
    cost: float


class ContractCheck(Answer):
    """A file held to a contract; ``quarantine`` is how many rows a port would set aside."""

    rows: int
    failed_rows: int
    score: float
    rules: list[CheckedRule]
    quarantine: int
    seconds: float
    passed: bool
    faults: list[Fault]
    fault_count: int
    skipped: list[str]


class InferredContract(Answer):
    """What a file seems to promise, as JSON and as YAML of the Open Data Contract Standard; nothing is kept of it."""

    contract: dict[str, Any]
    yaml: str
    rows: int
    notes: list[str]


class Finding(Answer):
    """One departure from the standardisation protocol and how to mend it."""

    rule: str
    column: str | None
    level: str
    message: str
    mend: str


class LintReport(Answer):
    """All findings, those of the whole contract first."""

    findings: list[Finding]
    errors: int
    warnings: int
    passed: bool


class Change(Answer):
    """One change of a contract; ``level`` is breaking, compatible or note."""

    kind: str
    column: str | None
    before: str | None
    after: str | None
    level: str
    why: str


class Difference(Answer):
    """All changes, what breaks first; ``bump`` is the step of the version they need, ``fault`` says where the version lies."""

    changes: list[Change]
    breaking: bool
    bump: str
    version_before: str | None
    version_after: str | None
    version_needed: str | None
    fault: str | None


class Registration(Answer):
    """What registering a file gave."""

    product: DataProduct
    snapshot: ProductSnapshot
    quality: QualityReport
    created: bool
    batch: Batch | None
    lacks: list[Fault]


class Sample(Answer):
    """The first rows of a snapshot; values of restricted columns are masked."""

    product: str
    snapshot_id: str
    columns: list[str]
    masked: list[str]
    rows: list[dict[str, Any]]


class ColumnPreview(Answer):
    """A column of a file that was looked at and not registered; restricted values are masked."""

    name: str
    kind: str
    rows: int
    missing: int
    distinct: int
    examples: list[str]
    values: list[str]
    personal: str | None
    classification: str | None
    is_special: bool


class RolesGuess(Answer):
    """Which columns may play which part."""

    label: str | None
    positive: str | None
    time: str | None
    subject: str | None
    exclude: list[str]


class FilePreview(Answer):
    """What a file holds, and which roles its columns may play."""

    filename: str
    file_kind: str
    rows: int
    size_bytes: int
    columns: list[ColumnPreview]
    guess: RolesGuess
    notes: list[str]


class Upload(Answer):
    """A file that waits in object storage for what a person makes of it."""

    id: str
    department: str
    digest: str
    file_key: str
    preview: FilePreview
    uploaded_by: str
    created_at: datetime
    kept_until: datetime
