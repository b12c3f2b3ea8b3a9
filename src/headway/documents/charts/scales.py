"""From figures and times to places on a chart, with ticks that people like to read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from headway.documents.entities import Moment
from headway.documents.words import SMALLEST, Words

_SAME = 1e-9
"""A span smaller than this part of its figures is drawn as one figure."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Maps ``low``..``high`` onto ``start``..``end``; outside stays outside only as far as the ends."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a figure."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Band:
    """Even places for ``count`` categories between two ends."""

    count: int
    start: float
    end: float

    @property
    def step(self) -> float:
        """The room of one category."""
        return (self.end - self.start) / max(1, self.count)

    def middle(self, at: int) -> float:
        """The middle of a category."""
        return self.start + (at + 0.5) * self.step


def nice_domain(low: float, high: float, *, zero: bool, count: int) -> tuple[float, float, list[float]]:
    """Widen a range to round ends and cut it at 1, 2 or 5 times a power of ten.

    Args: zero: whether zero must be in the range; count: about how many steps.
    Returns: low, high, and the ticks from low to high.
    """
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= max(_SAME * max(abs(low), abs(high)), SMALLEST):
        around = abs(high) * 0.5 if abs(high) > SMALLEST else 1.0
        low, high = (0.0, 1.0) if around == 1.0 and abs(high) <= SMALLEST else (low - around, high + around)
        if zero:
            low, high = (low, 0.0) if high < 0 else (0.0, high)
    step = nice_step((high - low) / max(1, count))
    first, last = math.floor(low / step + _SAME), math.ceil(high / step - _SAME)
    ticks = [_clean(i * step, step) for i in range(first, last + 1)]
    return ticks[0], ticks[-1], ticks


def nice_step(raw: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not less than ``raw``."""
    power = 10.0 ** math.floor(math.log10(raw))
    for factor in (1, 2, 5):
        if raw <= factor * power * (1 + _SAME):
            return factor * power
    return 10 * power


def _clean(value: float, step: float) -> float:
    decimals = -math.floor(math.log10(step))
    return round(value, min(decimals, 300)) + 0.0


def serial(moment: Moment) -> float:
    """A day or time as days, so that both lie on one axis."""
    days = float(moment.toordinal())
    if isinstance(moment, datetime):
        days += (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86400
    return days


def moment_of(value: float) -> datetime:
    """The time at a number of days."""
    whole = math.floor(value)
    midnight = datetime.combine(date.fromordinal(whole), time())
    return midnight + timedelta(seconds=round((value - whole) * 86400))


_HOURS = (1, 3, 6, 12)
_DAYS = (1, 2)
_WEEKS = (1, 2)
_MONTHS = (1, 2, 3, 6)
_YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


def time_ticks(low: float, high: float, most: int, words: Words) -> tuple[list[float], list[str]]:
    """Cut a range of days by hours, days, weeks, months, quarters or years, at most so many times."""
    span = high - low
    for hours in _HOURS:
        if span * 24 / hours <= most and span < 3:
            return _hours(low, high, hours, words)
    for days in _DAYS:
        if span / days <= most:
            ticks = [d for d in _days(low, high) if int(d) % days == 0]
            return ticks, [words.moment(moment_of(d).date(), "MMMd") for d in ticks]
    for weeks in _WEEKS:
        if span / 7 / weeks <= most:
            ticks = [d for d in _days(low, high) if int(d) % (7 * weeks) == 1]  # day 1 of the calendar was a Monday
            return ticks, [words.moment(moment_of(d).date(), "MMMd") for d in ticks]
    for months in _MONTHS:
        if span / 30.4 / months <= most:
            return _months(low, high, months, words)
    years = next((y for y in _YEARS if span / 365.25 / y <= most), _YEARS[-1])
    first, last = moment_of(low).year, moment_of(high).year
    starts = [date(y, 1, 1) for y in range(first, last + 1) if y % years == 0]
    ticks = [t for t in map(serial, starts) if low <= t <= high]
    return ticks, [words.moment(moment_of(t).date(), "y") for t in ticks]


def _hours(low: float, high: float, hours: int, words: Words) -> tuple[list[float], list[str]]:
    first, last = math.ceil(low * 24 / hours - _SAME), math.floor(high * 24 / hours + _SAME)
    ticks = [i * hours / 24 for i in range(first, last + 1)]
    times = [moment_of(t) for t in ticks]
    return ticks, [words.moment(t.date(), "MMMd") if t.hour == 0 else words.moment(t, "Hm") for t in times]


def _days(low: float, high: float) -> list[float]:
    return [float(d) for d in range(math.ceil(low), math.floor(high) + 1)]


def _months(low: float, high: float, months: int, words: Words) -> tuple[list[float], list[str]]:
    first, last = moment_of(low), moment_of(high)
    starts = [
        date(at // 12, at % 12 + 1, 1)
        for at in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        if at % months == 0
    ]
    inside = [s for s in starts if low <= serial(s) <= high]
    short, long = ("QQQ", "yQQQ") if months == 3 else ("MMM", "yMMM")
    named = [at == 0 or s.year != inside[at - 1].year for at, s in enumerate(inside)]
    texts = [words.moment(s, long if with_year else short) for s, with_year in zip(inside, named, strict=True)]
    return [serial(s) for s in inside], texts


def thinned(count: int, most: int) -> Sequence[int]:
    """Which of ``count`` places get a label when only so many fit."""
    every = max(1, -(-count // max(1, most)))
    return range(0, count, every)
