"""The values of keeping: how long snapshots are kept, what protects them, and what was given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from headway.catalog.entities import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long a product's snapshots are kept, and when their files are put together."""

    product: str
    keep_days: int  # younger ones are kept
    keep_last: int  # so many of the newest are kept, however old
    most_files: int  # the current snapshot is compacted when it has more data files
    is_default: bool
    set_by: str | None
    set_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSnapshot:
    """A product's snapshot as it lies in the lake."""

    id: str
    mode: Mode
    parent: str | None
    filename: str
    rows: int
    digest: str
    notes: tuple[str, ...]
    created_at: datetime
    expired_at: datetime | None
    is_current: bool
    tags: tuple[str, ...]  # of training runs and others; the one that every snapshot has is left out
    data_files: int
    size_bytes: int  # of its data files; snapshots share them
    kept_because: tuple[str, ...]  # what protects it from being given up, whatever its age


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotList:
    """A page of a product's snapshots, the newest first, and how they are kept."""

    product: str
    retention: Retention
    items: tuple[KeptSnapshot, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """What giving up old snapshots did."""

    product: str
    expired: tuple[str, ...]
    kept: int
    files_removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """What putting the current snapshot's files together did."""

    product: str
    snapshot: str
    files_before: int
    files_after: int
    is_done: bool  # False: there was nothing to put together
