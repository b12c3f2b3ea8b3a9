"""When a time limit ends: hours and calendar days run on, business days leave out weekends and holidays. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from headway.incidents.entities import Unit

SATURDAY = 5


def ends_at(since: datetime, amount: int, unit: Unit, *, time_zone: str, holidays: Collection[date] = ()) -> datetime:
    """Say when a time limit ends.

    Hours and calendar days are counted to the second, a day as 24 hours. Business days are counted from the day after the
    first, where the time zone has it, and the last of them counts whole.

    Args: since: an aware time. holidays: days off beside Saturdays and Sundays.
    """
    if unit is Unit.hours:
        return since + timedelta(hours=amount)
    if unit is Unit.calendar_days:
        return since + timedelta(days=amount)
    zone = ZoneInfo(time_zone)
    day = since.astimezone(zone).date()
    left = amount
    while left:
        day += timedelta(days=1)
        left -= is_business_day(day, holidays)
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(since.tzinfo)


def is_business_day(day: date, holidays: Collection[date] = ()) -> bool:
    """Tell whether people work on a day."""
    return day.weekday() < SATURDAY and day not in holidays


def reminds_at(since: datetime, until: datetime) -> datetime:
    """Say when people are reminded: with a quarter of the time left, and three days before the end at the earliest."""
    return until - min((until - since) / 4, timedelta(days=3))
