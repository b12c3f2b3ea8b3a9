"""Limits of the risk appetite: what counts, who is over, and what nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from headway.governance.mandates import appetite
from headway.governance.mandates.appetite import Entry, Limit, LimitKind

START = datetime(2026, 1, 1, tzinfo=UTC)
PARENTS = {"org": None, "sales": "org", "sales-north": "sales", "hr": "org"}


def limit(kind: str, most: int, scope: str = "", currency: str = "") -> Limit:
    return Limit(kind=LimitKind(kind), scope=scope, most=most, currency=currency)


def entry(name: str, day: int | None = None, **said: Any) -> Entry:
    values: dict[str, Any] = {
        "usecase": name, "title": name.title(), "department": "sales-north", "tier": "high",
        "since": None if day is None else START + timedelta(days=day), "people": None, "money_minor": None, "currency": None,
    }  # fmt: skip
    return Entry(**values | said)


def test_of_those_live_at_once_the_later_one_is_over() -> None:
    live = [entry("first", 1), entry("second", 2)]
    asked = [limit("tier", 1, "high")]
    assert appetite.breaches(asked, live[0], live, PARENTS) == ()
    assert appetite.breaches(asked, live[1], live, PARENTS) == ("tier high: at most 1 live at once, this is number 2",)
    assert "this is number 3" in appetite.breaches(asked, entry("third"), live, PARENTS)[0]
    assert appetite.breaches(asked, entry("other", tier="minimal"), live, PARENTS) == ()


def test_a_limit_of_none_lets_none_in() -> None:
    [told] = appetite.breaches([limit("tier", 0, "high")], entry("first"), [], PARENTS)
    assert "at most 0 live at once, this is number 1" in told


def test_a_department_counts_everything_below() -> None:
    live = [entry("first", 1), entry("second", 2, department="sales"), entry("apart", 3, department="hr")]
    [told] = appetite.uses([limit("department", 1, "sales")], live, PARENTS)
    assert (told.used, told.is_passed, [one.usecase for one in told.entries]) == (2, True, ["first", "second"])


def test_what_nobody_estimated_passes_no_limit_as_fine() -> None:
    asked = [limit("people", 1000), limit("money", 5_000_000, currency="EUR")]
    told = appetite.breaches(asked, entry("first"), [], PARENTS)
    assert len(told) == 2 and all("nobody estimated" in one for one in told)
    known = entry("first", people=1000, money_minor=5_000_000, currency="EUR")
    assert appetite.breaches(asked, known, [], PARENTS) == ()
    foreign = entry("first", people=1001, money_minor=1, currency="USD")
    told = appetite.breaches(asked, foreign, [], PARENTS)
    assert "at most 1,000 for each use case, here 1,001" in told[0] and "nobody estimated" in told[1]


def test_every_fault_of_an_appetite_is_found() -> None:
    wrong = [
        limit("tier", 1, "huge"),
        limit("department", -1, "sales"),
        limit("money", 1),
        limit("people", 1),
        limit("people", 2),
    ]
    found = appetite.faults(wrong, "short", PARENTS)
    assert {one.column for one in found} == {"tier", "department", "money", "limits", "reason"}
    assert appetite.faults([limit("people", 1)], "because more would be too much", PARENTS) == []


@given(
    days=st.lists(st.integers(0, 5), min_size=1, max_size=8),
    most=st.integers(0, 8),
)
def test_exactly_as_many_as_the_limit_allows_stay_below_it(days: list[int], most: int) -> None:
    live = [entry(f"c{place}", day) for place, day in enumerate(days)]
    asked = [limit("tier", most, "high")]
    fine = [one for one in live if not appetite.breaches(asked, one, live, PARENTS)]
    assert len(fine) == min(most, len(live))
    [told] = appetite.uses(asked, live, PARENTS)
    assert told.is_passed == (len(live) > most)
