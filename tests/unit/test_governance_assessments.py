"""Templates, what is due and why, and what makes a signed assessment outdated, on plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from headway.governance.adapters import built_in_packs
from headway.governance.assessments import Assessment, Known, Standing, Template
from headway.governance.assessments.adapters import templates
from headway.governance.assessments.rules import (
    answer_faults,
    due,
    facts_digest,
    known_answers,
    open_questions,
    platform_facts,
    standing,
    template_of,
)
from headway.governance.entities import Evidence, FactValue, Tier, UseCase
from headway.kernel.errors import Invalid

NOW = datetime(2026, 11, 27, tzinfo=UTC)
NOTHING: dict[str, FactValue] = {
    "personal_data": False, "profiling": False, "solely_automated": False, "special_category_data": False,
    "significant_effect": False, "vendor_supplied": False, "generates_content": False, "workplace_use": False,
    "public_body_or_service": False, "materiality": "low", "annex_iii": [],
}  # fmt: skip


def case(tier: Tier, **facts: FactValue) -> UseCase:
    return UseCase(
        slug="leads", title="Leads", department="sales", solution=None, purpose="call the likeliest first", owner=None,
        sponsor=None, success_measure=None, people_affected=None, risk=facts, derived=(), systems=(), digest="sha256-0",
        tier=tier, missing=(), opened_by="person:a", opened_at=NOW, updated_at=NOW, retired_at=None, retired_by=None,
        retired_because=None,
    )  # fmt: skip


def due_of(one: UseCase) -> set[str]:
    return {name for name, template in templates().items() if due(template, one)[0]}


def test_nothing_is_due_for_a_minimal_use_that_touches_nobody_and_all_of_it_while_nobody_knows() -> None:
    assert due_of(case(Tier.minimal, **NOTHING)) == set()
    assert due_of(case(Tier.undecided)) == set(templates())
    is_due, why = due(templates()["privacy"], case(Tier.minimal))
    assert is_due and "sys.personal_data" in why


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"annex_iii": ["4a"], "public_body_or_service": False}, False),
        ({"annex_iii": ["4a"], "public_body_or_service": True}, True),
        ({"annex_iii": ["5b"], "public_body_or_service": False}, True),
        ({"annex_iii": ["5c"], "public_body_or_service": False}, True),
        ({"annex_iii": ["2"], "public_body_or_service": True}, False),  # Art. 27(1) leaves critical infrastructure out
        ({"annex_iii": ["4a"]}, True),  # nobody said whether it is a public body
    ],
)
def test_a_fria_is_due_where_article_27_says(facts: dict[str, FactValue], expected: bool) -> None:
    known = {name: value for name, value in NOTHING.items() if name not in ("annex_iii", "public_body_or_service")}
    is_due, why = due(templates()["fria"], case(Tier.high, **{**known, **facts}))
    assert is_due is expected
    if not expected:
        assert why.startswith("most private employers do not owe a FRIA but owe a DPIA")
    assert due(templates()["fria"], case(Tier.minimal, **{**known, **facts}))[0] is False


def test_an_employer_owes_a_dpia_and_the_works_council_is_asked() -> None:
    screening = case(
        Tier.high, **{**NOTHING, "personal_data": True, "profiling": True, "workplace_use": True, "annex_iii": ["4a"]}
    )
    assert due_of(screening) == {"risk", "legal", "privacy", "security", "hr", "finance"}


def test_templates_say_what_their_packs_say() -> None:
    """The page and the gate decide by the same rule, and every template becomes evidence that a pack knows."""
    pack = next(file.pack for file in built_in_packs() if file.pack.id == "headway-assessments")
    rules = {one.evidence[0]: one.applies_when for one in pack.controls}
    kinds = {one.name: one for one in pack.evidence_types}
    for template in templates().values():
        assert rules[template.evidence] == template.due_when, template.id
        kind = kinds[template.evidence]
        assert kind.producer == "human" and kind.freshness_days in (0, template.age_days), template.id
        given = {one.evidence_fact for one in template.questions if one.evidence_fact}
        assert given == set(kind.facts), template.id


def test_the_dpia_asks_for_all_that_article_35_7_names() -> None:
    texts = [one.text for one in templates()["privacy"].questions]
    for part in ("(a)", "(b)", "(c)", "(d)"):
        assert any(text.startswith(part) for text in texts), part
    assert [f"({part})" for part in "abcdef"] == sorted(
        {one.text[:3] for one in templates()["fria"].questions if one.text[0] == "("}
    )


def test_what_the_platform_knows_is_filled_in_with_its_source_and_not_asked() -> None:
    proof = Evidence(
        id="evd_1", type="roi_projection", subject="usecase:leads", subject_digest="sha256-0",
        facts={"npv_p50": 1200.5, "payback_months": None}, producer="service:headway", made_at=NOW, payload_digest=None,
    )  # fmt: skip
    found = platform_facts(case(Tier.high, personal_data=True), [proof])
    known = known_answers(templates()["finance"], found)
    assert known["npv"] == Known(value=1200.5, source="evd_1") and "loss" not in known
    privacy = templates()["privacy"]
    known = known_answers(privacy, found)
    assert known["purpose"] == Known(value="call the likeliest first", source="usecase:leads") and "people" not in known
    faults = answer_faults(
        privacy, {"purpose": "something else", "officer": "", "consulted": "yes", "residual": "huge", "x": 1}, known
    )
    assert [one.column for one in faults] == ["purpose", "officer", "consulted", "residual", "x"]
    assert answer_faults(privacy, {"officer": "go on", "consulted": False, "residual": "low"}, known) == []
    assert "purpose" not in open_questions(privacy, {}, known) and "vendors" not in open_questions(privacy, {}, known)


def signed(template: Template, one: UseCase, at: datetime) -> Assessment:
    found = platform_facts(one)
    return Assessment(
        id="asm_1", usecase=one.slug, template=template.id, template_version=template.version, template_digest=template.digest,
        seat=template.seat, number=1, state="signed", opened_by="person:a", opened_at=at, answers={},
        known=known_answers(template, found), facts_digest=facts_digest(template, found), submitted_by="person:a",
        submitted_at=at, answers_digest="sha256-1", signed_by="person:b", signed_at=at, remark="fine", evidence="evd_1", task=None,
    )  # fmt: skip


def test_it_is_outdated_when_a_fact_that_it_rests_on_changes_or_it_is_too_old() -> None:
    template, before = templates()["privacy"], case(Tier.high, special_category_data=False, workplace_use=False)
    made = signed(template, before, NOW)

    def stands(one: UseCase, days: int = 0) -> tuple[Standing, tuple[str, ...]]:
        return standing(template, made, platform_facts(one), NOW + timedelta(days=days), is_due=True)

    assert stands(before) == (Standing.signed, ())
    assert stands(replace(before, risk={"special_category_data": False, "workplace_use": True}))[0] is Standing.signed
    assert stands(replace(before, risk={"special_category_data": True})) == (
        Standing.outdated,
        ("sys.special_category_data is otherwise now",),
    )
    assert stands(replace(before, purpose="hire people"))[1] == ("use_case.purpose is otherwise now",)
    assert stands(replace(before, risk={}))[0] is Standing.outdated  # what was known is unknown now
    assert stands(before, 365)[0] is Standing.signed and stands(before, 366)[0] is Standing.outdated
    assert standing(template, None, {}, NOW, is_due=False)[0] is Standing.not_due


def test_a_template_with_faults_is_refused() -> None:
    good = {
        "id": "x", "version": "1", "title": "X", "seat": "risk", "source": "s", "evidence": "e", "age_days": 1,
        "due_when": "true", "due_because": "a", "not_due_because": "b", "questions": [{"id": "q", "text": "t"}],
    }  # fmt: skip
    assert template_of(good).questions[0].kind == "text"
    for change in (
        {"due_when": "has(sys.x)"},
        {"questions": [{"id": "q", "text": "t"}, {"id": "q", "text": "t"}]},
        {"questions": [{"id": "q", "text": "t", "kind": "choice"}]},
        {"questions": [{"id": "q", "text": "t", "kind": "novel"}]},
    ):
        with pytest.raises(Invalid):
            template_of({**good, **change})
