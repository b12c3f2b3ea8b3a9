"""The order of an agenda: what ends first, then what is riskier, then what waits longer; the chair may set another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from headway.governance.entities import Tier

RISKIEST_FIRST = (Tier.prohibited, Tier.high, Tier.undecided, Tier.transparency, Tier.minimal)
"""A tier that nobody decided counts as high, and comes after what is known to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What the order looks at."""

    item: str
    tier: Tier
    opened_at: datetime
    closes_at: datetime


def by_need(waiting: Iterable[Waiting]) -> tuple[str, ...]:
    """Order items by the day on which their time ends, by tier, and by age."""

    def need(one: Waiting) -> tuple[object, ...]:
        return one.closes_at.date(), RISKIEST_FIRST.index(one.tier), one.opened_at, one.item

    return tuple(one.item for one in sorted(waiting, key=need))


def arranged(wished: Sequence[str], by_order: Sequence[str], struck: Collection[str]) -> tuple[str, ...]:
    """Put what the chair put in front first, then the others in their order, without what was struck.

    Args: wished: may name what is no longer undecided, which is left out.
    """
    known = set(by_order)
    first = [one for one in dict.fromkeys(wished) if one in known]
    return tuple(one for one in (*first, *(one for one in by_order if one not in first)) if one not in struck)
