"""What the packs say: every fact of the checked list is there as it stands, packs agree, and known cases come out right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from headway.governance import gates, policy, rules, tiers
from headway.governance.adapters import IN_FORCE, built_in_packs, read_pack, template
from headway.governance.entities import Control, ControlResult, Evidence, EvidenceType, Pack, Status, Tier
from headway.governance.errors import PackInvalid
from headway.governance.policy import evidence_types, fact_definitions

ROOT = Path(__file__).resolve().parents[2]
FACTS = ROOT / ".." / "shared" / "policy-facts.yaml"
RULES = {
    "eu_ai_act": "eu-ai-act-core",
    "gdpr": "gdpr",
    "nyc_ll144": "nyc-ll144",
    "us_four_fifths": "us-four-fifths",
    "mrm_sr_26_2": "sr-26-2",
    "colorado_sb26_189": "colorado-sb26-189",
}
PACKS: dict[str, Pack] = {file.pack.id: file.pack for file in built_in_packs()}
LAWS = [PACKS[name] for name in RULES.values()]
SCREENER: dict[str, Any] = {
    "roles": ["provider", "deployer"],
    "jurisdictions": ["EU", "US-NYC"],
    "departments": ["hr"],
    "prohibited_hits": [],
    "annex_i": False,
    "annex_iii": ["4a"],
    "art6_3_accepted": False,
    "profiling": True,
    "interacts_with_people": False,
    "generates_content": False,
    "deepfake": False,
    "public_interest_text": False,
    "emotion_or_biometric_categorisation": False,
    "gpai_component": False,
    "personal_data": True,
    "special_category_data": False,
    "solely_automated": False,
    "significant_effect": True,
    "residual_risk": "medium",
    "consequential_domain": ["employment"],
    "workplace_use": True,
    "public_body_or_service": False,
    "quantitative_model": True,
    "vendor_supplied": False,
    "materiality": "high",
}


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """The checked list of facts, which lies beside the project."""
    if not FACTS.exists():
        pytest.skip("shared/policy-facts.yaml is not beside the project")
    found: dict[str, Any] = yaml.safe_load(FACTS.read_text(encoding="utf-8"))
    return found


def control(pack: str, name: str) -> Control:
    return next(one for one in PACKS[pack].controls if one.id == name)


def family(pack: str, name: str) -> list[Control]:
    """A control and those that share its work, as AIA-10 and AIA-10-design."""
    return [one for one in PACKS[pack].controls if re.fullmatch(rf"{re.escape(name)}(-[a-z]+)?", one.id)]


# --- the list ----------------------------------------------------------------------------------------------------


def test_every_rule_of_the_list_is_there_with_its_source_date_and_confidence(told: dict[str, Any]) -> None:
    listed = [(pack, one) for section, pack in RULES.items() for one in told[section]["controls"]]
    assert len(listed) == 57
    sources = {"UGESP": "Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4(D)"}
    for pack, one in listed:
        made = control(pack, one["id"])
        assert made.source == sources.get(one["source"], one["source"]), one["id"]
        assert str(made.valid_from or "") == one.get("from", ""), one["id"]
        assert (made.confidence, made.enforce) == (one["confidence"], one["enforce"]), one["id"]
        for other in ("formal_from", "legacy_from"):
            assert one.get(other, "") in made.title


def test_every_rule_is_asked_at_its_stage_and_blocks_releases_as_it_did(told: dict[str, Any]) -> None:
    for section, pack in RULES.items():
        for one in told[section]["controls"]:
            assert any(one["stage"] in made.gates for made in family(pack, one["id"])), one["id"]
            if one["stage"] in ("intake", "design", "pre_deploy"):
                assert "pre_deploy" in control(pack, one["id"]).gates, one["id"]


def test_every_rule_asks_for_the_proofs_of_the_list(told: dict[str, Any]) -> None:
    not_evidence = {"tier_decision"}  # the tier itself is a fact of every gate
    for section, pack in RULES.items():
        for one in told[section]["controls"]:
            asked = {name for made in family(pack, one["id"]) for name in made.evidence}
            assert set(one["evidence"]) - not_evidence <= asked, one["id"]


def test_proofs_are_written_by_whom_the_list_says_and_count_as_long(told: dict[str, Any]) -> None:
    # The list has a person write them; ours are made of the votes themselves, and of drivers at finance's rate.
    by_the_platform = {"approval_record", "roi_projection"}
    for name, kind in evidence_types(PACKS.values()).items():
        if name in told["evidence_types"]:
            listed = told["evidence_types"][name]
            assert kind.freshness_days == listed["freshness"], name
            assert kind.producer == listed["producer"] or name in by_the_platform, name


def test_proofs_close_controls_of_several_packs_as_the_list_says(told: dict[str, Any]) -> None:
    by_id = {one.id: pack.id for pack in PACKS.values() for one in pack.controls}
    for evidence, names in told["crosswalk"].items():
        for name in names:
            assert any(evidence in one.evidence for one in family(by_id[name], name)), (evidence, name)


def test_frameworks_have_all_their_parts_in_order(told: dict[str, Any]) -> None:
    nist, iso = told["nist_ai_rmf"], told["iso_42001"]
    assert [one.id for one in PACKS["nist-ai-rmf"].controls] == list(nist["subcategories"])
    assert {one.confidence for one in PACKS["nist-ai-rmf"].controls} == {nist["confidence"]}
    assert [one.id for one in PACKS["iso-42001"].controls] == [one["id"] for one in iso["controls"]]
    assert {one.confidence for one in PACKS["iso-42001"].controls} == {iso["confidence"]}
    for one in iso["controls"]:
        assert control("iso-42001", one["id"]).evidence == tuple(one["evidence"])


def test_banned_practices_and_uses_of_annex_iii_are_those_of_the_list(told: dict[str, Any]) -> None:
    facts = {one.name: one.values for one in PACKS["eu-ai-act-core"].facts}
    assert set(facts["prohibited_hits"]) == {one["id"] for one in told["eu_ai_act"]["prohibited"]}
    assert list(facts["annex_iii"]) == [one["code"] for one in told["eu_ai_act"]["annex_iii"]]
    listed = [(one["id"], one["tier"], one["when"], one["source"]) for one in told["eu_ai_act"]["classification"]]
    assert [(r.id, r.tier.value, r.when, r.source) for r in PACKS["eu-ai-act-core"].tier_rules] == listed


# --- the packs ---------------------------------------------------------------------------------------------------


def test_frameworks_are_counted_right_and_stop_nothing() -> None:
    nist = Counter(one.id.split()[0] for one in PACKS["nist-ai-rmf"].controls)
    assert nist == {"GOVERN": 19, "MAP": 18, "MEASURE": 22, "MANAGE": 13}
    iso = Counter(".".join(one.id.split(".")[:2]) for one in PACKS["iso-42001"].controls)
    objectives = {"A.2": 3, "A.3": 2, "A.4": 5, "A.5": 4, "A.6": 9, "A.7": 5, "A.8": 4, "A.9": 3, "A.10": 3}
    assert iso == objectives
    for name in ("nist-ai-rmf", "iso-42001"):
        assert PACKS[name].mode == "mapping"
        assert {one.enforce for one in PACKS[name].controls} == {"record"}


def test_only_our_own_pack_and_the_ai_act_start_in_force() -> None:
    assert set(PACKS) == {"headway-core", "headway-assessments", "nist-ai-rmf", "iso-42001", *RULES.values()}
    assert set(IN_FORCE) == {"headway-core", "eu-ai-act-core"}


def test_all_packs_and_the_template_agree_on_proofs_and_facts() -> None:
    packs = [*PACKS.values(), read_pack(template()).pack]
    evidence_types(packs)
    merged = {one.name: one for one in fact_definitions(packs)}
    for pack in packs:
        assert [one for one in pack.facts if merged[one.name] != one] == [], pack.id


def test_nothing_is_asked_for_that_no_rule_uses() -> None:
    used = {pack.id: set(_paths(pack)) for pack in PACKS.values()}
    everywhere = set().union(*used.values())
    for pack in PACKS.values():
        # The pack of the AI Act also holds facts that use cases had before the packs that use them came.
        asked = everywhere if pack.id == "eu-ai-act-core" else used[pack.id]
        assert [one.name for one in pack.facts if ("sys", one.name) not in asked] == [], pack.id
    for pack in PACKS.values():
        listed = {name for one in pack.controls for name in one.evidence}
        unused = {kind.name for kind in pack.evidence_types} - listed
        # Our own pack also declares what code reads or other packs ask for.
        assert [name for name in unused if pack.id != "headway-core" or not _is_named(name)] == [], pack.id


def _is_named(evidence: str) -> bool:
    by_others = any(evidence in one.evidence for pack in PACKS.values() for one in pack.controls)
    return by_others or any(f'"{evidence}"' in path.read_text() for path in (ROOT / "src" / "headway").rglob("*.py"))


def _paths(pack: Pack) -> Iterator[tuple[str, ...]]:
    expressions = [one.when for one in pack.tier_rules]
    expressions += [text for one in pack.controls for text in (one.applies_when, one.check) if text]
    for expression in expressions:
        yield from (path[:2] for path in rules.paths(expression))


def test_every_expression_is_fit_for_a_pack() -> None:
    for pack in PACKS.values():
        for one in pack.controls:
            assert rules.lint(one.applies_when) == []
            assert one.check is None or rules.lint(one.check, is_check=True) == []


def test_every_pack_says_what_it_is_not_and_has_cases_that_pass_and_that_do_not() -> None:
    for pack in PACKS.values():
        assert all(one.missing[0].islower() and not one.missing.endswith(".") for one in pack.controls), pack.id
        if pack.id != "headway-core":
            assert len(pack.golden) >= 5, pack.id
            answers = {status for case in pack.golden for status in case.expect.values()}
            assert Status.passed in answers and Status.indeterminate in answers, pack.id
            if pack.mode == "enforced":
                assert Status.failed in answers and Status.not_applicable in answers, pack.id


def test_every_control_of_a_law_has_a_case_that_passes_one_that_does_not_and_one_it_does_not_apply_to() -> None:
    for pack in LAWS:
        seen: dict[str, set[Status]] = {one.id: set() for one in pack.controls}
        for case in pack.golden:
            for name, status in case.expect.items():
                seen[name].add(status)
        for one in pack.controls:
            wanted = {Status.passed, Status.failed if one.check else Status.indeterminate}
            wanted |= {Status.not_applicable} if one.applies_when != "true" else set()
            assert wanted <= seen[one.id], (pack.id, one.id)


def test_what_suspends_says_after_how_many_days_and_why() -> None:
    for pack in LAWS:
        for one in pack.controls:
            assert (one.grace_days is not None) == ("operate" in one.gates and one.enforce == "block"), one.id
            if one.grace_days:
                assert re.search(rf"\b{one.grace_days} days", pack.note), one.id
    audit = control("nyc-ll144", "LL144-1")
    assert audit.grace_days == 0 and "without days of grace" in PACKS["nyc-ll144"].note


def test_a_ban_is_never_waived() -> None:
    bans = family("eu-ai-act-core", "AIA-5")
    assert [one.id for one in bans if one.enforce == "block"] == ["AIA-5", "AIA-5-ba"]
    assert [one.waivable for one in bans if one.enforce == "block"] == [False, False]
    assert {one.sandbox for one in bans if one.enforce == "block"} == {"block"}


def test_one_evaluation_helps_to_close_controls_of_five_packs() -> None:
    assert len({pack.id for pack in PACKS.values() for one in pack.controls if "eval_report" in one.evidence}) >= 5


# --- an applicant screener in New York and the European Union ------------------------------------------------------


def asked(
    facts: Mapping[str, Mapping[str, Any]], on: date = date(2027, 12, 2), **changes: object
) -> dict[str, ControlResult]:
    """Put the screener to the release gate of every pack that can stop something."""
    packs = [one for one in PACKS.values() if one.mode == "enforced"]
    risk = {**SCREENER, **changes}
    tier = tiers.decide(PACKS["eu-ai-act-core"].tier_rules, risk).tier
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    seen = {
        "sys": {**risk, "tier": str(tier)},
        "use_case": {"owner": "Olga", "purpose": "choose whom to invite"},
        "approvals": {"count": 1},
        "gate": {"environment": "production", "revoked": False},
        "evidence": facts,
    }
    rows = {name: row(name, told, at) for name, told in facts.items()}
    return {one.id: one for one in gates.ask(packs, gates.Question("pre_deploy", "production", seen, rows, at))}


def row(name: str, facts: Mapping[str, Any], at: datetime) -> Evidence:
    return Evidence(
        id=f"evd_{name}",
        type=name,
        subject="bundle:screener",
        subject_digest="sha256-" + 64 * "0",
        facts=facts,
        producer="service:job",
        made_at=at,
        payload_digest=None,
    )


AUDIT = {"min_impact_ratio": 0.796, "min_cell": 41, "people": 1840, "unknown": 122, "p_value": 0.031}


def test_a_screener_in_new_york_and_the_union_gets_the_controls_that_apply_to_it() -> None:
    found = asked({})
    applies = {name for name, one in found.items() if one.status is not Status.not_applicable}
    law = {name for name in applies if not name.startswith("HW-")}
    assert law == {
        *("AIA-5", "AIA-5-ba", "AIA-9", "AIA-10", "AIA-10-bias", "AIA-11", "AIA-12", "AIA-13", "AIA-14", "AIA-15"),
        *("AIA-17", "AIA-26-1", "AIA-26-2", "AIA-26-7", "AIA-26-9", "AIA-26-11", "AIA-43", "AIA-49"),
        *("LL144-1", "LL144-2", "LL144-2-test", "LL144-3", "LL144-4", "FF-1", "FF-1-reason", "FF-1-cells"),
        *("GDPR-13-15", "GDPR-30", "GDPR-35", "MRM-1", "MRM-2", "MRM-3", "MRM-4", "MRM-5", "MRM-6"),
    }
    assert len(law) >= 20
    passed = {name for name in law if found[name].status is Status.passed}
    assert passed == {"AIA-5", "AIA-5-ba", "MRM-2"}
    assert gates.result(found.values(), Tier.high) == "block"


def test_the_screener_elsewhere_or_earlier_gets_less() -> None:
    elsewhere = asked({}, jurisdictions=["EU"])
    assert {one.status for name, one in elsewhere.items() if name[:2] in ("LL", "FF")} == {Status.not_applicable}
    before = asked({}, on=date(2027, 12, 1))
    assert before["AIA-14"].status is Status.upcoming
    assert before["LL144-1"].status is Status.indeterminate
    assert {one.status for name, one in before.items() if name.startswith("CO-")} == {Status.not_applicable}


def test_a_ratio_of_0796_is_flagged_and_shown_as_it_is() -> None:
    ratio = asked({"bias_audit": AUDIT})["FF-1"]
    assert (ratio.status, ratio.enforce) == (Status.failed, "warn")
    assert "evidence.bias_audit.min_impact_ratio = 0.796" in ratio.reason
    assert "0.80" not in ratio.reason
    assert ratio.evidence_ids == ("evd_bias_audit",)


@pytest.mark.parametrize(("ratio", "status"), [(0.7999, "failed"), (0.8, "passed"), (1, "passed"), (0, "failed")])
def test_ratios_are_compared_as_measured(ratio: float, status: str) -> None:
    found = asked({"bias_audit": {**AUDIT, "min_impact_ratio": ratio}})
    assert found["FF-1"].status == status
    assert found["FF-1-reason"].status == ("not_applicable" if status == "passed" else "indeterminate")


@pytest.mark.parametrize(("days", "counts"), [(0, True), (365, True), (366, False)])
def test_an_audit_older_than_a_year_does_not_count(days: int, counts: bool) -> None:
    types: Mapping[str, EvidenceType] = evidence_types(PACKS.values())
    at = datetime(2027, 12, 2, tzinfo=UTC)
    kept = gates.newest([row("bias_audit", AUDIT, at - timedelta(days=days))], types, at)
    assert ("bias_audit" in kept) is counts


# --- the template ------------------------------------------------------------------------------------------------


def test_the_template_is_a_sound_pack_that_is_not_in_force() -> None:
    pack = read_pack(template()).pack
    assert pack.id not in PACKS
    assert pack.tier_rules == ()
    assert len(pack.golden) >= 5
    assert policy.parse(read_pack(template()).body).digest == pack.digest


def test_on_and_yes_are_words_in_a_pack_not_true() -> None:
    assert 'on: "2026-11-02"' in template()
    with pytest.raises(PackInvalid, match="waivable: must be true or false"):
        read_pack(template().replace("waivable: false", "waivable: no"))


# --- the page ----------------------------------------------------------------------------------------------------


def table(head: str) -> list[list[str]]:
    """The rows of the table of the reference page whose first column has this head."""
    lines = (ROOT / "docs" / "reference" / "policy-packs.md").read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {head} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_the_page_tells_every_pack_as_it_is() -> None:
    found = {row[0]: row[1:6] for row in table("pack")}
    assert set(found) == set(PACKS)
    for pack in PACKS.values():
        counts = Counter(one.confidence for one in pack.controls)
        sure = ", ".join(f"{counts[c]} {c}" for c in ("verified", "secondary", "recall") if counts[c])
        many = [str(len(pack.controls)), sure] if len(counts) > 1 or pack.id != "headway-core" else ["all", "verified"]
        assert found[pack.id] == [pack.version, pack.mode, str(pack.as_of), *many], pack.id


def test_every_day_of_the_list_is_told_and_stands_where_the_page_says(told: dict[str, Any]) -> None:
    days = table("day")
    assert [row[0] for row in days] == [one["date"] for one in told["timeline"]]
    for day, _, where in days:
        pack, _, names = where.split(";")[0].partition(": ")
        if names:
            for name in names.split(", "):
                assert str(control(pack, name).valid_from) == day, name
        elif "in its note" in where or "all of it" in where:
            assert day in PACKS[pack.split(",")[0]].note, where
        else:
            assert where in ("in no pack", "nothing is asked from it")


def test_no_pack_begins_on_a_day_that_the_page_does_not_tell() -> None:
    days = {row[0] for row in table("day")}
    begins = {str(one.valid_from) for pack in PACKS.values() for one in pack.controls if one.valid_from}
    assert begins <= days
