"""What running costs: computing that was metered, priced by the rates of its day. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from headway.kernel.errors import Fault, HeadwayError
from headway.kernel.money import Money
from headway.value.entities import Metered, Rates, RunningCost

AMOUNTS = ("cpu_hour", "thousand_decisions", "month")
DAYS_A_MONTH = Decimal("30.436875")
"""The mean month of the Gregorian calendar."""
HOUR = Decimal(3600)


def faults(amounts: dict[str, str], reason: str) -> list[Fault]:
    """Find everything that is wrong with rates that somebody wants to set."""
    found, currencies = [], set()
    for name in AMOUNTS:
        try:
            money = Money.parse(amounts[name])
        except HeadwayError as error:
            message = f"{error.message}; write for example 1.20 EUR"
            found.append(Fault(rule="rates.amount", column=name, value=amounts[name], message=message))
            continue
        currencies.add(money.currency)
        if money.minor < 0:
            message = "a rate is not below zero"
            found.append(Fault(rule="rates.negative", column=name, value=amounts[name], message=message))
    if len(currencies) > 1:
        message = f"all rates are in one currency, and these are in {' and '.join(sorted(currencies))}"
        found.append(Fault(rule="rates.currency", column=AMOUNTS[-1], message=message))
    if not reason.strip():
        found.append(Fault(rule="rates.reason", column="reason", message="give a reason"))
    return found


def running_cost(rates: Sequence[Rates], metered: Metered) -> RunningCost | None:
    """Price what was metered, each day by the rates in force on it; None where nobody set any, or in two currencies.

    What was metered before the first rates is priced by the first.

    Args: rates: those of the latest day first, of one day those set last first.
    """
    if not rates or len({Money.parse(one.month).currency for one in rates}) > 1:
        return None
    jobs = sum((_price(rates, day, "cpu_hour") * _exact(taken) / HOUR for day, taken in metered.jobs), Decimal(0))
    decisions = sum(
        (_price(rates, day, "thousand_decisions") * count / 1000 for day, count in metered.decisions), Decimal(0)
    )
    time = _over_days(metered.first_day, metered.last_day, lambda day: _price(rates, day, "month") / DAYS_A_MONTH)
    currency = Money.parse(rates[0].month).currency
    parts = [_rounded(amount, currency) for amount in (jobs, decisions, time)]
    return RunningCost(
        rates=_in_force(rates, metered.last_day).id,
        jobs=metered.job_count,
        cpu_seconds=sum(taken for _, taken in metered.jobs),
        jobs_cost=str(parts[0]),
        decisions=sum(count for _, count in metered.decisions),
        decisions_cost=str(parts[1]),
        days=(metered.last_day - metered.first_day).days + 1,
        time_cost=str(parts[2]),
        total=str(parts[0] + parts[1] + parts[2]),
        shared_by=metered.shared_by,
    )


def _over_days(first: date, last: date, price: Callable[[date], Decimal]) -> Decimal:
    days = range((last - first).days + 1)
    return sum((price(first + timedelta(days=number)) for number in days), Decimal(0))


def _in_force(rates: Sequence[Rates], day: date) -> Rates:
    return next((one for one in rates if one.valid_from <= day), rates[-1])


def _price(rates: Sequence[Rates], day: date, name: str) -> Decimal:
    return Money.parse(getattr(_in_force(rates, day), name)).amount


def _exact(seconds: float) -> Decimal:
    return Decimal(str(seconds))


def _rounded(amount: Decimal, currency: str) -> Money:
    return Money.of("1", currency).times(amount)
