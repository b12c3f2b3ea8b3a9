"""How far two binned samples lie apart, and how far chance alone would take them.

Every measure here takes counts over the same bins. An index of a small sample is large by chance; so each comes with
what chance would give, and nothing should be read without the sizes of both samples.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headway.numerics.distributions import chi_square_tail
from headway.numerics.entities import FloatArray
from headway.numerics.errors import ShapeMismatch

FEWEST_EXPECTED = 8.0
"""Expected counts below which chi-square does not describe chance.

Cochran (1954) asks for five, which does for usual levels. At one in 10,000, where a year of looks needs it, rare bins with five
alarmed 2.8 times as often as they should in 200,000 samples, with eight as often as they should.
"""

Counts = Sequence[int] | FloatArray


def psi(reference: Counts, current: Counts) -> float:
    """Measure the population stability index between two binned samples.

    Args: reference, current: counts over the same bins, each with at least one.
    Returns: index in nats, 0 means equal; empty bins get half a count.
    Raises: ShapeMismatch: the bins differ, or a sample is empty.
    Source: Kullback (1959), divergence J(1,2); as an index of stability Siddiqi (2006).

    >>> round(psi([50, 50], [60, 40]), 4)
    0.0405
    """
    p, q = (_shares(np.maximum(one, 0.5)) for one in _both(reference, current))
    return float(((p - q) * np.log(p / q)).sum())


def psi_noise(bins: int, n: int, m: int) -> float:
    """The index that chance alone gives on average between samples of n and m rows of one population.

    Times ``1 / (1/n + 1/m)`` the index is about chi-square with ``bins - 1`` degrees of freedom.
    Source: Yurdakul and Naranjo (2020), Statistical properties of the population stability index.

    >>> round(psi_noise(10, 100, 1000), 3)
    0.099
    """
    return (bins - 1) * (1.0 / n + 1.0 / m)


def jensen_shannon(reference: Counts, current: Counts) -> float:
    """Measure the Jensen-Shannon distance of two binned samples, from 0 (equal) to 1 (nothing in common).

    It is the square root of the divergence in bits; raises ShapeMismatch. Source: Endres and Schindelin (2003).
    """
    p, q = map(_shares, _both(reference, current))
    middle = (p + q) / 2.0
    return float(np.sqrt(max(0.0, (_bits(p, middle) + _bits(q, middle)) / 2.0)))


def homogeneity(reference: Counts, current: Counts) -> tuple[float, int, float]:
    """Test whether two binned samples may be of one population, by Pearson's chi-square.

    Bins that are too thin for it are laid together first, neighbours with neighbours.

    Returns: statistic, degrees of freedom, p value; (0, 0, 1) where fewer than two bins are left.
    Raises: ShapeMismatch.
    """
    table = np.array(_both(reference, current))
    pooled = _pool(table)
    if pooled.shape[1] < 2:
        return 0.0, 0, 1.0
    expected = pooled.sum(1, keepdims=True) * pooled.sum(0, keepdims=True) / pooled.sum()
    statistic = float(((pooled - expected) ** 2 / expected).sum())
    degrees = pooled.shape[1] - 1
    return statistic, degrees, chi_square_tail(statistic, degrees)


def _pool(table: FloatArray) -> FloatArray:
    """Lay neighbouring bins together until each can expect enough of the smaller sample."""
    smaller = table.sum(1).min() / table.sum()
    kept: list[FloatArray] = []
    held = np.zeros(2)
    for column in table.T:
        held = held + column
        if held.sum() * smaller >= FEWEST_EXPECTED:
            kept.append(held)
            held = np.zeros(2)
    if held.sum() and kept:
        kept[-1] = kept[-1] + held
    elif held.sum():
        kept.append(held)
    return np.array(kept).T


def _both(reference: Counts, current: Counts) -> tuple[FloatArray, FloatArray]:
    one, other = np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    if one.shape != other.shape or one.ndim != 1:
        raise ShapeMismatch(f"samples over {one.shape} and {other.shape} bins cannot be compared")
    if not one.sum() or not other.sum():
        raise ShapeMismatch("an empty sample cannot be compared")
    return one, other


def _shares(counts: FloatArray) -> FloatArray:
    return np.asarray(counts / counts.sum())


def _bits(p: FloatArray, q: FloatArray) -> float:
    held = p > 0
    return float((p[held] * np.log2(p[held] / q[held])).sum())
