"""Service levels held to facts: is it fresh now, how complete is it, how long did rows take from their source."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from headway.catalog.entities import RuleResult
from headway.catalog.odps.entities import LevelName, LevelState, ServiceLevel, Targets

_HOUR: Final = 3600.0
_PRESENCE: Final = ("required", "nullValues", "missingValues")


def freshness(target: float | None, *, registered_at: datetime | None, now: datetime) -> ServiceLevel:
    """Hours since the newest rows were registered, against the most that are promised."""
    if registered_at is None:
        return _unknown("freshness", target, "no rows were registered yet")
    return _hours("freshness", target, (now - registered_at).total_seconds() / _HOUR, now)


def latency(target: float | None, *, newest_row: datetime | None, registered_at: datetime | None) -> ServiceLevel:
    """Hours from the time of the newest row to its registration; rows of a day count from its first moment (UTC)."""
    if registered_at is None:
        return _unknown("latency", target, "no rows were registered yet")
    if newest_row is None:
        return _unknown("latency", target, "the contract names no column with the time of a row")
    measured = max(0.0, (registered_at - newest_row).total_seconds() / _HOUR)
    return _hours("latency", target, measured, registered_at)


def completeness(
    target: float | None, *, rules: Iterable[RuleResult] | None, rows: int, checked_at: datetime | None
) -> ServiceLevel:
    """Share of values that are there among those that must be, by the newest quality report."""
    if rules is None or rows == 0:
        return _unknown("completeness", target, "the current rows have no quality report")
    asked = [one for one in rules if one.rule in _PRESENCE]
    if not asked:
        return _unknown("completeness", target, "the contract requires no column")
    measured = 1 - sum(one.failed_rows for one in asked) / (rows * len(asked))
    state: LevelState = "unknown" if target is None else "kept" if measured >= target else "missed"
    return ServiceLevel(
        name="completeness",
        target=target,
        unit="share",
        measured=measured,
        state=state,
        why=_NO_TARGET if target is None else None,
        measured_at=checked_at,
    )


def faults_of(targets: Targets) -> list[tuple[str, str]]:
    """What is wrong with promised levels: the field and the words."""
    found = [
        (name, f"{name} is a number of hours above 0, not {value:g}")
        for name, value in (("freshness_hours", targets.freshness_hours), ("latency_hours", targets.latency_hours))
        if value is not None and not 0 < value < 1_000_000
    ]
    if targets.completeness is not None and not 0 <= targets.completeness <= 1:
        found.append(("completeness", f"completeness is a share from 0 to 1, not {targets.completeness:g}"))
    return found


_NO_TARGET: Final = "nothing is promised"


def _hours(name: LevelName, target: float | None, measured: float, at: datetime) -> ServiceLevel:
    state: LevelState = "unknown" if target is None else "kept" if measured <= target else "missed"
    return ServiceLevel(
        name=name,
        target=target,
        unit="hours",
        measured=measured,
        state=state,
        why=_NO_TARGET if target is None else None,
        measured_at=at,
    )


def _unknown(name: LevelName, target: float | None, why: str) -> ServiceLevel:
    return ServiceLevel(
        name=name,
        target=target,
        unit="share" if name == "completeness" else "hours",
        measured=None,
        state="unknown",
        why=why,
        measured_at=None,
    )
