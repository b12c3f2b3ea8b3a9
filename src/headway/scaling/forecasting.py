"""How well a model will rank rows whose outcomes nobody knows yet: expected AUC, by three ways. Pure.

All three rest on one assumption, which no unlabelled row can test: that the relation of features and outcome is the same
here as where the model was judged (covariate shift alone).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headway import numerics

Floats = NDArray[np.float64]
RESAMPLES: Final = 200
_MARGIN: Final = 1e-6
_LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows the model did not learn from, with outcomes: ``raw`` log-odds, ``y`` 0 or 1, ``weight`` likeness to the target."""

    raw: Floats
    y: Floats
    weight: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An expected AUC with its 95 % interval."""

    auc: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """The forecasts of the three ways, and the line ``slope * raw + intercept`` of the calibration for the target."""

    calibrated: Expected
    weighted: Expected
    adapted: Expected
    slope: float
    intercept: float
    slope_error: float
    """Standard error of the slope's logarithm."""
    shift_error: float
    """Standard error of the calibrated log-odds where a label of the target tells most."""
    base_rate: float
    """Expected share of positives in the target."""


def auc(score: Floats, positive: Floats, negative: Floats | None = None) -> float:
    """Chance that a positive ranks above a negative, ties half, where each row is positive to a degree.

    Args: positive: weight of each row as a positive, for example its outcome or its probability; negative: likewise, by
        default one less ``positive``. NaN where a side has no weight.

    >>> auc(np.array([0.1, 0.4, 0.4, 0.8]), np.array([0.0, 0.0, 1.0, 1.0]))
    0.875
    """
    order = _Order.of(score)
    return float(order.auc(positive, 1.0 - positive if negative is None else negative))


def expected_auc(raw: Floats, probability: Floats) -> float:
    """Expect the AUC of scores from calibrated probabilities alone.

    Source: confidence-based performance estimation, Garg et al. (2022) for accuracy; for AUC as in Bialek et al. (2024),
    Estimating model performance under covariate shift without labels.
    """
    return auc(raw, probability)


def fit_line(raw: Floats, y: Floats, weight: Floats, start: tuple[float, float] = (1.0, 0.0)) -> tuple[float, float]:
    """Fit slope and intercept of a weighted logistic line with a weak pull of the slope towards one; Newton's method."""
    slope, intercept = start
    for _ in range(50):
        p = numerics.sigmoid(slope * raw + intercept)
        residual, spread = weight * (p - y), weight * p * (1.0 - p)
        g0, g1 = residual.sum(), (residual * raw).sum() + (slope - 1.0)
        h00, h01, h11 = spread.sum() + 1e-9, (spread * raw).sum(), (spread * raw * raw).sum() + 1.0
        determinant = h00 * h11 - h01 * h01
        step0, step1 = (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant
        size = max(abs(step0), abs(step1))
        shrink = 1.0 if size <= 2.0 else 2.0 / size
        intercept, slope = intercept - shrink * step0, slope - shrink * step1
        if size < 1e-8:
            break
    return float(slope), float(intercept)


def forecast(judged: Judged, target: Floats, *, seed: int, resamples: int = RESAMPLES) -> Forecasts:
    """Forecast the AUC on rows without outcomes.

    Args: target: raw log-odds, shape (n,). The interval is that of a bootstrap over judged and target rows.
    """
    draw, rows = np.random.default_rng(seed), _Rows.of(judged, target)
    point, (slope, intercept) = rows.expect(np.ones_like(judged.weight), np.ones_like(target))
    drawn = [
        rows.expect(
            draw.poisson(1.0, len(judged.y)).astype(np.float64), draw.poisson(1.0, len(target)).astype(np.float64)
        )
        for _ in range(resamples)
    ]
    again, lines = np.array([one[0] for one in drawn]), np.array([one[1] for one in drawn])
    calibrated, weighted, adapted = (_expected(point[at], again[:, at]) for at in range(3))
    probability = numerics.sigmoid(slope * target + intercept)
    at_centre = (centre_of(probability) - intercept) / slope
    return Forecasts(
        calibrated=calibrated,
        weighted=weighted,
        adapted=adapted,
        slope=slope,
        intercept=intercept,
        slope_error=float(np.log(np.maximum(lines[:, 0], 1e-3)).std()),
        shift_error=float((lines[:, 0] * at_centre + lines[:, 1]).std()),
        base_rate=float(probability.mean()),
    )


def centre_of(probability: Floats) -> float:
    """The log-odds about which slope and shift do not depend on each other, where a label tells most."""
    spread = probability * (1.0 - probability) * probability
    total = float(spread.sum())
    return float((spread * numerics.logit(probability, _MARGIN)).sum() / total) if total > 0 else 0.0


@dataclass(frozen=True, slots=True)
class _Rows:
    """Judged and target rows, sorted once, with the lines that every resample starts from."""

    judged: Judged
    target: Floats
    here: _Order
    there: _Order
    starts: tuple[tuple[float, float], tuple[float, float]]

    @staticmethod
    def of(judged: Judged, target: Floats) -> _Rows:
        even = np.ones_like(judged.weight)
        plain, adapted = (fit_line(judged.raw, judged.y, weight) for weight in (even, judged.weight))
        return _Rows(judged, target, _Order.of(judged.raw), _Order.of(target), (plain, adapted))

    def expect(self, times: Floats, target_times: Floats) -> tuple[tuple[float, float, float], tuple[float, float]]:
        """The three expectations where each row counts some times, and the line of the adapted calibration."""
        judged, found, line = self.judged, [], (1.0, 0.0)
        weights = (times, times * judged.weight)
        for weight, start in zip(weights, self.starts, strict=True):
            slope, intercept = line = fit_line(judged.raw, judged.y, weight, start)
            p = numerics.sigmoid(slope * self.target + intercept)
            found.append(self.there.auc(target_times * p, target_times * (1.0 - p)))
        weighted = self.here.auc(weights[1] * judged.y, weights[1] * (1.0 - judged.y))
        return (found[0], weighted, found[1]), line


def _expected(point: float, again: Floats) -> Expected:
    tail = (1.0 - _LEVEL) / 2.0
    low, high = np.nanquantile(again, [tail, 1.0 - tail]) if len(again) else (point, point)
    return Expected(auc=float(point), low=float(low), high=float(high))


@dataclass(frozen=True, slots=True)
class _Order:
    """Scores sorted once, with the ends of their ties."""

    order: NDArray[np.intp]
    ends: NDArray[np.intp]

    @staticmethod
    def of(score: Floats) -> _Order:
        order = np.argsort(score, kind="stable")
        ranked = score[order]
        return _Order(order, np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)))

    def auc(self, positive: Floats, negative: Floats) -> float:
        above = np.cumsum(positive[self.order])[self.ends]
        below = np.cumsum(negative[self.order])[self.ends]
        if above[-1] <= 0 or below[-1] <= 0:
            return float("nan")
        ups, downs = np.diff(above, prepend=0.0), np.diff(below, prepend=0.0)
        return float((ups * (below - downs / 2.0)).sum() / (above[-1] * below[-1]))
