"""When drift is an alarm, and what its figures say; dating; alerts that go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from headway.monitoring import dating, drift, findings, following
from headway.monitoring.drift import Watched, judge_day
from headway.monitoring.entities import (
    SCORES,
    Alert,
    AlertKind,
    AlertState,
    ColumnFigures,
    DayFigures,
    Finding,
    Severity,
)
from headway.monitoring.following import Running, Step, step_of
from headway.numerics import Profile
from tests.factories.simulated import FIRST, Population, simulate, watched_of

DAY = FIRST + timedelta(days=39)


def judged(days: dict[date, Profile], watched: Watched, day: date = DAY) -> DayFigures:
    return judge_day(watched, days, day)


def column(figures: DayFigures, name: str) -> ColumnFigures:
    return next(one for one in figures.columns if one.column == name)


def test_nothing_is_judged_on_too_few_rows() -> None:
    watched = watched_of(Population())
    figures = judged(simulate(Population(), watched, days=40, a_day=6, seed=1), watched)
    assert [one.days for one in column(figures, "amount").drift] == [28]
    few = judged(simulate(Population(), watched, days=40, a_day=1, seed=1), watched)
    assert few.columns[0].drift == ()
    assert findings.findings_of(few, watched, {}) == ()


def test_figures_state_their_sizes_and_what_chance_gives() -> None:
    watched = watched_of(Population())
    days = simulate(Population(), watched, days=40, a_day=100, seed=2)
    week = column(judged(days, watched), "kind").latest
    assert week is not None
    assert week.days == 7
    assert week.n == sum(days[DAY - timedelta(days=back)].inputs["kind"].known for back in range(7))
    assert week.m == watched.reference.profile.inputs["kind"].known
    assert week.noise == pytest.approx(3 * (1 / week.n + 1 / week.m))
    assert week.limit >= week.noise + 0.1
    assert not week.is_alarm


def test_a_shift_is_found_named_and_dated() -> None:
    watched = watched_of(Population())
    planted = FIRST + timedelta(days=30)
    days = simulate(Population(), watched, days=40, a_day=100, seed=3, changed=Population(mean=0.8), since=planted)
    figures = judged(days, watched)
    [inputs] = [one for one in findings.findings_of(figures, watched, days) if one.kind is AlertKind.inputs]
    assert inputs.columns == ("amount",)
    assert inputs.severity is Severity.serious
    assert abs((inputs.since - planted).days) <= 3
    told = inputs.evidence["columns"]
    assert isinstance(told, dict)
    assert told["amount"]["n"] > 0
    assert findings.line_of(figures).places["amount"].psi > findings.line_of(figures).places["amount"].limit


def test_a_large_sample_tells_no_trifle() -> None:
    """A difference that is certain on a million rows, and that nobody needs to know."""
    watched = watched_of(Population(), rows=200_000)
    days = simulate(Population(mean=0.05), watched, days=40, a_day=20_000, seed=4)
    week = column(judged(days, watched), "amount").latest
    assert week is not None
    assert week.p < 1e-12
    assert not week.is_alarm


def test_missing_values_and_unseen_categories_have_rules_of_their_own() -> None:
    watched = watched_of(Population())
    odd = Population(missing=0.3, unseen=0.05)
    days = simulate(Population(), watched, days=40, a_day=200, seed=5, changed=odd, since=DAY)
    found = {one.kind: one for one in findings.findings_of(judged(days, watched), watched, days)}
    assert set(found) == {AlertKind.missing, AlertKind.unseen}
    assert found[AlertKind.missing].columns == ("amount",)
    assert found[AlertKind.unseen].columns == ("kind",)
    assert found[AlertKind.missing].since == DAY, "one day was enough"


def test_values_that_come_where_they_were_missing_are_told_too() -> None:
    watched = watched_of(Population(missing=0.5))
    days = simulate(Population(missing=0.1), watched, days=40, a_day=200, seed=6)
    kinds = {one.kind for one in findings.findings_of(judged(days, watched), watched, days)}
    assert AlertKind.missing in kinds


def test_parts_of_a_date_are_not_judged() -> None:
    watched = replace(watched_of(Population()), calendar=frozenset({"amount"}))
    days = simulate(Population(mean=5.0), watched, days=40, a_day=100, seed=7)
    figures = judged(days, watched)
    assert column(figures, "amount").is_calendar
    assert column(figures, "amount").drift == ()
    assert column(figures, "amount").missing


def test_scores_are_judged_as_a_column_is() -> None:
    watched = watched_of(Population())
    days = simulate(Population(), watched, days=40, a_day=100, seed=8, changed=Population(score=0.9), since=FIRST)
    found = list(findings.findings_of(judged(days, watched), watched, days))
    assert [one.kind for one in found] == [AlertKind.scores]
    assert found[0].columns == (SCORES,)
    assert found[0].since == FIRST


def test_the_level_shares_a_year_of_looks() -> None:
    looks = 365 * (drift._LOOKS_A_COLUMN * 40 + drift._OTHER_LOOKS)
    assert drift.level_of(40) * looks == pytest.approx(drift.FALSE_ALARMS_A_YEAR)


# --- dating ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ramp", [0, 14])
def test_a_step_and_a_ramp_are_dated(ramp: int) -> None:
    draw = np.random.default_rng(12)
    old, new = np.array([0.4, 0.15, 0.15, 0.1, 0.2]), np.array([0.62, 0.08, 0.1, 0.06, 0.14])
    missed = []
    for _ in range(20):
        days = {}
        for at in range(60):
            far = min(1.0, max(0.0, (at - 30 + 1) / ramp)) if ramp else float(at >= 30)
            days[FIRST + timedelta(days=at)] = draw.multinomial(60, old + far * (new - old)).tolist()
        reference = draw.multinomial(4_000, old).tolist()
        last = max(days)
        changed = np.sum([days[last - timedelta(days=back)] for back in range(7)], axis=0).tolist()
        missed.append(abs((dating.first_day(reference, days, changed, last) - FIRST).days - 30))
    assert np.mean(np.array(missed) <= 7) >= 0.9


def test_without_days_the_day_it_was_found_on_counts() -> None:
    assert dating.first_day([1, 1], {}, [1, 1], FIRST) == FIRST


# --- alerts ------------------------------------------------------------------------------------------------------

ALERT = Alert(
    id="alr_1",
    environment="pilot",
    deployment="leads",
    release="sha256-0",
    version="model:leads@1",
    usecase="leads",
    kind=AlertKind.inputs,
    severity=Severity.warning,
    state=AlertState.open,
    since=FIRST,
    noticed_on=FIRST,
    last_seen=FIRST,
    is_over=False,
    columns=("amount",),
    evidence={},
    opened_at=datetime(2026, 1, 1, tzinfo=UTC),
    acknowledged_by=None,
    acknowledged_at=None,
    acknowledged_because=None,
    closed_by=None,
    closed_at=None,
    closed_because=None,
)
FOUND = Finding(kind=AlertKind.inputs, severity=Severity.warning, since=FIRST, columns=("amount",), evidence={})
CLOSED = replace(ALERT, state=AlertState.closed)


@pytest.mark.parametrize(
    ("alert", "quiet", "finding", "step"),
    [
        (None, 0, None, Step.nothing),
        (None, 0, FOUND, Step.opens),
        (ALERT, 0, FOUND, Step.goes_on),
        (ALERT, 0, replace(FOUND, severity=Severity.serious), Step.worsens),
        (replace(ALERT, severity=Severity.serious), 0, FOUND, Step.goes_on),
        (ALERT, 0, None, Step.rests),
        (ALERT, 2, None, Step.ends),
        (CLOSED, 0, FOUND, Step.goes_on),
        (CLOSED, 0, replace(FOUND, columns=("amount", "kind")), Step.opens),
        (CLOSED, 0, replace(FOUND, severity=Severity.serious), Step.opens),
        (CLOSED, 2, None, Step.ends),
    ],
)
def test_a_day_opens_keeps_and_ends_alerts(
    alert: Alert | None, quiet: int, finding: Finding | None, step: Step
) -> None:
    assert step_of(Running(alert=alert, quiet_days=quiet) if alert else None, finding) is step


def test_columns_of_an_alert_only_grow() -> None:
    later = replace(FOUND, columns=("kind",))
    assert following.columns_of(ALERT, later) == ("kind", "amount")
