"""Break-glass for real: two people, an alarm, three days, a third person's review, and what the database itself refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, ledger, registry
from headway.governance import BreakGlass, BreakGlassStanding, ReviewFinding, Status
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor, RoleGrant
from headway.kernel.clock import FixedClock
from headway.kernel.crypto import Signer
from headway.kernel.errors import Denied
from headway.kernel.storage import Storage
from tests.factories.governance import (
    ANA,
    BEN,
    JOB,
    NOW,
    SUBJECT,
    SUBJECT_DIGEST,
    approved,
    ask,
    bring_evidence,
    open_usecase,
)

CLEO, DAN = Actor(ref="person:cleo", name="Cleo"), Actor(ref="person:dan", name="Dan")
WHY = "the model in place refuses every lead since noon"
SEEN = "the outage was real and no other way was there"
THREE_DAYS = timedelta(days=3)


@pytest.fixture(autouse=True)
def today() -> Iterator[FixedClock]:
    with clock.fixed(NOW) as held:
        yield held


@pytest.fixture
def lacking(session: Session) -> Session:
    """A use case of minimal tier whose version lacks its parity report, and anybody's approval."""
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")
    bring_evidence(session, without=("parity_report",))
    return session


def asked(session: Session, actor: Actor = ANA, **changed: Any) -> BreakGlass:
    values = {
        "usecase": "lead-scoring", "environment": "production", "subject": SUBJECT, "subject_digest": SUBJECT_DIGEST,
        "reason": WHY,
    }  # fmt: skip
    return governance.request_break_glass(session, actor, **{**values, **changed})


def confirmed(session: Session, **changed: Any) -> BreakGlass:
    return governance.confirm_break_glass(session, BEN, asked(session, **changed).id, "it is as bad as she says")


# --- at the gate -------------------------------------------------------------------------------------------------


def test_two_people_let_it_in_for_three_days_and_no_longer(lacking: Session, today: FixedClock) -> None:
    wanted = asked(lacking)
    assert ask(lacking).result == "block", "asking alone opens nothing"
    glass = governance.confirm_break_glass(lacking, BEN, wanted.id, "it is as bad as she says")
    assert (glass.standing, glass.ends_at) == (BreakGlassStanding.open, NOW + THREE_DAYS)
    result = ask(lacking)
    assert (result.result, result.exceptions, result.exceptions_until) == ("warn", (glass.id,), NOW + THREE_DAYS)
    waived = {one.id: one.reason for one in result.controls if one.status is Status.waived}
    assert set(waived) == {"HW-PARITY", "HW-TWO-PEOPLE"}
    assert all(glass.id in reason and WHY in reason and "it would be" in reason for reason in waived.values())
    assert result.missing, "what production needs is still missing"
    assert ask(lacking, "pilot").result == "block"
    today.advance(THREE_DAYS)
    assert ask(lacking).result == "block"
    assert governance.get_break_glass(lacking, glass.id).standing is BreakGlassStanding.overdue


def test_the_verdict_names_it_and_ends_with_it(
    lacking: Session, signer: Signer, storage: Storage, today: FixedClock
) -> None:
    wanted = asked(lacking)
    glass = registry.confirm_break_glass(lacking, storage, signer, BEN, wanted.id, reason="it is as bad as she says")
    verdict = governance.find_verdict(lacking, subject_digest=SUBJECT_DIGEST, environment="production")
    assert verdict is not None
    assert (verdict.result, verdict.exceptions, verdict.serve_until) == ("warn", (glass.id,), NOW + THREE_DAYS)
    assert verdict.approvals == ()
    assert governance.lapsed_exceptions(lacking, verdict.exceptions) == ()
    governance.review_break_glass(
        lacking, CLEO, glass.id, ReviewFinding.not_justified, "the old version would have done"
    )
    assert governance.lapsed_exceptions(lacking, verdict.exceptions) == (glass.id,)
    assert ask(lacking).result == "block"


def test_a_justified_one_goes_on_until_its_third_day(lacking: Session, today: FixedClock) -> None:
    glass = confirmed(lacking)
    today.advance(timedelta(days=1))
    seen = governance.review_break_glass(lacking, CLEO, glass.id, ReviewFinding.justified, SEEN)
    assert (seen.standing, seen.reviewed_by, seen.review) == (BreakGlassStanding.justified, CLEO.ref, SEEN)
    assert ask(lacking).result == "warn"
    with pytest.raises(governance.BreakGlassRefused):
        governance.review_break_glass(lacking, DAN, glass.id, ReviewFinding.not_justified, "a second look at it")
    today.advance(timedelta(days=2))
    assert ask(lacking).result == "block"


def test_it_never_helps_what_is_revoked_prohibited_or_undecided(lacking: Session) -> None:
    confirmed(lacking)
    governance.revoke(lacking, BEN, SUBJECT_DIGEST, "it harms people")
    assert ask(lacking).result == "block" and ask(lacking).exceptions == ()
    with pytest.raises(governance.SubjectRevoked):
        asked(lacking, environment="pilot")


@pytest.mark.parametrize("hits", [["5-1-f"], None])
def test_it_never_helps_a_prohibited_or_undecided_use(lacking: Session, hits: list[str] | None) -> None:
    glass = asked(lacking)
    confirmed(lacking, environment="pilot")
    governance.update_usecase(lacking, ANA, "lead-scoring", changes={}, risk={"prohibited_hits": hits})
    governance.classify(lacking, ANA, "lead-scoring")
    assert ask(lacking, "pilot").result == "block"
    with pytest.raises(governance.BreakGlassRefused, match="tier"):
        governance.confirm_break_glass(lacking, BEN, glass.id, "it is as bad as she says")


def test_where_the_gate_does_not_block_there_is_no_glass_to_break(lacking: Session) -> None:
    with pytest.raises(governance.BreakGlassRefused, match="its gate lets it in"):
        asked(lacking, environment="sandbox")
    bring_evidence(lacking)
    approved(lacking)
    with pytest.raises(governance.BreakGlassRefused, match="its gate lets it in"):
        asked(lacking)


# --- who and when ------------------------------------------------------------------------------------------------


def test_three_different_people_whatever_their_roles_and_tokens(lacking: Session) -> None:
    wanted = asked(lacking)
    second_role = replace(ANA, roles=(RoleGrant(role="ai_office"), RoleGrant(role="council")))
    by_token = replace(ANA, name="an API key of Ana", scopes=frozenset({"break_glass:*"}))
    for actor in (ANA, second_role, by_token):
        with pytest.raises(governance.SamePerson):
            governance.confirm_break_glass(lacking, actor, wanted.id, "I trust myself fully")
    for service in (SYSTEM, JOB):
        with pytest.raises(Denied):
            governance.confirm_break_glass(lacking, service, wanted.id, "on her behalf only")
        with pytest.raises(Denied):
            asked(lacking, service, environment="pilot")
    governance.confirm_break_glass(lacking, BEN, wanted.id, "it is as bad as she says")
    for actor in (ANA, BEN, second_role):
        with pytest.raises(governance.SamePerson):
            governance.review_break_glass(lacking, actor, wanted.id, ReviewFinding.justified, SEEN)
    with pytest.raises(Denied):
        governance.review_break_glass(lacking, SYSTEM, wanted.id, ReviewFinding.justified, SEEN)


def test_a_request_that_nobody_confirms_within_a_day_lapses(lacking: Session, today: FixedClock) -> None:
    wanted = asked(lacking)
    with pytest.raises(governance.BreakGlassRefused, match="for the same is requested"):
        asked(lacking, BEN)
    today.advance(timedelta(days=1, seconds=1))
    assert governance.get_break_glass(lacking, wanted.id).standing is BreakGlassStanding.lapsed
    with pytest.raises(governance.BreakGlassRefused, match="more than a day ago"):
        governance.confirm_break_glass(lacking, BEN, wanted.id, "it is as bad as she says")
    assert asked(lacking).standing is BreakGlassStanding.requested


def test_until_the_last_one_is_reviewed_there_is_no_other(lacking: Session, today: FixedClock) -> None:
    glass, other = confirmed(lacking), "sha256-" + "c" * 64
    with pytest.raises(governance.BreakGlassRefused, match="is open"):
        asked(lacking)
    waiting = asked(lacking, subject_digest=other)  # a first repair may fail, and need a second
    today.advance(timedelta(hours=1))
    governance.reject_break_glass(lacking, BEN, waiting.id, "the first repair is enough")
    today.advance(THREE_DAYS)
    for changed in ({}, {"subject_digest": other}, {"environment": "pilot"}):
        with pytest.raises(governance.BreakGlassRefused, match="not reviewed within three days"):
            asked(lacking, **changed)
    governance.review_break_glass(lacking, CLEO, glass.id, ReviewFinding.justified, SEEN)
    assert asked(lacking).standing is BreakGlassStanding.requested


def test_every_fault_is_told_and_every_step_kept(lacking: Session) -> None:
    with pytest.raises(governance.BreakGlassInvalid) as caught:
        asked(lacking, environment="moon", subject_digest="x", reason="short")
    assert {fault.column for fault in caught.value.faults} == {"environment", "subject_digest", "reason"}
    glass = confirmed(lacking)
    governance.review_break_glass(lacking, CLEO, glass.id, ReviewFinding.justified, SEEN)
    events = ledger.find(lacking, subject=f"break-glass:{glass.id}", limit=10).items
    assert {(one.type, one.actor) for one in events} == {
        ("break_glass.requested", ANA.ref), ("break_glass.confirmed", BEN.ref), ("break_glass.reviewed", CLEO.ref),
    }  # fmt: skip
    found = governance.list_break_glass(lacking, usecase="lead-scoring", standing=BreakGlassStanding.justified).items
    assert [one.id for one in found] == [glass.id]


# --- with the service bypassed -----------------------------------------------------------------------------------


def refused(session: Session, statement: str, match: str, **values: object) -> None:
    with pytest.raises(IntegrityError, match=match), session.begin_nested():
        session.execute(text(statement), values)


CONFIRM = (
    "update governance.break_glass set state = 'confirmed', answered_by = :by, answered_at = requested_at + cast(:after as interval), "
    "answer = 'yes', ends_at = requested_at + cast(:after as interval) + cast(:long as interval) where id = :id"
)
REVIEW = (
    "update governance.break_glass set state = 'reviewed', reviewed_by = :by, reviewed_at = answered_at, finding = 'justified', "
    "review = 'fine' where id = :id"
)


def test_the_database_refuses_one_person_a_late_answer_and_a_longer_time(lacking: Session) -> None:
    wanted = asked(lacking)
    told = {"id": wanted.id, "after": "1 hour", "long": "3 days"}
    refused(lacking, CONFIRM, "two_people", **told, by=ANA.ref)
    refused(lacking, CONFIRM, "people_only", **told, by="service:headway")
    refused(lacking, CONFIRM, "three_days", **{**told, "long": "73 hours"}, by=BEN.ref)
    refused(lacking, CONFIRM, "confirmed_in_time", **{**told, "after": "25 hours"}, by=BEN.ref)
    lacking.execute(text(CONFIRM), {**told, "by": BEN.ref})
    for person in (ANA.ref, BEN.ref):
        refused(lacking, REVIEW, "third_person", id=wanted.id, by=person)
    lacking.execute(text(REVIEW), {"id": wanted.id, "by": CLEO.ref})


@pytest.mark.parametrize(
    "change",
    ["ends_at = ends_at - interval '1 hour'", "reason = 'another reason entirely'", "answered_by = 'person:dan'",
     "subject_digest = 'sha256-x'", "environment = 'pilot'", "state = 'requested'"],
)  # fmt: skip
def test_the_database_keeps_what_was_confirmed(lacking: Session, change: str) -> None:
    glass = confirmed(lacking)
    refused(lacking, f"update governance.break_glass set {change} where id = :id", "break_glass", id=glass.id)  # noqa: S608
    refused(lacking, "delete from governance.break_glass where id = :id", "only the answer", id=glass.id)


def test_the_database_takes_no_other_before_the_review(lacking: Session) -> None:
    confirmed(lacking)
    insert = (
        "insert into governance.break_glass (id, usecase, environment, subject, subject_digest, reason, state, requested_by, "
        "requested_at) values ('bgl_raw', 'lead-scoring', 'pilot', 'model:x@1', :digest, 'a reason long enough', 'requested', "
        "'person:dan', cast(:at as timestamptz))"
    )
    late = (NOW + THREE_DAYS).isoformat()
    refused(lacking, insert, "was not reviewed", digest="sha256-x", at=late)
    governance.revoke(lacking, BEN, SUBJECT_DIGEST, "it harms people")
    refused(lacking, insert, "was revoked", digest=SUBJECT_DIGEST, at=NOW.isoformat())
    lacking.execute(text(insert), {"digest": "sha256-x", "at": NOW.isoformat()})
