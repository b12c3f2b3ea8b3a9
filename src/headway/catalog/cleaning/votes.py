"""What a detector says about one column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headway.catalog.cleaning.entities import RuleKind
from headway.catalog.cleaning.odds import Floats

Repair = tuple[str | None, float]
"""A text, or None for an empty cell, and the probability that it is right if the cell is wrong."""


def no_repair(item: int) -> Repair | None:
    """Propose nothing."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """Probabilities that cells are wrong. Cells that cannot be told apart share an *item*: a text, or a group's text."""

    kind: RuleKind
    item: NDArray[np.int32] | NDArray[np.int64]
    """Shape (rows,): the item of each cell; -1 means the last."""
    wrong: Floats
    """Shape (items,): probability that such a cell is wrong; the prior where nothing is known."""
    reason: Callable[[int], str]
    """Why an item is suspected, in words."""
    repair: Callable[[int], Repair | None] = no_repair
