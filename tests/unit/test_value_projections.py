"""What a projection says, against sums worked out here by hand and against its own draws."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from headway.value.projections import LineKind, Timing, simulate
from headway.value.projections.rules import faults, rate_faults
from headway.value.projections.simulating import spread
from tests.factories.projections import assumptions, driver, line


def amount(text: str) -> float:
    return float(Decimal(text.split(maxsplit=1)[0]))


def certain(**more: object) -> object:
    """A build of 1,000 today and 500 a year for three years, all of it certain."""
    return assumptions(
        drivers=(driver("build", 1000), driver("gain", 500)),
        lines=(
            line("Gain", "cash_out", "gain"),
            line("Build", "cost", "build", timing=Timing.once, first_month=0),
        ),
        draws=1000,
        **more,
    )


def test_what_is_certain_is_what_the_annuity_says() -> None:
    found = simulate(certain(), 0.08)  # type: ignore[arg-type]
    monthly = 1.08 ** (1 / 12) - 1
    worth = -1000 + 500 / 12 * (1 - (1 + monthly) ** -36) / monthly
    assert {amount(one) for one in (found.npv.p10, found.npv.p50, found.npv.p90)} == {round(worth, 2)}
    assert (found.payback_months, found.payback_months_late, found.paid_back) == (24, 24, 1.0)
    assert found.probability_of_loss == 0.0 and found.swings == () and found.capacity is None
    assert found.irr is not None and found.irr_why is None
    back = sum(500 / 12 * (1 + found.irr) ** (-m / 12) for m in range(1, 37))
    assert back == pytest.approx(1000)
    assert amount(found.cumulative[0].mean) == -1000 and amount(found.cumulative[36].mean) == 500


def test_the_mean_of_the_draws_is_what_the_lines_expect() -> None:
    found = simulate(assumptions(draws=100_000), 0.08)
    expected = sum(amount(one.worth) for one in found.lines if one.kind is not LineKind.capacity)
    spread_of = amount(found.npv.p90) - amount(found.npv.p10)
    assert amount(found.npv.mean) == pytest.approx(expected, abs=0.02 * spread_of)
    # (200 + 4 x 400 + 900) / 6 sales at (80 + 4 x 120 + 150) / 6 each, by the months of the ramp.
    months = [min(1.0, k / 6) / 12 for k in range(1, 37)]
    revenue = 450 * (710 / 6) * sum(part * 1.08 ** (-m / 12) for m, part in enumerate(months, start=1))
    assert amount(found.lines[0].worth) == pytest.approx(revenue, abs=0.01)


def test_capacity_is_in_no_other_figure() -> None:
    with_it = simulate(assumptions(), 0.08)
    without = simulate(
        assumptions(lines=tuple(one for one in assumptions().lines if one.kind is not LineKind.capacity)), 0.08
    )
    assert with_it.npv == without.npv and with_it.cumulative == without.cumulative
    assert with_it.probability_of_loss == without.probability_of_loss and with_it.irr == without.irr
    assert with_it.capacity is not None and without.capacity is None
    half = simulate(assumptions(capacity_share=0.25), 0.08)
    assert half.capacity is not None
    assert amount(half.capacity.mean) == pytest.approx(amount(with_it.capacity.mean) / 2, abs=0.02)


def test_the_tornado_names_the_largest_driver_first_and_its_shares_are_of_the_variance() -> None:
    found = simulate(assumptions(draws=100_000), 0.08)
    assert [one.driver for one in found.swings] == ["sales_more", "margin", "build", "running"]
    assert 0.9 < sum(one.share for one in found.swings) <= 1.02  # the rest is what sales and margin do together
    build = next(one for one in found.swings if one.driver == "build")
    assert amount(build.at_high) < amount(build.at_low)


def test_one_driver_alone_explains_all_of_the_variance() -> None:
    given = assumptions(
        drivers=(driver("build", 10, 20, 60), driver("gain", 500)),
        lines=(line("Gain", "revenue", "gain"), line("Build", "cost", "build", timing=Timing.once, first_month=0)),
        draws=100_000,
    )
    [only] = simulate(given, 0.05).swings
    assert only.share == pytest.approx(1.0, abs=0.02)


def test_a_driver_keeps_its_draws_when_others_change() -> None:
    before, after = (
        simulate(assumptions(), 0.08),
        simulate(
            replace(
                assumptions(),
                drivers=tuple(
                    replace(one, low=45.0, likely=50.0, high=60.0) if one.name == "hour_cost" else one
                    for one in assumptions().drivers
                ),
            ),
            0.08,
        ),
    )
    assert before.npv == after.npv and before.capacity != after.capacity


def test_no_rate_is_told_where_flows_turn_twice_and_why() -> None:
    given = assumptions(
        drivers=(driver("build", 1000), driver("gain", 1200), driver("exit", 900)),
        lines=(
            line("Gain", "revenue", "gain"),
            line("Build", "cost", "build", timing=Timing.once, first_month=0),
            line("Leaving it", "cost", "exit", timing=Timing.once, first_month=36),
        ),
    )
    found = simulate(given, 0.08)
    assert found.irr is None and found.irr_why is not None and "turn 2 times" in found.irr_why
    never = simulate(
        replace(given, lines=(given.lines[1], replace(given.lines[0], drivers=("exit",), kind=LineKind.cost))), 0.08
    )
    assert never.irr is None and never.irr_why is not None and "never turn" in never.irr_why
    assert never.probability_of_loss == 1.0 and never.payback_months is None and never.paid_back == 0.0


def test_a_ramp_grows_evenly_and_ends_full() -> None:
    months = spread(line("x", "revenue", "y", first_month=3, ramp_months=3), 12) * 12
    assert months.tolist() == pytest.approx([0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 1])


def test_every_fault_is_found_at_once() -> None:
    wrong = assumptions(
        currency="euro",
        horizon_months=0,
        drivers=(driver("a", 3, 2, 1), driver("a", 1), driver("unused", -1), driver("B!", 1)),
        lines=(line("x", "revenue", "missing"), line("x", "revenue", "a", "a")),
        draws=1,
        capacity_share=2.0,
    )
    rules = {one.rule.removeprefix("projection.") for one in faults(wrong)}
    assert {
        "currency", "horizon_months", "draws", "capacity_share", "driver_twice", "driver_order", "driver_negative",
        "driver_name", "driver_unused", "costs", "line_twice", "line_driver_unknown", "line_drivers",
    } <= rules  # fmt: skip
    assert faults(assumptions()) == []


PERCENTS = {"8.5": True, "0": True, "50": True, "51": False, "-1": False, "NaN": False, "x": False}


@pytest.mark.parametrize(("percent", "is_fine"), PERCENTS.items())
def test_a_discount_rate_is_a_percentage(percent: str, is_fine: bool) -> None:
    assert (not rate_faults(percent, "finance")) is is_fine
    assert rate_faults(percent, " ")
