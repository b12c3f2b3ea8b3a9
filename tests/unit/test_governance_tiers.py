"""The legal tier: first rule that holds, and an unknown stricter rule is never a silent 'minimal'."""

from __future__ import annotations

import pytest

from headway.governance import policy, tiers
from headway.governance.adapters import built_in_packs
from headway.governance.entities import Pack, Tier
from tests.factories.governance import MINIMAL_RISK


@pytest.fixture(scope="module")
def pack() -> Pack:
    return next(file.pack for file in built_in_packs() if file.pack.tier_rules)


def decide(pack: Pack, **changes: object) -> tiers.Classified:
    risk = {name: value for name, value in {**MINIMAL_RISK, **changes}.items() if value is not None}
    return tiers.decide(pack.tier_rules, risk, policy.fact_definitions([pack]))


@pytest.mark.parametrize(
    ("changes", "tier", "rule"),
    [
        ({}, Tier.minimal, "CL-6"),
        ({"interacts_with_people": True}, Tier.transparency, "CL-5"),
        ({"annex_iii": ["4a"]}, Tier.high, "CL-3"),
        ({"annex_iii": ["4a"], "profiling": False}, Tier.high, "CL-4"),
        ({"annex_iii": ["4a"], "profiling": False, "art6_3_accepted": True}, Tier.minimal, "CL-6"),
        ({"annex_iii": ["4a"], "art6_3_accepted": True}, Tier.high, "CL-3"),
        ({"annex_i": True}, Tier.high, "CL-2"),
        ({"annex_i": True, "prohibited_hits": ["5-1-f"]}, Tier.prohibited, "CL-1"),
        ({"annex_iii": ["4a"], "annex_i": None}, Tier.high, "CL-3"),
        ({"art6_3_accepted": None, "deepfake": None, "interacts_with_people": True}, Tier.transparency, "CL-5"),
    ],
)
def test_the_first_rule_that_holds_decides(pack: Pack, changes: dict[str, object], tier: Tier, rule: str) -> None:
    found = decide(pack, **changes)
    assert found.tier is tier
    assert found.rule is not None
    assert found.rule.id == rule
    assert [step.rule for step in found.trace if step.decides] == [rule]


@pytest.mark.parametrize("name", ["prohibited_hits", "annex_i", "annex_iii", "deepfake", "interacts_with_people"])
def test_an_unknown_fact_leaves_the_tier_undecided_and_is_named(pack: Pack, name: str) -> None:
    found = decide(pack, **{name: None})
    assert found.tier is Tier.undecided
    assert found.rule is None
    question = next(fact.question for fact in pack.facts if fact.name == name)
    assert question in found.facts_needed
    assert not any(step.decides for step in found.trace)


def test_an_unknown_ban_outweighs_a_high_rule_that_holds(pack: Pack) -> None:
    assert decide(pack, prohibited_hits=None, annex_iii=["4a"]).tier is Tier.undecided


def test_the_trace_tells_every_rule_with_source_and_why(pack: Pack) -> None:
    found = decide(pack, annex_iii=["4b"], annex_i=None)
    assert [step.rule for step in found.trace] == [rule.id for rule in pack.tier_rules]
    assert [step.result for step in found.trace[:3]] == ["false", "indeterminate", "true"]
    assert "unknown: sys.annex_i" in found.trace[1].why
    assert all(step.source and step.expression for step in found.trace)
