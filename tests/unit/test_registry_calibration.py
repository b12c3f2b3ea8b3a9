"""Calibration helps or is left out."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.calibration import _sigmoid_calibration
from sklearn.isotonic import IsotonicRegression

from headway.numerics import calibrate, check_calibration
from headway.registry.calibration import choose_calibration, fit_isotonic, fit_sigmoid


def drawn(n: int, distort: float, shift: float, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Labels drawn from true log-odds, and scores that are ``distort`` times them plus ``shift``."""
    rng = np.random.default_rng(seed)
    true = rng.normal(-1, 1.5, n)
    y = (rng.random(n) < 1 / (1 + np.exp(-true))).astype(np.float64)
    return y, true * distort + shift


def test_a_calibrated_model_is_left_as_it_is() -> None:
    y, raw = drawn(6000, 1.0, 0.0)
    calibration, report = choose_calibration(y, raw, ordered=False, seed=0)
    assert calibration.kind == report.kind == "none"
    assert set(report.log_loss) == {"none", "sigmoid", "isotonic"}


@pytest.mark.parametrize("ordered", [True, False])
def test_a_distorted_model_is_bent_back(ordered: bool) -> None:
    y, raw = drawn(1500, 2.5, 1.0)
    calibration, report = choose_calibration(y, raw, ordered=ordered, seed=0)
    assert calibration.kind == "sigmoid"
    assert calibration.slope == pytest.approx(1 / 2.5, rel=0.15)
    assert report.log_loss["sigmoid"] < report.log_loss["none"]
    p = calibrate(calibration, raw)
    assert p.mean() == pytest.approx(y.mean(), abs=0.02)


def test_a_bend_that_is_no_sigmoid_takes_isotonic() -> None:
    y, raw = drawn(20000, 1.0, 0.0)
    calibration, _ = choose_calibration(y, np.sign(raw + 1) * np.abs(raw + 1) ** 4, ordered=False, seed=0)
    assert calibration.kind == "isotonic"
    check_calibration(calibration)


def test_scores_that_rank_backwards_are_not_turned_around() -> None:
    y, raw = drawn(4000, -1.0, 0.0)
    calibration, report = choose_calibration(y, raw, ordered=True, seed=0)
    assert "sigmoid" not in report.log_loss
    assert (np.diff(calibrate(calibration, np.linspace(-5, 5, 50))) >= 0).all()


def test_too_few_rows_leave_the_scores_alone() -> None:
    y, raw = drawn(60, 3.0, 1.0)
    calibration, report = choose_calibration(y, raw, ordered=True, seed=0)
    assert calibration.kind == "none"
    assert report.reason == "too few rows to judge a calibration"


def test_sigmoid_equals_scikit_learn() -> None:
    y, raw = drawn(3000, 2.0, -0.5)
    a, b = _sigmoid_calibration(raw, y)
    made = fit_sigmoid(y, raw)
    assert calibrate(made, raw) == pytest.approx(1 / (1 + np.exp(a * raw + b)), abs=1e-4)


def test_isotonic_points_say_what_scikit_learn_says_also_beyond_them() -> None:
    y, raw = drawn(3000, 2.0, -0.5)
    made = fit_isotonic(y, raw)
    check_calibration(made)
    expected = IsotonicRegression(y_min=1e-4, y_max=1 - 1e-4, out_of_bounds="clip").fit(raw, y)
    asked = np.r_[raw, -50.0, 50.0, np.linspace(-5, 5, 200)]
    assert calibrate(made, asked) == pytest.approx(expected.predict(asked), abs=1e-12)
