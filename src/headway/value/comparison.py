"""The difference of two means by Welch's method, and how many cases a difference needs to show. Pure."""

from __future__ import annotations

import math

from headway import numerics
from headway.value.entities import Effect, Group, Need

LEVEL = 0.95
POWER = 0.8


def proportion(successes: int, n: int) -> Group:
    """The sample of zeros and ones with this many successes of at least two."""
    rate = successes / n
    return Group(n=n, mean=rate, variance=rate * (1.0 - rate) * n / (n - 1))


def compare(treated: Group, control: Group, level: float = LEVEL) -> Effect | None:
    """Measure how much larger the treated mean is, without supposing equal variances.

    Returns: None below two cases in either group, or where neither varies: then no interval can be stated.
    Source: Welch (1947); Satterthwaite (1946) for the degrees of freedom.

    >>> made = compare(Group(n=100, mean=0.5, variance=0.25), Group(n=100, mean=0.4, variance=0.24))
    >>> round(made.low, 3), round(made.high, 3)
    (-0.038, 0.238)
    """
    if min(treated.n, control.n) < 2:
        return None
    a, b = treated.variance / treated.n, control.variance / control.n
    if a + b <= 0.0:
        return None
    degrees = (a + b) ** 2 / (a**2 / (treated.n - 1) + b**2 / (control.n - 1))
    reach = numerics.student_t_quantile((1.0 + level) / 2.0, degrees) * math.sqrt(a + b)
    difference = treated.mean - control.mean
    return Effect(difference=difference, low=difference - reach, high=difference + reach, degrees=degrees, level=level)


def interval_of(group: Group, level: float = LEVEL) -> tuple[float, float] | None:
    """The interval of one mean by Student's t; None where none can be stated."""
    if group.n < 2 or group.variance <= 0.0:
        return None
    reach = numerics.student_t_quantile((1.0 + level) / 2.0, group.n - 1) * math.sqrt(group.variance / group.n)
    return group.mean - reach, group.mean + reach


def needed(treated: Group, control: Group, *, held_out_share: float, detectable: float, power: float = POWER) -> Need:
    """Count the cases with an outcome that each arm needs to find a difference as small as ``detectable``.

    Args: held_out_share: planned for the control, in (0, 1). detectable: above zero, in units of the mean.
    Returns: what is needed in all and what is still missing, where cases come in as planned.
    Source: the usual normal approximation, two-sided at 5 %, with the variances seen so far.

    >>> even = Group(n=2, mean=0.5, variance=0.25)
    >>> needed(even, even, held_out_share=0.5, detectable=0.1).hold_out
    393
    """
    reach = numerics.normal_quantile((1.0 + LEVEL) / 2.0) + numerics.normal_quantile(power)
    total = (reach / detectable) ** 2 * (treated.variance / (1.0 - held_out_share) + control.variance / held_out_share)
    champion, hold_out = math.ceil(total * (1.0 - held_out_share)), math.ceil(total * held_out_share)
    return Need(
        detectable=detectable,
        power=power,
        champion=champion,
        hold_out=hold_out,
        champion_more=max(0, champion - treated.n),
        hold_out_more=max(0, hold_out - control.n),
    )
