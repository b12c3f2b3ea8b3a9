"""A quick model, cross-fitted on two halves: good enough to find leaks and to make the parts of a split alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDS = 80
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 15,
    "min_child_samples": 20,
    "feature_fraction": 0.8,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quick:
    """Scores of rows by the half that did not see them, and each column's share of the trees' gain."""

    scores: Floats
    gains: Floats


def halves_of(y: Floats, seed: int) -> NDArray[np.bool_]:
    """Deal rows into two halves with as many positives in each."""
    rng = np.random.default_rng(seed)
    side = np.zeros(len(y), dtype=np.bool_)
    for answer in (0.0, 1.0):
        rows = rng.permutation(np.flatnonzero(y == answer))
        side[rows[: len(rows) // 2]] = True
    return side


def cross_fit(matrix: Floats, y: Floats, halves: NDArray[np.bool_], seed: int) -> Quick:
    """Fit on each half and score the other.

    Args: matrix: float64[n, d], NaN for missing; halves: bool[n], each side with both answers.
    """
    import lightgbm

    scores, gains = np.empty(len(y)), np.zeros(matrix.shape[1])
    for half in (halves, ~halves):
        data = lightgbm.Dataset(matrix[half], y[half], free_raw_data=True)
        booster = lightgbm.train({**_PARAMETERS, "seed": seed}, data, ROUNDS)
        scores[~half] = booster.predict(matrix[~half], num_threads=1)
        gains += booster.feature_importance("gain")
    return Quick(scores, gains / max(float(gains.sum()), 1e-12))
