"""Of what people are reminded, and when: before a vote ends, before a meeting, before and when a condition is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from headway.governance.council.entities import Condition, Item
from headway.governance.council.meeting import Meeting

DAY = timedelta(days=1)
BEFORE_VOTE = 2 * DAY
BEFORE_CONDITION = 7 * DAY
BEFORE_MEETING = DAY


def is_closing(item: Item, at: datetime) -> bool:
    """Tell whether a vote ends soon: within two days, or within the last third of a shorter time."""
    time = min(BEFORE_VOTE, (item.closes_at - item.opened_at) / 3)
    return item.closes_at - time <= at < item.closes_at


def is_near(condition: Condition, at: datetime) -> bool:
    """Tell whether a condition is due soon and its owner has shown nothing: within a week, or in the last third of its time."""
    if condition.due_at is None or condition.met_at is not None:
        return False
    time = min(BEFORE_CONDITION, timedelta(days=condition.days) / 3)
    return condition.due_at - time <= at < condition.due_at


def is_next(meeting: Meeting, at: datetime) -> bool:
    """Tell whether a planned meeting begins within a day."""
    return meeting.starts_at - BEFORE_MEETING <= at < meeting.starts_at
