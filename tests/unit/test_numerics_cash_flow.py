"""Present value, internal rate, payback and PERT against published examples and formulas written again here."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from headway.numerics import (
    discount_factors,
    draw_between,
    internal_rate,
    mean_between,
    payback_month,
    present_value,
    sign_changes,
    variance_between,
)


def yearly(*flows: float) -> list[float]:
    """Flows at the ends of years, told by month."""
    made = [flows[0]]
    for flow in flows[1:]:
        made += [*[0.0] * 11, flow]
    return made


def test_present_value_of_the_numpy_financial_example() -> None:
    # The documented example of numpy_financial.npv.
    flows = yearly(-40_000, 5_000, 8_000, 12_000, 30_000)
    assert present_value(flows, 0.08) == pytest.approx(3065.22267, abs=0.001)


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        # The documented examples of numpy_financial.irr, rounded there to five places.
        ((-100, 39, 59, 55, 20), 0.28095),
        ((-100, 0, 0, 74), -0.0955),
        ((-100, 100, 0, -7), None),  # turns twice
        ((-100, 100, 0, 7), 0.06206),
        ((-5, 10.5, 1, 8, -2), None),
        ((-100, -100), None),
    ],
)
def test_internal_rate_of_the_numpy_financial_examples(flows: tuple[float, ...], rate: float | None) -> None:
    found = internal_rate(yearly(*flows))
    assert found is None if rate is None else found == pytest.approx(rate, abs=6e-6 if rate > 0 else 6e-5)


def test_at_the_internal_rate_nothing_is_left() -> None:
    flows = [-1000.0, *[35.0] * 48]
    rate = internal_rate(flows)
    assert rate is not None and present_value(flows, rate) == pytest.approx(0.0, abs=1e-6)


def test_an_annuity_is_worth_what_its_formula_says() -> None:
    monthly = 1.08 ** (1 / 12) - 1
    closed = 100.0 * (1 - (1 + monthly) ** -36) / monthly
    assert present_value([0.0, *[100.0] * 36], 0.08) == pytest.approx(closed)
    assert float(discount_factors(12, 0.08)[12]) == pytest.approx(1 / 1.08)


def test_payback_counts_the_month_from_which_it_stays_paid() -> None:
    cumulative = np.asarray(
        [[-10.0, -5.0, 0.0, 5.0], [0.0, 1.0, 2.0, 3.0], [-1.0, 2.0, -1.0, 3.0], [-1.0, -1.0, 1.0, -1.0]]
    )
    assert payback_month(cumulative).tolist() == [2.0, 0.0, 3.0, math.inf]


def test_zeros_are_no_turn() -> None:
    assert sign_changes([0.0, -1.0, 0.0, -2.0, 3.0, 0.0]) == 1


def test_pert_is_the_beta_distribution_of_scipy() -> None:
    low, likely, high = 10.0, 20.0, 60.0
    a, b = 1 + 4 * (likely - low) / 50, 1 + 4 * (high - likely) / 50
    known = stats.beta(a, b, loc=low, scale=50)
    assert mean_between(low, likely, high, "pert") == pytest.approx(known.mean())
    assert variance_between(low, likely, high, "pert") == pytest.approx(known.var())
    drawn = draw_between(np.random.default_rng(1), low, likely, high, "pert", count=20_000)
    assert stats.kstest(drawn, known.cdf).pvalue > 0.001


def test_triangular_is_that_of_scipy() -> None:
    known = stats.triang(0.2, loc=10, scale=50)
    assert mean_between(10, 20, 60, "triangular") == pytest.approx(known.mean())
    assert variance_between(10, 20, 60, "triangular") == pytest.approx(known.var())
    drawn = draw_between(np.random.default_rng(1), 10, 20, 60, "triangular", count=20_000)
    assert stats.kstest(drawn, known.cdf).pvalue > 0.001
