"""Bends scores to probabilities, but only when that helps on rows that the bending did not see.

Gradient boosting on log loss is calibrated already where the future is like the past (bank marketing, random split: ECE
0.009); recalibration by reflex makes it worse. After a shift in time it is what helps most.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headway.numerics import Calibration, calibrate, sigmoid
from headway.registry.entities import CalibrationReport
from headway.registry.metrics import log_loss

MIN_POSITIVES = 30
"""Rows of the rarer answer that the fitting half needs."""
MIN_ISOTONIC = 100
"""The same for isotonic regression, which bends more freely."""
MIN_GAIN = 0.01
"""Share of the log loss that must be saved; less is not worth a bent score and a slice lost for training."""
_CLIP = 1e-4

Floats = NDArray[np.float64]


def choose_calibration(y: Floats, raw: Floats, *, ordered: bool, seed: int) -> tuple[Calibration, CalibrationReport]:
    """Choose none, sigmoid or isotonic.

    Args: y, raw: labels and log-odds of the calibration slice, in order of time when ``ordered``. One half fits, the
        later (or other) half judges; the winner must save 1 % of the log loss and more than one standard error of
        the saving.
    """
    rows = np.arange(len(y)) if ordered else np.random.default_rng(seed).permutation(len(y))
    fit, judge = np.array_split(rows, 2)
    rare = min(y[fit].sum(), (1 - y[fit]).sum())
    none = Calibration()
    if rare < MIN_POSITIVES or not 0 < y[judge].sum() < len(judge):
        losses = {"none": log_loss(y[judge], calibrate(none, raw[judge]))}
        return none, CalibrationReport(kind="none", reason="too few rows to judge a calibration", log_loss=losses)
    drafts = {"none": none}
    if (bent := fit_sigmoid(y[fit], raw[fit])).slope > 0:  # a falling curve would turn the ranking around
        drafts["sigmoid"] = bent
    if rare >= MIN_ISOTONIC:
        drafts["isotonic"] = fit_isotonic(y[fit], raw[fit])
    each = {kind: _losses(y[judge], calibrate(draft, raw[judge])) for kind, draft in drafts.items()}
    means = {kind: float(values.mean()) for kind, values in each.items()}
    best = min(means, key=lambda kind: means[kind])
    gain = each["none"] - each[best]
    needed = max(gain.std(ddof=1) / np.sqrt(len(gain)), MIN_GAIN * means["none"])
    if best == "none" or gain.mean() <= needed:
        reason = "the scores are calibrated as they are; bending them did not help on rows not used for fitting"
        return none, CalibrationReport(kind="none", reason=reason, log_loss=means)
    final = fit_sigmoid(y, raw) if best == "sigmoid" else fit_isotonic(y, raw)
    reason = f"{best} lowered the log loss on rows not used for fitting from {means['none']:.4f} to {means[best]:.4f}"
    return final, CalibrationReport(kind=final.kind, reason=reason, log_loss=means)


def fit_sigmoid(y: Floats, raw: Floats, *, rounds: int = 100) -> Calibration:
    """Fit slope and intercept on the log-odds by Newton's method with backtracking.

    Source: Platt (1999) for the smoothed targets; Lin, Lin & Weng (2007), algorithm 1, for start and line search.
    """
    positive, negative = y.sum(), (1 - y).sum()
    target = np.where(y == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
    at = np.array([0.0, np.log((positive + 1) / (negative + 1))])
    design = np.column_stack([raw, np.ones_like(raw)])
    loss = _cross_entropy(target, design @ at)
    for _ in range(rounds):
        p = sigmoid(design @ at)
        gradient = design.T @ (p - target)
        if np.abs(gradient).max() < 1e-5:
            break
        hessian = design.T @ (design * (p * (1 - p))[:, None]) + 1e-12 * np.eye(2)
        direction = np.linalg.solve(hessian, gradient)
        step = 1.0
        while step > 1e-10 and _cross_entropy(target, design @ (at - step * direction)) > loss - 1e-4 * step * (
            gradient @ direction
        ):
            step /= 2
        if step <= 1e-10:
            break
        at = at - step * direction
        loss = _cross_entropy(target, design @ at)
    return Calibration(kind="sigmoid", slope=float(at[0]), intercept=float(at[1]))


def _cross_entropy(target: Floats, raw: Floats) -> float:
    return float((np.logaddexp(0.0, raw) - target * raw).sum())


def fit_isotonic(y: Floats, raw: Floats) -> Calibration:
    """Fit a rising curve by pooling adjacent violators; its points go into the release."""
    from sklearn.isotonic import IsotonicRegression

    curve = IsotonicRegression(y_min=_CLIP, y_max=1 - _CLIP, out_of_bounds="clip").fit(raw, y)
    return Calibration(kind="isotonic", x=tuple(curve.X_thresholds_.tolist()), y=tuple(curve.y_thresholds_.tolist()))


def _losses(y: Floats, p: Floats) -> Floats:
    q = np.clip(p, 1e-15, 1 - 1e-15)
    result: Floats = -(y * np.log(q) + (1 - y) * np.log1p(-q))
    return result
