"""Log-odds, calibration and the choice of reasons."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from headway import numerics
from headway.numerics import Calibration, ModelMalformed, probability, reasons, trees


@pytest.mark.parametrize("module", [probability, reasons, trees])
def test_examples_in_the_text_run(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]  # modules, all of them


def test_logit_undoes_sigmoid() -> None:
    raw = np.linspace(-30, 30, 201)
    np.testing.assert_allclose(numerics.logit(numerics.sigmoid(raw), margin=1e-16), raw, atol=1e-2)
    assert np.isfinite(numerics.logit(np.array([0.0, 1.0]))).all()


def test_platt_calibration_is_a_sigmoid_of_a_line() -> None:
    made = numerics.calibrate(Calibration(kind="sigmoid", slope=2.0, intercept=-1.0), np.array([0.5, 1.0]))
    np.testing.assert_allclose(made, [0.5, 1 / (1 + np.exp(-1.0))])


@pytest.mark.parametrize(
    "calibration",
    [
        Calibration(),
        Calibration(kind="sigmoid", slope=1.7, intercept=-0.3),
        Calibration(kind="isotonic", x=(-1.0, 0.0, 2.0), y=(0.1, 0.4, 0.9)),
    ],
)
def test_one_score_is_calibrated_as_among_many(calibration: Calibration) -> None:
    raw = np.concatenate([np.random.default_rng(1).normal(size=2000) * 20, [0.0, -0.0, 800.0, -800.0]])
    assert [numerics.calibrate_one(calibration, one) for one in raw.tolist()] == numerics.calibrate(
        calibration, raw
    ).tolist()


def test_isotonic_calibration_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    raw = rng.normal(size=500)
    label = (raw + rng.normal(size=500) > 0).astype(float)
    fitted = IsotonicRegression(out_of_bounds="clip").fit(raw, label)
    points = Calibration(kind="isotonic", x=tuple(fitted.X_thresholds_), y=tuple(fitted.y_thresholds_))
    numerics.check_calibration(points)
    asked = np.linspace(-5, 5, 1001)
    np.testing.assert_allclose(numerics.calibrate(points, asked), fitted.predict(asked), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "wrong",
    [
        Calibration(kind="isotonic"),
        Calibration(kind="isotonic", x=(0.0, 1.0), y=(0.5,)),
        Calibration(kind="isotonic", x=(1.0, 1.0), y=(0.5, 0.6)),
        Calibration(kind="isotonic", x=(0.0, 1.0), y=(0.6, 0.5)),
        Calibration(kind="isotonic", x=(0.0, 1.0), y=(0.6, 1.5)),
        Calibration(kind="sigmoid", slope=float("nan")),
    ],
)
def test_contradictory_calibrations_are_refused(wrong: Calibration) -> None:
    with pytest.raises(ModelMalformed):
        numerics.check_calibration(wrong)


def test_reasons_are_the_largest_and_never_zero() -> None:
    assert numerics.top_reasons(np.array([0.1, -0.5, 0.0, 0.5]), 10) == [1, 3, 0]
    assert numerics.top_reasons(np.array([0.1, -0.5]), 0) == []
