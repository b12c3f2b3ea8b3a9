"""How one department writes the values of another: which of their values is which of ours. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from headway.scaling import naming

CERTAIN: Final = 0.75
"""From here on a value is taken to be ours; below it is asked of a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """Their values and ours.

    ``values`` holds those that are written in another way, ``unknown`` those that nobody could place; ``known_share`` is the
    share of rows whose value is ours now.
    """

    values: Mapping[str, str]
    unknown: tuple[str, ...]
    known_share: float
    same_share: float
    """Share of rows whose value is written as ours is, but for capitals and signs."""


def code(ours: Mapping[str, float], theirs: Mapping[str, float], given: Mapping[str, str] | None = None) -> Coding:
    """Match values by how they are written and what they mean; each of ours is used once.

    Args: ours, theirs: shares of values; given: what a person said of theirs.
    """
    from scipy.optimize import linear_sum_assignment

    said = {value: name for value, name in (given or {}).items() if value in theirs}
    mine, other = list(ours), [value for value in theirs if value not in said]
    likeness = np.array([[naming.alike(a, b)[0] for b in other] for a in mine]).reshape(len(mine), len(other))
    found = dict(said)
    same = 0.0
    for at, to in zip(*linear_sum_assignment(-likeness), strict=True) if likeness.size else ():
        if likeness[at, to] >= CERTAIN:
            found[other[to]] = mine[at]
            same += theirs[other[to]] if likeness[at, to] >= 1.0 else 0.0
    known = sum(theirs[value] for value in found)
    return Coding(
        values={value: name for value, name in found.items() if value != name},
        unknown=tuple(value for value in theirs if value not in found),
        known_share=min(1.0, known),
        same_share=min(1.0, same),
    )
