"""What running costs, by hand: every day priced by its own rates, rounded once at the end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.value.entities import Metered, Rates, RunningCost
from headway.value.running import faults, running_cost

FIRST = date(2026, 3, 1)


def rates(since: date, cpu_hour: str = "0.60", thousand: str = "2.00", month: str = "30.00") -> Rates:
    currency = "TND" if "." in month and len(month.partition(".")[2]) == 3 else "EUR"
    return Rates(
        id=f"rat_{since}",
        valid_from=since,
        cpu_hour=f"{cpu_hour} {currency}",
        thousand_decisions=f"{thousand} {currency}",
        month=f"{month} {currency}",
        set_by="person:fay",
        set_at=datetime(2026, 1, 1, tzinfo=UTC),
        reason="as finance says",
    )


def metered(
    jobs: tuple[tuple[date, float], ...] = (),
    decisions: tuple[tuple[date, int], ...] = (),
    days: int = 1,
    shared_by: int = 1,
) -> Metered:
    return Metered(
        jobs=jobs,
        job_count=len(jobs),
        decisions=decisions,
        first_day=FIRST,
        last_day=FIRST + timedelta(days=days - 1),
        shared_by=shared_by,
    )


def cost(known: list[Rates], taken: Metered) -> RunningCost:
    made = running_cost(known, taken)
    assert made is not None
    return made


def test_a_cost_by_hand() -> None:
    taken = metered(jobs=((FIRST, 1800.0), (FIRST, 5400.0)), decisions=((FIRST, 1500),), days=10)
    made = cost([rates(FIRST, month="91.31")], taken)
    # 2 hours at 0.60; 1,500 decisions at 2.00 the thousand; 10 days of a month of 30.436875 at 91.31.
    assert (made.jobs_cost, made.decisions_cost, made.time_cost) == ("1.20 EUR", "3.00 EUR", "30.00 EUR")
    assert made.total == "34.20 EUR"
    assert (made.jobs, made.cpu_seconds, made.decisions, made.days) == (2, 7200.0, 1500, 10)


def test_each_day_has_the_rates_of_its_time_and_days_before_the_first_have_the_first() -> None:
    later, earlier = FIRST + timedelta(days=5), FIRST - timedelta(days=9)
    known = [rates(later, thousand="8.00", month="0.00"), rates(FIRST, thousand="2.00", month="0.00")]
    decisions = ((earlier, 1000), (FIRST, 1000), (later - timedelta(days=1), 1000), (later, 1000))
    made = cost(known, metered(decisions=decisions, days=6))
    assert made.decisions_cost == "14.00 EUR"
    assert made.rates == f"rat_{later}"


def test_many_small_parts_are_rounded_once() -> None:
    jobs = tuple((FIRST, 10.0) for _ in range(360))  # each costs a sixth of a cent, all together an hour
    assert cost([rates(FIRST, month="0.00")], metered(jobs=jobs)).jobs_cost == "0.60 EUR"


def test_nothing_is_priced_without_rates_or_in_two_currencies() -> None:
    assert running_cost([], metered()) is None
    assert running_cost([rates(FIRST, month="1.000"), rates(FIRST, month="1.00")], metered()) is None


@given(
    st.lists(st.tuples(st.integers(-40, 400), st.integers(0, 10**6)), max_size=12),
    st.lists(st.tuples(st.integers(-40, 400), st.floats(0, 1e6)), max_size=12),
    st.lists(st.tuples(st.integers(-20, 380), st.integers(0, 5000)), min_size=1, max_size=5),
    st.integers(1, 400),
)
def test_the_cost_is_that_of_adding_up_day_by_day(
    decisions: list[tuple[int, int]], jobs: list[tuple[int, float]], cards: list[tuple[int, int]], days: int
) -> None:
    def day(number: int) -> date:
        return FIRST + timedelta(days=number)

    known = [
        rates(day(since), cpu_hour=f"{cents / 100:.2f}", thousand=f"{cents / 100:.2f}", month=f"{cents / 100:.2f}")
        for since, cents in sorted(cards, key=lambda one: -one[0])
    ]
    taken = metered(
        jobs=tuple((day(at), seconds) for at, seconds in jobs),
        decisions=tuple((day(at), count) for at, count in decisions),
        days=days,
    )
    made = cost(known, taken)

    def price(at: date) -> Decimal:
        holding = [one for one in known if one.valid_from <= at]
        return Decimal((holding[0] if holding else known[-1]).month.split()[0])

    wanted = {
        "jobs_cost": sum((price(at) * Decimal(str(seconds)) / 3600 for at, seconds in taken.jobs), Decimal(0)),
        "decisions_cost": sum((price(at) * count / 1000 for at, count in taken.decisions), Decimal(0)),
        "time_cost": sum((price(day(number)) for number in range(days)), Decimal(0)) / Decimal("30.436875"),
    }
    parts = {name: Decimal(getattr(made, name).split()[0]) for name in wanted}
    for name, exact in wanted.items():
        assert abs(parts[name] - exact) <= Decimal("0.0051")
    assert Decimal(made.total.split()[0]) == sum(parts.values())


@pytest.mark.parametrize(
    ("amounts", "reason", "wrong"),
    [
        (("0.05 EUR", "0.40 EUR", "90 EUR"), "as finance says", []),
        (("0.05", "0.40", "90"), "euros when no currency is named", []),
        (("cheap", "0.40 EUR", "-1 EUR"), " ", ["cpu_hour", "month", "reason"]),
        (("0.05 EUR", "0.40 USD", "90 EUR"), "two currencies", ["month"]),
        (("0.05 EUR", "0.005 EUR", "90 EUR"), "half a cent", ["thousand_decisions"]),
    ],
)
def test_every_fault_of_rates_is_told(amounts: tuple[str, str, str], reason: str, wrong: list[str]) -> None:
    names = ("cpu_hour", "thousand_decisions", "month")
    assert [fault.column for fault in faults(dict(zip(names, amounts, strict=True)), reason)] == wrong
