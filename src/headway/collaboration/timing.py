"""When a message is sent: at once, in the daily digest, and never in quiet hours. Times of day are local ones."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from headway.collaboration.entities import Pace, Preferences

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
"""How long to wait after each failed attempt; after the last one a message is given up."""


def is_zone(name: str) -> bool:
    """Tell whether there is a time zone of this name (IANA)."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def is_clock(text: str) -> bool:
    """Tell whether a text is a time of day, HH:MM."""
    return _CLOCK.fullmatch(text) is not None


def due_at(now: datetime, pace: Pace, wishes: Preferences) -> datetime:
    """Tell when a message that is ready now is to be sent, in UTC."""
    zone = ZoneInfo(wishes.time_zone)
    at = now if pace is Pace.now else _next(now, _time(wishes.digest_at), zone)
    return after_quiet(at, wishes)


def after_quiet(at: datetime, wishes: Preferences) -> datetime:
    """Move a time that lies in quiet hours to their end; others stay. Quiet hours may pass midnight."""
    if not wishes.quiet_from or not wishes.quiet_until or wishes.quiet_from == wishes.quiet_until:
        return at.astimezone(UTC)
    zone = ZoneInfo(wishes.time_zone)
    start, end = _time(wishes.quiet_from), _time(wishes.quiet_until)
    local = at.astimezone(zone).time().replace(tzinfo=None)
    is_quiet = start <= local < end if start < end else local >= start or local < end
    return _next(at, end, zone) if is_quiet else at.astimezone(UTC)


def _next(now: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """The next moment after now when clocks in a zone show a time."""
    day = now.astimezone(zone).date()
    for offset in range(3):
        found = datetime.combine(day + timedelta(days=offset), clock, tzinfo=zone).astimezone(UTC)
        if found > now:
            return found
    raise AssertionError("a day has every time of day once in three days")


def _time(text: str) -> time:
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))
