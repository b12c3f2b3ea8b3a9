"""Answers about rows that were set aside, and about the ports that set them aside."""

from __future__ import annotations

from datetime import datetime

from headway_client.answer import Answer


class Reason(Answer):
    """A rule that a row breaks, and the value that breaks it."""

    rule: str
    column: str | None
    kind: str
    value: str | None


class QuarantinedRow(Answer):
    """A row that was set aside: what came, what it is now, why it may not enter, and what was done with it."""

    batch: str
    row: int
    state: str
    original: dict[str, str | None]
    values: dict[str, str | None]
    unread: list[str]
    reasons: list[Reason]
    mended_by: str | None
    mended_at: datetime | None
    mended_because: str | None
    settled_by: str | None
    settled_at: datetime | None
    settled_because: str | None
    snapshot_id: str | None


class Batch(Answer):
    """A file some of whose rows did not enter, and what became of them."""

    id: str
    product: str
    port: str
    mode: str
    outcome: str
    filename: str
    file_key: str
    file_digest: str
    content: str
    contract_digest: str
    rows: int
    entered: int
    counts: dict[str, int]
    snapshot_id: str | None
    is_current: bool
    binding: list[str]
    created_by: str
    created_at: datetime


class Mended(Answer):
    """What a change did: rows whose values changed, those that pass now, and those that still break a rule."""

    changed: int
    fixed: int
    open: int
    items: list[QuarantinedRow]


class Dismissed(Answer):
    """How many rows were given up."""

    rows: int


class Replayed(Answer):
    """What a replay did: rows that entered with the new snapshot, and those that still wait."""

    product: str
    batch: str | None
    snapshot_id: str | None
    replayed: int
    open: int
    rows: int


class Enforcement(Answer):
    """What a port of a product does with bad rows: block, quarantine or warn."""

    product: str
    port: str
    mode: str
    reason: str
    set_by: str | None
    set_at: datetime | None


class Enforcements(Answer):
    """What each port of a product does with bad rows."""

    items: list[Enforcement]
