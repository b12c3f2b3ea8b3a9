"""Choosing the contributions that are told as reasons."""

from __future__ import annotations

import numpy as np

from headway.numerics.entities import FloatArray, Scores


def top_reasons(contributions: FloatArray, k: int) -> list[int]:
    """Find the k largest contributions by size, largest first; equal ones in column order, zeros never.

    Args: contributions: shape (d,).
    Returns: at most k column numbers.

    >>> top_reasons(np.array([0.0, -2.0, 1.0, 2.0]), 3)
    [1, 3, 2]
    """
    size = np.abs(contributions)
    order: list[int] = np.argsort(-size, kind="stable")[: max(k, 0)].tolist()
    return [i for i in order if size[i] > 0.0]


def first_row(scores: Scores, k: int) -> tuple[float, list[tuple[int, float]]]:
    """The first row's raw score, and column and size of its k largest contributions, as ``Engine.explain_row`` does."""
    if scores.contributions is None:
        return float(scores.raw[0]), []
    shares = scores.contributions[0]
    return float(scores.raw[0]), [(i, float(shares[i])) for i in top_reasons(shares, k)]
