"""Whatever is assumed: shares and quantiles keep their order, and a higher rate never helps what costs first."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.value.projections import Assumptions, Timing, simulate
from headway.value.projections.rules import faults
from tests.factories.projections import assumptions, driver, line

values = st.lists(st.floats(0, 1e5), min_size=3, max_size=3).map(sorted)


@st.composite
def costs_first(draw: st.DrawFn) -> Assumptions:
    names = ("gain", "build")
    shape = draw(st.sampled_from(["pert", "triangular"]))
    return assumptions(
        horizon_months=draw(st.integers(1, 60)),
        drivers=tuple(driver(name, *draw(values), shape=shape) for name in names),
        lines=(line("Gain", "revenue", "gain"), line("Build", "cost", "build", timing=Timing.once, first_month=0)),
        draws=1000,
        seed=draw(st.integers(0, 2**32 - 1)),
    )


def amount(text: str) -> Decimal:
    return Decimal(text.split(maxsplit=1)[0])


@settings(max_examples=30, deadline=None)
@given(given_=costs_first(), low=st.floats(0, 0.5), more=st.floats(0, 0.5))
def test_a_higher_rate_never_helps_what_costs_first(given_: Assumptions, low: float, more: float) -> None:
    assert faults(given_) == []
    one, other = simulate(given_, low), simulate(given_, low + more)
    for name in ("p10", "p50", "p90", "mean"):
        assert amount(getattr(one.npv, name)) >= amount(getattr(other.npv, name)) - Decimal("0.01")
    assert one.probability_of_loss <= other.probability_of_loss
    assert one.cumulative == other.cumulative and one.payback_months == other.payback_months
    for found in (one, other):
        assert amount(found.npv.p10) <= amount(found.npv.p50) <= amount(found.npv.p90)
        assert 0 <= found.probability_of_loss <= 1 and sum(found.counts) == given_.draws
        assert all(0 <= swing.share <= 1 for swing in found.swings)
    assert simulate(given_, low) == one
