"""The engine for additive models in JSON: logistic regression, scorecards and explainable boosting machines.

The raw score is an intercept and a sum of terms, each a function of one column, so the exact Shapley value of a column
is its terms' value for the row minus their value for the reference row. Terms:

    {"kind": "linear",   "column": i, "weight": w, "centre": c, "missing": m}   w * (x - c); m when x is missing
    {"kind": "category", "column": i, "weights": [...], "missing": m}          weights[code]; m when missing or unseen
    {"kind": "bins",     "column": i, "edges": [...], "weights": [...], "missing": m}
                                          weights[k], k the number of edges below x (x <= edge stays left of it)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from headway.numerics.entities import FloatArray, Scores
from headway.numerics.errors import ModelMalformed
from headway.numerics.reasons import first_row
from headway.numerics.trees import as_rows

SCHEMA = 1
Apply = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class _Term:
    column: int
    apply: Apply


class AdditiveEngine:
    """Scores rows with a sum of terms; see ``Engine``."""

    def __init__(
        self, columns: tuple[str, ...], intercept: float, terms: tuple[_Term, ...], reference: FloatArray | None
    ) -> None:
        self.columns = columns
        self._intercept, self._terms = intercept, terms
        self.reference: FloatArray | None = None
        self._base, self._effects = 0.0, np.zeros(len(columns))
        if reference is not None:
            row = as_rows(reference[np.newaxis], len(columns))
            self.reference = row[0].copy()
            self.reference.flags.writeable = False
            self._effects = self._sums(row)[0]
            self._base = float(self._intercept + self._effects.sum())

    def score(self, X: FloatArray, reasons: bool) -> Scores:
        """Score rows, shape (n, d)."""
        effects = self._sums(as_rows(X, len(self.columns)))
        raw = self._intercept + effects.sum(axis=1)
        if not reasons or self.reference is None:
            return Scores(raw, None, self._base)
        return Scores(raw, effects - self._effects, self._base)

    def explain_row(self, row: FloatArray, k: int) -> tuple[float, list[tuple[int, float]]]:
        """Score one row, shape (d,); see ``Engine``."""
        return first_row(self.score(row[np.newaxis], reasons=k > 0), k)

    def _sums(self, rows: FloatArray) -> FloatArray:
        """Sum the terms of each column, shape (n, d)."""
        sums = np.zeros(rows.shape)
        for term in self._terms:
            sums[:, term.column] += term.apply(rows[:, term.column])
        return sums


def additive_engine(model: Mapping[str, object], reference: FloatArray | None = None) -> AdditiveEngine:
    """Make an engine of an additive model: ``{"schema": 1, "columns": [...], "intercept": b, "terms": [...]}``.

    Raises: ModelMalformed: naming every term that is wrong. ShapeMismatch: the reference has another length.
    """
    if not isinstance(model, Mapping) or model.get("schema") != SCHEMA:
        raise ModelMalformed(f"an additive model must be an object of schema {SCHEMA}")
    columns, listed = model.get("columns"), model.get("terms")
    if not isinstance(columns, list) or not columns or not all(isinstance(name, str) for name in columns):
        raise ModelMalformed("an additive model needs a list of column names")
    if not isinstance(listed, list):
        raise ModelMalformed("an additive model needs a list of terms")
    terms: list[_Term] = []
    problems: list[str] = []
    for i, term in enumerate(listed):
        try:
            terms.append(_read_term(term, len(columns)))
        except (ValueError, TypeError) as error:
            problems.append(f"term {i}: {error}")
    try:
        intercept = _number(model.get("intercept"), "intercept")
    except ValueError as error:
        problems.append(str(error))
    if problems:
        raise ModelMalformed("the additive model is wrong: " + "; ".join(problems))
    return AdditiveEngine(tuple(columns), intercept, tuple(terms), reference)


def _read_term(term: object, columns: int) -> _Term:
    if not isinstance(term, Mapping):
        raise TypeError("is no object")
    column = term.get("column")
    if not isinstance(column, int) or isinstance(column, bool) or not 0 <= column < columns:
        raise ValueError(f"column {column!r} does not exist")
    readers: dict[object, Callable[[Mapping[str, object], float], Apply]] = {
        "linear": _linear,
        "category": _category,
        "bins": _bins,
    }
    if term.get("kind") not in readers:
        raise ValueError(f"kind {term.get('kind')!r} is none of {', '.join(map(str, readers))}")
    return _Term(column, readers[term["kind"]](term, _number(term.get("missing", 0.0), "missing")))


def _linear(term: Mapping[str, object], missing: float) -> Apply:
    weight, centre = _number(term.get("weight"), "weight"), _number(term.get("centre", 0.0), "centre")
    return lambda x: np.where(np.isnan(x), missing, weight * (x - centre))


def _category(term: Mapping[str, object], missing: float) -> Apply:
    table = np.append(_numbers(term, "weights"), missing)
    size = len(table) - 1

    def apply(x: FloatArray) -> FloatArray:
        known = (x >= 0) & (x < size)
        picked: FloatArray = table[np.where(known, x, size).astype(np.intp)]
        return picked

    return apply


def _bins(term: Mapping[str, object], missing: float) -> Apply:
    edges, weights = _numbers(term, "edges"), _numbers(term, "weights")
    if len(weights) != len(edges) + 1:
        raise ValueError(f"has {len(edges)} edges and {len(weights)} weights, expected one more weight than edges")
    if (np.diff(edges) <= 0).any():
        raise ValueError("has edges that do not rise")
    table = np.append(weights, missing)

    def apply(x: FloatArray) -> FloatArray:
        picked: FloatArray = table[np.where(np.isnan(x), len(weights), np.searchsorted(edges, x, side="left"))]
        return picked

    return apply


def _numbers(term: Mapping[str, object], name: str) -> FloatArray:
    values = term.get(name)
    if not isinstance(values, list):
        raise TypeError(f"needs a list of {name}")
    return np.array([_number(value, name) for value in values], dtype=np.float64)


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} {value!r} is not a finite number"[:200])
    return float(value)
