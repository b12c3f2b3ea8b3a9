"""What holds for every projection, whatever the figures."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from headway.kernel.money import Money
from headway.portfolio.projection import ACTIONS, project

rates = st.floats(0.001, 0.999)
lifts = st.floats(0.0, 20.0)
cents = st.integers(1, 10_000_000)


def amount(text: str) -> Decimal:
    return Decimal(text.split(maxsplit=1)[0])


@given(base=rates, lift=lifts, spread=st.floats(0.0, 5.0), value=cents, cost=st.integers(0, 10_000_000))
def test_gain_is_the_difference_and_ends_stay_in_order(
    base: float, lift: float, spread: float, value: int, cost: int
) -> None:
    found = project(
        base_rate=base,
        lift=lift,
        lift_interval=(max(0.0, lift - spread), lift + spread),
        value_per_success=Money(value, "EUR"),
        cost_per_action=Money(cost, "EUR"),
    )
    assert found is not None
    net, gain = found.net_ranked, found.gain
    assert amount(net.low) <= amount(net.expected) <= amount(net.high)
    for end in ("low", "expected", "high"):
        assert amount(getattr(gain, end)) == amount(getattr(net, end)) - amount(found.net_random)
    assert 0 <= found.success_rate_ranked_low <= found.success_rate_ranked <= found.success_rate_ranked_high <= 1


@given(base=rates, value=cents, cost=st.integers(0, 10_000_000))
def test_a_ranking_no_better_than_chance_gains_nothing(base: float, value: int, cost: int) -> None:
    found = project(
        base_rate=base,
        lift=1.0,
        lift_interval=(1.0, 1.0),
        value_per_success=Money(value, "EUR"),
        cost_per_action=Money(cost, "EUR"),
    )
    assert found is not None
    assert amount(found.gain.expected) == 0
    assert (
        amount(found.net_random)
        == (Money(value, "EUR").times(Decimal(str(base)) * ACTIONS) - Money(cost, "EUR").times(ACTIONS)).amount
    )
