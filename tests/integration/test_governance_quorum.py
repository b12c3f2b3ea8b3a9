"""A quorum kept for real: votes, what raising and lowering do, the gate, and what the database itself refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.entrypoints import schema
from headway.governance import Approval, ApprovalState
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.canonical import digest
from headway.kernel.clock import FixedClock
from headway.kernel.database import Database
from headway.kernel.errors import Denied
from headway.kernel.ids import Ref
from tests.factories.dose import examples
from tests.factories.governance import ANA, BEN, NOW, SUBJECT, SUBJECT_DIGEST, ask, bring_evidence, open_usecase

CLEO, DAN = Actor(ref="person:cleo", name="Cleo"), Actor(ref="person:dan", name="Dan")
PEOPLE = {actor.name: actor for actor in (ANA, BEN, CLEO, DAN)}


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


def asked(session: Session, environment: str = "production") -> Approval:
    return governance.request_approval(
        session, ANA, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, environment=environment, usecase="lead-scoring"
    )


def need(session: Session, needed: int, environment: str = "production") -> governance.Quorum:
    return governance.set_quorum(session, DAN, environment, needed=needed, reason="two departments are affected")


# --- the rule ----------------------------------------------------------------------------------------------------


def test_one_other_person_is_enough_until_somebody_changes_it(session: Session) -> None:
    kept = governance.list_quorums(session)
    assert [(one.environment, one.needed, one.changed_by) for one in kept] == [
        ("pilot", 1, None), ("production", 1, None),
    ]  # fmt: skip
    made = need(session, 2)
    assert (made.needed, made.changed_by, made.changed_at) == (2, DAN.ref, NOW)
    assert [one.needed for one in governance.list_quorums(session)] == [1, 2]
    need(session, 2)
    [event] = ledger.find(session, type="quorum.changed").items
    assert (event.actor, str(event.subject)) == (DAN.ref, "quorum:production")
    assert event.payload == {
        "environment": "production", "before": 1, "needed": 2, "reason": "two departments are affected",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "needed", "reason", "columns"),
    [
        ("pilot", 0, "why", ["needed"]),
        ("pilot", 10, "why", ["needed"]),
        ("sandbox", 2, "why", ["environment"]),
        ("moon", -1, " ", ["environment", "needed", "reason"]),
    ],
)
def test_what_cannot_be_kept_is_refused_with_every_fault(
    session: Session, environment: str, needed: int, reason: str, columns: list[str]
) -> None:
    with pytest.raises(governance.QuorumInvalid) as caught:
        governance.set_quorum(session, ANA, environment, needed=needed, reason=reason)
    assert [fault.column for fault in caught.value.faults] == columns
    with pytest.raises(Denied):
        governance.set_quorum(session, SYSTEM, "pilot", needed=2, reason="a service must not")


# --- votes -------------------------------------------------------------------------------------------------------


def test_a_quorum_of_two_keeps_each_yes_and_opens_the_gate_at_the_second(ready: Session, today: FixedClock) -> None:
    need(ready, 2)
    wanted = asked(ready)
    assert (wanted.needed, wanted.votes) == (2, ())
    first = governance.approve(ready, BEN, wanted.id, " read the card ")
    assert (first.state, first.approved_by, first.decided_at) == (ApprovalState.requested, None, None)
    assert ask(ready).result == "block", "one yes of two is no approval"
    today.advance(timedelta(minutes=5))
    done = governance.approve(ready, CLEO, wanted.id, "figures hold")
    assert (done.state, done.approved_by, done.reason) == (ApprovalState.approved, CLEO.ref, "figures hold")
    assert [(vote.person, vote.reason) for vote in done.votes] == [
        (BEN.ref, "read the card"), (CLEO.ref, "figures hold"),
    ]  # fmt: skip
    assert done.votes[0].at == NOW and done.votes[1].at > NOW
    result = ask(ready)
    assert (result.result, result.approvals) == ("pass", (wanted.id,))
    events = ledger.find(ready, subject=SUBJECT, limit=50).items
    votes = [event for event in events if event.type == "approval.voted"]
    assert sorted((event.actor, (event.payload or {})["votes"]) for event in votes) == [(BEN.ref, 1), (CLEO.ref, 2)]
    assert Counter(event.type for event in events)["approval.approved"] == 1


def test_a_second_yes_of_the_same_person_and_one_of_who_asked_are_refused(ready: Session) -> None:
    need(ready, 2)
    wanted = asked(ready)
    governance.approve(ready, BEN, wanted.id, "read it")
    with pytest.raises(governance.AlreadyVoted) as caught:
        governance.approve(ready, BEN, wanted.id, "read it twice")
    assert caught.value.code == "governance.already_voted" and "1 more must come from other people" in str(
        caught.value.hint
    )
    with pytest.raises(governance.SamePerson):
        governance.approve(ready, ANA, wanted.id, "mine")
    assert [vote.person for vote in governance.get_approval(ready, wanted.id).votes] == [BEN.ref]


def test_one_no_ends_it_also_by_somebody_who_said_yes(ready: Session) -> None:
    need(ready, 3)
    wanted = asked(ready)
    governance.approve(ready, BEN, wanted.id, "read it")
    no = governance.reject(ready, BEN, wanted.id, "I saw the subgroup only now")
    assert (no.state, no.rejected_by, len(no.votes)) == (ApprovalState.rejected, BEN.ref, 1)
    with pytest.raises(governance.ApprovalDecided):
        governance.approve(ready, CLEO, wanted.id, "fine")


def test_what_changes_between_two_votes_keeps_the_second_out(ready: Session) -> None:
    need(ready, 2)
    wanted = asked(ready)
    governance.approve(ready, BEN, wanted.id, "read it")
    bring_evidence(ready, changed={"parity_report": {"rows": 501}})
    with pytest.raises(governance.ApprovalDrift):
        governance.approve(ready, CLEO, wanted.id, "fine")
    assert ask(ready).result == "block"
    again = asked(ready)
    assert again.id != wanted.id and again.votes == (), "votes on what was are worth nothing for what is"


def test_raising_reaches_an_open_request_and_lowering_does_not(ready: Session) -> None:
    first, second = asked(ready, "pilot"), asked(ready)
    need(ready, 2, "pilot")
    assert governance.get_approval(ready, first.id).needed == 2
    assert governance.approve(ready, BEN, first.id, "read it").state is ApprovalState.requested
    need(ready, 1, "pilot")
    assert governance.get_approval(ready, first.id).needed == 2, "it was voted on under two"
    assert governance.approve(ready, CLEO, first.id, "read it").state is ApprovalState.approved
    assert governance.approve(ready, BEN, second.id, "read it").state is ApprovalState.approved
    need(ready, 5)
    kept = governance.get_approval(ready, second.id)
    assert (kept.state, kept.needed) == (ApprovalState.approved, 1)
    assert ask(ready).result == "pass", "what was approved stays approved"


def test_a_request_made_under_two_needs_two_though_one_is_enough_by_now(ready: Session) -> None:
    need(ready, 2)
    wanted = asked(ready)
    need(ready, 1)
    assert governance.approve(ready, BEN, wanted.id, "read it").state is ApprovalState.requested
    assert governance.votes_missing(governance.get_approval(ready, wanted.id)) == 1


ACTS = st.lists(
    st.tuples(st.sampled_from(["yes", "no", "quorum"]), st.sampled_from(sorted(PEOPLE)), st.integers(1, 4)),
    max_size=10,
)


@given(start=st.integers(1, 3), acts=ACTS, number=st.integers(0, 2**40))
@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_it_is_approved_exactly_when_enough_others_said_yes_and_nobody_no(
    session: Session, start: int, acts: list[tuple[str, str, int]], number: int
) -> None:
    """Any course of votes, refusals and changed quorums, against a few lines that know nothing of the service."""
    with session.begin_nested() as tried:
        open_usecase(session, slug=f"u{number}")
        need(session, start, "pilot")
        wanted = governance.request_approval(
            session, ANA, subject=Ref("model", "m", "1"), subject_digest=digest(number), environment="pilot",
            usecase=f"u{number}",
        )  # fmt: skip
        most, state = start, "requested"
        others: set[str] = set()
        for act, name, count in acts:
            person = PEOPLE[name]
            if act == "quorum":
                need(session, count, "pilot")
                now = count
            else:
                now = next(one.needed for one in governance.list_quorums(session) if one.environment == "pilot")
            try:
                if act == "yes":
                    governance.approve(session, person, wanted.id, "read it")
                elif act == "no":
                    governance.reject(session, person, wanted.id, "not fine")
            except (governance.ApprovalDecided, governance.AlreadyVoted, governance.SamePerson):
                is_refused = state != "requested" or person is ANA or person.ref in others
                assert is_refused, (act, name)
            else:
                if act == "yes":
                    assert state == "requested" and person is not ANA and person.ref not in others
                    others.add(person.ref)
                    most = max(most, now)
                    state = "approved" if len(others) >= most else state
                elif act == "no":
                    assert state == "requested"
                    state = "rejected"
            found = governance.get_approval(session, wanted.id)
            assert (found.state, {vote.person for vote in found.votes}) == (state, others)
        tried.rollback()


# --- the database ------------------------------------------------------------------------------------------------


def refused(session: Session, statement: str, match: str, **values: object) -> None:
    with pytest.raises(IntegrityError, match=match), session.begin_nested():
        session.execute(text(statement), values)


def test_the_database_itself_refuses_too_few_votes_and_changed_ones(ready: Session) -> None:
    need(ready, 2)
    wanted = asked(ready)
    answer = "update governance.approvals set state = 'approved', approved_by = :by, decided_at = now()"
    vote = "insert into governance.votes (approval, person, reason, at) values (:id, :by, 'x', now())"
    refused(ready, answer, "quorum is not reached", by=BEN.ref)
    governance.approve(ready, BEN, wanted.id, "read it")
    refused(ready, answer, "quorum is not reached", by=BEN.ref)
    refused(ready, answer + ", needed = 1", "only the answer", by=BEN.ref)
    refused(ready, vote, "by somebody else than who asked", id=wanted.id, by=ANA.ref)
    refused(ready, vote, "pk_votes", id=wanted.id, by=BEN.ref)
    refused(ready, vote, "people_only", id=wanted.id, by="service:ci")
    refused(ready, "update governance.votes set person = 'person:zoe'", "a yes is given once")
    refused(ready, "delete from governance.votes", "a yes is given once")
    governance.approve(ready, CLEO, wanted.id, "read it")
    refused(ready, vote, "to an open request", id=wanted.id, by=DAN.ref)
    refused(ready, "update governance.quorums set needed = 0", "in_range")
    refused(ready, "update governance.quorums set environment = 'sandbox' where needed = 1", "above_sandbox")


def test_a_raised_quorum_holds_in_the_database_for_a_request_asked_under_less(ready: Session) -> None:
    asked(ready)
    need(ready, 2)
    vote = "insert into governance.votes (approval, person, reason, at) select id, :by, 'x', now() from governance.approvals"
    ready.execute(text(vote), {"by": BEN.ref})
    answer = "update governance.approvals set state = 'approved', approved_by = :by, decided_at = now()"
    refused(ready, answer, "quorum is not reached", by=BEN.ref)


def test_what_was_approved_before_there_were_votes_has_its_one_vote(database: Database) -> None:
    with database.session() as session:
        open_usecase(session)
        bring_evidence(session)
    with database.engine.connect() as connection:
        command.downgrade(schema.config(connection), "0017_staged_files")
        connection.commit()
        connection.execute(
            text(
                "insert into governance.approvals (id, subject, subject_digest, environment, usecase, pack_digest, "
                "evidence_digest, state, requested_by, requested_at, approved_by, rejected_by, decided_at, reason) values "
                "('apr_a', 'model:m@1', 'sha256-x', 'pilot', 'lead-scoring', 'p', 'e', 'approved', 'person:ana', now(), "
                "'person:ben', null, now(), 'read it'), ('apr_b', 'model:m@1', 'sha256-x', 'pilot', 'lead-scoring', 'p', "
                "'e', 'requested', 'person:ana', now(), null, null, null, null), ('apr_c', 'model:m@1', 'sha256-x', "
                "'pilot', 'lead-scoring', 'p', 'e', 'rejected', 'person:ana', now(), null, 'person:ben', now(), 'no')"
            )
        )
        connection.commit()
    schema.migrate(database)
    with database.session() as session:
        given, still_open, no = (governance.get_approval(session, f"apr_{one}") for one in "abc")
        assert (given.needed, [(vote.person, vote.reason) for vote in given.votes]) == (1, [(BEN.ref, "read it")])
        assert (still_open.needed, still_open.votes, no.needed, no.votes) == (1, (), 1, ())
        assert given.votes[0].at == given.decided_at
