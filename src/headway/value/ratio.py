"""The sample-ratio check: did subjects fall into the arms as planned? If not, nothing else can be believed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from headway import numerics
from headway.value.entities import RatioCheck

ALARM = 0.001
"""Source: Fabijan et al. (2019), Diagnosing sample ratio mismatch in online controlled experiments (KDD)."""


def check_ratio(counts: Sequence[int], shares: Sequence[float]) -> RatioCheck | None:
    """Test counts against planned shares by chi-square goodness of fit.

    Args: shares: in the order of the counts, summing to one.
    Returns: None where nothing was counted, or fewer than five are expected somewhere, so that the test is not exact enough.

    >>> check_ratio([900, 100], [0.9, 0.1]).holds, check_ratio([850, 150], [0.9, 0.1]).holds
    (True, False)
    """
    total = sum(counts)
    expected = [total * share for share in shares]
    if len(counts) < 2 or min(expected) < 5.0:
        return None
    statistic = sum((count - wanted) ** 2 / wanted for count, wanted in zip(counts, expected, strict=True))
    p = numerics.chi_square_tail(statistic, len(counts) - 1)
    return RatioCheck(statistic=statistic, degrees=len(counts) - 1, p=p, holds=p >= ALARM)


def check_known(known: Sequence[int], due: Sequence[int]) -> RatioCheck | None:
    """Test whether outcomes are known equally often in each arm: chi-square of the two-way table of known and not.

    Returns: None where all or none are known, or fewer than five are expected somewhere.
    """
    total, known_total = sum(due), sum(known)
    if total == 0 or known_total in (0, total) or min(due) == 0:
        return None
    rate = known_total / total
    expected = [(count * rate, count * (1.0 - rate)) for count in due]
    if min(min(pair) for pair in expected) < 5.0:
        return None
    statistic = sum(
        (seen - yes) ** 2 / yes + (count - seen - no) ** 2 / no
        for seen, count, (yes, no) in zip(known, due, expected, strict=True)
    )
    p = numerics.chi_square_tail(statistic, len(due) - 1)
    return RatioCheck(statistic=statistic, degrees=len(due) - 1, p=p, holds=p >= ALARM)
