"""Exceptions from the tier high: two people, a year at most, of the use as it was, never where people are profiled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.governance import ExceptionCondition, Tier
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.clock import FixedClock
from headway.kernel.errors import Denied
from tests.factories.governance import ANA, BEN, MINIMAL_RISK, NOW, ask, bring_evidence, open_usecase

SCREENER = {**MINIMAL_RISK, "annex_iii": ["4a"], "profiling": False}
WHY = "It only puts applications into the folder of the office that they name; a person reads all of them."


@pytest.fixture(autouse=True)
def today() -> Iterator[FixedClock]:
    with clock.fixed(NOW) as held:
        yield held


@pytest.fixture
def high(session: Session) -> str:
    open_usecase(session, risk=SCREENER)
    assert governance.classify(session, ANA, "lead-scoring").tier is Tier.high
    return "lead-scoring"


def assess(session: Session, usecase: str, days: int = 365) -> governance.TierException:
    return governance.assess_exception(
        session, ANA, usecase, condition=ExceptionCondition.preparatory_task, reasons=WHY, days=days
    )


def accept(session: Session, made: governance.TierException) -> governance.TierException:
    return governance.answer_exception(session, BEN, made.id, accept=True, reason="read it with legal")


def tier(session: Session) -> Tier:
    return governance.get_usecase(session, "lead-scoring").tier


def test_it_counts_once_another_person_accepted_it_and_runs_out_by_itself(
    session: Session, high: str, today: FixedClock
) -> None:
    made = assess(session, high, days=90)
    assert (made.state, made.counts, tier(session)) == ("assessed", False, Tier.high)
    accepted = accept(session, made)
    assert (accepted.counts, accepted.ends_at, tier(session)) == (True, NOW + timedelta(days=90), Tier.minimal)
    (fact,) = [one for one in governance.get_usecase(session, high).derived if one.name == "art6_3_accepted"]
    assert (fact.value, fact.sources) == (True, (f"exception:{made.id}",))
    today.advance(timedelta(days=90))
    assert tier(session) is Tier.undecided  # at once, before anybody looked
    assert governance.settle_exceptions(session, SYSTEM) == (high,)
    assert tier(session) is Tier.high and governance.settle_exceptions(session, SYSTEM) == ()
    assert governance.get_exception(session, made.id).counts is False
    types = [one.type for one in ledger.find(session, limit=20).items]
    assert {"exception.assessed", "exception.accepted"} <= set(types)


def test_an_approval_does_not_outlive_the_exception_that_it_rested_on(
    session: Session, high: str, today: FixedClock
) -> None:
    from tests.factories.governance import approved

    accept(session, assess(session, high, days=10))
    bring_evidence(session)
    approved(session)
    assert ask(session).result == "pass"
    today.advance(timedelta(days=11))
    found = ask(session)
    assert found.result == "block" and found.approvals == ()


def test_who_assessed_it_cannot_accept_it_and_no_service_can(session: Session, high: str) -> None:
    made = assess(session, high)
    with pytest.raises(governance.SamePerson):
        governance.answer_exception(session, ANA, made.id, accept=True, reason="I am sure")
    with pytest.raises(Denied):
        governance.answer_exception(session, SYSTEM, made.id, accept=True, reason="a job is sure")
    with pytest.raises(Denied):
        governance.assess_exception(session, SYSTEM, high, condition=ExceptionCondition.narrow_task, reasons=WHY)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            text(
                "update governance.tier_exceptions set state = 'accepted', answered_by = assessed_by, answered_at = now(),"
                " answer = 'x', ends_at = now() + interval '1 day'"
            )
        )
    assert tier(session) is Tier.high


@pytest.mark.parametrize(
    ("risk", "days", "reasons", "rules"),
    [
        ({"profiling": True}, 10, WHY, {"exception.profiling"}),
        ({"profiling": None}, 10, WHY, {"exception.profiling"}),
        ({"annex_iii": []}, 10, WHY, {"exception.annex_iii"}),
        ({}, 366, "because", {"exception.days", "exception.reasons"}),
        ({}, 0, WHY, {"exception.days"}),
    ],
)
def test_what_cannot_be_excepted_is_refused_with_every_fault(
    session: Session, risk: dict[str, object], days: int, reasons: str, rules: set[str]
) -> None:
    open_usecase(session, risk={**SCREENER, **risk})
    with pytest.raises(governance.ExceptionInvalid) as refused:
        governance.assess_exception(
            session, ANA, "lead-scoring", condition=ExceptionCondition.narrow_task, reasons=reasons, days=days
        )
    assert {fault.rule for fault in refused.value.faults} == rules


def test_another_use_is_another_case(session: Session, high: str) -> None:
    made = assess(session, high)
    governance.update_usecase(session, ANA, high, changes={"purpose": "rank those who applied"})
    with pytest.raises(governance.ExceptionInvalid, match="changed since"):
        accept(session, made)
    again = accept(session, assess(session, high))
    assert tier(session) is Tier.minimal
    governance.update_usecase(session, ANA, high, changes={"people_affected": "everybody who applies"})
    assert governance.get_exception(session, again.id).counts is False and tier(session) is Tier.high


def test_it_can_be_ended_or_refused_and_then_nothing_more_can_be_said(session: Session, high: str) -> None:
    made = accept(session, assess(session, high))
    ended = governance.end_exception(session, BEN, made.id, "the vendor changed what it does")
    assert (ended.state, ended.counts, tier(session)) == ("ended", False, Tier.high)
    with pytest.raises(governance.ExceptionAnswered):
        governance.end_exception(session, BEN, made.id, "again")
    other = assess(session, high)
    refused = governance.answer_exception(session, BEN, other.id, accept=False, reason="it does rank")
    assert refused.state == "refused" and tier(session) is Tier.high
    with pytest.raises(governance.ExceptionAnswered):
        accept(session, other)
    with pytest.raises(governance.ExceptionUnknown):
        governance.get_exception(session, "exc_none")
    assert [one.state for one in governance.list_exceptions(session, high)] == ["refused", "ended"]


def test_nobody_can_just_say_that_there_is_one(session: Session, high: str) -> None:
    with pytest.raises(governance.FactsInvalid) as refused:
        governance.update_usecase(session, ANA, high, changes={}, risk={"art6_3_accepted": True})
    assert [fault.rule for fault in refused.value.faults] == ["risk.exception"]
    with pytest.raises(governance.FactsInvalid):
        open_usecase(session, slug="another", risk={**SCREENER, "art6_3_accepted": True})


@pytest.mark.parametrize(
    "statement",
    [
        "delete from governance.tier_exceptions",
        "update governance.tier_exceptions set reasons = 'other'",
        "update governance.tier_exceptions set ends_at = ends_at + interval '400 days'",
    ],
)
def test_what_was_assessed_and_accepted_cannot_be_rewritten(session: Session, high: str, statement: str) -> None:
    accept(session, assess(session, high))
    with pytest.raises(IntegrityError):
        session.execute(text(statement))
