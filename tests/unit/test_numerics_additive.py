"""Additive models: the sum, the exact reasons, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from headway import numerics
from headway.numerics import ModelMalformed, ShapeMismatch

MODEL: dict[str, object] = {
    "schema": 1,
    "columns": ["age", "job", "balance"],
    "intercept": 0.5,
    "terms": [
        {"kind": "linear", "column": 0, "weight": 2.0, "missing": -3.0},
        {"kind": "category", "column": 1, "weights": [1.0, 10.0], "missing": 0.25},
        {"kind": "bins", "column": 2, "edges": [0.0, 100.0], "weights": [-1.0, 0.0, 1.0], "missing": 7.0},
        {"kind": "linear", "column": 2, "weight": 0.01, "missing": 0.0},
    ],
}
ROWS = np.array(
    [
        [1.0, 0.0, 50.0],
        [np.nan, 1.0, np.nan],
        [0.0, 5.0, 100.0],
        [0.0, np.nan, 100.5],
        [-1.0, -1.0, 0.0],
    ]
)
RAW = [0.5 + 2 + 1 + 0.5, 0.5 - 3 + 10 + 7, 0.5 + 0.25 + 1.0, 0.5 + 0.25 + 1 + 1.005, 0.5 - 2 + 0.25 - 1.0]


def test_score_is_intercept_and_terms() -> None:
    made = numerics.additive_engine(MODEL).score(ROWS, reasons=True)
    np.testing.assert_allclose(made.raw, RAW, rtol=0, atol=1e-12)
    assert made.contributions is None, "without a reference row there are no reasons"


def test_contributions_are_differences_from_the_reference_row() -> None:
    engine = numerics.additive_engine(MODEL, ROWS[0])
    made = engine.score(ROWS, reasons=True)
    assert made.contributions is not None
    assert made.base == pytest.approx(RAW[0])
    np.testing.assert_allclose(made.contributions.sum(axis=1), made.raw - made.base, rtol=0, atol=1e-12)
    np.testing.assert_allclose(made.contributions[1], [-5.0, 9.0, 6.5], rtol=0, atol=1e-12)
    assert not made.contributions[0].any()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"schema": 2}, "schema"),
        ({"columns": []}, "column names"),
        ({"terms": None}, "list of terms"),
        ({"intercept": "x"}, "intercept"),
        ({"terms": [{"kind": "cubic", "column": 0}]}, "cubic"),
        ({"terms": [{"kind": "linear", "column": 3, "weight": 1.0}]}, "column 3"),
        ({"terms": [{"kind": "linear", "column": True, "weight": 1.0}]}, "column True"),
        ({"terms": [{"kind": "linear", "column": 0, "weight": float("nan")}]}, "finite"),
        ({"terms": [{"kind": "bins", "column": 0, "edges": [1.0], "weights": [1.0]}]}, "one more weight"),
        ({"terms": [{"kind": "bins", "column": 0, "edges": [1.0, 1.0], "weights": [1.0, 2.0, 3.0]}]}, "rise"),
        ({"terms": ["x"]}, "no object"),
    ],
)
def test_malformed_models_are_refused(change: dict[str, object], why: str) -> None:
    with pytest.raises(ModelMalformed, match=why):
        numerics.additive_engine(MODEL | change)


def test_every_wrong_term_is_named() -> None:
    terms = [{"kind": "linear", "column": 9, "weight": 1.0}, {"kind": "linear", "column": 0}]
    with pytest.raises(ModelMalformed, match=r"term 0.*term 1"):
        numerics.additive_engine(MODEL | {"terms": terms})


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        numerics.additive_engine(MODEL).score(np.zeros((2, 2)), reasons=False)
