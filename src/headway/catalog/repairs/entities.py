"""The values of repairs: suggestions in groups, what a steward chose of them, acts, and rows to label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ActKind(StrEnum):
    """What a steward did with suggestions."""

    accepted = "accepted"
    refused = "refused"
    undone = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A cell of a snapshot that is probably wrong, and the repair that is proposed; nothing is changed by it."""

    row: int  # from 1
    column: str
    kind: str  # the kind of rule that doubts it most
    old: str | None
    confidence: float  # probability that the cell is wrong, 0 to 1
    evidence: str
    action: str | None  # "replace", "empty", or None where no repair is known
    new: str | None
    repair_confidence: float | None  # probability that the cell is wrong and the repair right, 0 to 1
    is_masked: bool  # values are shown by their shape: the reader may not see them


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionPage:
    """A page of suggestions for a product's current snapshot."""

    product: str
    snapshot_id: str
    masked: tuple[str, ...]  # columns whose values the reader may not see
    items: tuple[Suggestion, ...]
    next: str | None
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionGroup:
    """The suggestions of one column for one reason."""

    column: str
    kind: str
    cells: int
    repairs: int  # of them, those with a proposed repair
    lowest: float  # probability that a cell is wrong
    highest: float
    examples: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionGroups:
    """All suggestions for a product's current snapshot, by column and reason; the largest group first."""

    product: str
    snapshot_id: str
    masked: tuple[str, ...]
    cells: int
    repairs: int
    labelled: int  # rows of this snapshot whose labels were used
    groups: tuple[SuggestionGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which suggestions are meant: those that fulfil all that is named."""

    column: str | None = None
    kind: str | None = None
    least: float = 0.5  # lowest probability that the cell is wrong
    sure: float = 0.0  # lowest probability that the repair is right
    cells: tuple[tuple[int, str], ...] = ()  # row and column; empty means all


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairAct:
    """What a steward decided about suggestions at one time; it never changes."""

    id: str
    product: str
    kind: ActKind
    base: str  # the snapshot whose suggestions these were
    snapshot: str | None  # the snapshot that was made
    undoes: str | None
    undone_by: str | None  # the act that took it back
    cells: int
    cells_digest: str  # SHA-256 over the file of its cells
    reason: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairPage:
    """A page of an act's cells."""

    act: RepairAct
    masked: tuple[str, ...]
    items: tuple[Suggestion, ...]
    next: str | None
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowToLabel:
    """A row that a steward is asked about."""

    row: int
    values: Mapping[str, str | None]  # of the columns that are asked about
    doubted: tuple[str, ...]  # columns whose cell is suggested to be wrong
    wrong: Mapping[str, str | None] | None  # what was said: wrong columns with the right value, None where unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTask:
    """Rows that would teach most, and those labelled already."""

    product: str
    snapshot_id: str
    columns: tuple[str, ...]
    masked: tuple[str, ...]  # columns that are not asked about, because their values are not shown
    wanted: int
    labelled: tuple[RowToLabel, ...]
    rows: tuple[RowToLabel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a steward says of one row: its wrong columns, each with the right value where it is known; the rest is right."""

    row: int
    wrong: Mapping[str, str | None]
    emptied: tuple[str, ...] = ()  # of the wrong columns, those that are right when empty
