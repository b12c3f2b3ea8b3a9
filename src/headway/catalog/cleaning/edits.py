"""The distance between two texts, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def edits(one: NDArray[np.int32], two: NDArray[np.int32]) -> int:
    """Count the signs that must be put in, taken out or replaced to make one text of the other (Levenshtein 1965).

    Args: one, two: the texts as code points.
    """
    row = np.arange(len(two) + 1)
    for i in range(len(one)):
        before = row[0]
        row[0] = i + 1
        for j in range(len(two)):
            kept = before if one[i] == two[j] else before + 1
            before = row[j + 1]
            row[j + 1] = min(kept, before + 1, row[j] + 1)
    return int(row[-1])
