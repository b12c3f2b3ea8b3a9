"""Two people at once: one answer, one use case, one publication of a pack."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy.orm import Session

from headway import governance, identity, ledger
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.errors import HeadwayError
from tests.factories.governance import ANA, BEN, SUBJECT, SUBJECT_DIGEST

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
        governance.open_usecase(session, ANA, slug="leads", title="Leads", department="sales")
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
        assert len(published) == len(governance.list_packs(session))
