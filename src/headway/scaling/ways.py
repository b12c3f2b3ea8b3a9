"""The ways to take a model to another department, compared on its own labels by cross-validation. Pure.

From the simplest on: reuse it as it is; recalibrate it (two numbers); fine-tune it (small trees that correct it); retrain on
the new department alone. The simplest whose log loss is within one standard error of the best is proposed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from headway import numerics
from headway.scaling.forecasting import auc, fit_line

Floats = NDArray[np.float64]
Way = Literal["reuse", "recalibrate", "fine_tune", "retrain"]
WAYS: Final[tuple[Way, ...]] = ("reuse", "recalibrate", "fine_tune", "retrain")
FOLDS: Final = 5
LEAST_LABELS: Final = 200
LEAST_RARE: Final = 30
_SMALL: Final[dict[str, str | int | float | bool]] = {
    "objective": "binary",
    "num_leaves": 6,
    "min_child_samples": 30,
    "lambda_l2": 5.0,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A way on rows that it did not learn from: its AUC, log loss, and how far that is above the best way's."""

    way: Way
    auc: float
    log_loss: float
    behind: float
    error: float
    """Standard error of ``behind``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All ways side by side, and the simplest that is as good as the best."""

    chosen: Way
    rows: int
    positives: int
    tried: tuple[Tried, ...]


def compare(raw: Floats, calibrated: Floats, x: Floats, y: Floats, *, seed: int) -> Comparison | None:
    """Compare the ways on labelled rows of the new department; None when there are too few.

    Args: raw: the model's log-odds, shape (n,); calibrated: the probabilities it gives today; x: float64[n, d], encoded.
    """
    if len(y) < LEAST_LABELS or min(y.sum(), len(y) - y.sum()) < LEAST_RARE:
        return None
    fold = _folds(y, seed)
    ways: dict[Way, Callable[[NDArray[np.bool_]], Floats]] = {
        "reuse": lambda learn: calibrated[~learn],
        "recalibrate": lambda learn: _recalibrated(raw, y, learn),
        "fine_tune": lambda learn: _boosted(raw, x, y, learn, seed, rounds=60),
        "retrain": lambda learn: _boosted(None, x, y, learn, seed, rounds=150),
    }
    chances = {way: _out_of_fold(make, fold, y) for way, make in ways.items()}
    losses = {way: _losses(chance, y) for way, chance in chances.items()}
    best = min(WAYS, key=lambda way: float(losses[way].mean()))
    tried = tuple(_tried(way, chances[way], losses[way] - losses[best], losses[way], y) for way in WAYS)
    chosen = next(one.way for one in tried if one.behind <= one.error)
    return Comparison(chosen=chosen, rows=len(y), positives=int(y.sum()), tried=tried)


def _tried(way: Way, chance: Floats, behind: Floats, losses: Floats, y: Floats) -> Tried:
    return Tried(
        way=way,
        auc=auc(chance, y),
        log_loss=float(losses.mean()),
        behind=float(behind.mean()),
        error=float(behind.std(ddof=1) / np.sqrt(len(y))),
    )


def _out_of_fold(make: Callable[[NDArray[np.bool_]], Floats], fold: NDArray[np.intp], y: Floats) -> Floats:
    made = np.empty(len(y))
    for one in range(FOLDS):
        made[fold == one] = make(fold != one)
    return made


def _recalibrated(raw: Floats, y: Floats, learn: NDArray[np.bool_]) -> Floats:
    slope, intercept = fit_line(raw[learn], y[learn], np.ones(int(learn.sum())))
    return numerics.sigmoid(slope * raw[~learn] + intercept)


def _boosted(raw: Floats | None, x: Floats, y: Floats, learn: NDArray[np.bool_], seed: int, *, rounds: int) -> Floats:
    """Small trees on the learning rows; from the recalibrated score on where there is one."""
    import lightgbm

    start = None
    if raw is not None:
        slope, intercept = fit_line(raw[learn], y[learn], np.ones(int(learn.sum())))
        start = slope * raw + intercept
    data = lightgbm.Dataset(
        x[learn], y[learn], init_score=start[learn] if start is not None else None, free_raw_data=True
    )
    booster = lightgbm.train({**_SMALL, "learning_rate": 0.03, "seed": seed}, data, rounds)
    made = np.asarray(booster.predict(x[~learn], raw_score=True, num_threads=1), dtype=np.float64)
    return numerics.sigmoid(made + start[~learn] if start is not None else made)


def _losses(chance: Floats, y: Floats) -> Floats:
    p = np.clip(chance, 1e-6, 1.0 - 1e-6)
    return np.asarray(-(y * np.log(p) + (1.0 - y) * np.log1p(-p)), dtype=np.float64)


def _folds(y: Floats, seed: int) -> NDArray[np.intp]:
    draw, fold = np.random.default_rng(seed), np.empty(len(y), dtype=np.intp)
    for side in (0.0, 1.0):
        rows = draw.permutation(np.flatnonzero(y == side))
        fold[rows] = np.arange(len(rows)) % FOLDS
    return fold
