"""What must be done comes first, another choice is priced, and a difference from the best one needs its reason."""

from __future__ import annotations

import pytest

from headway.portfolio import AllocationImpossible, AllocationInvalid, Limits, Need
from headway.portfolio.allocation.contending import contention, differences
from headway.portfolio.allocation.optimum import optimise, price


def need(usecase: str = "a", **changes: object) -> Need:
    values: dict[str, object] = {
        "usecase": usecase, "department": "sales", "budget": 100, "compute_hours": 10, "people": 50, "value": 1000
    }  # fmt: skip
    return Need(**(values | changes))  # type: ignore[arg-type]


def test_what_must_be_done_and_does_not_fit_names_each_limit() -> None:
    needs = [need("a", is_must=True, requires=("b",)), need("b", department="hr"), need("c")]
    with pytest.raises(AllocationImpossible) as caught:
        optimise(needs, Limits(budget=150, people=80))
    assert [(one.rule, one.value) for one in caught.value.faults] == [("budget", "200"), ("people", "100")]
    assert "a, b" in caught.value.faults[0].message


def test_another_choice_is_priced_and_its_broken_limits_are_shown() -> None:
    needs = [need("a"), need("b", value=500, requires=("c",)), need("c", is_must=True, excludes=("a",)), need("d")]
    found = price(needs, Limits(budget=150, most_for_one_department=1), ["a", "b"])
    assert found.used.value == 1500 and found.used.people == 100
    assert {(one.limit, one.allowed, one.asked) for one in found.breaches} == {
        ("budget", 150, 200), ("most_for_one_department", 1, 2), ("requires", 0, 1), ("must", 0, 1)
    }  # fmt: skip
    with pytest.raises(AllocationInvalid, match="not in this round: x"):
        price(needs, Limits(), ["a", "x"])


def test_everything_that_cannot_be_read_is_named_at_once() -> None:
    needs = [need("a", budget=-1), need("a"), need("b", requires=("nowhere",))]
    with pytest.raises(AllocationInvalid) as caught:
        optimise(needs, Limits(budget=-5))
    assert {one.rule for one in caught.value.faults} == {"double", "negative", "unknown"}
    assert len(caught.value.faults) == 4


def test_each_difference_needs_its_reason_and_no_other_reason_is_taken() -> None:
    needs = [need("a"), need("b", value=10), need("c")]
    best = optimise(needs, Limits(budget=200))
    mine = price(needs, Limits(budget=200), ["a", "b"])
    assert best.chosen == ("a", "c")
    with pytest.raises(AllocationInvalid) as caught:
        differences(best, mine, {"a": "we like it", "c": " "})
    assert [(one.rule, one.value) for one in caught.value.faults] == [
        ("reason", "b"),
        ("reason", "c"),
        ("no_difference", "a"),
    ]
    told = differences(best, mine, {"b": "the law", "c": "later"})
    assert [(one.usecase, one.is_chosen) for one in told] == [("b", True), ("c", False)]


def test_contention_counts_each_department() -> None:
    needs = [need("a"), need("b", department="hr", budget=30), need("c", department="hr", budget=0)]
    found = {one.resource: one for one in contention(needs, Limits(budget=90))}
    assert (found["budget"].asked, found["budget"].available) == (130, 90)
    assert found["budget"].by_department == {"hr": 30, "sales": 100}
    assert found["risk"].by_department == {} and found["people"].available is None
