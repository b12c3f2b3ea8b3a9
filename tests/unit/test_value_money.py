"""Money from an effect, and the steps from what was projected to what was measured."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from headway.kernel.money import Money
from headway.value import Effect
from headway.value.worth import worth_of
from tests.factories.measured import PROMISE

EFFECT = Effect(difference=0.1, low=0.04, high=0.16, degrees=500.0, level=0.95)


def amounts(texts: list[str]) -> list[Decimal]:
    return [Decimal(text.split()[0]) for text in texts]


def test_net_value_by_hand() -> None:
    made = worth_of(PROMISE, EFFECT, cases=900, actions=300, held_out_cases=100, held_out_actions=20)
    # 0.1 x 900 x 120 = 10,800; the hold-out would have led to 20/100 x 900 = 180 actions; 120 more at 4 each are 480.
    assert made.gain.expected == "10800.00 EUR" and made.actions_without == 180
    assert made.cost == "480.00 EUR" and made.net.expected == "10320.00 EUR"
    assert (made.net.low, made.net.high) == ("3840.00 EUR", "16800.00 EUR")


def test_steps_lead_from_the_projection_to_the_net_value() -> None:
    made = worth_of(PROMISE, EFFECT, cases=900, actions=300, held_out_cases=100, held_out_actions=20)
    steps = {step.name: step.amount for step in made.steps}
    assert steps == {
        "projected": "3600.00 EUR",  # for 1,000 cases
        "cases": "-360.00 EUR",  # 900 of them were decided
        "rates": "7560.00 EUR",  # 10,800 where 3,240 were promised
        "costs": "-480.00 EUR",
        "measured": "10320.00 EUR",
    }
    assert [step.is_total for step in made.steps] == [True, False, False, False, True]


def test_what_running_cost_is_taken_off_at_every_end_of_the_interval() -> None:
    known = {"cases": 900, "actions": 300, "held_out_cases": 100, "held_out_actions": 20}
    made = worth_of(PROMISE, EFFECT, **known, running=Money.parse("20.50 EUR"))
    assert (made.net.expected, made.net.low, made.net.high) == ("10299.50 EUR", "3819.50 EUR", "16779.50 EUR")
    assert [(step.name, step.amount) for step in made.steps][-2:] == [
        ("running", "-20.50 EUR"),
        ("measured", "10299.50 EUR"),
    ]
    elsewhere = worth_of(PROMISE, EFFECT, **known, running=Money.parse("20.50 USD"))
    assert elsewhere.running is None and elsewhere.net.expected == "10320.00 EUR"


def test_saved_actions_are_a_gain() -> None:
    made = worth_of(PROMISE, EFFECT, cases=100, actions=10, held_out_cases=10, held_out_actions=10)
    assert made.cost == "-360.00 EUR"
    [net, gain] = amounts([made.net.expected, made.gain.expected])
    assert net == gain + 360


def test_without_a_projection_there_are_no_steps() -> None:
    made = worth_of(
        replace(PROMISE, gain=None, effect=None), EFFECT, cases=9, actions=1, held_out_cases=3, held_out_actions=1
    )
    assert made.steps == () and made.net.expected


def test_thirds_of_cents_do_not_add_up_to_another_sum() -> None:
    odd = replace(EFFECT, difference=0.0333333, low=0.0111111, high=0.0777777)
    made = worth_of(PROMISE, odd, cases=777, actions=123, held_out_cases=91, held_out_actions=17)
    [projected, cases, rates, costs, net] = amounts([step.amount for step in made.steps])
    assert projected + cases + rates + costs == net == amounts([made.net.expected])[0]
