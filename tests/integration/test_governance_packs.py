"""Packs together on the services: a screener in New York and the Union, and one evaluation that closes much."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from headway import governance
from headway.governance import Status, Tier, store
from headway.governance.adapters import built_in_packs, read_pack, template
from headway.kernel import clock
from headway.kernel.canonical import digest
from headway.kernel.clock import FixedClock
from headway.kernel.crypto import Signer
from headway.kernel.errors import Scalar
from tests.factories.governance import ANA, GOOD_FACTS, JOB, MINIMAL_RISK, SUBJECT, SUBJECT_DIGEST, ask, open_usecase

HIRING = {
    **MINIMAL_RISK,
    "jurisdictions": ["EU", "US-NYC"],
    "departments": ["hr"],
    "annex_iii": ["4a"],
    "workplace_use": True,
    "significant_effect": True,
    "solely_automated": False,
    "residual_risk": "low",
    "consequential_domain": ["employment"],
    "quantitative_model": True,
    "vendor_supplied": False,
    "gpai_component": False,
    "materiality": "high",
}
AUDIT: dict[str, Scalar] = {
    "min_impact_ratio": 0.796,
    "min_cell": 41,
    "people": 1840,
    "unknown": 122,
    "p_value": 0.031,
    "data_source": "own",
}
MAPPINGS = {"nist-ai-rmf", "iso-42001"}


@pytest.fixture(autouse=True)
def today() -> Iterator[FixedClock]:
    with clock.fixed(datetime(2027, 12, 2, 12, tzinfo=UTC)) as held:
        yield held


@pytest.fixture
def screener(session: Session, signer: Signer) -> None:
    """An applicant screener of New York and the Union in a home where every pack is on."""
    on = {pack.id for pack in governance.list_packs(session)}
    for file in built_in_packs():
        if file.pack.id not in on:
            governance.switch_pack(
                session, signer, ANA, file.pack.id, is_on=True, reason="counsel says it applies to us"
            )
    open_usecase(session, risk=HIRING)
    assert governance.classify(session, ANA, "lead-scoring").tier is Tier.high


def record(session: Session, type: str, facts: dict[str, Scalar]) -> None:
    governance.record_evidence(
        session, type=type, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, facts=facts, producer=JOB
    )


def test_a_screener_of_new_york_and_the_union_is_asked_for_more_than_twenty_things(
    session: Session, screener: None
) -> None:
    result = ask(session)
    law = [one for one in result.controls if one.source != "Headway" and one.status is not Status.not_applicable]
    assert len(law) >= 20 and result.result == "block"
    assert {one.pack.partition("@")[0] for one in law} == {
        *("eu-ai-act-core", "gdpr", "nyc-ll144", "us-four-fifths", "sr-26-2", "headway-assessments")
    }
    assert not any(one.pack.partition("@")[0] in MAPPINGS for one in result.controls)


def test_a_ratio_that_a_job_measured_is_shown_as_measured_and_flagged(session: Session, screener: None) -> None:
    record(session, "bias_audit", AUDIT)
    found = {one.id: one for one in ask(session).controls}
    assert (found["FF-1"].status, found["FF-1"].enforce) == (Status.failed, "warn")
    assert "min_impact_ratio = 0.796" in found["FF-1"].reason
    assert found["LL144-2"].status is Status.passed
    assert found["LL144-1"].status is Status.indeterminate  # nobody says that the auditor is independent
    with pytest.raises(governance.EvidenceRefused):
        governance.attest(
            session,
            ANA,
            type="bias_audit",
            subject=SUBJECT,
            subject_digest=SUBJECT_DIGEST,
            facts={**AUDIT, "min_impact_ratio": 0.97},
        )


def test_a_reason_and_a_search_answer_a_low_ratio_and_leave_it_low(session: Session, screener: None) -> None:
    record(session, "bias_audit", AUDIT)
    assert {one.id: one for one in ask(session).controls}["FF-1-reason"].status is Status.indeterminate
    told: dict[str, Scalar] = {"reason": "validated against two years of performance", "alternatives_tried": 3}
    governance.attest(
        session, ANA, type="impact_justification", subject=SUBJECT, subject_digest=SUBJECT_DIGEST, facts=told
    )
    found = {one.id: one for one in ask(session).controls}
    assert (found["FF-1-reason"].status, found["FF-1"].status) == (Status.passed, Status.failed)


def test_a_pack_of_the_past_is_read_although_its_cases_would_come_out_otherwise_today(session: Session) -> None:
    body: dict[str, Any] = {**read_pack(template()).body, "id": "past"}
    body["golden"] = [{**body["golden"][0], "expect": {"HOUSE-1": "passed"}}]
    store.publish_pack(session, id="past", version="1.0.0", digest=digest(body), body=body, at=clock.now(), by=ANA.ref)
    assert governance.get_pack(session, "past", "1.0.0").digest == digest(body)


def test_one_evaluation_closes_controls_of_five_packs_with_nothing_typed(session: Session, screener: None) -> None:
    def waiting() -> dict[str, set[str]]:
        found = governance.cover_usecase(session, "lead-scoring", subject_digest=SUBJECT_DIGEST)
        return {pack.pack: {one.id for one in pack.controls if "eval_report" in one.lacking} for pack in found.packs}

    before = {pack: names for pack, names in waiting().items() if names}
    assert set(before) == {"headway-core", "eu-ai-act-core", "sr-26-2", "nist-ai-rmf", "iso-42001"}
    record(session, "eval_report", GOOD_FACTS["eval_report"])
    assert not any(waiting().values())
    found = governance.cover_usecase(session, "lead-scoring", subject_digest=SUBJECT_DIGEST)
    passed = {one.id for pack in found.packs for one in pack.controls if one.status is Status.passed}
    assert {"HW-EVALUATED", "MEASURE 2.3"} <= passed
