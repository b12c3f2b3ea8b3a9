"""Conditions of a yes: due on a day, met with evidence by their owner, accepted by a seat; missed ones block again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from headway.governance.council.entities import Condition

LONGEST = 365


def is_missed(condition: Condition, at: datetime) -> bool:
    """Tell whether a condition was due and nobody has accepted that it is met."""
    return condition.due_at is not None and condition.accepted_at is None and at >= condition.due_at


def missed(conditions: Iterable[Condition], at: datetime) -> tuple[Condition, ...]:
    """Choose those that are missed, the longest first."""
    return tuple(sorted((one for one in conditions if is_missed(one, at)), key=lambda one: (one.due_at, one.id)))


def is_open(condition: Condition) -> bool:
    """Tell whether something is still to be done for it."""
    return condition.due_at is not None and condition.accepted_at is None


def told(conditions: Iterable[Condition], at: datetime) -> str:
    """Say which are missed, and who can mend each; empty when none is."""
    return "; ".join(
        f"{one.id} ({one.text}) was due on {one.due_at:%Y-%m-%d}: {_next(one)}" for one in missed(conditions, at)
    )


def _next(condition: Condition) -> str:
    if condition.met_at is None:
        return f"{condition.owner} has to meet it with evidence"
    return "a seat of the council has to accept what was shown"


def due(decided_at: datetime, days: int) -> datetime:
    """Say when a condition of a decision is due; none: at once, so that nothing goes live before it is met."""
    return decided_at + timedelta(days=days)
