"""From the figures of a day to what somebody should be told about it, with the evidence. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta

from headway.monitoring.dating import first_day
from headway.monitoring.drift import Watched
from headway.monitoring.entities import (
    SCORES,
    AlertKind,
    ColumnFigures,
    DayFigures,
    DayLine,
    Distance,
    Finding,
    Place,
    Rate,
    Severity,
    severity_of,
)
from headway.numerics import Profile, Tally


def findings_of(figures: DayFigures, watched: Watched, days: Mapping[date, Profile]) -> tuple[Finding, ...]:
    """Put the alarms of a day together, one finding a kind.

    Args: days: profiles by day, as far back as a first day is looked for.
    """
    found = (
        _drift(AlertKind.inputs, figures.columns, figures, watched, days),
        _drift(AlertKind.scores, (figures.scores,), figures, watched, days),
        _rates(AlertKind.missing, [(one, one.missing) for one in figures.columns], figures, watched),
        _rates(AlertKind.unseen, [(one, one.unseen) for one in figures.columns], figures, watched),
    )
    return tuple(one for one in found if one is not None)


def line_of(figures: DayFigures) -> DayLine:
    """What a chart needs of a day."""
    return DayLine(
        day=figures.day,
        decisions=figures.decisions,
        is_whole=figures.is_whole,
        places=dict(_places((*figures.columns, figures.scores))),
    )


def _places(columns: Sequence[ColumnFigures]) -> Iterator[tuple[str, Place]]:
    for one in columns:
        if one.latest is not None:
            yield one.column, Place(psi=one.latest.psi, noise=one.latest.noise, limit=one.latest.limit)


def _drift(
    kind: AlertKind,
    columns: Sequence[ColumnFigures],
    figures: DayFigures,
    watched: Watched,
    days: Mapping[date, Profile],
) -> Finding | None:
    alarms = {one.column: max(found, key=_excess) for one in columns if (found := [d for d in one.drift if d.is_alarm])}
    if not alarms:
        return None
    ordered = sorted(alarms, key=lambda name: -alarms[name].excess)
    since = {name: _since(name, alarms[name], figures.day, watched, days) for name in ordered}
    serious = any(severity_of(one) is Severity.serious for one in alarms.values())
    told = {
        name: {**asdict(alarms[name]), "excess": alarms[name].excess, "since": since[name].isoformat()}
        for name in ordered
    }
    return Finding(
        kind=kind,
        severity=Severity.serious if serious else Severity.warning,
        since=since[ordered[0]],  # of the column that moved farthest, where the day shows best
        columns=tuple(ordered),
        evidence={**_frame(figures, watched), "columns": told},
    )


def _excess(found: Distance) -> float:
    return found.excess


def _since(name: str, found: Distance, day: date, watched: Watched, days: Mapping[date, Profile]) -> date:
    reference = watched.reference.profile
    before = reference.scores if name == SCORES else reference.inputs[name]
    tallies = {at: _tally(profile, name) for at, profile in days.items() if at <= day}
    first = day - timedelta(days=found.days - 1)
    span = [tally.counts for at, tally in tallies.items() if at >= first]
    changed = [sum(counts) for counts in zip(*span, strict=True)]
    return first_day(before.counts, {at: tally.counts for at, tally in tallies.items()}, changed, day)


def _tally(profile: Profile, name: str) -> Tally:
    return profile.scores if name == SCORES else profile.inputs[name]


def _rates(
    kind: AlertKind, columns: Sequence[tuple[ColumnFigures, Sequence[Rate]]], figures: DayFigures, watched: Watched
) -> Finding | None:
    alarms = {
        one.column: max(found, key=_change) for one, rates in columns if (found := [r for r in rates if r.is_alarm])
    }
    if not alarms:
        return None
    ordered = sorted(alarms, key=lambda name: -_change(alarms[name]))
    days = alarms[ordered[0]].days
    return Finding(
        kind=kind,
        severity=Severity.warning,
        since=figures.day - timedelta(days=days - 1),
        columns=tuple(ordered),
        evidence={**_frame(figures, watched), "columns": {name: asdict(alarms[name]) for name in ordered}},
    )


def _change(rate: Rate) -> float:
    return abs(rate.rate - rate.reference)


def _frame(figures: DayFigures, watched: Watched) -> dict[str, object]:
    return {
        "day": figures.day.isoformat(),
        "decisions": figures.decisions,
        "reference_rows": watched.reference.profile.rows,
        "level": watched.level,
    }
