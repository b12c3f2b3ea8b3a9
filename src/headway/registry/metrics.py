"""How good a model ranks and how true its probabilities are; plain numpy, weighted so that bootstraps reuse it.

``y`` is 0 or 1, ``p`` a probability, both float64[n]. A metric that has no meaning (one class only) is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
METRICS = ("roc_auc", "average_precision", "log_loss", "brier", "ece", "lift_10")
HIGHER_IS_BETTER = frozenset({"roc_auc", "average_precision", "lift_10"})
ECE_BINS = 15
TOP_SHARE = 0.10
_EPSILON = 1e-15


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """The figures of one model on one set of rows."""

    roc_auc: float
    average_precision: float
    log_loss: float
    brier: float
    ece: float
    lift_10: float
    n_test: int
    positives: int
    intervals: Mapping[str, Interval]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """One bin of the calibration curve: what was said and what came."""

    predicted: float
    observed: float
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftRow:
    """One tenth of the rows, best first: rate against the overall rate, and share of all positives found so far."""

    tenth: int
    rows: int
    rate: float
    lift: float
    captured: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreHistogram:
    """How many rows of either answer have a score in each range; ``edges`` rise from 0, one more than ranges."""

    edges: tuple[float, ...]
    positives: tuple[int, ...]
    negatives: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Scores sorted once, best first, with the groups of equal scores."""

    y: Floats
    p: Floats
    last_of_tie: NDArray[np.intp]  # index of the last row of each group of equal scores
    bins: NDArray[np.intp]  # calibration bin of each row, from quantiles of the scores

    @staticmethod
    def of(y: Floats, p: Floats) -> Ranked:
        """Sort by falling score."""
        order = np.argsort(-p, kind="stable")
        ys, ps = y[order].astype(np.float64), p[order].astype(np.float64)
        last = np.flatnonzero(np.append(ps[1:] != ps[:-1], True))
        edges = np.quantile(ps, np.linspace(0, 1, ECE_BINS + 1)[1:-1]) if len(ps) else np.zeros(0)
        return Ranked(ys, ps, last, np.searchsorted(edges, ps))


def all_metrics(ranked: Ranked, weights: Floats) -> dict[str, Floats]:
    """Compute every metric for each row of ``weights`` (float64[b, n]); returns float64[b] by name."""
    w1 = weights * ranked.y
    w0 = weights - w1
    positives, total = w1.sum(1), weights.sum(1)
    caught = np.cumsum(w1, axis=1)[:, ranked.last_of_tie]
    passed = np.cumsum(w0, axis=1)[:, ranked.last_of_tie]
    p = np.clip(ranked.p, _EPSILON, 1 - _EPSILON)
    with np.errstate(invalid="ignore", divide="ignore"):
        losses = -(ranked.y * np.log(p) + (1 - ranked.y) * np.log1p(-p))
        return {
            "roc_auc": _roc_auc(caught, passed),
            "average_precision": _average_precision(caught, passed),
            "log_loss": weights @ losses / total,
            "brier": weights @ (ranked.p - ranked.y) ** 2 / total,
            "ece": _ece(ranked, weights, w1) / total,
            "lift_10": _top_rate(caught, passed, total * TOP_SHARE) / (positives / total),
        }


def _steps(cumulated: Floats) -> Floats:
    return np.diff(cumulated, axis=1, prepend=0.0)


def _roc_auc(caught: Floats, passed: Floats) -> Floats:
    area = (_steps(passed) * (caught - _steps(caught) / 2)).sum(1)
    result: Floats = area / (caught[:, -1] * passed[:, -1])
    return result


def _average_precision(caught: Floats, passed: Floats) -> Floats:
    precision = np.nan_to_num(caught / (caught + passed))
    result: Floats = (_steps(caught) * precision).sum(1) / caught[:, -1]
    return result


def _ece(ranked: Ranked, weights: Floats, w1: Floats) -> Floats:
    """Weighted sum of |observed - predicted| over quantile bins (Guo et al. 2017, equation 3, equal-mass bins)."""
    gap = w1 - weights * ranked.p
    edges = np.flatnonzero(np.append(True, ranked.bins[1:] != ranked.bins[:-1]))
    result: Floats = np.abs(np.add.reduceat(gap, edges, axis=1)).sum(1)
    return result


def _top_rate(caught: Floats, passed: Floats, wanted: Floats) -> Floats:
    """Rate of positives among the best ``wanted`` rows; a group of equal scores on the edge counts in proportion."""
    seen = caught + passed
    rates = np.empty(len(wanted))
    for row, need in enumerate(wanted):  # one search a resample
        at = int(np.searchsorted(seen[row], need))
        before = (caught[row, at - 1], seen[row, at - 1]) if at else (0.0, 0.0)
        inside = (caught[row, at] - before[0]) / max(seen[row, at] - before[1], _EPSILON)
        rates[row] = (before[0] + inside * (need - before[1])) / need
    return rates


def measure(y: Floats, p: Floats, *, resamples: int = 300, seed: int = 0) -> Metrics:
    """Measure a model on test rows, with bootstrap intervals.

    Args: resamples: 0 for none. More than 50,000 rows are resampled less often, since their intervals are narrow.
    """
    ranked = Ranked.of(y, p)
    return Metrics(
        **_point(ranked),
        n_test=len(y),
        positives=int(y.sum()),
        intervals=bootstrap(ranked, resamples if len(y) <= 50_000 else min(resamples, 100), seed) if resamples else {},
    )


def bootstrap(ranked: Ranked, resamples: int, seed: int) -> dict[str, Interval]:
    """Resample rows with replacement and return 95 % intervals by metric, each holding the metric's own value.

    Percentile intervals, but for the expected calibration error: a resample adds its own noise to every bin's gap, so
    its error is biased upwards, often above the value of every row once. The percentile interval doubles that bias; the
    basic interval takes it back. The bias-corrected percentile would not do: with no resample below the value its
    correction is infinite.
    Source: Efron & Tibshirani (1993), chapter 13 (percentile); Davison & Hinkley (1997), equation 5.6 (basic); Efron
    (1987), Better bootstrap confidence intervals, section 2 (why bias must be corrected).
    """
    n, point = len(ranked.y), _point(ranked)
    rng = np.random.default_rng(seed)
    parts: list[dict[str, Floats]] = []
    chunk = max(1, min(resamples, 2_000_000 // max(n, 1)))
    for start in range(0, resamples, chunk):
        count = min(chunk, resamples - start)
        draws = rng.integers(0, n, size=(count, n)) + np.arange(count)[:, None] * n
        weights = np.bincount(draws.ravel(), minlength=count * n).reshape(count, n).astype(np.float64)
        parts.append(all_metrics(ranked, weights))
    made: dict[str, Interval] = {}
    for name in METRICS:
        values = np.concatenate([part[name] for part in parts])
        values = values[np.isfinite(values)]
        if len(values):
            made[name] = _interval(values, point[name], is_basic=name == "ece")
    return made


def _point(ranked: Ranked) -> dict[str, float]:
    return {name: float(value[0]) for name, value in all_metrics(ranked, np.ones((1, len(ranked.y)))).items()}


def _interval(values: Floats, point: float, *, is_basic: bool) -> Interval:
    """The percentile interval, or the basic one within [0, 1]; widened where it would not hold the point."""
    low, high = (float(end) for end in np.quantile(values, [0.025, 0.975]))
    if is_basic:
        low, high = (min(max(2 * point - end, 0.0), 1.0) for end in (high, low))
    return Interval(low=min(low, point), high=max(high, point))


def roc_auc(y: Floats, p: Floats) -> float:
    """Area under the ROC curve; ties count half; NaN with one class only."""
    values, inverse = np.unique(p, return_inverse=True)
    positive = np.bincount(inverse, weights=y, minlength=len(values))
    negative = np.bincount(inverse, minlength=len(values)) - positive
    pairs = positive.sum() * negative.sum()
    if pairs == 0:
        return float("nan")
    below = np.cumsum(negative) - negative / 2
    return float((positive * below).sum() / pairs)


def log_loss(y: Floats, p: Floats) -> float:
    """Mean negative log likelihood in nats."""
    q = np.clip(p, _EPSILON, 1 - _EPSILON)
    return float(-(y * np.log(q) + (1 - y) * np.log1p(-q)).mean())


def calibration_curve(y: Floats, p: Floats, bins: int = 10) -> tuple[CurvePoint, ...]:
    """Compare what was said with what came, in bins of equal numbers of rows."""
    edges = np.quantile(p, np.linspace(0, 1, bins + 1)[1:-1])
    place = np.searchsorted(edges, p)
    return tuple(
        CurvePoint(
            predicted=float(p[place == b].mean()), observed=float(y[place == b].mean()), rows=int((place == b).sum())
        )
        for b in range(bins)
        if (place == b).any()
    )


def lift_table(y: Floats, p: Floats, parts: int = 10) -> tuple[LiftRow, ...]:
    """Cut the rows, best first, into parts of equal size and say how many positives each holds."""
    order = np.argsort(-p, kind="stable")
    overall, found, rows = float(y.mean()), 0.0, []
    for tenth, index in enumerate(np.array_split(order, parts), start=1):
        if len(index) == 0:
            continue
        hits = float(y[index].sum())
        found += hits
        rate = hits / len(index)
        rows.append(
            LiftRow(tenth=tenth, rows=len(index), rate=rate, lift=rate / overall, captured=found / float(y.sum()))
        )
    return tuple(rows)


def score_histogram(y: Floats, p: Floats, bins: int = 20) -> ScoreHistogram:
    """Count rows of either answer by score, from 0 to the first multiple of 0.05 above every score."""
    top = min(1.0, max(1, math.ceil(float(p.max(initial=0.0)) * 20)) / 20)
    edges = np.linspace(0.0, top, bins + 1)
    positives, _ = np.histogram(p[y == 1], edges)
    negatives, _ = np.histogram(p[y == 0], edges)
    return ScoreHistogram(
        edges=tuple(round(float(edge), 6) for edge in edges),
        positives=tuple(int(count) for count in positives),
        negatives=tuple(int(count) for count in negatives),
    )
