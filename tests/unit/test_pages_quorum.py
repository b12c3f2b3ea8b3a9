"""Where fewer people may decide than the quorum needs: by department, with the right reaching down the tree."""

from __future__ import annotations

import pytest

from headway.entrypoints.pages.quorum import Gap, gaps
from headway.governance import Quorum
from headway.identity import ROOT, Department

ANA, BEN, CLEO = "person:ana", "person:ben", "person:cleo"
TREE = tuple(
    Department(slug=slug, name=name, parent=parent, region=None)
    for slug, name, parent in (
        (ROOT, "All", None), ("sales", "Sales", ROOT), ("south", "South", "sales"), ("hr", "HR", ROOT),
    )
)  # fmt: skip


def quorum(needed: int, environment: str = "production") -> Quorum:
    return Quorum(environment=environment, needed=needed, changed_by=None, changed_at=None, reason=None)


def gap(*departments: str, deciding: int, needed: int) -> Gap:
    return Gap(departments=departments, deciding=deciding, environment="production", needed=needed)


@pytest.mark.parametrize(
    ("deciding", "needed", "expected"),
    [
        ({None: {ANA}}, 1, ()),
        ({}, 1, (gap("Sales", "HR", deciding=0, needed=1),)),
        ({None: {ANA}}, 2, (gap("Sales", "HR", deciding=1, needed=2),)),
        ({None: {ANA}, "sales": {BEN}}, 2, (gap("HR", deciding=1, needed=2),)),
        ({None: {ANA}, "sales": {ANA}}, 2, (gap("Sales", "HR", deciding=1, needed=2),)),
        ({"south": {ANA, BEN}, "hr": {BEN, CLEO}}, 2, (gap("Sales", deciding=0, needed=2),)),
        (
            {"sales": {ANA}, "south": {BEN}, "hr": {CLEO}},
            3,
            (gap("Sales", "HR", deciding=1, needed=3), gap("South", deciding=2, needed=3)),
        ),
        ({ROOT: {ANA, BEN}}, 2, ()),
    ],
)
def test_each_department_short_of_people_is_named_once(
    deciding: dict[str | None, set[str]], needed: int, expected: tuple[Gap, ...]
) -> None:
    held = {department: frozenset(people) for department, people in deciding.items()}
    assert gaps([quorum(needed)], held, TREE) == expected


def test_an_organisation_without_departments_is_looked_at_as_a_whole() -> None:
    found = gaps([quorum(1, "pilot"), quorum(2)], {None: frozenset({ANA})}, TREE[:1])
    assert found == (gap("All", deciding=1, needed=2),)
