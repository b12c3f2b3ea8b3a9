"""What daily runs over a time that has passed would have told: the same rules, without a database. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from headway import serving
from headway.monitoring.drift import Watched, judge_day
from headway.monitoring.entities import AlertKind, Expected, Finding, Rehearsed, Severity
from headway.monitoring.findings import findings_of
from headway.monitoring.following import QUIET_DAYS, SETTLING_DAYS
from headway.monitoring.performance import concept_finding, performance_finding
from headway.numerics import Profile

DRIFT = (AlertKind.inputs, AlertKind.scores, AlertKind.missing, AlertKind.unseen)
REALISED = (AlertKind.performance, AlertKind.concept)
LOOK_DAYS = 7
"""Outcomes are looked at once a week in a rehearsal, where daily runs look each day."""
Floats = NDArray[np.float64]


@dataclass(slots=True)
class _Followed:
    """Alerts while days go by."""

    running: dict[AlertKind, Rehearsed] = field(default_factory=dict)
    quiet: dict[AlertKind, int] = field(default_factory=dict)
    over: list[Rehearsed] = field(default_factory=list)

    def take(self, kinds: Sequence[AlertKind], found: Iterable[Finding | None], day: date, days: int) -> None:
        told = {one.kind: one for one in found if one is not None}
        for kind in kinds:
            finding, before = told.get(kind), self.running.get(kind)
            if finding is not None:
                self.quiet[kind] = 0
                self.running[kind] = _opened(finding, day) if before is None else _gone_on(before, finding, day)
            elif before is not None:
                self.quiet[kind] += days
                if self.quiet[kind] >= QUIET_DAYS:
                    self.over.append(replace(self.running.pop(kind), ended_on=day))


def rehearse(
    watched: Watched,
    days: Mapping[date, Profile],
    known_on: Callable[[date], Sequence[serving.ScoredDay]],
    expected: Expected | None,
) -> tuple[Rehearsed, ...]:
    """Go through days in their order as daily runs would have, and tell every alert, the one noticed first first.

    Args: days: profiles of a release by day. known_on: what was known of the decisions on the evening of a day.
        expected: what the test at training said.
    """
    followed = _Followed()
    order = sorted(days)
    for day in order:
        figures = judge_day(watched, days, day)
        followed.take(DRIFT, findings_of(figures, watched, days), day, 1)
        if (day - order[0]).days % LOOK_DAYS == LOOK_DAYS - 1:
            known = known_on(day)
            found = (
                performance_finding(known, expected, day, watched.level),
                concept_finding(known, day, watched.level),
            )
            followed.take(REALISED, found, day, LOOK_DAYS)
    return tuple(sorted([*followed.over, *followed.running.values()], key=lambda one: (one.noticed_on, one.kind)))


def _opened(finding: Finding, day: date) -> Rehearsed:
    return Rehearsed(
        kind=finding.kind,
        severity=finding.severity,
        since=finding.since,
        noticed_on=day,
        last_seen=day,
        ended_on=None,
        columns=finding.columns,
        evidence=finding.evidence,
    )


def _gone_on(before: Rehearsed, finding: Finding, day: date) -> Rehearsed:
    settles = day <= before.noticed_on + timedelta(days=SETTLING_DAYS) and finding.columns[:1] == before.columns[:1]
    return replace(
        before,
        severity=max(before.severity, finding.severity, key=lambda one: one is Severity.serious),
        since=finding.since if settles else before.since,
        last_seen=day,
        columns=tuple(dict.fromkeys((*finding.columns, *before.columns))),
        evidence=finding.evidence if settles else before.evidence,
    )


def scored_days(release: str, days: Sequence[date], scores: Floats, outcomes: Floats) -> tuple[serving.ScoredDay, ...]:
    """Count scored rows and what is known of them by day, as intake's figures do.

    Args: days: of each row, rising. scores: probabilities, shape (n,). outcomes: 1.0, 0.0, or NaN where not known yet.
    """
    made, places = [], np.array([day.toordinal() for day in days])
    for at in np.unique(places):
        rows = slice(int(np.searchsorted(places, at)), int(np.searchsorted(places, at, side="right")))
        made.append(_day(release, date.fromordinal(int(at)), scores[rows], outcomes[rows]))
    return tuple(made)


def _day(release: str, day: date, scores: Floats, outcomes: Floats) -> serving.ScoredDay:
    is_known = ~np.isnan(outcomes)
    p, y = scores[is_known], outcomes[is_known]
    errors = (p - y) ** 2
    ranges = serving.score_ranges(p)
    return serving.ScoredDay(
        release=release,
        day=day,
        decided=len(scores),
        known=len(p),
        successes=int(y.sum()),
        score_sum=float(p.sum()),
        variance_sum=float((p * (1 - p)).sum()),
        squared_error_sum=float(errors.sum()),
        squared_error_squares=float((errors**2).sum()),
        ranges=tuple(
            serving.ScoredRange(
                range=int(one), failures=int((y[ranges == one] == 0).sum()), successes=int(y[ranges == one].sum())
            )
            for one in np.unique(ranges)
        ),
    )
