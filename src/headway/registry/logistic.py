"""Logistic regression on standardised numbers and one-hot categories, written as an additive table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headway.runtime import Feature

PENALTY = 1.0
"""Inverse strength of the ridge penalty on standardised columns (scikit-learn's C)."""
MAX_CELLS = 50_000_000
"""Cells of the design matrix held at once (400 MB); more rows are thinned out evenly for fitting."""
_DIGITS = 12  # weights are rounded so that the last bits of a linear solver do not change the artefact

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted logistic regression over encoded features: the table of ``numerics.additive_engine``, and the scorer."""

    additive: dict[str, object]
    raw: Callable[[Floats], Floats]  # scikit-learn's own decision function, log-odds of shape (n,)


@dataclass(frozen=True, slots=True)
class _Block:
    """Where one feature lies in the design matrix; a number has a scale, a category has none."""

    width: int
    centre: float
    scale: float | None


def fit_logistic(features: Sequence[Feature], x: Floats, y: Floats) -> Logistic:
    """Fit by Newton's method (scikit-learn's newton-cholesky); each missing value has a weight of its own."""
    from sklearn.linear_model import LogisticRegression

    blocks = tuple(_block(feature, x[:, at]) for at, feature in enumerate(features))
    width = sum(block.width for block in blocks)
    step = max(1, -(-len(y) * width // MAX_CELLS))
    model = LogisticRegression(C=PENALTY, solver="newton-cholesky", max_iter=200, tol=1e-8)
    model.fit(_design(blocks, x[::step]), y[::step])

    def raw(rows: Floats) -> Floats:
        parts = np.array_split(rows, max(1, -(-len(rows) * width // MAX_CELLS)))
        return np.concatenate([model.decision_function(_design(blocks, part)) for part in parts])

    return Logistic(_table(blocks, model.coef_[0], float(model.intercept_[0])), raw)


def _table(blocks: Sequence[_Block], weights: Floats, intercept: float) -> dict[str, object]:
    """Write the weights as terms; a number keeps its centre, since far from zero a product alone loses its digits."""
    terms: list[dict[str, object]] = []
    start = 0
    for at, block in enumerate(blocks):
        part = weights[start : start + block.width]
        start += block.width
        if block.scale is None:
            listed = [_round(weight) for weight in part[:-1]]
            terms.append({"kind": "category", "column": at, "weights": listed, "missing": _round(part[-1])})
            continue
        weight = _round(float(part[0]) / block.scale)
        missing = _round(part[1])
        terms.append({"kind": "linear", "column": at, "weight": weight, "centre": block.centre, "missing": missing})
    columns = [f"f{at}" for at in range(len(blocks))]
    return {"schema": 1, "columns": columns, "intercept": _round(intercept), "terms": terms}


def _block(feature: Feature, values: Floats) -> _Block:
    if feature.kind == "category":
        return _Block(width=len(feature.categories) + 1, centre=0.0, scale=None)
    known = values[~np.isnan(values)]
    scale = float(known.std()) if len(known) else 1.0
    return _Block(width=2, centre=float(known.mean()) if len(known) else 0.0, scale=scale if scale > 0 else 1.0)


def _design(blocks: Sequence[_Block], x: Floats) -> Floats:
    """Make the design matrix: (standardised value, is missing) for a number, one column a category and missing."""
    made = []
    for at, block in enumerate(blocks):
        values, missing = x[:, at], np.isnan(x[:, at])
        if block.scale is None:
            one_hot = np.zeros((len(x), block.width))
            one_hot[np.arange(len(x)), np.where(missing, block.width - 1, values).astype(np.intp)] = 1.0
            made.append(one_hot)
        else:
            made.append(np.column_stack([np.where(missing, 0.0, (values - block.centre) / block.scale), missing]))
    return np.column_stack(made)


def _round(value: float) -> float:
    return float(f"{float(value):.{_DIGITS}g}")
