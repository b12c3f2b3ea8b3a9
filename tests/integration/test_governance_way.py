"""The gates on the way: intake before training, design before approval, change before replacing, retire at the end."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from headway import governance, ledger, portfolio
from headway.governance import PackSwitch, store
from headway.governance.adapters import CORE, built_in_packs
from headway.kernel import clock
from headway.kernel.canonical import digest
from headway.kernel.clock import FixedClock
from headway.kernel.crypto import Signer
from headway.kernel.errors import Scalar
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage
from tests.factories.governance import (
    ANA,
    BEN,
    GOOD_FACTS,
    JOB,
    MINIMAL_RISK,
    NOW,
    SUBJECT,
    SUBJECT_DIGEST,
    approved,
    bring_evidence,
    open_usecase,
)

SECOND, SECOND_DIGEST = Ref("model", "lead-scoring", "2"), digest("another bundle")


@pytest.fixture(autouse=True)
def today() -> Iterator[FixedClock]:
    with clock.fixed(NOW) as held:
        yield held


@pytest.fixture
def ready(session: Session) -> None:
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session)


def release(
    session: Session, storage: Storage, signer: Signer, subject: Ref = SUBJECT, subject_digest: str = SUBJECT_DIGEST
) -> governance.VerdictRecord:
    asked = governance.request_approval(
        session,
        ANA,
        subject=subject,
        subject_digest=subject_digest,
        environment="production",
        usecase="lead-scoring",
    )
    governance.approve(session, BEN, asked.id, "read it")
    made = governance.issue_verdict(
        session,
        signer,
        storage,
        actor=ANA,
        subject=subject,
        subject_digest=subject_digest,
        environment="production",
        usecase="lead-scoring",
    )
    return governance.get_verdict(session, made.id)


def second(session: Session, **changed: dict[str, Scalar]) -> None:
    for name, facts in GOOD_FACTS.items():
        told = {**facts, **changed.get(name, {})}
        governance.record_evidence(
            session, type=name, subject=SECOND, subject_digest=SECOND_DIGEST, facts=told, producer=JOB
        )


def statuses(verdict: governance.VerdictRecord | governance.GateResult) -> dict[str, str]:
    return {one.id: one.status.value for one in verdict.controls}


def test_nothing_is_built_for_a_prohibited_use_and_what_is_only_incomplete_may_be_tried(session: Session) -> None:
    open_usecase(session, complete=False)
    passed = governance.pass_gate(session, ANA, gate="intake", usecase="lead-scoring", environment="sandbox")
    assert passed.result == "pass"
    (event,) = ledger.find(session, type="gate.passed").items
    assert (event.payload["gate"], event.payload["subject_digest"]) == ("intake", passed.subject_digest)
    open_usecase(session, slug="mood", risk={**MINIMAL_RISK, "prohibited_hits": ["5-1-f"]})
    with pytest.raises(governance.GateBlocked) as refused:
        governance.pass_gate(session, ANA, gate="intake", usecase="mood", environment="sandbox")
    assert [fault.rule for fault in refused.value.faults] == ["AIA-5"]
    assert len(ledger.find(session, type="gate.passed").items) == 1


def test_nobody_is_asked_to_approve_before_intake_and_design_are_passed(session: Session) -> None:
    case = open_usecase(session, risk={**MINIMAL_RISK, "prohibited_hits": None, "special_category_data": True})
    bring_evidence(session)
    with pytest.raises(governance.GateBlocked) as refused:
        approved(session)
    assert [fault.rule for fault in refused.value.faults] == ["AIA-5"] and "gate intake" in str(refused.value)
    governance.update_usecase(session, ANA, "lead-scoring", changes={}, risk={"prohibited_hits": []})
    with pytest.raises(governance.GateBlocked) as refused:
        approved(session)
    assert [fault.rule for fault in refused.value.faults] == ["AIA-4a-design"] and "gate design" in str(refused.value)
    assert governance.list_approvals(session).items == () and ledger.find(session, type="gate.passed").items == ()
    governance.attest(
        session,
        BEN,
        type="dpia",
        subject=Ref("usecase", "lead-scoring"),
        subject_digest=case.digest,
        facts={"outcome": "allowed"},
    )
    approved(session)
    gates = [one.payload["gate"] for one in ledger.find(session, type="gate.passed").items]
    assert sorted(gates) == ["design", "intake"]


def test_a_first_release_is_no_change_and_the_same_once_more_neither(
    session: Session, storage: Storage, signer: Signer, ready: None
) -> None:
    first = release(session, storage, signer)
    assert first.facts["change"] == {"replaces": False} and "HW-CHANGE-WORSE" not in statuses(first)
    again = release(session, storage, signer)
    assert again.facts["change"] == {"replaces": False}


def test_a_retrained_version_with_the_same_columns_needs_no_assessment(
    session: Session, storage: Storage, signer: Signer, ready: None
) -> None:
    release(session, storage, signer)
    second(session)
    made = release(session, storage, signer, SECOND, SECOND_DIGEST)
    assert made.result == "pass"
    assert (statuses(made)["HW-CHANGE-ASSESSED"], statuses(made)["HW-CHANGE-WORSE"]) == ("not_applicable", "passed")


def test_other_columns_or_purpose_are_refused_until_a_person_assessed_the_change(
    session: Session, storage: Storage, signer: Signer, ready: None
) -> None:
    release(session, storage, signer)
    second(session, dataset_card={"columns": 24})
    with pytest.raises(governance.GateBlocked) as refused:
        release(session, storage, signer, SECOND, SECOND_DIGEST)
    assert [fault.rule for fault in refused.value.faults] == ["HW-CHANGE-ASSESSED"]
    told = {"significant": False, "reason": "four columns of the same source, no new kind of data"}
    with pytest.raises(governance.EvidenceRefused):
        governance.record_evidence(
            session,
            type="change_assessment",
            subject=SECOND,
            subject_digest=SECOND_DIGEST,
            facts=told,
            producer=JOB,
        )
    governance.attest(session, BEN, type="change_assessment", subject=SECOND, subject_digest=SECOND_DIGEST, facts=told)
    made = release(session, storage, signer, SECOND, SECOND_DIGEST)
    assert statuses(made)["HW-CHANGE-ASSESSED"] == "passed" and made.facts["change"]["columns_changed"] is True  # type: ignore[index]
    third = governance.check_gate(session, usecase="lead-scoring", environment="production", gate="change")
    assert {one.id for one in third.controls} >= {"HW-CHANGE-ASSESSED", "HW-CHANGE-WORSE"}


def test_a_change_that_cannot_be_told_is_taken_to_be_one(
    session: Session, storage: Storage, signer: Signer, ready: None
) -> None:
    release(session, storage, signer)
    second(session, dataset_card={"columns": None})
    with pytest.raises(governance.GateBlocked) as refused:
        release(session, storage, signer, SECOND, SECOND_DIGEST)
    assert "taken to apply" in refused.value.faults[0].message


def test_a_clearly_worse_version_is_released_with_a_warning(
    session: Session, storage: Storage, signer: Signer, ready: None
) -> None:
    release(session, storage, signer)
    second(session, eval_report={"roc_auc": 0.64, "roc_auc_low": 0.6})
    made = release(session, storage, signer, SECOND, SECOND_DIGEST)
    assert (made.result, statuses(made)["HW-CHANGE-WORSE"]) == ("warn", "failed")


def test_what_is_over_or_revoked_is_not_replaced(
    session: Session, storage: Storage, signer: Signer, ready: None, today: FixedClock
) -> None:
    release(session, storage, signer)
    governance.revoke(session, BEN, SUBJECT_DIGEST, "a column leaked")
    second(session, dataset_card={"columns": 24})
    made = release(session, storage, signer, SECOND, SECOND_DIGEST)
    assert made.facts["change"] == {"replaces": False}
    today.advance(timedelta(days=400))
    found = governance.check_gate(session, usecase="lead-scoring", environment="production", gate="change")
    assert statuses(found)["HW-CHANGE-ASSESSED"] == "not_applicable"


def test_the_retire_gate_asks_whether_anything_runs_and_lets_a_prohibited_use_out(session: Session) -> None:
    case = open_usecase(session, risk={**MINIMAL_RISK, "prohibited_hits": ["5-1-a"]})
    governance.classify(session, ANA, "lead-scoring")
    with pytest.raises(governance.GateBlocked) as refused:
        governance.pass_gate(session, ANA, gate="retire", usecase="lead-scoring")
    assert [fault.rule for fault in refused.value.faults] == ["HW-RETIRE-STOPPED"]
    for running, expected in ((2, "block"), (0, "pass")):
        governance.record_evidence(
            session,
            type="deployment_state",
            subject=Ref("usecase", "lead-scoring"),
            subject_digest=case.digest,
            facts={"running": running},
            producer=JOB,
        )
        found = governance.ask_usecase(session, gate="retire", usecase="lead-scoring")
        assert found.result == expected


def test_a_home_that_still_asks_earlier_controls_retires_as_before(session: Session) -> None:
    core = copy.deepcopy(dict(next(one.body for one in built_in_packs() if one.pack.id == CORE)))
    core["version"] = "1.2.0"
    core["controls"] = [one for one in core["controls"] if one["gates"] == ["pre_deploy"]]  # type: ignore[attr-defined]
    core["evidence_types"] = [one for one in core["evidence_types"] if one["name"] != "deployment_state"]  # type: ignore[attr-defined]
    made = digest(core)
    store.publish_pack(session, id=CORE, version="1.2.0", digest=made, body=core, at=NOW)
    switch = PackSwitch(
        pack=CORE, version="1.2.0", digest=made, is_on=True, reason="before", by="service:headway", at=NOW
    )
    store.add_switch(session, switch)
    assert {pack.version for pack in governance.list_packs(session) if pack.id == CORE} == {"1.2.0"}
    open_usecase(session)
    assert portfolio.retire_usecase(session, ANA, "lead-scoring", "given up").retired_at == NOW
