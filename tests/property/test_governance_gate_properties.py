"""Whatever lacks, is null or NaN, or has a wrong kind: no control passes by accident, and less proof is never more."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.governance import facts as known
from headway.governance import gates, policy, rules, tiers
from headway.governance.adapters import built_in_packs
from headway.governance.entities import Control, Evidence, Status, Tier, UseCase
from headway.governance.errors import PackInvalid
from headway.governance.inventory import material_digest
from headway.kernel.canonical import digest
from tests.factories.dose import examples
from tests.factories.governance import GOOD_FACTS, GOOD_QUALITY, MINIMAL_RISK

PACKS = tuple(file.pack for file in built_in_packs())
TYPES = policy.evidence_types(PACKS)
DEFINITIONS = policy.fact_definitions(PACKS)
CONTROLS = [control for pack in PACKS for control in pack.controls]
TIER_RULES = next(pack.tier_rules for pack in PACKS if pack.tier_rules)
AT = datetime(2028, 1, 1, tzinfo=UTC)  # every control is in force
ENVIRONMENTS = ("sandbox", "pilot", "production")
SAID = {
    "title": "Lead scoring",
    "department": "sales",
    "solution": "sales.lead-scoring",
    "purpose": "rank leads",
    "owner": "Olga",
    "sponsor": "Sam",
    "success_measure": "won deals",
    "people_affected": "contacts",
}

nothing = st.sampled_from([None, math.nan, math.inf, -math.inf])
junk = st.one_of(
    nothing,
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.one_of(st.text(max_size=4), st.none(), st.integers()), max_size=4),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
controls = st.sampled_from(CONTROLS)


def all_evidence() -> dict[str, Evidence]:
    told = {**GOOD_FACTS, "data_quality_report": GOOD_QUALITY}
    return {
        name: Evidence(
            id=f"evd_{name}",
            type=name,
            subject="model:m@1",
            subject_digest=digest("m"),
            facts=told.get(name, {}),
            producer="service:job",
            made_at=AT - timedelta(days=1),
            payload_digest=None,
        )
        for name in TYPES
    }


def use_case(said: dict[str, Any], risk: dict[str, Any]) -> UseCase:
    return UseCase(
        slug="lead-scoring",
        **cast(dict[str, Any], {name: said.get(name) for name in SAID}),
        risk=risk,
        derived=(),
        systems=(),
        digest=material_digest({}, {}),
        tier=Tier.minimal,
        missing=(),
        opened_by="person:ana",
        opened_at=AT,
        updated_at=AT,
        retired_at=None,
        retired_by=None,
        retired_because=None,
    )


def seen(
    said: dict[str, Any],
    risk: dict[str, Any],
    evidence: dict[str, Evidence],
    environment: str = "production",
    **more: object,
) -> dict[str, object]:
    entry = use_case(said, risk)
    return {
        "sys": {**known.risk(entry, DEFINITIONS), **cast(dict[str, Any], more.get("sys", {"tier": "minimal"}))},
        "use_case": known.described(entry),
        "evidence": known.evidence(evidence.values(), TYPES.values()),
        "approvals": more.get("approvals", {"count": 1}),
        "gate": known.gate(environment, revoked=False),
    }


def ask(control: Control, facts: dict[str, object], evidence: dict[str, Evidence], environment: str) -> Status:
    gate = control.gates[-1]
    own = [pack for pack in PACKS if control in pack.controls]
    found = gates.ask(own, gates.Question(gate, environment, facts, evidence, AT))
    return next(c.status for c in found if c.id == control.id)


def named(expression: str) -> list[list[str]]:
    """The facts an expression names, found another way than the code under test finds them."""
    bare = re.sub(r"'[^']*'", "", expression)
    words = re.findall(r"[a-z_]+(?:\.[A-Za-z_0-9]+)+", bare)
    cut = [re.sub(r"\.(startsWith|size|exists|all)$", "", word) for word in words]
    return [word.split(".") for word in cut]


@given(control=controls, value=nothing | st.just("absent"), data=st.data())
def test_a_check_with_an_unknown_fact_never_passes(control: Control, value: object, data: st.DataObject) -> None:
    if control.check is None:
        return
    facts, evidence = seen(SAID, dict(MINIMAL_RISK), all_evidence()), all_evidence()
    path = data.draw(st.sampled_from(named(control.check)))
    said: dict[str, Any] = dict(SAID)
    risk: dict[str, Any] = dict(MINIMAL_RISK)
    more: dict[str, Any] = {}
    if path[0] == "evidence":
        row = evidence[path[1]]
        left = {k: v for k, v in row.facts.items() if k != path[2]} | ({} if value == "absent" else {path[2]: value})
        evidence[path[1]] = Evidence(**{**{f: getattr(row, f) for f in row.__slots__}, "facts": left})
    elif path[0] == "use_case":
        said[path[1]] = None
    elif path == ["sys", "tier"]:
        more["sys"] = {}
    elif path[0] == "sys":
        risk[path[1]] = value
    elif path[0] in ("approvals", "gate"):
        more["approvals"] = {}
        facts = seen(said, risk, evidence, **more)
        facts["gate"] = {"environment": "production"}
        assert ask(control, facts, evidence, "production") is Status.indeterminate
        return
    facts = seen(said, risk, evidence, **more)
    assert ask(control, facts, evidence, "production") in (Status.indeterminate, Status.not_applicable)
    applied = rules.ask(control.applies_when, seen(SAID, dict(MINIMAL_RISK), all_evidence())).value
    if applied:
        assert ask(control, facts, evidence, "production") is Status.indeterminate


@given(control=controls, environment=st.sampled_from(ENVIRONMENTS), data=st.data())
@settings(max_examples=examples(300))
def test_junk_facts_never_make_a_control_pass_unless_the_check_truly_holds(
    control: Control, environment: str, data: st.DataObject
) -> None:
    risk = {name: data.draw(junk) for name in MINIMAL_RISK}
    evidence = {}
    for name in control.evidence:
        if data.draw(st.booleans()):
            told = {fact: data.draw(junk) for fact in TYPES[name].facts}
            row = all_evidence()[name]
            evidence[name] = Evidence(**{**{f: getattr(row, f) for f in row.__slots__}, "facts": told})
    tier = data.draw(st.sampled_from(["minimal", "high", "prohibited", None]))
    facts = seen(SAID, risk, evidence, environment=environment, sys={} if tier is None else {"tier": tier})
    status = ask(control, facts, evidence, environment)
    if status is Status.passed:
        assert all(name in evidence for name in control.evidence)
        for path in named(control.check or "true"):
            here: Any = facts
            for step in path:
                here = here[step]
            assert here is not None
            assert not (isinstance(here, float) and not math.isfinite(here))
    if status is Status.not_applicable:
        # What is unknown cannot have made it so: with any value in its place the answer stays.
        assert rules.ask(control.applies_when, facts).value is False


@given(
    dropped=st.sets(st.sampled_from(sorted(TYPES))),
    more=st.sets(st.sampled_from(sorted(TYPES))),
    environment=st.sampled_from(ENVIRONMENTS),
    worse=st.dictionaries(st.sampled_from(sorted(GOOD_FACTS)), st.sampled_from([0, -1, None]), max_size=2),
)
def test_less_evidence_never_turns_a_block_into_a_pass(
    dropped: set[str], more: set[str], environment: str, worse: dict[str, Any]
) -> None:
    order = {"pass": 0, "warn": 1, "block": 2}
    evidence = {name: row for name, row in all_evidence().items() if name not in dropped}
    for name, value in worse.items():
        if name in evidence:
            row = evidence[name]
            told = dict.fromkeys(row.facts, value)
            evidence[name] = Evidence(**{**{f: getattr(row, f) for f in row.__slots__}, "facts": told})
    fewer = {name: row for name, row in evidence.items() if name not in more}
    results = []
    for rows in (evidence, fewer):
        facts = seen(SAID, dict(MINIMAL_RISK), rows, environment=environment)
        found = gates.ask(PACKS, gates.Question("pre_deploy", environment, facts, rows, AT))
        results.append(order[gates.result(found, Tier.minimal)])
    assert results[1] >= results[0]


@given(
    unknown=st.sets(st.sampled_from(sorted(MINIMAL_RISK))),
    changes=st.fixed_dictionaries(
        {},
        optional={
            "prohibited_hits": st.sampled_from([[], ["5-1-f"]]),
            "annex_i": st.booleans(),
            "annex_iii": st.sampled_from([[], ["4a"], ["5b", "2"]]),
            "art6_3_accepted": st.booleans(),
            "profiling": st.booleans(),
            "interacts_with_people": st.booleans(),
            "deepfake": st.booleans(),
        },
    ),
)
def test_forgetting_facts_never_lowers_the_tier_but_leaves_it_open(unknown: set[str], changes: dict[str, Any]) -> None:
    whole = {**MINIMAL_RISK, **changes}
    full = tiers.decide(TIER_RULES, whole)
    part = tiers.decide(TIER_RULES, {name: value for name, value in whole.items() if name not in unknown})
    assert full.tier is not Tier.undecided
    assert part.tier in (Tier.undecided, full.tier)


@given(
    st.recursive(
        junk, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner), max_leaves=8
    )
)
def test_a_pack_of_junk_is_refused_never_read(source: object) -> None:
    try:
        policy.parse(source)
    except PackInvalid as error:
        assert error.faults
    else:
        raise AssertionError("junk was read as a pack")
