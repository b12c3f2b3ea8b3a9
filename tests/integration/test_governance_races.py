"""Two people at once: one answer, one use case, one publication of a pack."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy.orm import Session

from headway import governance, identity, ledger
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.errors import HeadwayError
from tests.factories.governance import ANA, BEN, MINIMAL_RISK, SUBJECT, SUBJECT_DIGEST
from tests.factories.systems import open_system, open_vendor

CLEO = Actor(ref="person:cleo", name="Cleo")


def at_once(database: Database, *functions: Callable[[Session], object]) -> list[object]:
    """Run each function in a transaction of its own, all started together; errors are results."""
    barrier = Barrier(len(functions))

    def run(function: Callable[[Session], object]) -> object:
        try:
            with database.session() as session:
                session.connection()
                barrier.wait(10)
                return function(session)
        except HeadwayError as error:
            return error

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))


def test_a_request_is_answered_once(database: Database) -> None:
    with database.session() as session:
        identity.ensure_department(session, ANA, "sales")
        governance.open_usecase(session, ANA, slug="leads", title="Leads", department="sales", risk=MINIMAL_RISK)
        asked = governance.request_approval(
            session, ANA, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, environment="pilot", usecase="leads"
        )
    answers = at_once(
        database,
        lambda session: governance.approve(session, BEN, asked.id, "fine"),
        lambda session: governance.reject(session, CLEO, asked.id, "not fine"),
    )
    assert sum(isinstance(answer, governance.ApprovalDecided) for answer in answers) == 1
    assert sum(isinstance(answer, governance.Approval) for answer in answers) == 1


def wanted_with_quorum(database: Database, needed: int) -> str:
    with database.session() as session:
        identity.ensure_department(session, ANA, "sales")
        governance.open_usecase(session, ANA, slug="leads", title="Leads", department="sales", risk=MINIMAL_RISK)
        if needed > 1:
            governance.set_quorum(session, ANA, "pilot", needed=needed, reason="a pilot reaches customers")
        return governance.request_approval(
            session, ANA, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, environment="pilot", usecase="leads"
        ).id


def voting(approval: str, *people: Actor) -> list[Callable[[Session], object]]:
    def vote(person: Actor) -> Callable[[Session], object]:
        return lambda session: governance.approve(session, person, approval, "read it")

    return [vote(person) for person in people]


@pytest.mark.parametrize("needed", [1, 2, 3])
def test_of_people_who_vote_at_once_exactly_one_completes(database: Database, needed: int) -> None:
    approval = wanted_with_quorum(database, needed)
    people = [Actor(ref=f"person:p{number}", name="P") for number in range(needed + 2)]
    answers = at_once(database, *voting(approval, *people))
    states = [answer.state.value for answer in answers if isinstance(answer, governance.Approval)]
    assert sorted(states) == ["approved"] + ["requested"] * (needed - 1)
    assert sum(isinstance(answer, governance.ApprovalDecided) for answer in answers) == 2
    with database.session() as session:
        found = governance.get_approval(session, approval)
        assert (found.state, len(found.votes), found.needed) == ("approved", needed, needed)
        assert len(ledger.find(session, type="approval.approved").items) == 1
        assert len(ledger.find(session, type="approval.voted").items) == needed


def test_somebody_who_votes_twice_at_once_counts_once(database: Database) -> None:
    approval = wanted_with_quorum(database, 2)
    answers = at_once(database, *voting(approval, BEN, BEN))
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyVoted", "Approval"]
    with database.session() as session:
        assert governance.get_approval(session, approval).state == "requested"


def test_a_quorum_raised_at_the_moment_of_a_vote_comes_before_or_after_it(database: Database) -> None:
    approval = wanted_with_quorum(database, 1)
    [voted, raised] = at_once(
        database,
        *voting(approval, BEN),
        lambda session: governance.set_quorum(session, CLEO, "pilot", needed=2, reason="customers are affected"),
    )
    assert isinstance(voted, governance.Approval) and isinstance(raised, governance.Quorum)
    with database.session() as session:
        found = governance.get_approval(session, approval)
    assert (found.state, found.needed) in (("approved", 1), ("requested", 2))


def test_a_name_is_taken_once_and_packs_are_published_once(database: Database) -> None:
    with database.session() as session:
        identity.ensure_department(session, ANA, "sales")

    def opening(session: Session) -> object:
        return governance.open_usecase(session, ANA, slug="leads", title="Leads", department="sales")

    answers = at_once(database, *[opening] * 4)
    assert sum(isinstance(answer, governance.UseCase) for answer in answers) == 1
    assert sum(isinstance(answer, governance.UseCaseTaken) for answer in answers) == 3
    with database.session() as session:
        published = ledger.find(session, type="pack.published").items
        assert len(published) == len(governance.published_packs(session))


def test_what_is_retired_and_what_would_rest_on_it_do_not_both_win(database: Database) -> None:
    for round_ in range(4):
        vendor, case = f"vendor-{round_}", f"case-{round_}"
        with database.session() as session:
            identity.ensure_department(session, ANA, "sales")
            governance.open_usecase(session, ANA, slug=case, title="Leads", department="sales")
            open_vendor(session, vendor)
            open_system(session, f"spare-{round_}", kind="own", vendor=None)
        at_once(
            database,
            lambda session, vendor=vendor: governance.retire_vendor(session, BEN, vendor, "over"),
            lambda session, vendor=vendor, n=round_: open_system(session, f"of-{n}", vendor=vendor),
            lambda session, n=round_: governance.retire_system(session, BEN, f"spare-{n}", "over"),
            lambda session, n=round_, case=case: governance.link_system(session, ANA, f"spare-{n}", case),
        )
        with database.session() as session:
            supplied = governance.get_vendor(session, vendor)
            assert (supplied.status == "retired") == (supplied.systems == ())
            spare = governance.get_system(session, f"spare-{round_}")
            assert (spare.status == "retired") == (spare.usecases == ())


def test_a_fact_typed_at_the_moment_of_a_link_never_stands_against_it(database: Database) -> None:
    with database.session() as session:
        identity.ensure_department(session, ANA, "sales")
        open_vendor(session)
        for number in range(4):
            governance.open_usecase(session, ANA, slug=f"case-{number}", title="Leads", department="sales")
            open_system(session, f"system-{number}")
    for number in range(4):
        answers = at_once(
            database,
            lambda session, n=number: governance.link_system(session, ANA, f"system-{n}", f"case-{n}"),
            lambda session, n=number: governance.update_usecase(
                session, BEN, f"case-{n}", changes={}, risk={"vendor_supplied": False}
            ),
        )
        assert sum(isinstance(answer, HeadwayError) for answer in answers) == 1
        with database.session() as session:
            case = governance.get_usecase(session, f"case-{number}")
            is_linked = bool(case.systems)
            assert case.risk == ({} if is_linked else {"vendor_supplied": False})
            assert governance.list_usecases(session).items[number].digest == case.digest, "kept and hashed anew"
