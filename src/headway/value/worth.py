"""Money from an effect and the two amounts that a person gave, and the steps from what was projected to it. Pure."""

from __future__ import annotations

from decimal import Decimal

from headway.kernel.money import Money
from headway.value.entities import Effect, Promise, Range, Step, Worth


def worth_of(
    promise: Promise,
    effect: Effect,
    *,
    cases: int,
    actions: int,
    held_out_cases: int,
    held_out_actions: int,
    running: Money | None = None,
) -> Worth:
    """Work out what a champion's cases were worth against the same number of cases held out.

    More successes times what one is worth, less the actions that the hold-out would not have led to times what one costs,
    less what running cost. Actions and running are counted and carry no interval.

    Args: cases, actions: of the champion, those whose outcome is known; held_out_cases: above zero.
        running: left out where it is in another currency than the value of a success.
    """
    value, cost = Money.parse(promise.value_per_success), Money.parse(promise.cost_per_action)
    alike = round(Decimal(held_out_actions) * cases / held_out_cases)
    spent = cost.times(actions - alike)
    ran = running if running is not None and running.currency == value.currency else None
    less = spent if ran is None else spent + ran
    gains = [value.times(Decimal(str(rate)) * cases) for rate in (effect.difference, effect.low, effect.high)]
    return Worth(
        cases=cases,
        actions=actions,
        actions_without=int(alike),
        gain=_range(gains),
        cost=str(spent),
        running=None if ran is None else str(ran),
        net=_range([gain - less for gain in gains]),
        steps=_steps(promise, cases, gains[0], spent, ran),
    )


def _range(amounts: list[Money]) -> Range:
    expected, low, high = (str(amount) for amount in amounts)
    return Range(expected=expected, low=low, high=high)


def _steps(promise: Promise, cases: int, gain: Money, spent: Money, ran: Money | None) -> tuple[Step, ...]:
    """Lead from the pilot's projection to the net value; the changes sum to the difference to the last cent.

    The projection compares equally many actions with and without the model, so that it has no cost of its own.
    """
    if promise.gain is None:
        return ()
    projected = Money.parse(promise.gain.expected)
    scaled = projected.times(Decimal(cases) / Decimal(promise.cases))
    nothing = Money(0, gain.currency)
    return (
        Step(name="projected", amount=str(projected), is_total=True),
        Step(name="cases", amount=str(scaled - projected), is_total=False),
        Step(name="rates", amount=str(gain - scaled), is_total=False),
        Step(name="costs", amount=str(nothing - spent), is_total=False),
        *(() if ran is None else (Step(name="running", amount=str(nothing - ran), is_total=False),)),
        Step(name="measured", amount=str(gain - spent - (ran or nothing)), is_total=True),
    )
