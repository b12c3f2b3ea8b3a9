"""Log-odds, probabilities and the calibration that leads from one to the other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from headway.numerics.entities import Calibration, FloatArray
from headway.numerics.errors import ModelMalformed


def sigmoid(raw: FloatArray) -> FloatArray:
    """Turn log-odds into probabilities, without overflow at either end.

    >>> sigmoid(np.array([-800.0, 0.0, 800.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    small = np.exp(-np.abs(raw))
    made: FloatArray = np.where(raw >= 0, 1.0, small) / (1.0 + small)
    return made


def logit(probability: FloatArray, margin: float = 1e-15) -> FloatArray:
    """Turn probabilities into log-odds; 0 and 1 are moved inwards by ``margin`` so that the result is finite.

    >>> logit(np.array([0.5])).tolist()
    [0.0]
    """
    inside = np.clip(probability, margin, 1.0 - margin)
    made: FloatArray = np.log(inside) - np.log1p(-inside)
    return made


def calibrate(calibration: Calibration, raw: FloatArray) -> FloatArray:
    """Turn raw scores, shape (n,), into probabilities as the calibration says."""
    if calibration.kind == "isotonic":
        return np.interp(raw, calibration.x, calibration.y)
    if calibration.kind == "sigmoid":
        return sigmoid(calibration.slope * raw + calibration.intercept)
    return sigmoid(raw)


def calibrate_one(calibration: Calibration, raw: float) -> float:
    """Turn one raw score into a probability: the same, to the last bit, as ``calibrate`` does."""
    if calibration.kind == "isotonic":
        return float(np.interp(raw, calibration.x, calibration.y))
    if calibration.kind == "sigmoid":
        raw = calibration.slope * raw + calibration.intercept
    small = float(np.exp(-abs(raw)))
    return (1.0 if raw >= 0 else small) / (1.0 + small)


def check_calibration(calibration: Calibration) -> None:
    """Raise ModelMalformed naming every contradiction in a calibration."""
    problems = list(calibration_problems(calibration))
    if problems:
        raise ModelMalformed("the calibration is wrong: " + "; ".join(problems))


def calibration_problems(calibration: Calibration) -> Iterator[str]:
    """Name every contradiction in a calibration; none means that ``calibrate`` works."""
    if not all(map(math.isfinite, (calibration.slope, calibration.intercept, *calibration.x, *calibration.y))):
        yield "a parameter is not finite"
    if calibration.kind != "isotonic":
        return
    if not calibration.x or len(calibration.x) != len(calibration.y):
        yield f"{len(calibration.x)} raw scores and {len(calibration.y)} probabilities"
    if any(after <= before for before, after in pairwise(calibration.x)):
        yield "the raw scores do not rise"
    if any(after < before for before, after in pairwise(calibration.y)):
        yield "the probabilities fall"
    if any(not 0 <= value <= 1 for value in calibration.y):
        yield "a probability lies outside 0 and 1"
