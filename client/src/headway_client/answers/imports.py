"""Answers about files that are looked at before they change anything."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from headway_client.answer import Answer


class FieldChange(Answer):
    """One field before and after."""

    field: str
    before: Any
    after: Any


class RowChange(Answer):
    """What a row of the file would do."""

    change: str
    table: str
    key: str
    title: str
    row: int
    fields: list[FieldChange]


class CellFault(Answer):
    """What is wrong with one cell of a file, and what to do."""

    cell: str
    column: str | None
    value: str
    message: str


class Summary(Answer):
    """What applying a file did."""

    added: int
    changed: int
    unchanged: int


class ImportPreview(Answer):
    """What a file that somebody sent would change; ``digest`` names exactly this."""

    id: str
    kind: str
    filename: str
    digest: str
    changes: list[RowChange]
    unchanged: int
    faults: list[CellFault]
    unknown_columns: list[str]
    notes: list[str]
    made_by: str
    made_at: datetime
    expires_at: datetime
    applied_at: datetime | None
    applied: Summary | None
