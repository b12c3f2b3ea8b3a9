"""What a pilot may be worth, from two amounts a person gave: a projection, never a measurement.

Per 1,000 cases and one action for each case in the best tenth of the ranking, against the same number of actions on
cases picked at random. Nothing here knows how many cases a year there are, so nothing here says a yearly figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from headway.kernel.errors import Fault, Invalid
from headway.kernel.money import Money

CASES = 1000
ACTIONS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An expected amount with its interval, in words people and machines read alike."""

    expected: str
    low: str
    high: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Projected value for 1,000 cases; ``evidence`` is the rung of the evidence ladder: 0, a claim."""

    label: str
    evidence: int
    cases: int
    actions: int
    value_per_success: str
    cost_per_action: str
    success_rate_ranked: float
    success_rate_ranked_low: float
    success_rate_ranked_high: float
    success_rate_random: float
    break_even_rate: float
    net_ranked: Amount
    net_random: str
    gain: Amount
    assumptions: tuple[str, ...]


def project(
    *,
    base_rate: float,
    lift: float,
    lift_interval: tuple[float, float],
    value_per_success: Money | None,
    cost_per_action: Money | None,
) -> Projection | None:
    """Project the value of acting on the best tenth of the ranking.

    Args: base_rate: successes in the test part, in [0, 1]. lift: success rate of the best tenth over ``base_rate``,
        with its interval.
    Returns: None when neither amount was given: without them there is no money to speak of.
    Raises: Invalid: only one amount was given, one is not above zero, or the currencies differ.
    """
    if value_per_success is None and cost_per_action is None:
        return None
    value, cost = _checked(value_per_success, cost_per_action)
    rates = [min(1.0, max(0.0, base_rate * factor)) for factor in (lift, *lift_interval)]
    ranked = [_net(value, cost, rate) for rate in rates]
    random = _net(value, cost, base_rate)
    return Projection(
        label="projected",
        evidence=0,
        cases=CASES,
        actions=ACTIONS,
        value_per_success=str(value),
        cost_per_action=str(cost),
        success_rate_ranked=rates[0],
        success_rate_ranked_low=rates[1],
        success_rate_ranked_high=rates[2],
        success_rate_random=base_rate,
        break_even_rate=float(Decimal(cost.minor) / Decimal(value.minor)),
        net_ranked=Amount(expected=str(ranked[0]), low=str(ranked[1]), high=str(ranked[2])),
        net_random=str(random),
        gain=Amount(expected=str(ranked[0] - random), low=str(ranked[1] - random), high=str(ranked[2] - random)),
        assumptions=(
            f"{CASES} cases, {ACTIONS} actions: one for each case in the best tenth",
            "the cases to come are like those of the test part",
            "an action succeeds as often as cases of that rank did in the file, where not all of them were acted on",
            "the two amounts are as given by the person who started the pilot; costs of running the system are not in them",
        ),
    )


def _checked(value: Money | None, cost: Money | None) -> tuple[Money, Money]:
    faults = [
        Fault(rule="required", column=name, message=f"{name} is missing: money needs both amounts")
        for name, money in (("value_per_success", value), ("cost_per_action", cost))
        if money is None
    ]
    if value is not None and value.minor <= 0:
        faults.append(Fault(rule="minimum", column="value_per_success", value=str(value), message="must be above zero"))
    if cost is not None and cost.minor < 0:
        faults.append(Fault(rule="minimum", column="cost_per_action", value=str(cost), message="must not be negative"))
    if value is not None and cost is not None and value.currency != cost.currency:
        faults.append(
            Fault(rule="currency", message=f"{value.currency} and {cost.currency} cannot be joined without a rate")
        )
    if faults or value is None or cost is None:
        raise Invalid("the amounts of money cannot be used", faults=faults)
    return value, cost


def _net(value: Money, cost: Money, rate: float) -> Money:
    return value.times(Decimal(str(rate)) * ACTIONS) - cost.times(ACTIONS)
