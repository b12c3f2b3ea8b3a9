"""What makes entries twins: like words, and the same data or solution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headway.governance.likeness import ALIKE, TWIN, Likeness

SAME_SNAPSHOT, SAME_PRODUCT, SAME_SOLUTION = 0.2, 0.15, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a proposal or an entry rests on."""

    department: str | None
    solution: str | None
    data: frozenset[str] = frozenset()


def shared(one: Ground, other: Ground) -> tuple[str, ...]:
    """Name what both rest on."""
    solution = (f"solution:{one.solution}",) if one.solution and one.solution == other.solution else ()
    return (*solution, *sorted(one.data & other.data))


def score(likeness: Likeness | None, one: Ground, other: Ground) -> float:
    """Say how alike two are, from 0 to 1: shared data adds to like words, and by itself is worth a look.

    The same solution in the same department is the same use until somebody says otherwise.
    """
    both = shared(one, other)
    words = likeness.score if likeness else 0.0
    if not both:
        return words
    if f"solution:{one.solution}" in both and one.department == other.department:
        return max(TWIN, min(1.0, words + SAME_SOLUTION))
    return max(ALIKE, min(1.0, words + _added(both)))


def _added(both: Sequence[str]) -> float:
    if any(one.startswith("sha256-") for one in both):
        return SAME_SNAPSHOT
    return SAME_PRODUCT if any(not one.startswith("solution:") for one in both) else SAME_SOLUTION
