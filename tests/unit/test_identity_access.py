"""Effective access as values: the tree, the roles that reach a department, the widest situation, the role that is enough."""

from __future__ import annotations

import re

from headway.identity import Situation
from headway.identity.access import access_by_department, line_of, roles_reaching
from headway.identity.adapters import rules
from headway.kernel.auth import RoleGrant

PARENTS = {"org": None, "sales": "org", "sales-emea": "sales", "hr": "org"}
ALLOWED = {
    ("employee", "idea:open"): ("employees-propose", Situation.any),
    ("scientist", "idea:open"): ("scientists-build", Situation.any),
    ("scientist", "thing:ship"): ("scientists-play", Situation.sandbox),
}


def ask(roles: frozenset[str], action: str, situation: Situation) -> str | None:
    if action == "token:read" and situation is Situation.own:
        return "own-tokens"
    for role in sorted(roles):
        rule, widest = ALLOWED.get((role, action), ("", None))
        if widest in (Situation.any, situation):
            return rule
    return None


def test_a_line_goes_up_to_the_root() -> None:
    assert line_of("sales-emea", PARENTS) == ("sales-emea", "sales", "org")
    assert line_of("org", PARENTS) == ("org",)
    assert line_of("unheard-of", PARENTS) == ("unheard-of", "org")


def test_roles_reach_downwards_only() -> None:
    grants = (RoleGrant(role="employee"), RoleGrant(role="scientist", department="sales"))
    assert roles_reaching(grants, ("sales-emea", "sales", "org")) == {"employee", "scientist"}
    assert roles_reaching(grants, ("hr", "org")) == {"employee"}
    assert roles_reaching(grants[1:], ("org",)) == frozenset()


def test_each_department_has_its_actions_with_situation_rule_and_role() -> None:
    grants = (RoleGrant(role="employee"), RoleGrant(role="scientist", department="sales"))
    found = access_by_department(grants, PARENTS, ("idea:open", "thing:ship", "token:read", "never:done"), ask)
    assert [(place.department, place.roles) for place in found] == [
        ("org", ("employee",)),
        ("hr", ("employee",)),
        ("sales", ("employee", "scientist")),
        ("sales-emea", ("employee", "scientist")),
    ]
    told = {a.action: (a.situation, a.rule, a.role) for a in found[3].actions}
    assert told == {
        "idea:open": (Situation.any, "employees-propose", "employee"),
        "thing:ship": (Situation.sandbox, "scientists-play", "scientist"),
        "token:read": (Situation.own, "own-tokens", None),
    }
    assert {a.action for a in found[1].actions} == {"idea:open", "token:read"}


def test_departments_with_the_same_roles_are_asked_about_once() -> None:
    asked: list[frozenset[str]] = []

    def counted(roles: frozenset[str], action: str, situation: Situation) -> str | None:
        asked.append(roles)
        return None

    tree: dict[str, str | None] = {"org": None, **{f"d{n}": "org" for n in range(30)}}
    access_by_department((RoleGrant(role="employee", department="d3"),), tree, ("a:b",), counted)
    assert len(asked) == 2 * len(Situation)


def test_no_rule_names_a_department_or_a_thing() -> None:
    """Answers are remembered without the department and the thing; a rule that names one would be answered wrongly."""
    assert not re.search(r'(Department|Thing)::"', rules().text)
