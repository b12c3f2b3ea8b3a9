"""What a port does with bad rows, the batches that had some, and the rows that were set aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

UPLOAD: Final = "upload"
"""The port of files that people and programs bring to a product."""


class Mode(StrEnum):
    """What a port does with a batch whose rows break the contract beyond what it bears."""

    block = "block"  # the whole batch is refused and kept for looking at; nothing enters
    quarantine = "quarantine"  # good rows enter, bad rows are set aside
    warn = "warn"  # all rows enter, the report tells


class Outcome(StrEnum):
    """What became of a batch."""

    refused = "refused"
    quarantined = "quarantined"


class RowState(StrEnum):
    """How far a row that was set aside is: open breaks a rule, fixed passes and waits to be replayed."""

    open = "open"
    fixed = "fixed"
    replayed = "replayed"
    dismissed = "dismissed"


WAITING: Final = (RowState.open, RowState.fixed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforcement:
    """What a port of a product does with bad rows; ``set_by`` is None where nobody chose and the default counts."""

    product: str
    port: str
    mode: Mode
    reason: str
    set_by: str | None
    set_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A file some of whose rows did not enter. rows = entered + open + fixed + replayed + dismissed."""

    id: str
    product: str
    port: str
    mode: Mode
    outcome: Outcome
    filename: str
    file_key: str
    file_digest: str
    content: str  # digest of the file's bytes and how its columns are read
    contract_digest: str
    rows: int
    entered: int
    counts: Mapping[str, int]  # rows that were set aside, by their state
    snapshot_id: (
        str | None
    )  # that must be current for a replay: the newest one made of this batch, or the one before it
    is_current: bool  # False: another file has become the table since
    binding: tuple[str, ...]  # ids of the rules that hold a row back
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A rule that a row breaks, and the value that breaks it."""

    rule: str  # column.rule, as in the quality report
    column: str | None
    kind: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedRow:
    """A row that was set aside: what came, what it is now, why it may not enter, and what was done with it."""

    batch: str
    row: int  # in the file, from 1
    state: RowState
    original: Mapping[str, str | None]
    values: Mapping[str, str | None]
    unread: tuple[str, ...]  # columns whose text does not fit their type
    reasons: tuple[Reason, ...]
    mended_by: str | None
    mended_at: datetime | None
    mended_because: str | None
    settled_by: str | None  # who replayed or dismissed it
    settled_at: datetime | None
    settled_because: str | None
    snapshot_id: str | None  # that it entered with
