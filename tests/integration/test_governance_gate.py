"""Evidence, gates, approvals and verdicts on a real database."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, ledger, runtime
from headway.governance import Evidence, Status, Tier, inventory
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.canonical import digest
from headway.kernel.clock import FixedClock
from headway.kernel.crypto import Signer
from headway.kernel.errors import Denied
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage
from tests.factories.governance import (
    ANA,
    BEN,
    JOB,
    MINIMAL_RISK,
    NOW,
    SUBJECT,
    SUBJECT_DIGEST,
    approved,
    ask,
    bring_evidence,
    open_usecase,
)


@pytest.fixture(autouse=True)
def today() -> Iterator[FixedClock]:
    with clock.fixed(NOW) as held:
        yield held


@pytest.fixture
def ready(session: Session) -> Session:
    """A use case of minimal tier and evidence that passes everything but the approval."""
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session)
    return session


def statuses(result: governance.GateResult) -> dict[str, Status]:
    return {control.id: control.status for control in result.controls}


def not_passed(result: governance.GateResult) -> set[str]:
    return {c.id for c in result.controls if c.status in (Status.failed, Status.indeterminate)}


# --- evidence ----------------------------------------------------------------------------------------------------


def test_what_a_person_typed_never_is_evidence_that_a_job_must_write(session: Session) -> None:
    with pytest.raises(governance.EvidenceRefused):
        governance.record_evidence(
            session, type="eval_report", subject=SUBJECT, subject_digest=SUBJECT_DIGEST, facts={}, producer=ANA
        )
    for actor in (ANA, JOB):
        with pytest.raises(governance.EvidenceRefused):
            governance.attest(
                session, actor, type="eval_report", subject=SUBJECT, subject_digest=SUBJECT_DIGEST, facts={}
            )
    with pytest.raises(governance.EvidenceRefused):
        governance.record_evidence(
            session, type="dpia", subject=SUBJECT, subject_digest=SUBJECT_DIGEST, facts={}, producer=JOB
        )
    assert governance.list_evidence(session).items == ()


def test_wrong_facts_digests_and_types_are_told_all_at_once(session: Session) -> None:
    with pytest.raises(governance.FactsInvalid) as caught:
        governance.record_evidence(
            session,
            type="parity_report",
            subject=SUBJECT,
            subject_digest="sha256-short",
            facts={"passed": "yes", "decision_flips": True, "extra": [1]},  # type: ignore[dict-item]  # the point
            producer=JOB,
        )
    assert {f.column for f in caught.value.faults} == {"subject_digest", "passed", "decision_flips", "extra"}
    with pytest.raises(governance.FactsInvalid, match="no pack knows"):
        governance.record_evidence(
            session, type="hearsay", subject=SUBJECT, subject_digest=SUBJECT_DIGEST, facts={}, producer=JOB
        )


def test_nan_is_kept_as_unknown_and_evidence_is_in_the_ledger(session: Session) -> None:
    made = governance.record_evidence(
        session,
        type="eval_report",
        subject=SUBJECT,
        subject_digest=SUBJECT_DIGEST,
        facts={"roc_auc": math.nan, "roc_auc_low": math.inf, "n_test": 5},
        producer=JOB,
    )
    assert made.facts == {"roc_auc": None, "roc_auc_low": None, "n_test": 5}
    assert governance.list_evidence(session, subject_digest=SUBJECT_DIGEST).items == (made,)
    (event,) = ledger.find(session, subject=SUBJECT).items
    assert (event.type, event.actor) == ("evidence.recorded", JOB.ref)


def test_evidence_cannot_be_rewritten_even_in_sql(ready: Session) -> None:
    for statement in ("delete from governance.evidence", "update governance.evidence set facts = '{}'"):
        with pytest.raises(IntegrityError, match="append-only"), ready.begin_nested():
            ready.execute(text(statement))


# --- gate --------------------------------------------------------------------------------------------------------


def test_everything_proven_and_approved_passes_in_production(ready: Session) -> None:
    approved(ready)
    result = ask(ready)
    assert not_passed(result) == set()
    assert (result.result, result.missing, result.tier) == ("pass", (), Tier.minimal)
    assert len(result.approvals) == 1
    quality = next(c for c in result.controls if c.id == "HW-QUALITY")
    assert len(quality.evidence_ids) == 1


def test_the_sandbox_warns_and_names_what_production_needs(session: Session) -> None:
    open_usecase(session, complete=False)
    governance.classify(session, ANA, "lead-scoring")
    result = ask(session, "sandbox")
    assert result.result == "warn"
    assert ask(session, "production").result == ask(session, "pilot").result == "block"
    for line in (
        "name the accountable owner",
        "name the sponsor",
        "have a second person approve this version",
        "write the model's card",
        "check the training data against their contract",
    ):
        assert line in result.missing
    assert result.missing == ask(session, "production").missing


def test_a_gate_tells_what_the_use_case_lacks_word_for_word_and_each_of_it_blocks(session: Session) -> None:
    entry = open_usecase(session, complete=False, risk={})
    bring_evidence(session)
    assert len(entry.missing) > 5
    assert ask(session).missing[: len(entry.missing)] == entry.missing
    words = {control.missing for pack in governance.list_packs(session) for control in pack.controls}
    assert set(inventory.WORDS.values()) <= words, "a line of the entry that no control asks for would be no block"


@pytest.mark.parametrize("field", sorted(inventory.WORDS))
def test_every_field_that_is_told_missing_blocks_alone(ready: Session, field: str) -> None:
    governance.update_usecase(ready, ANA, "lead-scoring", changes={field: None})
    governance.classify(ready, ANA, "lead-scoring")
    approved(ready)
    result = ask(ready)
    assert result.result == "block"
    assert result.missing == governance.get_usecase(ready, "lead-scoring").missing == (inventory.WORDS[field],)


@pytest.mark.parametrize(
    ("kind", "facts", "control"),
    [
        ("eval_report", {"roc_auc_low": 0.5}, "HW-BETTER-THAN-CHANCE"),
        ("eval_report", {"roc_auc_low": None}, "HW-BETTER-THAN-CHANCE"),
        ("eval_report", {"task": None, "skill_low": None}, "HW-BETTER-THAN-BASELINE"),
        ("eval_report", {"interval_level": None}, "HW-EVALUATED"),
        ("eval_report", {"n_test": 99}, "HW-EVALUATED"),
        ("eval_report", {"split": "random", "split_reason": ""}, "HW-TIME-ORDER"),
        ("leakage_report", {"suspects_open": 1}, "HW-LEAKS"),
        ("parity_report", {"passed": False}, "HW-PARITY"),
        ("parity_report", {"decision_flips": 1}, "HW-PARITY"),
        ("data_quality_report", {"quality_score": 0.9499}, "HW-QUALITY"),
        ("data_quality_report", {"contract_checked": None}, "HW-CONTRACT"),
        ("dataset_card", {"data_digest": "somewhere"}, "HW-DATA-CARD"),
    ],
)
def test_one_bad_fact_blocks(session: Session, kind: str, facts: dict[str, object], control: str) -> None:
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session, changed={kind: facts})  # type: ignore[dict-item]  # scalars
    approved(session)
    result = ask(session)
    assert control in not_passed(result)
    assert result.result == "block"


def test_a_random_split_with_a_recorded_reason_passes(session: Session) -> None:
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session, changed={"eval_report": {"split": "random", "split_reason": "the rows have no time"}})
    approved(session)
    assert ask(session).result == "pass"


def test_evidence_about_another_digest_counts_for_nothing(ready: Session) -> None:
    approved(ready)
    other = governance.evaluate_gate(
        ready,
        environment="production",
        subject=SUBJECT,
        subject_digest=digest("one byte changed"),
        usecase="lead-scoring",
    )
    assert other.result == "block"
    assert {"HW-CARD", "HW-EVALUATED", "HW-PARITY", "HW-LEAKS", "HW-TWO-PEOPLE", "HW-QUALITY"} <= not_passed(other)


def test_the_newest_evidence_counts_and_stale_evidence_does_not(ready: Session, today: FixedClock) -> None:
    today.advance(timedelta(days=1))
    bring_evidence(ready, changed={"leakage_report": {"suspects_open": 2}})
    assert "HW-LEAKS" in not_passed(ask(ready))
    today.advance(timedelta(days=31))
    found = ask(ready)
    assert {"HW-QUALITY", "HW-CONTRACT"} <= not_passed(found)
    assert statuses(found)["HW-CARD"] is Status.passed


def leaks(session: Session, *columns: str) -> None:
    told = {"suspects_open": len(columns), "open_columns": governance.columns_text(columns)}
    bring_evidence(session, changed={"leakage_report": told})


def clear(session: Session, column: str, actor: Actor = ANA, reason: str = "known before the call") -> Evidence:
    return governance.clear_suspect(
        session, actor, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, column=column, reason=reason
    )


def test_every_suspect_is_cleared_by_a_person_or_the_gate_blocks(ready: Session, today: FixedClock) -> None:
    today.advance(timedelta(days=1))
    leaks(ready, "duration", "pdays")
    first = clear(ready, "duration")
    assert (first.producer, first.facts["column"]) == (ANA.ref, "duration")
    assert "HW-LEAKS" in not_passed(ask(ready))
    second = clear(ready, "pdays")
    found = next(control for control in ask(ready).controls if control.id == "HW-LEAKS")
    assert found.status is Status.passed
    assert {first.id, second.id} <= set(found.evidence_ids), "the verdict names who cleared what"
    leaks(ready, "duration", "pdays", "another")
    assert "HW-LEAKS" in not_passed(ask(ready)), "a later report names one more"


def test_a_clearance_stands_on_a_report_of_the_same_digest_and_on_a_reason(session: Session) -> None:
    open_usecase(session)
    bring_evidence(session, without=("leakage_report",))
    with pytest.raises(governance.FactsInvalid, match="names no open column"):
        clear(session, "duration")
    governance.attest(
        session, ANA, type="suspect_clearance", subject=SUBJECT, subject_digest=SUBJECT_DIGEST,
        facts={"column": "duration", "reason": "a person's word alone"},
    )  # fmt: skip
    assert statuses(ask(session))["HW-LEAKS"] is Status.indeterminate, "without the job's report nothing is cleared"
    leaks(session, "pdays")
    with pytest.raises(governance.FactsInvalid) as caught:
        clear(session, "duration", reason="because")
    assert {fault.rule for fault in caught.value.faults} == {"clearance.column", "clearance.reason"}
    with pytest.raises(governance.EvidenceRefused):
        clear(session, "pdays", JOB)
    assert statuses(ask(session))["HW-LEAKS"] is Status.failed


def test_a_clearance_makes_earlier_approvals_count_no_more(ready: Session) -> None:
    leaks(ready, "duration", "pdays")
    clear(ready, "duration")
    approved(ready)
    assert "HW-TWO-PEOPLE" not in not_passed(ask(ready))
    clear(ready, "pdays")
    assert not_passed(ask(ready)) == {"HW-TWO-PEOPLE"}
    approved(ready)
    assert ask(ready).result == "pass"


def test_an_undecided_tier_blocks_above_the_sandbox(session: Session) -> None:
    open_usecase(session, risk={**MINIMAL_RISK, "annex_iii": None})
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session)
    approved(session)
    assert ask(session, "sandbox").result == "warn"
    result = ask(session)
    assert result.result == "block"
    assert "HW-TIER" in not_passed(result)
    assert any("which uses of Annex III" in line for line in result.missing)


def test_a_prohibited_use_is_blocked_even_in_the_sandbox(session: Session, signer: Signer, storage: Storage) -> None:
    open_usecase(session, risk={**MINIMAL_RISK, "prohibited_hits": ["5-1-c"]})
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session)
    assert ask(session, "sandbox").result == "block"
    with pytest.raises(governance.GateBlocked):
        issue(session, signer, storage, "sandbox")
    assert list(storage.list("bundles")) == []


def test_duties_that_begin_later_are_shown_and_block_from_their_day(session: Session, today: FixedClock) -> None:
    open_usecase(session, risk={**MINIMAL_RISK, "annex_iii": ["4a"]})
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session)
    approved(session)
    now = ask(session)
    assert (now.tier, now.result) == (Tier.high, "pass")
    upcoming = {c.id for c in now.controls if c.status is Status.upcoming}
    assert {"AIA-9", "AIA-11", "AIA-14", "AIA-26-2"} <= upcoming
    today.advance(timedelta(days=400))
    later = ask(session)
    assert later.result == "block"
    assert {"AIA-9", "AIA-11", "AIA-14", "AIA-26-2"} <= not_passed(later)


def test_a_duty_in_force_blocks_until_a_person_attests(session: Session) -> None:
    open_usecase(session, risk={**MINIMAL_RISK, "special_category_data": True})
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session)
    assert "AIA-4a" in not_passed(ask(session))
    governance.attest(
        session, ANA, type="dpia", subject=Ref("usecase", "lead-scoring"), subject_digest=digest("dpia"), facts={}
    )
    assert statuses(ask(session))["AIA-4a"] is Status.passed


# --- approvals ---------------------------------------------------------------------------------------------------


def test_a_requester_cannot_approve_and_services_can_neither_ask_nor_approve(ready: Session) -> None:
    asked = governance.request_approval(
        ready, ANA, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, environment="production", usecase="lead-scoring"
    )
    with pytest.raises(governance.SamePerson):
        governance.approve(ready, ANA, asked.id, "looks good to me")
    with pytest.raises(Denied):
        governance.approve(ready, SYSTEM, asked.id, "looks good to me")
    with pytest.raises(Denied):
        governance.request_approval(
            ready, SYSTEM, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, environment="pilot", usecase="lead-scoring"
        )
    assert governance.get_approval(ready, asked.id).state == "requested"


@pytest.mark.parametrize(
    ("requester", "approver", "constraint"),
    [
        ("person:ana", "person:ana", "two_people"),
        ("service:ci", "person:ana", "people_only"),
        ("person:ana", "service:ci", "people_only"),
        ("person:ana", None, "approved_by_somebody"),
    ],
)
def test_the_database_itself_refuses_one_person(
    ready: Session, requester: str, approver: str | None, constraint: str
) -> None:
    insert = text(
        "insert into governance.approvals (id, subject, subject_digest, environment, usecase, pack_digest, "
        "evidence_digest, state, requested_by, requested_at, approved_by, decided_at) values ('apr_x', 'model:m@1', "
        "'sha256-x', 'production', 'lead-scoring', 'p', 'e', 'approved', :requester, now(), :approver, now())"
    )
    with pytest.raises(IntegrityError, match=constraint), ready.begin_nested():
        ready.execute(insert, {"requester": requester, "approver": approver})


def test_an_answer_cannot_be_rewritten_in_sql(ready: Session) -> None:
    given = approved(ready)
    for statement in (
        "update governance.approvals set requested_by = 'person:zoe'",
        "update governance.approvals set reason = 'other'",
        "delete from governance.approvals",
    ):
        with pytest.raises(IntegrityError, match="only the answer"), ready.begin_nested():
            ready.execute(text(statement))
    with pytest.raises(governance.ApprovalDecided):
        governance.reject(ready, BEN, given.id, "changed my mind")


def test_asking_twice_gives_the_same_request_and_a_requester_can_take_it_back(ready: Session) -> None:
    asked = [
        governance.request_approval(
            ready, ANA, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, environment="pilot", usecase="lead-scoring"
        )
        for _ in range(2)
    ]
    assert asked[0] == asked[1]
    rejected = governance.reject(ready, ANA, asked[0].id, "not yet")
    assert (rejected.state, rejected.rejected_by, rejected.approved_by) == ("rejected", ANA.ref, None)
    assert governance.list_approvals(ready, usecase="lead-scoring").items == (rejected,)


def test_an_approval_of_another_environment_counts_for_nothing(ready: Session) -> None:
    approved(ready, "pilot")
    assert ask(ready, "pilot").result == "pass"
    assert "HW-TWO-PEOPLE" in not_passed(ask(ready, "production"))


@pytest.mark.parametrize("what", ["evidence", "tier", "purpose"])
def test_an_approval_dies_when_what_was_approved_changes(ready: Session, what: str) -> None:
    open_one = governance.request_approval(
        ready, ANA, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, environment="pilot", usecase="lead-scoring"
    )
    approved(ready)
    assert ask(ready).result == "pass"
    if what == "evidence":
        bring_evidence(ready, changed={"parity_report": {"rows": 501}})
    elif what == "tier":
        governance.decide_tier(ready, BEN, "lead-scoring", tier=Tier.high, reasons="it may score employees")
    else:
        governance.update_usecase(ready, ANA, "lead-scoring", changes={"purpose": "Rank employees"})
    assert "HW-TWO-PEOPLE" in not_passed(ask(ready))
    with pytest.raises(governance.ApprovalDrift):
        governance.approve(ready, BEN, open_one.id, "fine")


# --- verdicts ----------------------------------------------------------------------------------------------------


def issue(session: Session, signer: Signer, storage: Storage, environment: str = "production") -> runtime.Verdict:
    return governance.issue_verdict(
        session,
        signer,
        storage,
        actor=ANA,
        environment=environment,
        subject=SUBJECT,
        subject_digest=SUBJECT_DIGEST,
        usecase="lead-scoring",
    )


def test_a_verdict_is_signed_stored_and_explained(ready: Session, signer: Signer, storage: Storage) -> None:
    given = approved(ready)
    verdict = issue(ready, signer, storage)
    envelope = storage.get(f"bundles/{SUBJECT_DIGEST}/verdict.production.dsse")
    opened = runtime.open_verdict(envelope, {signer.key_id: signer.public})
    assert opened == verdict
    runtime.check_verdict(opened, subject=SUBJECT_DIGEST, environment="production", now=NOW)
    assert verdict.serve_until == NOW + timedelta(days=365)
    assert verdict.approvals == (given.id,)

    record = governance.get_verdict(ready, verdict.id)
    assert governance.find_verdict(ready, subject_digest=SUBJECT_DIGEST, environment="production") == record
    assert governance.find_verdict(ready, subject_digest=SUBJECT_DIGEST, environment="pilot") is None
    assert digest(dict(record.facts)) == verdict.facts_digest == record.facts_digest
    assert [(c.id, c.status) for c in record.controls] == [(c.id, c.status) for c in verdict.controls]
    assert governance.get_envelope(ready, verdict.id) == envelope
    for name, pack_digest in record.pack_digests.items():
        assert governance.get_pack(ready, name.split("@")[0], digest=pack_digest).digest == pack_digest
    assert "verdict.issued" in {e.type for e in ledger.find(ready, subject=SUBJECT).items}


def test_a_block_gives_no_verdict_and_names_the_controls(ready: Session, signer: Signer, storage: Storage) -> None:
    with pytest.raises(governance.GateBlocked) as caught:
        issue(ready, signer, storage)
    assert [fault.rule for fault in caught.value.faults] == ["HW-TWO-PEOPLE"]
    assert caught.value.hint == "have a second person approve this version"
    assert governance.list_verdicts(ready).items == ()
    assert list(storage.list("bundles")) == []


def test_a_sandbox_verdict_warns_and_is_worth_nothing_in_production(
    session: Session, signer: Signer, storage: Storage
) -> None:
    open_usecase(session, complete=False)
    verdict = issue(session, signer, storage, "sandbox")
    assert (verdict.result, verdict.environment) == ("warn", "sandbox")
    assert verdict.serve_until == NOW + timedelta(days=14)
    with pytest.raises(runtime.ReleaseRefused):
        runtime.check_verdict(verdict, subject=SUBJECT_DIGEST, environment="production", now=NOW)


def test_a_revoked_subject_gets_no_verdict_anywhere(ready: Session, signer: Signer, storage: Storage) -> None:
    verdict = issue(ready, signer, storage, "sandbox")
    first = governance.revoke(ready, BEN, SUBJECT_DIGEST, "it leaks")
    assert governance.revoke(ready, ANA, SUBJECT_DIGEST, "again") == first
    assert governance.list_revocations(ready) == (first,)
    assert governance.get_verdict(ready, verdict.id).revoked_at == first.revoked_at
    for environment in ("sandbox", "pilot", "production"):
        assert ask(ready, environment).result == "block"
        with pytest.raises((governance.SubjectRevoked, governance.GateBlocked)):
            issue(ready, signer, storage, environment)


def test_a_gate_is_asked_about_the_last_verdict_when_no_digest_is_given(
    ready: Session, signer: Signer, storage: Storage
) -> None:
    with pytest.raises(governance.SubjectUnknown):
        governance.check_gate(ready, usecase="lead-scoring", environment="sandbox")
    issue(ready, signer, storage, "sandbox")
    assert governance.check_gate(ready, usecase="lead-scoring", environment="sandbox").subject_digest == SUBJECT_DIGEST
