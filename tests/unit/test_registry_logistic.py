"""The logistic challenger: its table in the node's engine says what scikit-learn says."""

from __future__ import annotations

import numpy as np
import pytest

from headway.numerics import additive_engine
from headway.registry.logistic import fit_logistic
from headway.runtime import Feature

FEATURES = (
    Feature(name="n", column="n", kind="number"),
    Feature(name="k", column="k", kind="category", categories=("a", "b", "c")),
    Feature(name="far", column="far", kind="integer"),
    Feature(name="flat", column="flat", kind="number"),
)


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    rng = np.random.default_rng(0)
    x = np.column_stack(
        [
            rng.normal(5, 3, 2000),
            rng.integers(0, 3, 2000).astype(float),
            1.7e12 + rng.integers(0, 1000, 2000),  # milliseconds of one second, as a clock writes them
            np.full(2000, 3.0),
        ]
    )
    logit = 0.4 * (x[:, 0] - 5) + np.array([0.0, 1.0, -1.0])[x[:, 1].astype(int)] + (x[:, 2] - 1.7e12 - 500) / 300
    y = (rng.random(2000) < 1 / (1 + np.exp(-logit))).astype(np.float64)
    x[rng.random((2000, 4)) < 0.1] = np.nan
    return x, y


def test_the_table_says_what_the_library_says(
    rows: tuple[np.ndarray[tuple[int, ...], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]],
) -> None:
    x, y = rows
    model = fit_logistic(FEATURES, x, y)
    engine = additive_engine(model.additive, np.array([5.0, 0.0, 1.7e12, 3.0]))
    scores = engine.score(x, reasons=True)
    np.testing.assert_allclose(scores.raw, model.raw(x), rtol=1e-9, atol=1e-9)
    assert scores.contributions is not None
    np.testing.assert_allclose(scores.contributions.sum(1), scores.raw - scores.base, atol=1e-9)


def test_it_finds_the_truth_it_was_drawn_from(
    rows: tuple[np.ndarray[tuple[int, ...], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]],
) -> None:
    terms = fit_logistic(FEATURES, *rows).additive["terms"]
    assert isinstance(terms, list)
    assert terms[0]["weight"] == pytest.approx(0.4, abs=0.06)
    assert terms[2]["weight"] == pytest.approx(1 / 300, rel=0.15)
    low, high = terms[1]["weights"][2], terms[1]["weights"][1]
    assert high - low == pytest.approx(2.0, abs=0.35)
