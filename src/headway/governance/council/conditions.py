"""Conditions of a yes: due on a day, met with evidence by their owner, accepted by a seat; missed ones block again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from headway.governance.council.entities import Condition
from headway.kernel.errors import Scalar

LONGEST = 365
MOST_TOLD = 5


def is_missed(condition: Condition, at: datetime) -> bool:
    """Tell whether a condition was due and nobody has accepted that it is met."""
    return condition.due_at is not None and condition.accepted_at is None and at >= condition.due_at


def missed(conditions: Iterable[Condition], at: datetime) -> tuple[Condition, ...]:
    """Choose those that are missed, the longest first."""
    return tuple(sorted((one for one in conditions if is_missed(one, at)), key=lambda one: (one.due_at, one.id)))


def is_open(condition: Condition) -> bool:
    """Tell whether something is still to be done for it."""
    return condition.due_at is not None and condition.accepted_at is None


UNSET: Final[Mapping[str, Mapping[str, Scalar]]] = {"council": {"conditions_missed": 0}}
"""What rules know of a use case of which the council asks nothing (``facts.ORGANISATION_FACTS``)."""


def facts(
    conditions: Iterable[Condition], at: datetime, names: Mapping[str, str], gone: Collection[str] = ()
) -> Mapping[str, Scalar]:
    """Say how many are missed, and in ``reason`` which, and who can mend each. Args: gone: owners who left."""
    found = missed(conditions, at)
    if not found:
        return UNSET["council"]
    told = "; ".join(
        f"{one.text} ({one.id}) was due on {one.due_at:%Y-%m-%d}: {_next(one, names, gone)}"
        for one in found[:MOST_TOLD]
    )
    return {"conditions_missed": len(found), "reason": told}


def _next(condition: Condition, names: Mapping[str, str], gone: Collection[str]) -> str:
    owner = names.get(condition.owner, condition.owner)
    if condition.met_at is None and condition.owner in gone:
        return f"{owner} is not here any more, so a member of the council has to give it to somebody else"
    if condition.met_at is None:
        return f"{owner} has to show that it is met"
    return "a member of the council has to accept what was shown"


def due(decided_at: datetime, days: int) -> datetime:
    """Say when a condition of a decision is due; none: at once, so that nothing goes live before it is met."""
    return decided_at + timedelta(days=days)
