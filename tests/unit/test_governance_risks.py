"""Losses of a year against closed forms and scipy, and what must hold of a risk."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from headway.governance.risks import Range
from headway.governance.risks.losses import (
    draw_years,
    exceedance,
    expected,
    exposure,
    mean_of,
    parameters,
    together,
)
from headway.governance.risks.rules import estimate_faults, treatment_faults
from tests.factories.risks import estimate

RATE, IMPACT = Range(low=0.5, high=4.0), Range(low=5_000.0, high=60_000.0)


def test_a_range_is_the_ninety_percent_interval_of_a_lognormal() -> None:
    m, s = parameters(IMPACT)
    known = stats.lognorm(s, scale=math.exp(m))
    assert known.ppf(0.05) == pytest.approx(5_000) and known.ppf(0.95) == pytest.approx(60_000)
    assert mean_of(IMPACT) == pytest.approx(known.mean())
    assert mean_of(Range(low=7.0, high=7.0)) == pytest.approx(7.0)


def test_drawn_years_cost_on_average_what_the_closed_form_says() -> None:
    years = draw_years("a", RATE, IMPACT, draws=200_000)
    error = float(years.std()) / math.sqrt(len(years))
    assert abs(float(years.mean()) - expected(RATE, IMPACT)) < 4 * error
    # Certain figures: two events a year at 100 each is a compound Poisson, of variance rate x impact^2.
    sure = draw_years("b", Range(low=2.0, high=2.0), Range(low=100.0, high=100.0), draws=200_000)
    assert float(sure.mean()) == pytest.approx(200, rel=0.01) and float(sure.var()) == pytest.approx(20_000, rel=0.02)
    assert float(np.mean(sure == 0)) == pytest.approx(math.exp(-2), abs=0.005)
    assert exposure(sure, 200.0).p95 == pytest.approx(100 * float(stats.poisson(2).ppf(0.95)))


def test_a_risk_keeps_its_draws_when_others_are_added_and_sums_are_of_the_same_years() -> None:
    one, other = draw_years("a", RATE, IMPACT), draw_years("b", RATE, IMPACT)
    assert np.array_equal(one, draw_years("a", RATE, IMPACT)) and not np.array_equal(one, other)
    assert np.array_equal(together([one, other]), one + other)
    assert abs(float(np.corrcoef(one, other)[0, 1])) < 0.03


@settings(max_examples=25, deadline=None)
@given(
    rate=st.floats(0.01, 20),
    wide=st.floats(1, 30),
    impact=st.floats(1, 1e6),
    less=st.floats(0.05, 1.0),
    some=st.floats(0.05, 1.0),
)
def test_curves_never_rise_and_treatment_never_makes_it_worse(
    rate: float, wide: float, impact: float, less: float, some: float
) -> None:
    before = draw_years("x", Range(low=rate, high=rate * wide), Range(low=impact, high=impact * wide), draws=2000)
    after = draw_years(
        "x",
        Range(low=rate * less, high=rate * wide * less),
        Range(low=impact * some, high=impact * wide * some),
        draws=2000,
    )
    curve = exceedance(before, after)
    for shares in (curve.inherent, curve.residual):
        assert all(0 <= one <= 1 for one in shares) and list(shares) == sorted(shares, reverse=True)
    assert curve.amounts[0] == 0 and curve.inherent[0] == pytest.approx(float(np.mean(before > 0)))


def test_every_fault_is_found_at_once() -> None:
    wrong = estimate(
        title="", currency="euro", inherent_rate={"low": 0.0, "high": 1.0}, inherent_impact={"low": 2.0, "high": 1.0}
    )
    assert {one.column for one in estimate_faults(wrong)} == {"title", "currency", "inherent_rate", "inherent_impact"}
    worse = estimate(residual_rate={"low": 0.5, "high": 5.0})
    assert [one.column for one in estimate_faults(worse)] == ["residual_rate"]
    assert estimate_faults(estimate(inherent_rate={"low": 1.0, "high": 501.0})) and estimate_faults(estimate()) == []
    late = treatment_faults("x", "shorter", date(2026, 1, 1), "much", today=date(2026, 1, 2))
    assert {one.column for one in late} == {"action", "due_on", "cost"}
    assert treatment_faults("check it", "shorter", date(2026, 1, 2), "40 EUR", today=date(2026, 1, 2)) == []
