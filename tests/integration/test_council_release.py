"""A release that the council decides: it goes through with the last vote, and a missed condition keeps the next one out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from headway import governance, registry
from headway.governance import council
from headway.governance.council import Choice, ItemState
from headway.kernel import clock
from headway.kernel.clock import FixedClock
from headway.kernel.crypto import Signer
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage
from tests.factories import council as made
from tests.factories.council import HIGH_RISK, OFFICE, Cast
from tests.factories.governance import NOW, open_usecase
from tests.factories.registered import registered


@pytest.fixture(autouse=True)
def today() -> Iterator[FixedClock]:
    with clock.fixed(NOW) as held:
        yield held


@pytest.fixture
def cast(session: Session) -> Cast:
    found = made.people(session)
    open_usecase(session, risk=HIGH_RISK, owner=found.olga.ref, sponsor=found.sam.ref)
    governance.classify(session, OFFICE, "lead-scoring")
    made.body(session, found)
    return found


def test_the_last_vote_releases_the_version_and_a_missed_condition_keeps_the_next_out(
    session: Session, cast: Cast, storage: Storage, signer: Signer, today: FixedClock
) -> None:
    version = registered(session, storage, "lead-scoring", cast.dan)
    asked = registry.request_release(session, cast.rex, version=version.ref, environment="production")
    [item] = council.list_items(session).items
    assert item.approval == asked.approval
    assert cast.dan.ref in item.rules.makers, "who made the version cannot validate it"
    council.seat_member(session, OFFICE, "ai-council", seat="validator", person=cast.gil.ref)
    made.reviewed(session, cast, item)
    condition = council.propose_condition(session, cast.ben, item.id, text="tell people", owner=cast.olga.ref, days=3)
    for person in (cast.ada, cast.ben, cast.cleo, cast.gil):
        council.vote(session, person, item.id, choice=Choice.yes, reason="read the papers")
        registry.follow_approvals(session, storage, signer)
        assert registry.get_release(session, asked.id).status == "requested", "nobody alone, and not before the last"
    done = council.vote(session, cast.eve, item.id, choice=Choice.no, reason="too early for the South")
    assert done.state is ItemState.approved
    assert registry.follow_approvals(session, storage, signer) == 1
    released = registry.get_release(session, asked.id)
    assert released.status == "released" and released.verdict is not None
    today.advance(timedelta(days=4))
    again = governance.evaluate_gate(
        session,
        environment="production",
        subject=Ref.parse(version.ref),
        subject_digest=version.digest,
        usecase="lead-scoring",
    )
    [blocked] = [one for one in again.controls if one.id == "HW-COUNCIL-CONDITIONS"]
    assert again.result == "block" and blocked.status == "failed" and "Olga has to show" in blocked.reason
    council.meet_condition(session, cast.olga, condition.id, "the notice is on both pages")
    council.accept_condition(session, cast.ben, condition.id, "seen it")
    again = governance.evaluate_gate(
        session,
        environment="production",
        subject=Ref.parse(version.ref),
        subject_digest=version.digest,
        usecase="lead-scoring",
    )
    assert {one.status for one in again.controls if one.id == "HW-COUNCIL-CONDITIONS"} == {"passed"}
