"""The oracle of monitoring: in simulated years a planted drift is noticed and dated, and hardly a false alarm is raised.

The full dose simulates 100 deployments over a year each, small and large ones; the small dose a few.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest

from headway.monitoring.drift import FALSE_ALARMS_A_YEAR, Watched, judge_day
from headway.monitoring.entities import AlertKind, Finding
from headway.monitoring.findings import findings_of
from headway.monitoring.following import QUIET_DAYS
from headway.numerics import Profile
from tests.factories.dose import IS_FULL
from tests.factories.simulated import FIRST, SHARES, Population, simulate, watched_of

pytestmark = [pytest.mark.prove, pytest.mark.timeout(3600)]
SEEDS = range(100) if IS_FULL else range(2)
YEAR = 365
VOLUMES = (30, 100, 400)
"""Decisions on a working day."""
PLANTED = FIRST + timedelta(days=90)
MIX = (0.62, 0.20, 0.12, 0.06)


def told(days: dict[date, Profile], watched: Watched, since: date, until: date) -> Iterator[tuple[date, Finding]]:
    """What is found on each day, as a daily run finds it."""
    day = since
    while day <= until:
        if days[day].rows:
            for finding in findings_of(judge_day(watched, days, day), watched, days):
                yield day, finding
        day += timedelta(days=1)


def alerts(found: Iterator[tuple[date, Finding]]) -> int:
    """How many alerts daily findings open: one a kind, until it was quiet for some days."""
    last: dict[AlertKind, date] = {}
    opened = 0
    for day, finding in found:
        before = last.get(finding.kind)
        opened += before is None or day - before > timedelta(days=QUIET_DAYS)
        last[finding.kind] = day
    return opened


raised: dict[int, int] = {}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_year_without_change_raises_at_most_one_false_alarm(seed: int) -> None:
    population, volume = Population(), VOLUMES[seed % len(VOLUMES)]
    watched = watched_of(population, rows=2_000 + 1_000 * (seed % 5), seed=10_000 + seed)
    days = simulate(population, watched, days=YEAR, a_day=volume, seed=seed)
    raised[seed] = alerts(told(days, watched, FIRST, max(days)))
    assert raised[seed] <= 1


def test_false_alarms_of_all_years_together_stay_below_what_is_promised() -> None:
    """Each year may raise 0.05 on average; three standard deviations are left to chance."""
    promised = FALSE_ALARMS_A_YEAR * len(raised)
    assert sum(raised.values()) <= max(1.0, promised + 3 * np.sqrt(promised))


CHANGES = {
    "a mix of categories": (Population(shares=MIX), 0, AlertKind.inputs, "kind"),
    "a mix that changes over two weeks": (Population(shares=MIX), 14, AlertKind.inputs, "kind"),
    "a number that grows": (Population(mean=0.5), 0, AlertKind.inputs, "amount"),
    "scores that move": (Population(score=0.5), 0, AlertKind.scores, "*score"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_planted_drift_is_noticed_and_dated_within_a_week(name: str) -> None:
    """At a hundred decisions on a working day: dated within seven days of the truth nine times out of ten at least."""
    changed, ramp, kind, column = CHANGES[name]
    assert sum(MIX) == pytest.approx(1.0) == sum(SHARES)
    noticed: list[int] = []
    missed: list[int] = []
    for seed in SEEDS:
        watched = watched_of(Population(others=2), rows=4_000, seed=30_000 + seed)
        days = simulate(
            Population(others=2),
            watched,
            days=125,
            a_day=100,
            seed=seed,
            changed=Population(**{**_fields(changed), "others": 2}),
            since=PLANTED,
            ramp_days=ramp,
        )
        found = [
            (day, one)
            for day, one in told(days, watched, PLANTED - timedelta(days=14), max(days))
            if one.kind is kind and column in one.columns
        ]
        assert found, f"seed {seed}: it was never noticed"
        assert found[0][0] >= PLANTED, f"seed {seed}: it was told before it was"
        noticed.append((found[0][0] - PLANTED).days)
        missed.append(abs((found[-1][1].since - PLANTED).days))
    assert np.mean(np.array(missed) <= 7) >= 0.9, sorted(missed)
    assert np.quantile(noticed, 0.9) <= (7 if not ramp else ramp + 4), sorted(noticed)


def _fields(population: Population) -> dict[str, object]:
    return {name: getattr(population, name) for name in Population.__dataclass_fields__}
