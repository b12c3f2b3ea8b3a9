"""Selection rates and impact ratios of groups, as New York City's rules define them. Pure.

Source: 6 RCNY 5-300 ("impact ratio", "selection rate", "scoring rate") and 5-301.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SMALL = 0.02
"""A group below this share of the people may be left out of the ratios, with its numbers told (5-301(d))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCount:
    """A group: how many were assessed, and how many of them selected or scored above the sample's median."""

    group: str
    people: int
    chosen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRate:
    """A group's rate and its ratio to the highest rate; None where there is nobody or no rate above zero."""

    group: str
    people: int
    chosen: int
    rate: float | None
    ratio: float | None
    is_small: bool


def rates(groups: Sequence[GroupCount]) -> tuple[GroupRate, ...]:
    """Compute each group's rate, and its ratio to the highest rate among groups that are not small."""
    whole = sum(one.people for one in groups)
    found = {one.group: one.chosen / one.people if one.people else None for one in groups}
    small = {one.group: whole > 0 and one.people < SMALL * whole for one in groups}
    highest = max((rate for group, rate in found.items() if rate is not None and not small[group]), default=0.0)
    return tuple(_rated(one, found[one.group], highest, is_small=small[one.group]) for one in groups)


def _rated(one: GroupCount, rate: float | None, highest: float, *, is_small: bool) -> GroupRate:
    ratio = rate / highest if rate is not None and highest > 0 else None
    return GroupRate(group=one.group, people=one.people, chosen=one.chosen, rate=rate, ratio=ratio, is_small=is_small)


def read_groups(told: object) -> Mapping[str, tuple[GroupCount, ...]]:
    """Read the counts of a bias audit: JSON text of categories with lists of group, people, chosen.

    Returns: by category; empty where the text is none of this, so that nothing half-read is published.
    """
    if not isinstance(told, str):
        return {}
    try:
        body: Mapping[str, Any] = json.loads(told)
        found = {
            str(category): tuple(
                GroupCount(group=str(one["group"]), people=int(one["people"]), chosen=int(one["chosen"]))
                for one in groups
            )
            for category, groups in body.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}
    is_sound = all(0 <= one.chosen <= one.people for groups in found.values() for one in groups)
    return found if is_sound else {}
