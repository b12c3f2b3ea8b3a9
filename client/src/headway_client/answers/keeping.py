"""Answers about how snapshots are kept."""

from __future__ import annotations

from datetime import datetime

from headway_client.answer import Answer


class Retention(Answer):
    """How long a product's snapshots are kept, and when their files are put together."""

    product: str
    keep_days: int
    keep_last: int
    most_files: int
    is_default: bool
    set_by: str | None
    set_at: datetime | None


class KeptSnapshot(Answer):
    """A product's snapshot as it lies in the lake."""

    id: str
    mode: str
    parent: str | None
    filename: str
    rows: int
    digest: str
    notes: list[str]
    created_at: datetime
    expired_at: datetime | None
    is_current: bool
    tags: list[str]
    data_files: int
    size_bytes: int
    kept_because: list[str]


class SnapshotList(Answer):
    """A page of a product's snapshots, the newest first, and how they are kept."""

    product: str
    retention: Retention
    items: list[KeptSnapshot]
    next: str | None


class Compaction(Answer):
    """What putting the current snapshot's files together did."""

    product: str
    snapshot: str
    files_before: int
    files_after: int
    is_done: bool


class Expiry(Answer):
    """What giving up old snapshots did."""

    product: str
    expired: list[str]
    kept: int
    files_removed: int
