"""Losses of a year from ranges: how often something happens, what it costs when it does, and how likely a year is to cost more. Pure.

A range is a 90 % interval: in one case of twenty it is less than its low end, in one of twenty more than its high end.
Rates and impacts are lognormal between them; the number of events in a year is Poisson at the rate drawn.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from headway.governance.risks.entities import Exceedance, Exposure, Range
from headway.numerics import FloatArray, normal_quantile

if TYPE_CHECKING:
    pass

DRAWS = 20_000
SEED = 1
POINTS = 60
MOST_A_YEAR = 500.0
_NINETY = normal_quantile(0.95)


def parameters(between: Range) -> tuple[float, float]:
    """The mean and the deviation of the logarithm of a value with this 90 % interval.

    >>> [round(one, 4) for one in parameters(Range(low=1.0, high=1.0))]
    [0.0, 0.0]
    """
    low, high = math.log(between.low), math.log(between.high)
    return (low + high) / 2.0, (high - low) / (2.0 * _NINETY)


def mean_of(between: Range) -> float:
    """What such a value is on average: exp(m + s^2 / 2) of a lognormal.

    >>> mean_of(Range(low=2.0, high=2.0))
    2.0
    """
    m, s = parameters(between)
    return math.exp(m + s * s / 2.0)


def expected(rate: Range, impact: Range) -> float:
    """What a year costs on average: events a year times what one costs, since they are independent."""
    return mean_of(rate) * mean_of(impact)


def draw_years(name: str, rate: Range, impact: Range, *, draws: int = DRAWS, seed: int = SEED) -> FloatArray:
    """Draw what a year costs.

    Args: name: of the risk; each is drawn from a stream of its own, so that one risk more leaves the others as they are.
    Returns: shape (draws,), never below zero.
    """
    import numpy as np

    stream = np.random.SeedSequence([seed, zlib.crc32(name.encode())])
    generator = np.random.Generator(np.random.PCG64(stream))
    m, s = parameters(rate)
    events = generator.poisson(np.minimum(np.exp(m + s * generator.standard_normal(draws)), 4.0 * MOST_A_YEAR))
    m, s = parameters(impact)
    each = np.exp(m + s * generator.standard_normal(int(events.sum())))
    years = np.zeros(draws, dtype=np.float64)
    np.add.at(years, np.repeat(np.arange(draws), events), each)
    return years


def exposure(years: FloatArray, average: float) -> Exposure:
    """Sum drawn years up: the expected loss, the 95th percentile, and how likely a year costs anything."""
    import numpy as np

    return Exposure(
        expected=average,
        p95=float(np.quantile(years, 0.95)),
        any_loss=float(np.mean(years > 0.0)),
    )


def exceedance(inherent: FloatArray, residual: FloatArray) -> Exceedance:
    """How likely a year costs more than each of some amounts, before and after what is done about it.

    Returns: shares that never rise; amounts rise evenly from 0 to the 99th percentile of the larger.
    """
    import numpy as np

    most = float(max(np.quantile(inherent, 0.99), np.quantile(residual, 0.99), 1.0))
    amounts = np.linspace(0.0, most, POINTS)
    return Exceedance(
        amounts=tuple(amounts.tolist()),
        inherent=tuple(_above(inherent, amounts)),
        residual=tuple(_above(residual, amounts)),
    )


def together(each: Sequence[FloatArray]) -> FloatArray:
    """What all risks cost in the same years; they are drawn independently."""
    import numpy as np

    return np.asarray(np.sum(np.stack(each), axis=0), dtype=np.float64)


def _above(years: FloatArray, amounts: FloatArray) -> list[float]:
    import numpy as np

    ordered = np.sort(years)
    shares = 1.0 - np.searchsorted(ordered, amounts, side="right") / len(ordered)
    return [float(one) for one in shares]
