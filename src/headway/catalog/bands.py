"""Bands in which a figure of a quality report is expected to lie, learnt from earlier reports.

A band is the median of the earlier values plus and minus ``width`` robust standard deviations: 1.4826 times the median absolute
deviation from the median, which estimates the standard deviation of normal values and is not moved by up to half of them being
wrong (Hampel 1974; Iglewicz & Hoaglin 1993 take 3.5). Where more than half of the values are equal, that deviation is 0; the mean
absolute deviation, 1.2533 times, stands in, as Iglewicz and Hoaglin propose. Two floors keep a band from being a point: the
sampling error of a share, and one per cent of a count. How a column's values are spread is compared by the total variation distance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final, Literal

FEWEST: Final = 8
"""Reports before which nothing is expected: of fewer, the deviation is too uncertain to tell anything but disasters."""
WIDTH: Final = 3.5
"""Robust standard deviations of a band that rests on many reports."""
Figure = Literal["count", "share", "distance"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Where a figure is expected: from ``low`` to ``high``, around ``middle``, learnt from ``reports`` earlier values."""

    low: float
    middle: float
    high: float
    reports: int

    def holds(self, value: float) -> bool:
        """Whether a value lies in the band, its ends included."""
        return self.low <= value <= self.high


def band(earlier: Sequence[float], figure: Figure, rows: int = 0) -> Band | None:
    """The band of the next value, or None before there are ``FEWEST``.

    Args: earlier: finite values of the same figure in earlier reports, in any order. figure: a count is at least 0, a share (of
        missing values, of failures) and a distance lie in 0 to 1. rows: of the report that is judged, for the sampling error
        of a share.

    Example: ``band([100, 102, 98, 101, 99, 100, 103, 97], "count")`` runs from 74.4 to 125.6.
    """
    if len(earlier) < FEWEST:
        return None
    middle = median(earlier)
    spread = 1.4826 * median(abs(value - middle) for value in earlier)
    if spread == 0:
        spread = 1.2533 * fmean(abs(value - middle) for value in earlier)
    reach = max(width(len(earlier)) * spread, WIDTH * _floor(middle, figure, rows))
    top = middle + reach if figure == "count" else min(middle + reach, 1.0)
    return Band(low=max(middle - reach, 0.0), middle=middle, high=top, reports=len(earlier))


def width(reports: int) -> float:
    """Robust standard deviations from the middle to the end of a band that rests on so many reports, at least ``FEWEST``.

    The deviation of few values is often far too small, and bands of a fixed width would be left by one stationary series in
    ten. The surplus ``32 / (reports - 4)`` was fitted to simulated normal series so that about 1 in 1000 new values lies
    outside, whatever the number of reports; ``tests/unit/test_catalog_bands.py`` measures it.
    """
    return WIDTH + 32 / (reports - 4)


def distance(earlier: Sequence[Mapping[str, int]], now: Mapping[str, int]) -> float:
    """Total variation distance between how often values occurred earlier, each report weighing alike, and now: 0 to 1.

    Values are of one column: categories, or the bins of numbers; without any value on one side only, the distance is 1.
    """
    shares = [_shares(one) for one in earlier]
    past = {value: sum(one.get(value, 0.0) for one in shares) / len(shares) for one in shares for value in one}
    present = _shares(now)
    if not past or not present:
        return float(bool(past) is not bool(present))
    return min(sum(abs(past.get(value, 0.0) - present.get(value, 0.0)) for value in {*past, *present}) / 2, 1.0)


def distances(earlier: Sequence[Mapping[str, int]]) -> list[float]:
    """The distance of each report from all others: what is usual, for ``band(..., "distance")``; of one report, nothing."""
    return (
        [distance([*earlier[:at], *earlier[at + 1 :]], one) for at, one in enumerate(earlier)]
        if len(earlier) > 1
        else []
    )


def _floor(middle: float, figure: Figure, rows: int) -> float:
    if figure == "count":
        return 0.01 * middle / WIDTH
    if figure == "distance":
        return 0.01
    return math.sqrt(max(middle * (1 - middle), 1 / max(rows, 1)) / max(rows, 1))


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    total = sum(counts.values())
    return {value: count / total for value, count in counts.items()} if total else {}
