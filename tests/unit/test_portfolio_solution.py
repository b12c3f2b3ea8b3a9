"""A solution's manifest is checked wholly before it loads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from headway import portfolio
from headway.kernel.errors import NotFound
from headway.portfolio.solution import Solution, check
from headway.solutions.sales.lead_scoring import solution


def rules(found: object) -> set[str]:
    return {fault.rule for fault in check(found)}


def changed(**changes: object) -> Solution:
    return replace(solution, decision=replace(solution.decision, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (object(), {"type"}),
        (replace(solution, api=2), {"api"}),
        (replace(solution, id="lead-scoring"), {"id"}),
        (replace(solution, department="hr"), {"department"}),
        (replace(solution, title=" ", purpose=""), {"text"}),
        (replace(solution, edges=("headway.portfolio.routes",)), {"edges"}),
        (replace(solution, indicators=solution.indicators * 2), {"indicators"}),
        (changed(bands=()), {"bands"}),
        (changed(bands=(portfolio.Band(name="A", action="call", share=0.9),)), {"bands"}),
        (changed(holdout_share=1.0), {"holdout_share"}),
        (changed(default_action=""), {"default_action"}),
        (changed(subject=" x"), {"subject"}),
    ],
)
def test_what_is_wrong_is_named(made: object, expected: set[str]) -> None:
    assert rules(made) == expected


def test_a_sound_manifest_has_no_fault() -> None:
    assert check(solution) == ()


def points(*values: tuple[str, str]) -> Iterator[EntryPoint]:
    return (EntryPoint(name=name, value=value, group="headway.solutions") for name, value in values)


OURS = ("sales.lead-scoring", "headway.solutions.sales.lead_scoring:solution")


def test_a_broken_package_does_not_take_the_others_down() -> None:
    shelf = portfolio.load_solutions(
        found=points(OURS, ("hr.broken", "nowhere.at_all:solution"), ("it.odd", "headway:__version__"))
    )
    states = {entry.id: (entry.state, entry.reason) for entry in shelf.loaded}
    assert states["sales.lead-scoring"] == ("loaded", None)
    assert states["hr.broken"][0] == "refused"
    assert "ModuleNotFoundError" in str(states["hr.broken"][1])
    assert "gives a str" in str(states["it.odd"][1])
    with pytest.raises(NotFound, match="did not load: ModuleNotFoundError"):
        shelf.get("hr.broken")


def test_names_are_unique_and_say_what_they_name() -> None:
    shelf = portfolio.load_solutions(found=points(OURS, OURS, ("sales.other", OURS[1])))
    told = [entry.reason for entry in shelf.loaded]
    assert told[0] is None
    assert "already gives" in str(told[1])
    assert "called sales.other" in str(told[2])


def test_a_setting_restricts_what_loads() -> None:
    shelf = portfolio.load_solutions("hr.talent, it.helpdesk", found=points(OURS))
    assert shelf.solutions == {}
    assert "HEADWAY_SOLUTIONS" in str(shelf.loaded[0].reason)
    with pytest.raises(NotFound, match="did not load"):
        shelf.get(OURS[0])
    assert portfolio.load_solutions(" sales.lead-scoring ", found=points(OURS)).get(OURS[0]) is solution


def test_an_unknown_solution_names_those_there_are() -> None:
    with pytest.raises(NotFound) as caught:
        portfolio.load_solutions(found=points(OURS)).get("sales.churn")
    assert caught.value.hint == "installed: sales.lead-scoring"
