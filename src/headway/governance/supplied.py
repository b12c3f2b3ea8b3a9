"""Evidence about vendors, as a gate takes it: what rests on several of them is as well proved as the weakest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from headway.governance.entities import Evidence, UseCase


def vendors_of(use_case: UseCase) -> tuple[str, ...]:
    """References to the vendors whose systems serve a use case, each once."""
    return tuple(dict.fromkeys(f"vendor:{one.vendor}" for one in use_case.systems if one.vendor is not None))


def weakest(rows: Sequence[Evidence], vendors: Collection[str], at: datetime) -> list[Evidence]:
    """Keep of the evidence about vendors, for each type, the oldest of their newest; nothing when one of them has none.

    Args: rows: about anything; what is about no vendor is kept. at: later rows do not count.
    """
    kept = [row for row in rows if not row.subject.startswith("vendor:")]
    newest: dict[tuple[str, str], Evidence] = {}
    for row in sorted(rows, key=lambda row: (row.made_at, row.id)):
        if row.subject in vendors and row.made_at <= at:
            newest[row.type, row.subject] = row
    for kind in dict.fromkeys(kind for kind, _ in newest):
        found = [newest[kind, vendor] for vendor in vendors if (kind, vendor) in newest]
        if len(found) == len(vendors):
            kept.append(min(found, key=lambda row: (row.made_at, row.id)))
    return kept
