"""CEL rules: three answers, and nothing unknown is ever a yes."""

from __future__ import annotations

import math

import pytest

from headway.governance import rules


@pytest.mark.parametrize(
    ("expression", "facts", "expected"),
    [
        ("sys.a", {"sys": {"a": True}}, True),
        ("sys.a", {"sys": {"a": False}}, False),
        ("sys.a", {"sys": {}}, None),
        ("sys.a", {}, None),
        ("sys.n >= 0.95", {"sys": {"n": 1}}, True),
        ("sys.n >= 0.95", {"sys": {"n": "much"}}, None),
        ("sys.n >= 0.95", {"sys": {"n": math.nan}}, None),
        ("sys.n", {"sys": {"n": 3}}, None),
        ("size(sys.l) > 0", {"sys": {"l": []}}, False),
        ("'4a' in sys.l", {"sys": {"l": ["4a"]}}, True),
        ("sys.a && sys.b", {"sys": {"a": False}}, False),
        ("sys.a || sys.b", {"sys": {"a": True}}, True),
        ("sys.a || sys.b", {"sys": {"a": False}}, None),
    ],
)
def test_an_answer_is_yes_no_or_cannot_be_known(
    expression: str, facts: dict[str, object], expected: bool | None
) -> None:
    assert rules.ask(expression, facts).value is expected


def test_strict_asks_only_when_every_fact_named_is_known() -> None:
    facts: dict[str, object] = {"sys": {"a": True}}
    assert rules.ask("sys.a || sys.b", facts).value is True
    answer = rules.strict("sys.a || sys.b", facts)
    assert answer.value is None
    assert answer.unknown == ("sys.b",)


def test_paths_leave_out_texts_methods_and_loop_variables() -> None:
    found = rules.paths("sys.l.exists(x, x == 'sys.not_this') && evidence.card.digest.startsWith('gate.nor_this')")
    assert found == (("sys", "l"), ("evidence", "card", "digest"))


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("has(sys.a)", "has()"),
        ("sys.a == null", "null"),
        ("sys.a ? true : false", "'?'"),
        ("sys.a || sys.b", "'||'"),
        ("sys['a']", "with dots"),
        ("other.a", "no root of facts"),
        ("sys.a ==", "Failed to parse"),
        ("sys", "names no single fact"),
        ("evidence.card", "names no single fact"),
        ("sys.a.exists(sys, sys == 'x')", "loop variable"),
        ("duration(sys.a) > duration('1s')", "function 'duration'"),
        ("sys.a == '\\\\x'", ""),
        ("sys.a // true", "comments"),
        ("sys.a == 1 && " * 50 + "sys.b", "longer than"),
        ("sys.l.all(a, sys.l.all(b, sys.l.all(c, a == b && b == c)))", "nested deeper"),
        (" && ".join(["sys.l.all(a, a == 'x')"] * 4), "more than 3 comprehensions"),
    ],
)
def test_lint_refuses_what_could_hide_an_unknown_fact_or_cost_without_end(expression: str, told: str) -> None:
    faults = rules.lint(expression, is_check=True)
    assert faults == [] if not told else any(told in fault for fault in faults)


def test_lint_lets_applicability_use_or_since_it_can_only_widen_it() -> None:
    assert rules.lint("sys.a || sys.b") == []
    assert rules.lint("sys.l.exists(a, sys.m.exists(b, a == b))", is_check=True) == []
