"""Realised performance against scikit-learn, NumPy and simulation, and when a change of it is an alarm."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from headway.monitoring import Expected
from headway.monitoring.drift import level_of
from headway.monitoring.performance import (
    by_week,
    concept_finding,
    is_settled,
    perform,
    performance_finding,
    ranked,
    recent_days,
)
from headway.serving import ScoredDay, ScoredRange

FIRST = date(2025, 1, 6)
LEVEL = level_of(10)


def scored_day(scores: np.ndarray, outcomes: np.ndarray, *, at: int = 0, decided: int | None = None) -> ScoredDay:
    """What the statement makes of decisions whose outcome is known."""
    ranges = np.clip(np.floor(8 * np.log(scores / (1 - scores))), -96, 96).astype(int)
    error = (scores - outcomes) ** 2
    return ScoredDay(
        release="r",
        day=FIRST + timedelta(days=at),
        decided=decided if decided is not None else len(scores),
        known=len(scores),
        successes=int(outcomes.sum()),
        score_sum=float(scores.sum()),
        variance_sum=float((scores * (1 - scores)).sum()),
        squared_error_sum=float(error.sum()),
        squared_error_squares=float((error**2).sum()),
        ranges=tuple(
            ScoredRange(
                range=int(one),
                failures=int((outcomes[ranges == one] == 0).sum()),
                successes=int(outcomes[ranges == one].sum()),
            )
            for one in np.unique(ranges)
        ),
    )


def drawn(
    rows: int, chance: np.random.Generator, *, slope: float = 1.0, lift: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and outcomes that keep to them as far as slope and lift let them."""
    logit = chance.normal(-1.0, 1.2, rows)
    truth = 1 / (1 + np.exp(-(-1.0 + slope * (logit + 1.0) + lift)))
    return 1 / (1 + np.exp(-logit)), (chance.random(rows) < truth).astype(float)


def run(days: int, a_day: int, seed: int, **change: float) -> list[ScoredDay]:
    chance = np.random.default_rng(seed)
    return [scored_day(*drawn(a_day, chance, **(change if at >= 60 else {})), at=at) for at in range(days)]


def test_figures_are_scikit_learns_to_the_width_of_a_range() -> None:
    scores, outcomes = drawn(4_000, np.random.default_rng(1))
    made = perform(
        [scored_day(scores[:1_500], outcomes[:1_500]), scored_day(scores[1_500:], outcomes[1_500:], at=1)], FIRST
    )
    assert made is not None
    assert made.auc == pytest.approx(roc_auc_score(outcomes, scores), abs=2e-3)
    assert made.brier == pytest.approx(brier_score_loss(outcomes, scores))
    assert made.expected == pytest.approx(scores.mean())
    assert made.observed == outcomes.mean()
    error = (scores - outcomes) ** 2
    assert made.brier_high is not None and made.brier is not None
    assert made.brier_high - made.brier == pytest.approx(1.959964 * error.std(ddof=1) / math.sqrt(4_000), rel=1e-3)


def test_the_interval_of_the_area_covers_the_truth_as_often_as_it_says() -> None:
    chance = np.random.default_rng(2)
    scores, outcomes = drawn(400_000, chance)
    truth = roc_auc_score(outcomes, scores)
    covered = 0
    for _ in range(300):
        made = perform([scored_day(*drawn(400, chance))], FIRST)
        assert made is not None and made.auc_low is not None and made.auc_high is not None
        covered += made.auc_low <= truth <= made.auc_high
    assert 0.91 <= covered / 300 <= 0.98


def test_one_kind_of_outcome_has_no_ranking() -> None:
    scores = np.array([0.2, 0.4])
    assert ranked([scored_day(scores, np.ones(2))]) is None
    made = perform([scored_day(scores, np.ones(2))], FIRST)
    assert made is not None and made.auc is None and made.observed == 1.0


def test_days_settle_when_outcomes_are_known_or_old() -> None:
    day = scored_day(np.full(10, 0.3), np.zeros(10), decided=100)
    assert not is_settled(day, FIRST + timedelta(days=30))
    assert is_settled(day, FIRST + timedelta(days=90))
    assert is_settled(scored_day(np.full(80, 0.3), np.zeros(80), decided=100), FIRST)
    open_ones = [scored_day(np.full(10, 0.3), np.zeros(10), at=at, decided=100) for at in range(3)]
    assert recent_days(open_ones, FIRST + timedelta(days=4)) == []


def test_weeks_begin_on_monday() -> None:
    weeks = by_week(run(10, 20, 3), FIRST + timedelta(days=20))
    assert [(week.first, week.last) for week in weeks] == [
        (FIRST, FIRST + timedelta(days=6)),
        (FIRST + timedelta(days=7), FIRST + timedelta(days=9)),
    ]


EXPECTED = Expected(auc=0.77, auc_low=0.75, auc_high=0.79, brier=0.15, rows=3_000, positives=900)


@pytest.mark.parametrize("seed", range(20))
def test_a_year_without_change_raises_nothing(seed: int) -> None:
    days = run(365, 30, 100 + seed)
    for at in range(60, 365, 15):
        today = FIRST + timedelta(days=at)
        known = [day for day in days if day.day < today]
        assert concept_finding(known, today, LEVEL) is None
        assert performance_finding(known, EXPECTED, today, LEVEL) is None


def test_a_changed_concept_is_found_with_its_figures() -> None:
    days = run(100, 60, 4, slope=0.1)
    found = concept_finding(days, FIRST + timedelta(days=101), LEVEL)
    assert found is not None
    assert found.severity.value == "serious"
    assert isinstance(found.evidence["auc_fall"], float) and found.evidence["auc_fall"] > 0.1
    assert found.since >= FIRST + timedelta(days=60)
    worse = performance_finding(days, EXPECTED, FIRST + timedelta(days=101), LEVEL)
    assert worse is not None and worse.evidence["expected_auc"] == 0.77


def test_more_success_than_before_is_a_change_too_though_the_ranking_holds() -> None:
    days = run(100, 60, 5, lift=1.0)
    found = concept_finding(days, FIRST + timedelta(days=101), LEVEL)
    assert found is not None
    assert isinstance(found.evidence["rate_change"], float) and found.evidence["rate_change"] > 0.1
    assert performance_finding(days, EXPECTED, FIRST + timedelta(days=101), LEVEL) is None


def test_an_effect_that_was_there_from_the_start_is_no_change() -> None:
    """What the release's own actions do to outcomes is no change of concept."""
    chance = np.random.default_rng(6)
    days = [scored_day(*drawn(60, chance, lift=0.8), at=at) for at in range(100)]
    assert concept_finding(days, FIRST + timedelta(days=101), LEVEL) is None


def test_too_few_outcomes_are_not_compared() -> None:
    days = run(100, 2, 7, slope=0.0)
    assert concept_finding(days, FIRST + timedelta(days=101), LEVEL) is None
    assert performance_finding(days, None, FIRST + timedelta(days=101), LEVEL) is None
