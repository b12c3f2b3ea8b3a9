"""Waivers for real: who may ask and grant, what the gate makes of them, and what the database itself refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.governance import Status, Tier, Waiver, WaiverStanding
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor, RoleGrant
from headway.kernel.canonical import digest
from headway.kernel.clock import FixedClock
from headway.kernel.crypto import Signer
from headway.kernel.errors import Denied
from headway.kernel.storage import Storage
from tests.factories.governance import (
    ANA,
    BEN,
    GOOD_FACTS,
    JOB,
    NOW,
    SUBJECT,
    SUBJECT_DIGEST,
    approved,
    ask,
    bring_evidence,
    open_usecase,
)

DAYS_30 = timedelta(days=30)
PARITY = {"pack": "headway-core", "control": "HW-PARITY"}
SAID = {
    "reason": "the parity job waits for a repair",
    "compensation": "two analysts compare 200 answers by hand each day",
}


@pytest.fixture(autouse=True)
def today() -> Iterator[FixedClock]:
    with clock.fixed(NOW) as held:
        yield held


@pytest.fixture
def lacking(session: Session) -> Session:
    """A use case of minimal tier and everything a release needs but its parity report and the approval."""
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session, without=("parity_report",))
    return session


def asked(session: Session, actor: Actor = ANA, **changed: Any) -> Waiver:
    values = {"usecase": "lead-scoring", "environment": "production", **PARITY, **SAID, **changed}
    return governance.request_waiver(session, actor, **values)


def granted(session: Session, **changed: Any) -> Waiver:
    return governance.grant_waiver(session, BEN, asked(session, **changed).id, "for this once")


def parity(session: Session, environment: str = "production") -> governance.ControlResult:
    return next(one for one in ask(session, environment).controls if one.id == "HW-PARITY")


# --- at the gate -------------------------------------------------------------------------------------------------


def test_a_waiver_in_force_warns_instead_of_blocking_and_says_what_it_hides(lacking: Session) -> None:
    assert ask(lacking).result == "block"
    waiver = granted(lacking)
    assert (waiver.ends_at, waiver.standing, waiver.number) == (NOW + DAYS_30, WaiverStanding.in_force, 1)
    approved(lacking)
    result = ask(lacking)
    found = parity(lacking)
    assert (result.result, result.exceptions, result.exceptions_until) == ("warn", (waiver.id,), NOW + DAYS_30)
    assert (found.status, found.enforce) == (Status.waived, "block")
    for told in (
        waiver.id,
        waiver.compensation,
        "2026-12-23",
        "indeterminate",
        "no evidence that counts: parity_report",
    ):
        assert told in found.reason
    assert not result.missing


def test_a_request_alone_changes_nothing_nor_does_a_waiver_elsewhere(lacking: Session) -> None:
    asked(lacking)
    granted(lacking, environment="pilot")
    granted(lacking, control="HW-EVALUATED", environment="production")
    granted(lacking, subject_digest=digest("another bundle"))
    assert parity(lacking).status is Status.indeterminate
    assert ask(lacking).exceptions == (), "a waiver of what passes is not one that the answer rests on"


def test_a_waiver_of_one_digest_counts_for_it_alone(lacking: Session) -> None:
    waiver = granted(lacking, subject_digest=SUBJECT_DIGEST)
    assert ask(lacking).exceptions == (waiver.id,)
    other = governance.evaluate_gate(
        lacking,
        environment="production",
        subject=SUBJECT,
        subject_digest=digest("another bundle"),
        usecase="lead-scoring",
    )
    assert other.exceptions == ()


def test_it_blocks_again_by_itself_and_at_once_when_it_is_ended(lacking: Session, today: FixedClock) -> None:
    waiver = granted(lacking, days=10)
    today.advance(timedelta(days=10, seconds=-1))
    assert parity(lacking).status is Status.waived
    today.advance(timedelta(seconds=1))
    assert parity(lacking).status is Status.indeterminate
    assert governance.get_waiver(lacking, waiver.id).standing is WaiverStanding.over
    second = granted(lacking)
    today.advance(timedelta(days=1))
    ended = governance.end_waiver(lacking, BEN, second.id, "the parity job runs again")
    assert (ended.standing, ended.ended_by, ended.ended_at) == (WaiverStanding.ended, BEN.ref, NOW + timedelta(days=11))
    assert parity(lacking).status is Status.indeterminate
    with pytest.raises(governance.WaiverAnswered):
        governance.end_waiver(lacking, BEN, second.id, "twice")


def test_a_verdict_names_its_waivers_and_ends_with_the_first(
    lacking: Session, signer: Signer, storage: Storage, today: FixedClock
) -> None:
    bring_evidence(lacking, without=("parity_report",), changed={"leakage_report": {"suspects": 1, "suspects_open": 1}})
    first = granted(lacking, days=9)
    today.advance(timedelta(days=2))
    second = granted(lacking, control="HW-LEAKS")
    approved(lacking)
    verdict = governance.issue_verdict(
        lacking, signer, storage, actor=ANA, environment="production",
        subject=SUBJECT, subject_digest=SUBJECT_DIGEST, usecase="lead-scoring",
    )  # fmt: skip
    assert set(verdict.exceptions) == {first.id, second.id}
    assert (verdict.result, verdict.serve_until) == ("warn", first.ends_at)
    assert {one.id for one in verdict.controls if one.status == "waived"} == {"HW-PARITY", "HW-LEAKS"}
    kept = governance.get_verdict(lacking, verdict.id)
    assert (set(kept.exceptions), kept.serve_until) == (set(verdict.exceptions), first.ends_at)
    [event] = ledger.find(lacking, type="verdict.issued").items
    assert set((event.payload or {})["exceptions"]) == set(verdict.exceptions)  # type: ignore[call-overload]


def test_who_approves_must_have_seen_the_waiver(lacking: Session, today: FixedClock) -> None:
    """An approval asked for before a waiver was granted, or before one ended, no longer counts."""
    early = governance.request_approval(
        lacking, ANA, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, environment="production", usecase="lead-scoring"
    )
    waiver = granted(lacking)
    with pytest.raises(governance.ApprovalDrift, match="waivers"):
        governance.approve(lacking, BEN, early.id, "read before there was a waiver")
    approved(lacking)
    assert ask(lacking).result == "warn"
    granted(lacking, environment="pilot")
    assert ask(lacking).result == "warn", "a waiver in another environment leaves the approval alone"
    governance.end_waiver(lacking, BEN, waiver.id, "no longer needed")
    assert ask(lacking).approvals == ()


def test_nothing_is_waived_for_a_revoked_subject(lacking: Session) -> None:
    granted(lacking)
    governance.revoke(lacking, BEN, SUBJECT_DIGEST, "it harms people")
    assert ask(lacking).exceptions == ()
    with pytest.raises(governance.SubjectRevoked):
        asked(lacking, subject_digest=SUBJECT_DIGEST)


def test_nothing_is_waived_for_a_prohibited_use(lacking: Session) -> None:
    granted(lacking)
    governance.update_usecase(lacking, ANA, "lead-scoring", changes={}, risk={"prohibited_hits": ["5-1-f"]})
    governance.classify(lacking, ANA, "lead-scoring")
    assert governance.get_usecase(lacking, "lead-scoring").tier is Tier.prohibited
    assert ask(lacking).exceptions == ()
    with pytest.raises(governance.NotWaivable, match="prohibited"):
        asked(lacking, control="HW-QUALITY")


@pytest.mark.parametrize("control", ["HW-TWO-PEOPLE", "HW-TIER", "HW-REVOKED"])
def test_what_must_always_hold_can_never_be_waived(lacking: Session, control: str) -> None:
    with pytest.raises(governance.NotWaivable):
        asked(lacking, control=control)


# --- who, how long, how often ------------------------------------------------------------------------------------


def test_the_one_who_asks_cannot_grant_it_under_any_role_token_or_service(lacking: Session) -> None:
    wanted = asked(lacking)
    second_role = replace(ANA, roles=(RoleGrant(role="ai_office"), RoleGrant(role="council")))
    by_token = replace(ANA, name="an API key of Ana", scopes=frozenset({"waiver:*"}))
    for actor in (ANA, second_role, by_token):
        with pytest.raises(governance.SamePerson):
            governance.grant_waiver(lacking, actor, wanted.id, "I trust myself")
    for service in (SYSTEM, JOB, Actor(ref="service:ana-robot", name="made by Ana")):
        with pytest.raises(Denied):
            governance.grant_waiver(lacking, service, wanted.id, "on her behalf")
        with pytest.raises(Denied):
            asked(lacking, service, control="HW-QUALITY")
    assert governance.get_waiver(lacking, wanted.id).standing is WaiverStanding.requested
    taken_back = governance.reject_waiver(lacking, ANA, wanted.id, "not needed after all")
    assert taken_back.standing is WaiverStanding.rejected
    with pytest.raises(governance.WaiverAnswered):
        governance.grant_waiver(lacking, BEN, wanted.id, "too late")


def test_every_fault_of_a_request_is_told(lacking: Session) -> None:
    with pytest.raises(governance.WaiverInvalid) as caught:
        asked(
            lacking,
            environment="moon",
            days=31,
            reason="short",
            compensation="x" * 9,
            control="HW-NO",
            subject_digest="x",
        )
    assert {fault.column for fault in caught.value.faults} == {
        "environment", "days", "reason", "compensation", "control", "subject_digest",
    }  # fmt: skip
    asked(lacking)
    with pytest.raises(governance.WaiverAnswered, match="already"):
        asked(lacking, BEN)


def test_it_is_granted_for_as_long_as_asked_or_less(lacking: Session) -> None:
    wanted = asked(lacking, days=10)
    for days in (0, 11, 31):
        with pytest.raises(governance.WaiverInvalid):
            governance.grant_waiver(lacking, BEN, wanted.id, "longer", days=days)
    made = governance.grant_waiver(lacking, BEN, wanted.id, "a week must do", days=7)
    assert (made.ends_at, made.standing) == (NOW + timedelta(days=7), WaiverStanding.ending)


def test_renewals_are_numbered_and_three_in_a_row_are_seen(lacking: Session, today: FixedClock) -> None:
    found = []
    for _ in range(3):
        found.append(granted(lacking))
        today.advance(timedelta(days=31))
    assert [(one.number, one.in_a_row) for one in found] == [(1, 1), (2, 2), (3, 3)]
    today.advance(timedelta(days=30))
    assert (granted(lacking).in_a_row, asked(lacking, control="HW-CARD").number) == (1, 1)
    listed = governance.list_waivers(lacking, usecase="lead-scoring", standing=WaiverStanding.over).items
    assert [one.id for one in listed] == [one.id for one in reversed(found)]


def test_every_step_is_in_the_ledger(lacking: Session) -> None:
    waiver = granted(lacking)
    governance.end_waiver(lacking, BEN, waiver.id, "done with it")
    events = {one.type: one for one in ledger.find(lacking, subject=f"waiver:{waiver.id}", limit=10).items}
    assert set(events) == {"waiver.requested", "waiver.granted", "waiver.ended"}
    told = events["waiver.granted"].payload or {}
    assert (events["waiver.granted"].actor, told["requested_by"], told["control"]) == (BEN.ref, ANA.ref, "HW-PARITY")
    assert told["compensation"] == SAID["compensation"]


# --- with the service bypassed -----------------------------------------------------------------------------------


def refused(session: Session, statement: str, match: str, **values: object) -> None:
    with pytest.raises(IntegrityError, match=match), session.begin_nested():
        session.execute(text(statement), values)


GRANT = (
    "update governance.waivers set state = 'granted', answered_by = :by, answered_at = requested_at, answer = 'yes', "
    "ends_at = requested_at + cast(:long as interval) where id = :id"
)
INSERT = (
    "insert into governance.waivers (id, usecase, environment, pack, control, reason, compensation, days, state, "
    "requested_by, requested_at, answered_by, answered_at, answer, ends_at) values ('wvr_raw', 'lead-scoring', "
    "'production', 'headway-core', :control, 'a reason long enough', 'something instead', :days, :state, 'person:ana', now(), "
    ":by, cast(:at as timestamptz), :answer, cast(:until as timestamptz))"
)
ASKED: dict[str, object] = {
    "control": "HW-PARITY", "days": 30, "state": "requested", "by": None, "at": None, "answer": None, "until": None,
}  # fmt: skip


def test_the_database_refuses_a_grant_by_who_asked_by_a_service_and_for_longer(lacking: Session) -> None:
    wanted = asked(lacking, days=20)
    refused(lacking, GRANT, "two_people", by=ANA.ref, long="1 day", id=wanted.id)
    refused(lacking, GRANT, "people_only", by="service:headway", long="1 day", id=wanted.id)
    refused(lacking, GRANT, "at_most_as_asked", by=BEN.ref, long="21 days", id=wanted.id)
    refused(lacking, INSERT, "days_in_range", **{**ASKED, "days": 31, "control": "HW-CARD"})
    lacking.execute(text(GRANT), {"by": BEN.ref, "long": "20 days", "id": wanted.id})
    lacking.expire_all()
    assert governance.get_waiver(lacking, wanted.id).standing is WaiverStanding.in_force


def test_the_database_refuses_what_was_granted_from_the_start_and_what_never_can_be(lacking: Session) -> None:
    given = {"state": "granted", "by": BEN.ref, "at": "2026-11-30", "answer": "yes", "until": "2026-12-01"}
    refused(lacking, INSERT, "only the answer", **{**ASKED, **given})
    for control in ("HW-TWO-PEOPLE", "HW-TIER", "HW-REVOKED", "HW-INVENTED"):
        refused(lacking, INSERT, "can never be waived", **{**ASKED, "control": control})


@pytest.mark.parametrize(
    "change",
    [
        "ends_at = ends_at + interval '1 day'", "days = 30", "reason = 'another reason entirely'", "answered_by = 'person:cleo'",
        "control = 'HW-TWO-PEOPLE'", "control = 'HW-CARD'", "usecase = 'lead-scoring', environment = 'pilot'",
        "subject_digest = 'sha256-x'", "requested_by = 'person:dan'", "state = 'requested'",
        "state = 'ended', ended_by = 'person:ben', ended_at = answered_at, ended_because = 'x', ends_at = ends_at + interval '1 s'",
    ],
)  # fmt: skip
def test_the_database_keeps_what_was_granted(lacking: Session, change: str) -> None:
    waiver = granted(lacking, days=5)
    refused(lacking, f"update governance.waivers set {change} where id = :id", "waive", id=waiver.id)  # noqa: S608
    refused(lacking, "delete from governance.waivers where id = :id", "only the answer", id=waiver.id)


def test_a_control_that_its_pack_no_longer_lets_be_waived_blocks_although_a_waiver_is_there(
    lacking: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headway.governance.service import gating

    granted(lacking)
    packs = [
        replace(pack, controls=tuple(replace(one, waivable=one.id != "HW-PARITY") for one in pack.controls))
        for pack in governance.list_packs(lacking)
    ]
    monkeypatch.setattr(gating, "list_packs", lambda session: tuple(packs))
    assert parity(lacking).status is Status.indeterminate


def test_evidence_that_comes_makes_the_waiver_unneeded(lacking: Session) -> None:
    granted(lacking)
    governance.record_evidence(
        lacking, type="parity_report", subject=SUBJECT, subject_digest=SUBJECT_DIGEST,
        facts=GOOD_FACTS["parity_report"], producer=JOB,
    )  # fmt: skip
    approved(lacking)
    assert (ask(lacking).result, ask(lacking).exceptions) == ("pass", ())
