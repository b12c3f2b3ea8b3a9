"""Answers about repairs."""

from __future__ import annotations

from datetime import datetime

from headway_client.answer import Answer


class CleaningSuggestion(Answer):
    """A cell of a snapshot that is probably wrong, and the repair that is proposed; nothing is changed by it."""

    row: int
    column: str
    kind: str
    old: str | None
    confidence: float
    evidence: str
    action: str | None
    new: str | None
    repair_confidence: float | None
    is_masked: bool


class SuggestionGroup(Answer):
    """The suggestions of one column for one reason."""

    column: str
    kind: str
    cells: int
    repairs: int
    lowest: float
    highest: float
    examples: list[CleaningSuggestion]


class SuggestionGroups(Answer):
    """All suggestions for a product's current snapshot, by column and reason; the largest group first."""

    product: str
    snapshot_id: str
    masked: list[str]
    cells: int
    repairs: int
    labelled: int
    groups: list[SuggestionGroup]


class RepairAct(Answer):
    """What a steward decided about suggestions at one time; it never changes."""

    id: str
    product: str
    kind: str
    base: str
    snapshot: str | None
    undoes: str | None
    undone_by: str | None
    cells: int
    cells_digest: str
    reason: str
    made_by: str
    made_at: datetime


class RepairPage(Answer):
    """A page of an act's cells."""

    act: RepairAct
    masked: list[str]
    items: list[CleaningSuggestion]
    next: str | None
    total: int


class RowToLabel(Answer):
    """A row that a steward is asked about."""

    row: int
    values: dict[str, str | None]
    doubted: list[str]
    wrong: dict[str, str | None] | None


class LabelTask(Answer):
    """Rows that would teach most, and those labelled already."""

    product: str
    snapshot_id: str
    columns: list[str]
    masked: list[str]
    wanted: int
    labelled: list[RowToLabel]
    rows: list[RowToLabel]


class LabelsKept(Answer):
    """How many rows of the current snapshot are labelled now."""

    labelled: int
