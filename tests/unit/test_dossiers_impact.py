"""Impact ratios of New York City's rules: against the figures of the rules' own example, and against counting by hand."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.dossiers.impact import SMALL, GroupCount, rates, read_groups

# The example of 6 RCNY 5-301(b): applicants, selected, impact ratio as it is printed there, rounded.
EXAMPLE = {
    "sex": [("Male", 1390, 667, "1.00"), ("Female", 1181, 555, "0.98")],
    "race_ethnicity": [
        ("Hispanic or Latino", 408, 204, "0.97"),
        ("White", 797, 412, "1.00"),
        ("Black or African American", 390, 170, "0.84"),
        ("Native Hawaiian or Pacific Islander", 119, 52, "0.85"),
        ("Asian", 616, 302, "0.95"),
        ("Native American or Alaska Native", 41, 18, "0.85"),
        ("Two or More Races", 213, 96, "0.87"),
    ],
}


@pytest.mark.parametrize("category", EXAMPLE)
def test_the_example_of_the_rules_comes_out_as_it_is_printed(category: str) -> None:
    counts = [GroupCount(group=name, people=people, chosen=chosen) for name, people, chosen, _ in EXAMPLE[category]]
    found = {one.group: one for one in rates(counts)}
    assert {name: f"{found[name].ratio:.2f}" for name, *_ in EXAMPLE[category]} == {
        name: ratio for name, _, _, ratio in EXAMPLE[category]
    }
    assert [one.group for one in found.values() if one.is_small] == (
        ["Native American or Alaska Native"] if category == "race_ethnicity" else []
    ), "41 of 2,584 are less than two in a hundred"


def test_a_group_that_is_too_small_is_told_and_does_not_set_the_highest_rate() -> None:
    few, many, others = rates(
        [
            GroupCount(group="few", people=10, chosen=10),
            GroupCount(group="many", people=800, chosen=400),
            GroupCount(group="others", people=400, chosen=100),
        ]
    )
    assert few.is_small and few.rate == 1.0 and few.ratio == 2.0
    assert (many.ratio, others.ratio) == (1.0, 0.5)


def test_nobody_selected_and_nobody_there_have_no_ratio() -> None:
    none, empty = rates([GroupCount(group="a", people=100, chosen=0), GroupCount(group="b", people=0, chosen=0)])
    assert (none.rate, none.ratio) == (0.0, None) and (empty.rate, empty.ratio) == (None, None)


@st.composite
def crowds(draw: st.DrawFn) -> list[GroupCount]:
    """Some groups of people, some of whom were selected."""
    sizes = draw(st.lists(st.integers(0, 300), min_size=1, max_size=9))
    return [
        GroupCount(group=f"g{at}", people=people, chosen=draw(st.integers(0, people)))
        for at, people in enumerate(sizes)
    ]


@given(crowds())
def test_ratios_are_those_of_exact_fractions_counted_person_by_person(groups: list[GroupCount]) -> None:
    people = [(one.group, at < one.chosen) for one in groups for at in range(one.people)]
    exact: dict[str, Fraction] = {}
    for one in groups:
        own = [chosen for group, chosen in people if group == one.group]
        if own:
            exact[one.group] = Fraction(sum(own), len(own))
    large = [one.group for one in groups if one.people and Fraction(one.people) >= Fraction(str(SMALL)) * len(people)]
    highest = max((exact[name] for name in large), default=Fraction(0))
    for found in rates(groups):
        if found.group not in exact:
            assert found.rate is None and found.ratio is None
            continue
        assert found.rate == pytest.approx(float(exact[found.group]))
        assert found.is_small == (found.group not in large)
        if highest:
            assert found.ratio == pytest.approx(float(exact[found.group] / highest))
            assert found.is_small or (found.ratio is not None and found.ratio <= 1.0 + 1e-12)
        else:
            assert found.ratio is None


def test_only_whole_and_possible_counts_are_read() -> None:
    sound = {"sex": [{"group": "female", "people": 3, "chosen": 1}]}
    assert read_groups(json.dumps(sound)) == {"sex": (GroupCount(group="female", people=3, chosen=1),)}
    wrong = (
        None,
        "",
        "[]",
        "no json",
        json.dumps({"sex": [{"group": "female", "people": 3}]}),
        json.dumps({"sex": [{"group": "female", "people": 3, "chosen": 4}]}),
        json.dumps({"sex": [{"group": "female", "people": 3, "chosen": -1}]}),
    )
    assert all(read_groups(one) == {} for one in wrong)
