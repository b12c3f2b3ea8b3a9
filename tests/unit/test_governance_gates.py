"""Gates on plain values: dates, freshness, sandbox, aggregation, words for what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from headway.governance import gates
from headway.governance.entities import Control, Evidence, EvidenceType, Pack, Status, Tier
from headway.kernel.canonical import digest

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
CONTROL = Control(
    id="C-1",
    title="Enough",
    source="us",
    gates=("pre_deploy",),
    applies_when="sys.personal_data",
    check="evidence.proof.n >= 3",
    evidence=("proof",),
    enforce="block",
    sandbox="warn",
    valid_from=None,
    valid_to=None,
    confidence="recall",
    missing="bring more proof",
)
KIND = EvidenceType(name="proof", title="Proof", producer="auto", freshness_days=30, facts={"n": "number"})


def row(n: object, *, made_at: datetime = AT, id: str = "evd_1") -> Evidence:
    return Evidence(
        id=id,
        type="proof",
        subject="model:m@1",
        subject_digest=digest("m"),
        facts={"n": n},  # type: ignore[dict-item]  # a wrong kind is part of the test
        producer="service:job",
        made_at=made_at,
        payload_digest=None,
    )


def pack(*controls: Control) -> Pack:
    return Pack(
        id="p",
        version="1",
        title="P",
        note="n",
        as_of=date(2026, 1, 1),
        digest=digest("p"),
        facts=(),
        evidence_types=(KIND,),
        tier_rules=(),
        controls=controls,
    )


def ask(
    control: Control, *, n: object = 3, environment: str = "production", personal: object = True
) -> tuple[Status, str]:
    facts: dict[str, object] = {"sys": {} if personal is None else {"personal_data": personal}, "evidence": {}}
    evidence = {}
    if n is not None:
        evidence = {"proof": row(n)}
        facts["evidence"] = {"proof": {"n": n}}
    found = gates.ask([pack(control)], gates.Question("pre_deploy", environment, facts, evidence, AT))[0]
    return found.status, found.enforce


def test_a_control_passes_fails_lacks_or_does_not_apply() -> None:
    assert ask(CONTROL) == (Status.passed, "block")
    assert ask(CONTROL, n=2) == (Status.failed, "block")
    assert ask(CONTROL, n=None) == (Status.indeterminate, "block")
    assert ask(CONTROL, personal=False, n=None) == (Status.not_applicable, "block")


def test_when_nobody_knows_whether_a_control_applies_it_applies() -> None:
    assert ask(CONTROL, personal=None, n=2)[0] is Status.failed
    assert ask(CONTROL, personal=None, n=3)[0] is Status.passed


def test_a_control_is_upcoming_until_its_day_and_over_after_its_last() -> None:
    tomorrow, today = date(2026, 11, 24), date(2026, 11, 23)
    assert ask(replace(CONTROL, valid_from=tomorrow), n=None)[0] is Status.upcoming
    assert ask(replace(CONTROL, valid_from=today), n=None)[0] is Status.indeterminate
    assert ask(replace(CONTROL, valid_to=today), n=None)[0] is Status.indeterminate
    assert ask(replace(CONTROL, valid_to=date(2026, 11, 22)), n=None)[0] is Status.not_applicable


def test_the_sandbox_softens_blocks_but_not_a_plain_breach_of_what_holds_everywhere() -> None:
    assert ask(CONTROL, n=2, environment="sandbox") == (Status.failed, "warn")
    hard = replace(CONTROL, sandbox="block")
    assert ask(hard, n=2, environment="sandbox") == (Status.failed, "block")
    assert ask(hard, n=None, environment="sandbox") == (Status.indeterminate, "warn")
    assert ask(replace(CONTROL, enforce="record"), n=2, environment="sandbox") == (Status.failed, "record")


@pytest.mark.parametrize(
    ("enforce", "n", "expected"),
    [("block", 3, "pass"), ("block", 2, "block"), ("block", None, "block"), ("warn", 2, "warn"), ("record", 2, "pass")],
)
def test_the_worst_control_decides(enforce: str, n: object, expected: str) -> None:
    control = replace(CONTROL, enforce=enforce)  # type: ignore[arg-type]  # from the closed set
    facts = {"sys": {"personal_data": True}, "evidence": {"proof": {"n": n}}}
    evidence = {} if n is None else {"proof": row(n)}
    controls = gates.ask([pack(control)], gates.Question("pre_deploy", "production", facts, evidence, AT))
    assert gates.result(controls, Tier.minimal) == expected
    assert gates.result(controls, Tier.prohibited) == "block"


def test_controls_of_another_gate_are_not_asked() -> None:
    question = gates.Question("intake", "production", {}, {}, AT)
    assert gates.ask([pack(CONTROL)], question) == ()


def test_the_reason_shows_what_was_asked_and_the_values() -> None:
    facts = {"sys": {"personal_data": True}, "evidence": {"proof": {"n": 0.796}}}
    found = gates.ask([pack(CONTROL)], gates.Question("pre_deploy", "production", facts, {"proof": row(0.796)}, AT))[0]
    assert found.reason == "evidence.proof.n >= 3 does not hold (evidence.proof.n = 0.796)"
    assert found.evidence_ids == ("evd_1",)


def test_the_reason_leaves_out_names_of_people() -> None:
    control = replace(CONTROL, applies_when="true", check="size(use_case.owner) > 0", evidence=())
    facts = {"use_case": {"owner": "Olga Owner"}}
    found = gates.ask([pack(control)], gates.Question("pre_deploy", "production", facts, {}, AT))[0]
    assert found.reason == "size(use_case.owner) > 0 holds"


def test_missing_is_told_once_in_the_words_of_the_pack() -> None:
    twice = pack(
        CONTROL, replace(CONTROL, id="C-2"), replace(CONTROL, id="C-3", enforce="warn", missing="nice to have")
    )
    controls = gates.ask([twice], gates.Question("pre_deploy", "production", {}, {}, AT))
    assert gates.missing(controls, [twice], Tier.minimal, ()) == ("bring more proof",)
    assert gates.missing(controls, [twice], Tier.prohibited, ("say whether x", "bring more proof")) == (
        "stop: the use is prohibited",
        "say whether x",
        "bring more proof",
    )


def test_the_newest_evidence_counts_even_when_an_older_one_was_better() -> None:
    rows = [row(9, made_at=AT - timedelta(days=2), id="evd_1"), row(1, made_at=AT - timedelta(days=1), id="evd_2")]
    assert gates.newest(rows, {"proof": KIND}, AT)["proof"].id == "evd_2"
    assert gates.newest(reversed(rows), {"proof": KIND}, AT)["proof"].id == "evd_2"


def test_stale_evidence_counts_for_nothing_and_an_age_of_zero_days_means_no_limit() -> None:
    month = timedelta(days=30)
    assert gates.newest([row(9, made_at=AT - month)], {"proof": KIND}, AT)
    late = AT - month - timedelta(microseconds=1)
    assert not gates.newest([row(9, made_at=late)], {"proof": KIND}, AT)
    assert gates.newest([row(9, made_at=late)], {"proof": replace(KIND, freshness_days=0)}, AT)


def test_evidence_from_the_future_hides_what_came_before_and_counts_for_nothing() -> None:
    rows = [row(9), row(9, made_at=AT + timedelta(seconds=1), id="evd_2")]
    assert not gates.newest(rows, {"proof": KIND}, AT)


@pytest.mark.parametrize(
    ("environment", "tier", "days"),
    [
        ("sandbox", Tier.minimal, 14),
        ("sandbox", Tier.high, 14),
        ("pilot", Tier.high, 90),
        ("production", Tier.minimal, 365),
        ("production", Tier.high, 180),
    ],
)
def test_a_verdict_is_served_for_days_by_environment_and_tier(environment: str, tier: Tier, days: int) -> None:
    assert gates.serve_until(environment, tier, AT) == AT + timedelta(days=days)
