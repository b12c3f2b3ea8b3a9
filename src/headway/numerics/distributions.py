"""Tails and quantiles of the distributions that comparisons of groups need, in plain Python so that they are light to import."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

_TINY, _STEPS = 1e-300, 500


def normal_quantile(probability: float) -> float:
    """The value below which a standard normal variable lies with a probability in (0, 1).

    >>> round(normal_quantile(0.975), 6)
    1.959964
    """
    return NormalDist().inv_cdf(probability)


def student_t_quantile(probability: float, degrees: float) -> float:
    """The value below which Student's t lies with a probability in (0, 1); ``degrees`` need not be whole.

    >>> round(student_t_quantile(0.975, 10.0), 4)
    2.2281
    """
    if probability < 0.5:
        return -student_t_quantile(1.0 - probability, degrees)
    wanted, low, high = probability - 0.5, 0.0, 1.0
    while _student_t_from_the_middle(high, degrees) < wanted:
        high *= 2.0
    while high - low > 1e-13 * high:
        middle = (low + high) / 2.0
        if middle in (low, high):
            break
        low, high = (middle, high) if _student_t_from_the_middle(middle, degrees) < wanted else (low, middle)
    return (low + high) / 2.0


def chi_square_tail(value: float, degrees: int) -> float:
    """The probability that chi-square with this many degrees of freedom is larger than a value.

    Source: Abramowitz and Stegun (1964), 26.4.4 and 26.4.5.

    >>> round(chi_square_tail(3.841459, 1), 4)
    0.05
    """
    if value <= 0.0:
        return 1.0
    half = value / 2.0
    term = math.sqrt(half) * math.exp(-half) / math.gamma(1.5) if degrees % 2 else math.exp(-half)
    total, power = (math.erfc(math.sqrt(half)), 1.5) if degrees % 2 else (term, 1.0)
    if degrees % 2 == 0:
        term *= half
    for _ in range((degrees - 1) // 2):
        total += term
        power, term = power + 1.0, term * half / (power if degrees % 2 else power + 1.0)
    return min(1.0, total)


@lru_cache(maxsize=1024)  # a rule asks for the same few again and again
def chi_square_quantile(tail: float, degrees: int) -> float:
    """The value that chi-square with this many degrees of freedom passes with a probability in (0, 1).

    >>> round(chi_square_quantile(0.05, 1), 4)
    3.8415
    """
    low, high = 0.0, float(degrees)
    while chi_square_tail(high, degrees) > tail:
        low, high = high, high * 2.0
    while high - low > 1e-12 * high:
        middle = (low + high) / 2.0
        if middle in (low, high):
            break
        low, high = (middle, high) if chi_square_tail(middle, degrees) > tail else (low, middle)
    return (low + high) / 2.0


def hypergeometric_tail(found: int, drawn: int, marked: int, size: int) -> float:
    """The probability to find at least ``found`` marked ones among ``drawn`` of ``size``, of which ``marked`` are.

    It is the one-sided exact test of Fisher (1935) for a table of two by two.

    >>> round(hypergeometric_tail(2, 2, 2, 4), 4)
    0.1667
    """
    least, most = max(0, drawn + marked - size), min(drawn, marked)
    if found <= least:
        return 1.0
    if found > most:
        return 0.0
    log_term = _log_choose(marked, found) + _log_choose(size - marked, drawn - found) - _log_choose(size, drawn)
    term = total = 1.0
    for k in range(found, most):
        term *= (marked - k) * (drawn - k) / ((k + 1) * (size - marked - drawn + k + 1))
        total += term
        if term < 1e-17 * total:
            break
    return min(1.0, math.exp(min(0.0, log_term + math.log(total))))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _student_t_from_the_middle(value: float, degrees: float) -> float:
    """The probability that Student's t lies between zero and a value not below zero.

    It is the distribution function less a half, and is exact near zero, where that difference would lose its digits.
    """
    square = value * value
    return 0.5 * _incomplete_beta(square / (degrees + square), 0.5, degrees / 2.0)


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Lentz); source: DLMF 8.17.22."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - _incomplete_beta(1.0 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    c, d = 1.0, 1.0 / _away(1.0 - (a + b) * x / (a + 1.0))
    found = d
    for m in range(1, _STEPS):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _away(1.0 + numerator * d)
            c = _away(1.0 + numerator / c)
            found *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return front * found / a


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
