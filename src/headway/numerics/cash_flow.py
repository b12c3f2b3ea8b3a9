"""Money over months: present value, internal rate, payback; and draws between a low, a likely and a high value.

Flows are told by month: place 0 is today, place m the end of month m. Rates are per year, 0.08 for eight percent.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from headway.numerics.entities import FloatArray

if TYPE_CHECKING:
    import numpy as np

MONTHS = 12
_STEPS = 200
Shape = Literal["pert", "triangular"]


def discount_factors(months: int, yearly_rate: float) -> FloatArray:
    """What one unit of money at the end of each month is worth today.

    Args: months: the last month; yearly_rate: above -1.
    Returns: shape (months + 1,), beginning with 1.

    >>> [round(float(one), 4) for one in discount_factors(24, 0.1)[[0, 12, 24]]]
    [1.0, 0.9091, 0.8264]
    """
    import numpy as np

    return np.asarray((1.0 + yearly_rate) ** (-np.arange(months + 1) / MONTHS), dtype=np.float64)


def present_value(flows: Sequence[float] | FloatArray, yearly_rate: float) -> float:
    """Sum the flows of months as they are worth today.

    >>> round(present_value([-1000.0, *[0.0] * 11, 1100.0], 0.1), 6)
    0.0
    """
    import numpy as np

    given = np.asarray(flows, dtype=np.float64)
    return float(given @ discount_factors(len(given) - 1, yearly_rate))


def sign_changes(flows: Sequence[float] | FloatArray) -> int:
    """Count how often flows turn from paid to received or back; zeros do not count.

    >>> sign_changes([-1.0, 0.0, 3.0, 3.0, -2.0])
    2
    """
    signs = [one > 0 for one in flows if one != 0]
    return sum(a != b for a, b in itertools.pairwise(signs))


def internal_rate(flows: Sequence[float] | FloatArray) -> float | None:
    """Find the yearly rate at which flows of months are worth nothing today.

    Returns: None where flows turn more or less often than once, since there is then no rate or more than one (Descartes'
    rule of signs), or where it is too far from any real rate to be told.

    >>> round(internal_rate([-1000.0, *[0.0] * 11, 1100.0]), 6)
    0.1
    """
    import numpy as np

    given = np.asarray(flows, dtype=np.float64)
    if sign_changes(given) != 1:
        return None
    months = np.arange(len(given))

    def worth(log_factor: float) -> float:
        return float(given @ np.exp(log_factor * months))

    far = min(5.0, 600.0 / max(1, len(given)))
    low, high = -far, far
    is_below = worth(low) < 0.0
    if is_below == (worth(high) < 0.0):
        return None
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if (worth(middle) < 0.0) == is_below else (low, middle)
    return math.expm1(-MONTHS * (low + high) / 2.0)


def payback_month(cumulative: FloatArray) -> FloatArray:
    """Find the month from which what was received covers what was paid, and stays so until the end.

    Args: cumulative: shape (n, months + 1), the sum of all flows up to each month.
    Returns: shape (n,); infinite where it never does.
    """
    import numpy as np

    is_below = cumulative < 0.0
    width = cumulative.shape[1]
    last = np.where(is_below.any(axis=1), width - np.argmax(is_below[:, ::-1], axis=1), 0)
    return np.where(last >= width, np.inf, last.astype(np.float64))


def mean_between(low: float, likely: float, high: float, shape: Shape) -> float:
    """The mean of a value between a low and a high one, of which one is most likely.

    Source: PERT (Malcolm et al. 1959): (low + 4 likely + high) / 6; the triangle's is (low + likely + high) / 3.

    >>> mean_between(0.0, 2.0, 10.0, "pert"), mean_between(0.0, 2.0, 10.0, "triangular")
    (3.0, 4.0)
    """
    return (low + 4.0 * likely + high) / 6.0 if shape == "pert" else (low + likely + high) / 3.0


def variance_between(low: float, likely: float, high: float, shape: Shape) -> float:
    """The variance of such a value; of PERT that of its beta distribution, (mean - low)(high - mean) / 7.

    >>> round(variance_between(0.0, 3.0, 6.0, "pert"), 4), variance_between(0.0, 3.0, 6.0, "triangular")
    (1.2857, 1.5)
    """
    if shape == "pert":
        mean = mean_between(low, likely, high, shape)
        return (mean - low) * (high - mean) / 7.0
    return (low**2 + likely**2 + high**2 - low * likely - low * high - likely * high) / 18.0


def draw_between(
    generator: np.random.Generator, low: float, likely: float, high: float, shape: Shape, *, count: int
) -> FloatArray:
    """Draw such a value ``count`` times; where low is high it is that value.

    PERT is the beta distribution with 1 + 4 (likely - low) / (high - low) and 1 + 4 (high - likely) / (high - low).
    """
    import numpy as np

    width = high - low
    if not width > 0.0:
        return np.full(count, low)
    if shape == "triangular":
        return generator.triangular(low, likely, high, size=count)
    return low + width * generator.beta(1.0 + 4.0 * (likely - low) / width, 1.0 + 4.0 * (high - likely) / width, count)
