"""When a council meets: every so many weeks, at the same weekday and time of its zone whatever summer time does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from headway.governance.council.entities import Body

AHEAD = timedelta(weeks=8)
"""So far ahead meetings are planned, so that calendars show them; the next one always is."""
FEWEST = 26
"""A council meets at least every so many weeks, or without a rhythm."""
LATE = timedelta(hours=24)
"""So long after its time a planned meeting that nobody opened is given up."""
EARLY = timedelta(hours=12)
"""So long before its time a meeting can be opened."""


def is_zone(name: str) -> bool:
    """Tell whether a time zone is known by this name (IANA)."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no key at all, a folder
        return False
    return bool(name)


def slots(body: Body, after: datetime) -> Iterator[datetime]:
    """Give the times at which a body meets after a moment, in UTC and without end; nothing when it has no rhythm.

    The wall clock of its zone counts: a meeting at nine is at nine in summer and in winter.
    """
    if body.every_weeks is None or body.first_meeting is None or body.ended_at is not None:
        return
    zone = ZoneInfo(body.zone)
    first = body.first_meeting.astimezone(zone).replace(tzinfo=None)
    step = timedelta(weeks=body.every_weeks)
    past = (after.astimezone(zone).replace(tzinfo=None) - first) // step
    number = max(0, past - 1)
    while True:
        found = (first + number * step).replace(tzinfo=zone).astimezone(UTC)
        if found > after:
            yield found
        number += 1


def due(body: Body, at: datetime) -> tuple[datetime, ...]:
    """Name the times for which meetings are to be planned now: those of the next weeks, and the next one in any case."""
    found: list[datetime] = []
    for one in slots(body, at):
        if found and one > at + AHEAD:
            break
        found.append(one)
    return tuple(found)
