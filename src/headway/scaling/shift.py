"""How a department's rows differ from those the model was judged on: a domain classifier, and a weight for each row. Pure.

A classifier that cannot tell the two apart (AUC one half) finds no difference that matters for any model of these columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FOLDS: Final = 5
ROUNDS: Final = 60
MOST_ROWS: Final = 20_000
LARGEST_WEIGHT: Final = 20.0
_PARAMETERS: Final[dict[str, str | int | float | bool]] = {
    "objective": "binary",
    "learning_rate": 0.06,
    "num_leaves": 8,
    "min_child_samples": 40,
    "lambda_l2": 5.0,
    "colsample_bytree": 0.7,
    "subsample": 0.8,
    "subsample_freq": 1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the domain classifier found."""

    auc: float
    """At least one half: where two samples are alike, or share rows, cross-validation gives less, which means no more."""
    low: float
    high: float
    gains: Floats
    """Share of each column in what tells the two apart, summing to one; all zero when nothing does."""
    weights: Floats
    """For each source row, how much likelier it is in the target than in the source; mean one."""
    effective_rows: float
    """Source rows that the weights leave (Kish's effective sample size), times the share of the target that they cover."""


def tell_apart(source: Floats, target: Floats, *, seed: int) -> Told:
    """Cross-validate a classifier of source (0) against target (1) rows.

    Args: source, target: float64[n, d], NaN for missing, the same columns. More than ``MOST_ROWS`` target rows are thinned.
    """
    import lightgbm

    draw = np.random.default_rng(seed)
    there = target if len(target) <= MOST_ROWS else target[np.sort(draw.choice(len(target), MOST_ROWS, replace=False))]
    x = np.vstack([source, there])
    y = np.concatenate([np.zeros(len(source)), np.ones(len(there))])
    fold = _folds(y, draw)
    chance, gains = np.empty(len(y)), np.zeros(x.shape[1])
    for one in range(FOLDS):
        learn = fold != one
        data = lightgbm.Dataset(x[learn], y[learn], free_raw_data=True)
        booster = lightgbm.train({**_PARAMETERS, "seed": seed}, data, ROUNDS)
        chance[~learn] = booster.predict(x[~learn], num_threads=1)
        gains += booster.feature_importance("gain")
    value, error = auc_with_error(chance[y == 1], chance[y == 0])
    odds = _odds(chance[: len(source)], len(source) / len(there))
    weights, covered = odds / odds.mean(), min(1.0, float(odds.mean()))
    total = float(gains.sum())
    return Told(
        auc=max(0.5, value),
        low=max(0.5, value - 1.959964 * error),
        high=min(1.0, max(0.5, value + 1.959964 * error)),
        gains=gains / total if total > 0 else gains,
        weights=weights,
        effective_rows=covered * float(weights.sum() ** 2 / (weights**2).sum()),
    )


def auc_with_error(positives: Floats, negatives: Floats) -> tuple[float, float]:
    """AUC of scores and its standard error.

    Source: DeLong, DeLong & Clarke-Pearson (1988), from the placements of each row among the other class.
    """
    lower, upper = np.sort(negatives), np.sort(positives)
    v10 = _placed(lower, positives)
    v01 = 1.0 - _placed(upper, negatives)
    value = float(v10.mean())
    variance = v10.var(ddof=1) / len(v10) + v01.var(ddof=1) / len(v01) if min(len(v10), len(v01)) > 1 else np.nan
    return value, float(np.sqrt(variance))


def _placed(others: Floats, values: Floats) -> Floats:
    """Share of the others below each value, equal ones half."""
    left, right = np.searchsorted(others, values, "left"), np.searchsorted(others, values, "right")
    return np.asarray((left + right) / (2.0 * len(others)), dtype=np.float64)


def _folds(y: Floats, draw: np.random.Generator) -> NDArray[np.intp]:
    fold = np.empty(len(y), dtype=np.intp)
    for side in (0.0, 1.0):
        rows = draw.permutation(np.flatnonzero(y == side))
        fold[rows] = np.arange(len(rows)) % FOLDS
    return fold


def _odds(chance: Floats, ratio: float) -> Floats:
    """Odds of belonging to the target, for the sizes of both, cut at ``LARGEST_WEIGHT``.

    Their mean over the source is one where the source covers all of the target, and near zero where the two do not meet.
    """
    inside = np.clip(chance, 1e-6, 1.0 - 1e-6)
    return np.asarray(np.minimum(inside / (1.0 - inside) * ratio, LARGEST_WEIGHT), dtype=np.float64)
