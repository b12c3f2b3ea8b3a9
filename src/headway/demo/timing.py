"""When rows happen: seasons, weekends, growth, and from when to when an event holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import numpy as np

from headway.demo.frames import Flags, Floats
from headway.demo.spec import Event, Region, Spec

DAY = 86_400
OPENS, CLOSES = 7 * 3600, 19 * 3600


def seconds(day: date) -> int:
    """The first second of a day, in UTC, since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def end_of(spec: Spec) -> int:
    """The first second after the company's period."""
    return seconds(spec.start) + spec.days * DAY


def volume(spec: Spec, region: Region) -> Floats:
    """Expected volume of each day, shape (days,), up to a factor; never negative."""
    day = np.arange(spec.days)
    of_year = spec.start.timetuple().tm_yday + day
    season = 1 + region.season * np.cos(2 * np.pi * (of_year - region.peak_day) / 365.25)
    weekday = (spec.start.weekday() + day) % 7
    return np.asarray(season * np.where(weekday >= 5, region.weekend, 1.0) * (1 + region.growth) ** (day / 365.25))


def times(spec: Spec, region: Region, first: int, total: int, chance: Floats) -> Floats:
    """Place rows ``first`` and following of ``total`` in time, ascending.

    Args: chance: shape (n,), uniform on 0 to 1, one for each row.
    Returns: whole seconds since 1970, inside working hours of days drawn in proportion to their volume.
    """
    heights = np.concatenate([[0.0], np.cumsum(volume(spec, region))])
    place = (first + np.arange(len(chance)) + chance) / total * heights[-1]
    day = np.clip(np.searchsorted(heights, place, side="right") - 1, 0, spec.days - 1)
    part = (place - heights[day]) / (heights[day + 1] - heights[day])
    return np.asarray(seconds(spec.start) + day * DAY + np.floor(OPENS + np.clip(part, 0, 1) * (CLOSES - OPENS - 1)))


def holds(event: Event, at: Floats) -> Flags:
    """Tell for each time whether the event holds."""
    active = at >= seconds(event.start)
    return active if event.until is None else active & (at < seconds(event.until))


def arrives(outages: Iterable[Event], at: Floats) -> Flags:
    """Tell for each time whether rows arrive, because no outage holds."""
    lost: Flags = np.zeros(len(at), dtype=np.bool_)
    for event in outages:
        lost |= holds(event, at)
    return ~lost


def strength(event: Event, at: Floats) -> Floats:
    """How much of an event is there at each time, 0 to 1."""
    active = holds(event, at).astype(np.float64)
    if event.ramp_days <= 0:
        return active
    return active * np.clip((at - seconds(event.start)) / (event.ramp_days * DAY), 0, 1)


def years(spec: Spec, at: Floats) -> Floats:
    """Years since the start of the period."""
    return (at - seconds(spec.start)) / (365.25 * DAY)
