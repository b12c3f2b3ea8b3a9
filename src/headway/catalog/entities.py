"""The values of the catalog that travel: products, snapshots, quality reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from headway.catalog.batches.entities import Batch
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref

if TYPE_CHECKING:
    import polars as pl

Kind = Literal["string", "integer", "number", "boolean", "date", "timestamp"]
FileKind = Literal["csv", "parquet", "excel", "jsonl"]
FileMode = Literal["replace", "append", "upsert"]
"""How a file is put to the rows of a product: as the whole table, at their end, or over those with the same key."""
Mode = Literal["replace", "append", "upsert", "repair", "undo"]
"""How a snapshot came to be: of a file alone, of a file and the rows before, of repairs, or of taking repairs back."""
Role = Literal["label", "time", "subject", "feature", "excluded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Which columns play which part. ``positive`` is the label's value that counts as success."""

    label: str | None
    positive: str | None
    time: str | None
    subject: str | None
    exclude: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataProduct:
    """A table of a department that others may rely on, with the contract that says what it promises."""

    slug: str  # department.name
    name: str
    department: str
    columns: tuple[str, ...]
    rows: int
    contract: Mapping[str, object]  # Open Data Contract Standard, as JSON
    contract_version: str
    contract_digest: str
    snapshot_id: str | None
    registered_by: str
    steward: str | None  # person:ID, who answers beside the owner
    created_at: datetime
    updated_at: datetime

    @property
    def ref(self) -> Ref:
        """The reference others name this product by."""
        return Ref("product", self.slug)


@dataclass(frozen=True, slots=True, kw_only=True)
class InferredContract:
    """What a file seems to promise, as JSON and as YAML of the Open Data Contract Standard; nothing is kept of it."""

    contract: Mapping[str, object]
    yaml: str
    rows: int
    notes: tuple[str, ...]  # how the file was read


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSnapshot:
    """The rows of a product as they were at one time; they never change."""

    id: str
    product: str
    table: str  # in the lake
    iceberg_snapshot_id: str  # an integer of 64 bits, as text because JSON readers round it
    tag: str
    digest: str  # over the file's bytes and the columns read from it
    file_key: str  # the file as it came, in object storage
    file_digest: str
    filename: str
    file_kind: FileKind
    rows: int
    notes: tuple[str, ...]  # what reading had to decide
    mode: Mode
    parent: str | None  # the snapshot it was made from, where it was
    created_at: datetime
    expired_at: datetime | None  # when its rows were given up; what is known of it stays


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """How one rule of the contract fared."""

    id: str  # column.rule, unique within a report
    column: str | None
    rule: str
    description: str
    failed_rows: int
    passed: bool  # within what the contract tolerates
    threshold: str = ""  # what is borne, in the operators of ODCS; reports of old lack it
    bears_none: bool = True  # a single row that fails it is one too many
    cost: float = 0.0  # what it takes from the score: a bad row's share is split among the rules it breaks
    alone: int = 0  # bad rows that break nothing else: so many more would be good without this rule's failures


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport:
    """What a contract check found. All faults are kept; ``faults`` shows the first."""

    id: str
    product: str | None
    snapshot_id: str | None
    contract_digest: str
    rows: int
    failed_rows: int
    score: float  # share of rows without a fault, 0 to 1
    passed: bool
    rules: tuple[RuleResult, ...]
    faults: tuple[Fault, ...]
    fault_count: int
    skipped: tuple[str, ...]  # rules of the contract that were not checked, and why
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRule:
    """How one rule fared in a check, in the words of other tools."""

    id: str
    column: str | None
    kind: str
    failed: int  # rows; 1 for a rule of the whole table that does not hold
    checked: int  # rows that were looked at
    threshold: str  # what is borne, in the operators of ODCS
    passed: bool
    cost: float  # what the rule takes from the score; all costs add up to 1 less the score


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCheck:
    """A file held to a contract; neither is kept."""

    rows: int
    failed_rows: int
    score: float  # share of rows without a fault, 0 to 1
    rules: tuple[CheckedRule, ...]
    quarantine: int  # rows that a port would set aside: those that break a rule beyond what it bears
    seconds: float
    passed: bool
    faults: tuple[Fault, ...]  # the first hundred
    fault_count: int
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What registering a file gave."""

    product: DataProduct
    snapshot: ProductSnapshot
    quality: QualityReport
    created: bool  # False: this very file was registered before, or was refused
    batch: Batch | None = None  # where rows did not enter: what became of them
    lacks: tuple[Fault, ...] = ()  # of the organisation's minimum for products as critical as this one


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPreview:
    """A column of a file that was looked at and not registered; restricted values are masked."""

    name: str
    kind: Kind
    rows: int
    missing: int
    distinct: int
    examples: tuple[str, ...]
    values: tuple[str, ...]  # all of them, where there are few
    personal: str | None  # kind of personal data
    classification: str | None
    is_special: bool  # a special category of GDPR article 9


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePreview:
    """What a file holds, and which roles its columns may play."""

    filename: str
    file_kind: FileKind
    rows: int
    size_bytes: int
    columns: tuple[ColumnPreview, ...]
    guess: Roles
    notes: tuple[str, ...]  # what reading had to decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that waits in object storage for what a person makes of it."""

    id: str
    department: str
    digest: str
    file_key: str
    preview: FilePreview
    uploaded_by: str
    created_at: datetime
    kept_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPage:
    """A page of a report's faults."""

    items: tuple[Fault, ...]
    next: str | None
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The first rows of a snapshot; values of restricted columns are masked."""

    product: str
    snapshot_id: str
    columns: tuple[str, ...]
    masked: tuple[str, ...]
    rows: tuple[Mapping[str, str | int | float | bool | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """A rule of a contract that rows break, and how many on which day."""

    rule: str
    column: str | None
    days: Mapping[date, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A file of what happened, cut at a day: what lies before with its contract, what lies after held to it."""

    contract: dict[str, object]
    first: pl.DataFrame
    first_days: tuple[date, date]
    """The first day, and the first day of the later part."""
    later: pl.DataFrame
    days: pl.Series
    """The day of each later row."""
    broken: tuple[BrokenRule, ...]
    without_time: int
    """Rows that were left out because their time is missing or unreadable."""
