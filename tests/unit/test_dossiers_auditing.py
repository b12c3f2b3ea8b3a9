"""Counting a bias audit from people, one row each: as the rules of New York City ask, against counting by hand."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from headway.dossiers.auditing import AuditWanted, BiasAudit, count, facts_of, faults
from headway.dossiers.impact import read_groups

SELECTED = AuditWanted(sex="sex", race="race", chosen="invited", positive="yes", score=None, source="own", reason=None)
SCORED = AuditWanted(sex="sex", race="race", chosen=None, positive=None, score="score", source="own", reason=None)


def frame(rows: list[tuple[str | None, str | None, str]], last: str = "invited") -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"sex": pl.String, "race": pl.String, last: pl.String}, orient="row")


def counted(rows: list[tuple[str | None, str | None, str]], wanted: AuditWanted = SELECTED) -> BiasAudit:
    found = count(frame(rows, "score" if wanted.score else "invited"), wanted)
    assert isinstance(found, BiasAudit), found
    return found


def test_people_are_counted_by_each_category_and_unknown_ones_never_guessed() -> None:
    found = counted(
        [
            *[("female", "Asian", "yes")] * 30,
            *[("female", "Asian", "no")] * 70,
            *[("male", "Asian", "yes")] * 60,
            *[("male", "White", "no")] * 40,
            ("male", "unknown", "yes"),
            (None, "White", "yes"),
            (" ", "", "no"),
        ]
    )
    told = {
        (category, one.group): (one.people, one.chosen) for category, groups in found.groups.items() for one in groups
    }
    assert (found.people, found.unknown, found.rate) == (203, 3, "selection")
    assert told["sex", "female"] == (100, 30) and told["sex", "male"] == (101, 61)
    assert told["race_ethnicity", "Asian"] == (160, 90) and told["race_ethnicity", "White"] == (41, 1)
    assert told["intersectional", "male, Asian"] == (60, 60) and ("intersectional", "male, unknown") not in told
    assert found.min_cell == 40 and found.min_impact_ratio == 0.0, "of the men told as White nobody was selected"


def test_the_smallest_ratio_and_how_likely_chance_makes_it() -> None:
    rows = [*[("female", "a", "yes")] * 12, *[("female", "b", "no")] * 38, *[("male", "a", "yes")] * 25]
    found = counted([*rows, *[("male", "b", "yes")] * 5, *[("male", "b", "no")] * 20, *[("female", "b", "yes")] * 1])
    by_sex = (13 / 51) / (30 / 50)
    assert found.min_impact_ratio is not None and found.min_impact_ratio < by_sex
    alone = counted([(sex, "a" if at % 2 else "b", said) for at, (sex, _, said) in enumerate(EVEN)])
    assert alone.min_impact_ratio == pytest.approx(0.5)
    table = hypergeom(100, 60, 50)  # of 100 people 60 are selected; how many of 50 women?
    seen = table.pmf(20)
    exact = sum(table.pmf(k) for k in range(51) if table.pmf(k) <= seen * (1 + 1e-7))
    assert alone.p_value == pytest.approx(exact)


EVEN = [
    *[("female", "", "yes")] * 20,
    *[("female", "", "no")] * 30,
    *[("male", "", "yes")] * 40,
    *[("male", "", "no")] * 10,
]


@given(st.lists(st.tuples(st.sampled_from("fm"), st.sampled_from("ab"), st.integers(0, 9)), min_size=4, max_size=60))
def test_who_scores_above_the_median_is_counted_like_by_hand(people: list[tuple[str, str, int]]) -> None:
    found = count(frame([(sex, race, str(score)) for sex, race, score in people], "score"), SCORED)
    if isinstance(found, list):
        assert len({one[0] for one in people}) < 2 or len({one[1] for one in people}) < 2
        return
    scores = sorted(score for *_, score in people)
    half = len(scores) // 2
    median = scores[half] if len(scores) % 2 else (scores[half - 1] + scores[half]) / 2
    for one in found.groups["sex"]:
        own = [score for sex, _, score in people if sex == one.group]
        assert (one.people, one.chosen) == (len(own), sum(score > median for score in own))
    assert found.rate == "scoring"


def test_facts_are_read_again_as_they_were_counted() -> None:
    found = counted([("female", "a", "yes"), ("male", "b", "no"), ("male", "a", "yes")])
    facts = facts_of(found, "person:ana")
    assert read_groups(facts["groups"]) == found.groups
    assert facts["asked_by"] == "person:ana" and json.loads(str(facts["groups"]))["sex"][0]["group"] == "female"


def test_what_cannot_be_counted_is_told_whole() -> None:
    columns = ["sex", "race", "invited"]
    wrong = AuditWanted(sex="gender", race="race", chosen=None, positive=None, score=None, source="test", reason="few")
    assert {one.column for one in faults(wrong, columns)} == {"sex", "chosen", "reason"}
    both = AuditWanted(sex="sex", race="race", chosen="invited", positive=None, score="race", source="own", reason=None)
    assert {one.column for one in faults(both, columns)} == {"chosen", "positive"}
    assert not faults(SELECTED, columns)
    told = count(frame([("female", "a", "5"), ("male", "b", "many")], "score"), SCORED)
    assert isinstance(told, list) and "1 rows have no number" in told[0].message
    nobody = count(frame([("female", "a", "no"), ("male", "b", "no")]), SELECTED)
    assert isinstance(nobody, list) and [one.column for one in nobody] == ["positive"]
    one_group = count(frame([("female", "a", "yes"), ("female", "b", "no")]), SELECTED)
    assert isinstance(one_group, list) and [one.column for one in one_group] == ["sex"]
