"""Logistic regression on standardised numbers and one-hot categories, written as an additive table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headway.runtime import Feature

PENALTY = 1.0
"""Inverse strength of the ridge penalty on standardised columns (scikit-learn's C)."""
_DIGITS = 10  # weights are rounded so that the last bits of a linear solver do not change the artefact

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LinearTerm:
    """A number's part of the score: weight times (value - centre), or ``missing``."""

    centre: float
    weight: float
    missing: float


@dataclass(frozen=True, slots=True)
class TableTerm:
    """A category's part of the score: the weight of its code, or ``missing``."""

    weights: tuple[float, ...]
    missing: float


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted logistic regression over encoded features."""

    features: tuple[Feature, ...]
    intercept: float
    terms: tuple[LinearTerm | TableTerm, ...]

    def raw(self, x: Floats) -> Floats:
        """Score encoded rows; log-odds, shape (n,)."""
        total = np.full(len(x), self.intercept)
        for at, term in enumerate(self.terms):
            values = x[:, at]
            missing = np.isnan(values)
            if isinstance(term, LinearTerm):
                part = term.weight * (np.where(missing, term.centre, values) - term.centre)
            else:
                part = np.asarray(term.weights)[np.where(missing, 0, values).astype(np.intp)]
            total += np.where(missing, term.missing, part)
        return total


def fit_logistic(features: Sequence[Feature], x: Floats, y: Floats) -> Logistic:
    """Fit by Newton's method (scikit-learn's newton-cholesky); each missing value has a weight of its own."""
    from sklearn.linear_model import LogisticRegression

    blocks, layout = [], []
    for at, feature in enumerate(features):
        block, centre, scale = _block(feature, x[:, at])
        blocks.append(block)
        layout.append((block.shape[1], centre, scale))
    model = LogisticRegression(C=PENALTY, solver="newton-cholesky", max_iter=200, tol=1e-8)
    model.fit(np.column_stack(blocks), y)
    weights, terms, start = model.coef_[0], [], 0
    for width, centre, scale in layout:
        part = [_round(weight) for weight in weights[start : start + width]]
        start += width
        if scale is None:
            terms.append(TableTerm(weights=tuple(part[:-1]), missing=part[-1]))
        else:
            terms.append(LinearTerm(centre=_round(centre), weight=_round(weights[start - 2] / scale), missing=part[1]))
    return Logistic(tuple(features), _round(float(model.intercept_[0])), tuple(terms))


def _block(feature: Feature, values: Floats) -> tuple[Floats, float, float | None]:
    """Columns of one feature in the design: (standardised value, missing) or one a category and missing."""
    missing = np.isnan(values)
    if feature.kind == "category":
        width = len(feature.categories)
        block = np.zeros((len(values), width + 1))
        block[np.arange(len(values)), np.where(missing, width, values).astype(np.intp)] = 1.0
        return block, 0.0, None
    known = values[~missing]
    centre = float(known.mean()) if len(known) else 0.0
    scale = float(known.std()) if len(known) else 1.0
    scale = scale if scale > 0 else 1.0
    return np.column_stack([np.where(missing, 0.0, (values - centre) / scale), missing]), centre, scale


def _round(value: float) -> float:
    return float(f"{float(value):.{_DIGITS}g}")
