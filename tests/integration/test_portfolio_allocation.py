"""Means asked for, a round with its best choice, and what people decide, on the database."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, ledger, portfolio
from headway.governance import mandates, risks
from headway.governance.mandates import Limit, LimitKind
from headway.kernel.ids import Ref
from headway.portfolio import (
    AllocationDecided,
    AllocationImpossible,
    AllocationInvalid,
    AllocationState,
    Asked,
    Draft,
    Limits,
)
from tests.factories.governance import ANA, BEN, open_usecase
from tests.factories.risks import estimate

NAMES = ("churn", "forecast", "leads")


def ask(session: Session, usecase: str, **changes: object) -> portfolio.ResourceRequest:
    values: dict[str, object] = {"budget": "100 EUR", "value": "1000 EUR", "reason": "two engineers for a year"}
    return portfolio.request_resources(session, ANA, usecase, Asked(**(values | changes)))  # type: ignore[arg-type]


@pytest.fixture
def round_(session: Session) -> portfolio.Allocation:
    """Three use cases of which the budget lets two in."""
    for name in NAMES:
        open_usecase(session, slug=name)
    ask(session, "leads", people=1.5)
    ask(session, "forecast", value="400 EUR")
    ask(session, "churn", value="10 EUR", is_must=True)
    return portfolio.draft_allocation(session, ANA, draft())


def test_the_risk_that_is_left_comes_from_the_register_when_nobody_says_it(session: Session) -> None:
    open_usecase(session, slug="leads")
    assert ask(session, "leads").risk == 0
    risks.add_risk(session, ANA, usecase="leads", estimate=estimate())
    expected = risks.register_of(session, "leads").residual
    assert expected is not None and ask(session, "leads").risk == round(expected.expected * 100) > 0
    assert ask(session, "leads", risk="5 EUR").risk == 500
    assert ask(session, "leads", budget="100 USD", value="900 USD").risk == 0, "the register counts in euros"


def draft(**changes: object) -> Draft:
    values: dict[str, object] = {
        "title": "Winter", "starts": date(2027, 1, 1), "ends": date(2027, 7, 1), "limits": Limits(budget=20_000)
    }  # fmt: skip
    return Draft(**(values | changes))  # type: ignore[arg-type]


def test_a_round_takes_what_was_asked_last_and_chooses_the_best(session: Session, round_: portfolio.Allocation) -> None:
    assert round_.best.chosen == ("churn", "leads") and round_.best.used.value == 101_000
    assert round_.best.used.people == 150 and round_.state is AllocationState.drafted
    assert [one.resource for one in round_.contention if one.available is not None and one.asked > one.available] == [
        "budget"
    ]
    ask(session, "forecast", value="5000 EUR")
    later = portfolio.draft_allocation(session, ANA, draft(title="Spring"))
    assert later.best.chosen == ("churn", "forecast")
    assert portfolio.get_allocation(session, round_.id) == round_  # the earlier one keeps what it was drafted with
    assert [one.value for one in portfolio.list_requests(session, "forecast")] == [500_000, 40_000]
    assert [one.id for one in portfolio.list_allocations(session).items] == [later.id, round_.id]


def test_another_choice_is_kept_beside_the_best_with_its_cost(session: Session, round_: portfolio.Allocation) -> None:
    compared = portfolio.compare_choice(session, round_.id, ["churn", "forecast"])
    assert (compared.cost_of_difference, compared.state) == (60_000, AllocationState.drafted)
    with pytest.raises(AllocationInvalid, match="say why forecast is chosen"):
        portfolio.decide_allocation(session, BEN, round_.id, chosen=["churn", "forecast"], reasons={})
    reasons = {"forecast": "the board asked for it", "leads": "its data are late"}
    made = portfolio.decide_allocation(session, BEN, round_.id, chosen=["churn", "forecast"], reasons=reasons)
    assert (made.cost_of_difference, made.state, made.decided_by) == (60_000, AllocationState.decided, BEN.ref)
    assert made.best == round_.best and made.choice is not None and made.choice.breaches == ()
    assert {one.usecase: one.reason for one in made.differences} == reasons
    assert portfolio.get_allocation(session, round_.id) == made
    with pytest.raises(AllocationDecided):
        portfolio.decide_allocation(session, BEN, round_.id, chosen=[], reasons={})
    told = [one.type for one in ledger.find(session, subject=Ref("allocation", round_.id)).items]
    assert sorted(told) == ["allocation.decided", "allocation.drafted"]


def test_going_past_a_limit_is_shown_and_not_hidden(session: Session, round_: portfolio.Allocation) -> None:
    made = portfolio.decide_allocation(
        session, BEN, round_.id, chosen=NAMES, reasons={"forecast": "more money was promised"}
    )
    assert made.choice is not None and [one.limit for one in made.choice.breaches] == ["budget"]
    assert made.cost_of_difference == -40_000


def test_the_risk_appetite_holds_a_round_by_itself(session: Session) -> None:
    for name in NAMES:
        open_usecase(session, slug=name)
        ask(session, name, value={"churn": "10 EUR", "forecast": "400 EUR", "leads": "1000 EUR"}[name])
    assert portfolio.draft_allocation(session, ANA, draft(limits=Limits())).limits.appetite is None
    mandates.estimate_stakes(session, ANA, "leads", people=50)
    mandates.estimate_stakes(session, ANA, "forecast", people=10)
    said = [Limit(kind=LimitKind.people, scope="", most=20, currency="")]
    said.append(Limit(kind=LimitKind.department, scope="sales", most=3, currency=""))
    adopted = mandates.adopt_appetite(session, ANA, said, "what the board can bear this year")
    assert portfolio.draft_allocation(session, ANA, draft(limits=Limits())).limits.appetite is None, "not in force yet"
    mandates.confirm_appetite(session, BEN, adopted.version, digest=adopted.digest)
    made = portfolio.draft_allocation(session, ANA, draft(limits=Limits()))
    assert made.best.chosen == ("forecast",), "leads passes a limit, and nobody estimated churn"
    held = made.limits.appetite
    assert held is not None and held.version == adopted.version
    people, sales = held.ceilings
    assert (people.usecases, people.unknown, people.room) == (("churn", "leads"), ("churn",), 0)
    assert (sales.usecases, sales.live, sales.room) == (NAMES, 0, 3)
    reasons = {"leads": "the board bears it", "forecast": "it waits"}
    kept = portfolio.decide_allocation(session, BEN, made.id, chosen=["leads"], reasons=reasons)
    assert kept.choice is not None and portfolio.get_allocation(session, made.id) == kept
    assert [(one.limit, one.usecases) for one in kept.choice.breaches] == [("appetite_people", ("leads",))]
    ask(session, "churn", is_must=True)
    with pytest.raises(
        AllocationImpossible, match=r"limit of the risk appetite \(version 1\) on people: 1 of 0, by churn"
    ):
        portfolio.draft_allocation(session, ANA, draft())


def test_the_database_keeps_rounds_and_requests(session: Session, round_: portfolio.Allocation) -> None:
    def refused(sql: str) -> None:
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(sql))

    refused("update portfolio.allocations set title = 'Mine'")
    refused("delete from portfolio.allocations")
    refused("update portfolio.resource_requests set budget = 1")
    assert ANA.ref == "person:ana"  # who drafted it
    refused("update portfolio.allocations set choice = '{}', decided_by = 'person:ana', decided_at = now()")
    refused("update portfolio.allocations set choice = '{}', decided_by = 'service:x', decided_at = now()")
    portfolio.decide_allocation(session, BEN, round_.id, chosen=round_.best.chosen, reasons={})
    refused("update portfolio.allocations set decided_at = now()")


def test_overlaps_are_named(session: Session) -> None:
    open_usecase(session, slug="leads")
    open_usecase(session, slug="forecast", title="Rank orders", solution=None, purpose="Order the queue of orders")
    open_usecase(session, slug="churn")
    for name in NAMES:
        ask(session, name)
    made = portfolio.draft_allocation(session, ANA, draft())
    assert [(one.usecase, one.other, one.why) for one in made.overlaps] == [
        ("churn", "leads", "solution:sales.lead-scoring")
    ]
    single = portfolio.draft_allocation(session, ANA, draft(at_most_one=(("churn", "leads"),), limits=Limits()))
    assert len(single.best.chosen) == 2 and "forecast" in single.best.chosen


def test_every_fault_of_a_request_and_of_a_round_is_named(session: Session) -> None:
    open_usecase(session, slug="leads")
    with pytest.raises(AllocationInvalid) as caught:
        ask(
            session,
            "leads",
            budget="much",
            value="1 USD",
            months=0,
            people=-1,
            reason=" ",
            requires=("leads", "nobody"),
        )
    assert {one.rule for one in caught.value.faults} >= {"money", "range", "reason", "unknown"}
    assert len(caught.value.faults) == 6
    with pytest.raises(AllocationInvalid) as caught:
        portfolio.draft_allocation(
            session, ANA, draft(title="", ends=date(2026, 1, 1), usecases=("leads",), at_most_one=(("x", "y"),))
        )
    assert {one.rule for one in caught.value.faults} == {"title", "period", "unknown", "empty"}
    ask(session, "leads", budget="5 USD", value="7 USD")
    with pytest.raises(AllocationInvalid, match="asks in USD, the round counts in EUR"):
        portfolio.draft_allocation(session, ANA, draft())


def test_what_is_retired_is_given_nothing(session: Session) -> None:
    open_usecase(session, slug="leads")
    ask(session, "leads")
    governance.retire_usecase(session, ANA, "leads", reason="it is replaced")
    with pytest.raises(AllocationInvalid, match="retired"):
        ask(session, "leads")
    with pytest.raises(AllocationInvalid, match="nobody asked"):
        portfolio.draft_allocation(session, ANA, draft())


def test_a_round_of_very_many_twins_names_those_that_share_most(session: Session) -> None:
    for number in range(34):  # 561 pairs of one solution
        open_usecase(session, slug=f"case-{number:02}")
        ask(session, f"case-{number:02}")
    made = portfolio.draft_allocation(session, ANA, draft(limits=Limits(budget=100_000)))
    assert len(made.overlaps) == 500 and len({(one.usecase, one.other) for one in made.overlaps}) == 500
