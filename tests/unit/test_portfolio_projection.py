"""Projected value: by hand, from two amounts, never without them."""

from __future__ import annotations

import pytest

from headway.kernel.errors import Invalid
from headway.kernel.money import Money
from headway.portfolio.projection import Projection, project

EUR = "EUR"


def made(value: str | None = "120 EUR", cost: str | None = "4 EUR", lift: float = 3.0) -> Projection | None:
    return project(
        base_rate=0.1,
        lift=lift,
        lift_interval=(2.0, 4.0),
        value_per_success=Money.parse(value) if value else None,
        cost_per_action=Money.parse(cost) if cost else None,
    )


def test_without_amounts_there_is_no_money() -> None:
    assert made(None, None) is None


def test_a_projection_agrees_with_the_sum_done_by_hand() -> None:
    found = made()
    assert found is not None
    # 100 actions at 4 EUR; 30 successes when ranked (20 to 40), 10 at random, 120 EUR each.
    assert found.net_ranked.expected == "3200.00 EUR"
    assert (found.net_ranked.low, found.net_ranked.high) == ("2000.00 EUR", "4400.00 EUR")
    assert found.net_random == "800.00 EUR"
    assert (found.gain.low, found.gain.expected, found.gain.high) == ("1200.00 EUR", "2400.00 EUR", "3600.00 EUR")
    assert found.break_even_rate == pytest.approx(4 / 120)
    assert (found.label, found.evidence) == ("projected", 0)


def test_a_rate_never_exceeds_one() -> None:
    found = made(lift=50.0)
    assert found is not None
    assert found.success_rate_ranked == 1.0


@pytest.mark.parametrize(
    ("value", "cost", "columns"),
    [
        ("120 EUR", None, {"cost_per_action"}),
        (None, "4 EUR", {"value_per_success"}),
        ("0 EUR", "-1 EUR", {"value_per_success", "cost_per_action"}),
        ("120 EUR", "4 USD", {None}),
    ],
)
def test_amounts_that_make_no_sense_are_all_named(
    value: str | None, cost: str | None, columns: set[str | None]
) -> None:
    with pytest.raises(Invalid) as caught:
        made(value, cost)
    assert {fault.column for fault in caught.value.faults} == columns
