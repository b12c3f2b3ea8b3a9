"""Shapes of scoring: what an engine is, what it answers, and how a raw score becomes a probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

CalibrationKind = Literal["none", "sigmoid", "isotonic"]


@dataclass(frozen=True, slots=True)
class Scores:
    """What an engine says about n rows.

    raw: shape (n,), in log-odds for a model of a yes/no label.
    contributions: shape (n, d) or None; row i sums to ``raw[i] - base``.
    base: raw score of the reference row (of no row, when the engine has no reference: then 0).
    """

    raw: FloatArray
    contributions: FloatArray | None
    base: float


class Engine(Protocol):
    """Scores rows; holds no state that a call changes, so that threads may share it."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the d inputs, in the order of the matrix's columns."""

    @property
    def reference(self) -> FloatArray | None:
        """The row that contributions compare with, shape (d,), or None: then there are no contributions."""

    def score(self, X: FloatArray, reasons: bool) -> Scores:
        """Score rows of float64, shape (n, d), NaN for missing; raises ShapeMismatch."""

    def explain_row(self, row: FloatArray, k: int) -> tuple[float, list[tuple[int, float]]]:
        """Score one row, shape (d,); returns its raw score, and column and contribution of the k largest reasons.

        The numbers and their order are those of ``score`` and ``top_reasons``, to the last bit.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How a raw score becomes a probability.

    ``none``: sigmoid(raw). ``sigmoid`` (Platt): sigmoid(slope * raw + intercept). ``isotonic``: linear between the
    points (x raw, rising; y probability, not falling), flat outside them.
    """

    kind: CalibrationKind = "none"
    slope: float = 1.0
    intercept: float = 0.0
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()
