"""The best choice equals what trying everything finds."""

from __future__ import annotations

from itertools import chain, combinations
from random import Random

import scipy.optimize  # noqa: F401  loaded before the first example is timed
from hypothesis import given
from hypothesis import strategies as st

from headway.governance.mandates import Ceiling, Headroom, LimitKind
from headway.portfolio import AllocationImpossible, Limits, Need
from headway.portfolio.allocation.optimum import optimise

NAMES = tuple("abcdefgh")


def by_trying_everything(needs: list[Need], limits: Limits) -> int | None:
    """The best value of all choices, counted without the code under test; None where no choice keeps the rules."""
    best: int | None = None
    for some in chain.from_iterable(combinations(needs, size) for size in range(len(needs) + 1)):
        names = {one.usecase for one in some}
        by_department = {d: [one for one in some if one.department == d] for d in {one.department for one in some}}
        held = [
            limits.budget is None or sum(one.budget for one in some) <= limits.budget,
            limits.compute_hours is None or sum(one.compute_hours for one in some) <= limits.compute_hours,
            limits.people is None or sum(one.people for one in some) <= limits.people,
            limits.risk is None or sum(one.risk for one in some) <= limits.risk,
            all(one.usecase in names for one in needs if one.is_must),
            all(other in names for one in some for other in one.requires),
            not any(other in names for one in some for other in one.excludes),
        ]
        for department, own in by_department.items():
            given_ = (limits.department_budget or {}).get(department)
            held.append(given_ is None or sum(one.budget for one in own) <= given_)
            held.append(limits.most_for_one_department is None or len(own) <= limits.most_for_one_department)
        if limits.appetite is not None:
            held += [len(names & set(one.usecases)) <= one.room for one in limits.appetite.ceilings]
        if all(held):
            value = sum(one.value for one in some)
            best = value if best is None else max(best, value)
    return best


@st.composite
def rounds(draw: st.DrawFn) -> tuple[list[Need], Limits]:
    amount = st.integers(0, 40)
    count = draw(st.integers(0, 7))
    needs = []
    for place in range(count):
        others = [one for one in NAMES[:count] if one != NAMES[place]]
        needs.append(
            Need(
                usecase=NAMES[place],
                department=draw(st.sampled_from(["sales", "hr"])),
                budget=draw(amount),
                compute_hours=draw(amount),
                people=draw(amount),
                risk=draw(amount),
                value=draw(st.integers(-20, 60)),
                is_must=draw(st.integers(0, 9)) == 0,
                requires=tuple(draw(st.lists(st.sampled_from(others), max_size=1))) if others else (),
                excludes=tuple(draw(st.lists(st.sampled_from(others), max_size=1))) if others else (),
            )
        )
    ceiling = st.builds(
        lambda kind, room, names: Ceiling(
            kind=kind, scope="", most=room, currency="", live=0, room=room, usecases=tuple(names), unknown=()
        ),
        st.sampled_from(LimitKind),
        st.integers(0, 3),
        st.lists(st.sampled_from(NAMES[:count]), unique=True) if count else st.just([]),
    )
    maybe = st.none() | st.integers(0, 120)
    limits = Limits(
        budget=draw(maybe),
        compute_hours=draw(maybe),
        people=draw(maybe),
        risk=draw(maybe),
        department_budget=draw(st.none() | st.fixed_dictionaries({"hr": st.integers(0, 60)})),
        most_for_one_department=draw(st.none() | st.integers(1, 5)),
        appetite=draw(
            st.none()
            | st.builds(Headroom, version=st.just(1), ceilings=st.lists(ceiling, min_size=1, max_size=3).map(tuple))
        ),
    )
    return needs, limits


@given(rounds())
def test_the_best_choice_is_what_trying_everything_finds(asked: tuple[list[Need], Limits]) -> None:
    needs, limits = asked
    expected = by_trying_everything(needs, limits)
    try:
        found = optimise(needs, limits)
    except AllocationImpossible:
        assert expected is None
        return
    assert (found.used.value, found.breaches) == (expected, ())
    assert found.at_most is None or found.at_most >= found.used.value
    assert optimise(list(reversed(needs)), limits) == found


def test_five_hundred_proposals_are_chosen_from_within_a_thousandth_of_the_best() -> None:
    """Any other choice brings at most ``at_most``; the choice keeps every limit by an own count, and is the same each time."""
    dice = Random(20261127)
    needs = [
        Need(
            usecase=f"case-{number:03}", department=dice.choice(["sales", "hr", "finance"]), budget=dice.randrange(5, 400),
            compute_hours=dice.randrange(0, 900), people=dice.randrange(0, 5), risk=dice.randrange(0, 300),
            value=dice.randrange(-20, 1_500), is_must=number % 100 == 0,
            requires=(f"case-{dice.randrange(500):03}",) if number % 25 == 7 else (),
        )
        for number in range(500)
    ]  # fmt: skip
    limits = Limits(budget=20_000, compute_hours=60_000, people=300, risk=15_000, department_budget={"hr": 5_000})
    plan = optimise(needs, limits)
    taken = [one for one in needs if one.usecase in plan.chosen]
    names = {one.usecase for one in taken}
    assert sum(one.budget for one in taken) <= 20_000 and sum(one.people for one in taken) <= 300
    assert sum(one.compute_hours for one in taken) <= 60_000 and sum(one.risk for one in taken) <= 15_000
    assert sum(one.budget for one in taken if one.department == "hr") <= 5_000
    assert {one.usecase for one in needs if one.is_must} <= names and all(set(one.requires) <= names for one in taken)
    value = sum(one.value for one in taken)
    assert plan.used.value == value and value <= plan.at_most <= value * 1.001
    assert optimise(needs[::-1], limits).chosen == plan.chosen
