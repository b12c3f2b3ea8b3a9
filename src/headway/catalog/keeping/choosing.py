"""Which snapshots may be given up: pure rules over what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from headway.catalog.entities import ProductSnapshot
from headway.catalog.keeping.entities import Retention
from headway.kernel.errors import Fault

KEEP_DAYS: Final = 90
KEEP_LAST: Final = 5
MOST_FILES: Final = 24
ORPHAN_AGE: Final = timedelta(days=3)
"""Files that nothing needs are removed when they are older: a write that goes on has files that nothing needs yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """What speaks for keeping snapshots, by their ids."""

    current: str
    tags: Mapping[str, tuple[str, ...]]
    evidence: frozenset[str]  # others than the catalog brought or used evidence about them
    read: frozenset[str]  # read of the past through a grant that counts
    promised: frozenset[str]  # the newest rows of a version that is announced to be read until a day to come
    repaired: frozenset[str]  # the current rows were made of them by repairs that can be taken back


def reasons(snapshot: str, ties: Ties) -> tuple[str, ...]:
    """Say what protects a snapshot, whatever its age: ``current``, ``tag``, ``evidence``, ``grant``, ``version``, ``repair``."""
    named = {
        "current": snapshot == ties.current,
        "tag": bool(ties.tags.get(snapshot)),
        "evidence": snapshot in ties.evidence,
        "grant": snapshot in ties.read,
        "version": snapshot in ties.promised,
        "repair": snapshot in ties.repaired,
    }
    return tuple(name for name, holds in named.items() if holds)


def expirable(
    snapshots: Sequence[ProductSnapshot], ties: Ties, retention: Retention, now: datetime
) -> tuple[ProductSnapshot, ...]:
    """Choose the snapshots that may be given up, the oldest first.

    A snapshot may go when it is old enough, not among the newest, and nothing protects it; and only when every snapshot that
    shares its rows in the lake may go too.
    """
    kept = sorted((one for one in snapshots if one.expired_at is None), key=lambda one: (one.created_at, one.id))
    newest = {one.id for one in kept[-retention.keep_last :]}
    limit = now - timedelta(days=retention.keep_days)
    may_go = [one for one in kept if one.id not in newest and one.created_at < limit and not reasons(one.id, ties)]
    going = {one.id for one in may_go}
    needed = {one.iceberg_snapshot_id for one in kept if one.id not in going}
    return tuple(one for one in may_go if one.iceberg_snapshot_id not in needed)


def retention_faults(keep_days: int | None, keep_last: int | None, most_files: int | None) -> list[Fault]:
    """Find what is wrong with a retention; None is the default."""
    bounds = (
        ("keep_days", keep_days, 1, 36_500),
        ("keep_last", keep_last, 1, 10_000),
        ("most_files", most_files, 2, 100_000),
    )
    return [
        Fault(
            rule=f"retention.{name}",
            column=name,
            value=str(value),
            message=f"{name} lies from {low:,} to {high:,}, not {value:,}",
        )
        for name, value, low, high in bounds
        if value is not None and not low <= value <= high
    ]
