"""Twins, joins and umbrellas on a real database: what is refused, what is kept, what lapses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, identity, ledger
from headway.governance import Tier, UmbrellaState
from headway.kernel import clock
from headway.kernel.errors import Denied
from headway.kernel.ids import Ref
from tests.factories.governance import ANA, BEN, DATA_DIGEST, JOB, MINIMAL_RISK, approved, bring_evidence, open_usecase

LIKE = {
    "slug": "prospects",
    "title": "Scoring of leads",
    "department": "hr",
    "purpose": "Rank leads so that the likeliest are called first",
}


@pytest.fixture(autouse=True)
def leads(session: Session) -> None:
    identity.ensure_department(session, ANA, "hr")
    open_usecase(session)
    governance.classify(session, ANA, "lead-scoring")


def events(session: Session, slug: str) -> list[str]:
    return [one.type for one in ledger.find(session, subject=Ref("usecase", slug)).items]


# --- twins -------------------------------------------------------------------------------------------------------


def test_a_twin_is_refused_until_somebody_says_why_it_is_different(session: Session) -> None:
    with pytest.raises(governance.TwinSuspected) as refused:
        governance.propose_usecase(session, BEN, **LIKE)
    assert refused.value.code == "governance.twin_suspected"
    assert [fault.value for fault in refused.value.faults] == ["lead-scoring"]
    assert "both say" in refused.value.faults[0].message
    with pytest.raises(governance.IntakeInvalid, match="at least 10"):
        governance.propose_usecase(session, BEN, **LIKE, different="it is")
    with pytest.raises(governance.UseCaseUnknown):
        governance.get_usecase(session, "prospects")
    governance.propose_usecase(session, BEN, **LIKE, different="Candidates for jobs, not buyers")
    for slug in ("prospects", "lead-scoring"):
        [kept] = governance.relations_of(session, slug).distinctions
        assert (kept.usecase, kept.other, kept.reason) == (
            "prospects",
            "lead-scoring",
            "Candidates for jobs, not buyers",
        )
    assert "usecase.distinguished" in events(session, "prospects")


def test_what_is_unlike_needs_no_words(session: Session) -> None:
    told = {"slug": "menu", "title": "Canteen menu", "department": "hr", "purpose": "Plan meals without waste"}
    governance.propose_usecase(session, BEN, **told, different="nothing like it")
    assert governance.relations_of(session, "menu").distinctions == ()


def test_retired_twins_are_shown_and_stop_nobody(session: Session) -> None:
    governance.retire_usecase(session, ANA, "lead-scoring", "nobody called")
    proposal = governance.Proposal(title=LIKE["title"], purpose=LIKE["purpose"])
    [found] = governance.find_similar(session, proposal)
    assert (found.slug, found.is_retired, found.is_twin) == ("lead-scoring", True, False)
    governance.propose_usecase(session, BEN, **LIKE)


def test_departments_that_one_may_not_read_tell_twins_alone(session: Session) -> None:
    governance.open_usecase(session, ANA, slug="leads-2", title="Public facts on leads", department="sales")
    proposal = governance.Proposal(title=LIKE["title"], purpose=LIKE["purpose"])
    assert {one.slug for one in governance.find_similar(session, proposal)} == {"lead-scoring", "leads-2"}
    assert {one.slug for one in governance.find_similar(session, proposal, within=frozenset(["hr"]))} == {
        "lead-scoring"
    }


def test_entries_on_the_same_data_are_alike_whatever_they_are_called(session: Session) -> None:
    bring_evidence(session)
    approved(session)
    asked = governance.Proposal(title="Zebra", products=("product:sales.leads",))
    [found] = governance.find_similar(session, asked)
    assert found.data == ("product:sales.leads",) and found.words == () and not found.is_twin
    assert governance.find_similar(session, governance.Proposal(title="Zebra")) == ()
    [same] = governance.find_similar(session, governance.Proposal(title="Zebra", products=(DATA_DIGEST,)))
    assert same.data == (DATA_DIGEST,)


def test_the_same_solution_in_the_same_department_is_the_same_use(session: Session) -> None:
    told = {"slug": "x", "title": "Zebra", "solution": "sales.lead-scoring"}
    with pytest.raises(governance.TwinSuspected, match="Lead scoring"):
        governance.propose_usecase(session, BEN, **told, department="sales")
    governance.propose_usecase(session, BEN, **told, department="hr")


# --- joining -----------------------------------------------------------------------------------------------------


def test_whoever_joins_is_written_down_and_told_of(session: Session) -> None:
    made = governance.join_usecase(session, BEN, "lead-scoring", department="hr", what_for=" our referrals ")
    assert governance.relations_of(session, "lead-scoring").joins == (made,)
    assert (made.person, made.department, made.what_for) == (BEN.ref, "hr", "our referrals")
    assert "usecase.joined" in events(session, "lead-scoring")
    with pytest.raises(governance.AlreadyJoined):
        governance.join_usecase(session, BEN, "lead-scoring", department="hr", what_for="again")
    with pytest.raises(governance.IntakeInvalid):
        governance.join_usecase(session, BEN, "lead-scoring", department="sales", what_for=" ")
    with pytest.raises(Denied):
        governance.join_usecase(session, JOB, "lead-scoring", department="sales", what_for="x")
    with pytest.raises(identity.DepartmentNotFound):
        governance.join_usecase(session, BEN, "lead-scoring", department="nowhere", what_for="x")
    governance.retire_usecase(session, ANA, "lead-scoring", "nobody called")
    with pytest.raises(governance.UseCaseRetired):
        governance.join_usecase(session, ANA, "lead-scoring", department="hr", what_for="x")


@pytest.mark.parametrize(
    "statement",
    [
        "update governance.joins set what_for = 'x'",
        "delete from governance.joins",
        "delete from governance.distinctions",
    ],
)
def test_what_was_said_at_intake_stays(session: Session, statement: str) -> None:
    governance.join_usecase(session, BEN, "lead-scoring", department="hr", what_for="referrals")
    governance.propose_usecase(session, BEN, **LIKE, different="Candidates for jobs, not buyers")
    with pytest.raises(IntegrityError, match="stays as it was said"), session.begin_nested():
        session.execute(text(statement))


# --- umbrellas ---------------------------------------------------------------------------------------------------


def asked(session: Session, **changes: object) -> governance.Umbrella:
    told = {"conditions": "No names", "tier": "minimal", "valid_until": clock.now().date() + timedelta(days=365)}
    return governance.ask_umbrella(session, ANA, "lead-scoring", **(told | changes))  # type: ignore[arg-type]


def test_a_second_person_puts_an_umbrella_in_force_and_people_register(session: Session) -> None:
    umbrella = asked(session)
    assert umbrella.state is UmbrellaState.asked
    with pytest.raises(governance.UmbrellaClosed, match="second person"):
        governance.register_use(session, BEN, umbrella.id, department="hr", what_for="letters")
    with pytest.raises(governance.SamePerson):
        governance.approve_umbrella(session, ANA, umbrella.id)
    with pytest.raises(Denied):
        governance.approve_umbrella(session, JOB, umbrella.id)
    assert governance.approve_umbrella(session, BEN, umbrella.id).state is UmbrellaState.in_force
    governance.register_use(session, BEN, umbrella.id, department="hr", what_for="letters")
    with pytest.raises(governance.UmbrellaClosed, match="before"):
        governance.register_use(session, BEN, umbrella.id, department="hr", what_for="letters")
    governance.register_use(session, ANA, umbrella.id, department="sales", what_for="offers")
    assert governance.get_umbrella(session, umbrella.id).registrations == 2
    assert [one.what_for for one in governance.list_registrations(session, umbrella.id)] == ["letters", "offers"]
    only = governance.list_registrations(session, umbrella.id, within=frozenset(["hr"]))
    assert [one.what_for for one in only] == ["letters"]
    proposal = governance.Proposal(title="Lead scoring", purpose="Rank leads")
    assert governance.find_similar(session, proposal)[0].umbrella == umbrella.id
    with pytest.raises(governance.UmbrellaClosed, match="has not ended"):
        asked(session)


def test_registrations_lapse_when_the_tier_rises_the_time_ends_or_somebody_ends_it(session: Session) -> None:
    umbrella = governance.approve_umbrella(session, BEN, asked(session).id)
    governance.register_use(session, BEN, umbrella.id, department="hr", what_for="letters")

    def lapsed() -> tuple[UmbrellaState, list[bool]]:
        state = governance.get_umbrella(session, umbrella.id).state
        return state, [one.is_lapsed for one in governance.list_registrations(session, umbrella.id)]

    assert lapsed() == (UmbrellaState.in_force, [False])
    governance.decide_tier(session, BEN, "lead-scoring", tier=Tier.high, reasons="it decides who gets an offer")
    assert lapsed() == (UmbrellaState.above_tier, [True])
    with pytest.raises(governance.UmbrellaClosed, match="tier"):
        governance.register_use(session, ANA, umbrella.id, department="sales", what_for="offers")
    governance.decide_tier(session, BEN, "lead-scoring", tier=Tier.minimal, reasons="it only orders the list")
    assert lapsed() == (UmbrellaState.in_force, [False])
    governance.update_usecase(session, ANA, "lead-scoring", changes={"purpose": "Choose whom to insult"})
    assert lapsed()[0] is UmbrellaState.above_tier, "a tier that is open again allows nothing"
    ended = governance.end_umbrella(session, BEN, umbrella.id, reason="the tool changed")
    assert ended.state is UmbrellaState.ended and lapsed()[1] == [True]
    with pytest.raises(governance.UmbrellaClosed):
        governance.end_umbrella(session, BEN, umbrella.id, reason="again")


def test_an_umbrella_past_its_day_takes_nobody(session: Session) -> None:
    umbrella = asked(session, valid_until=clock.now().date() + timedelta(days=1))
    governance.approve_umbrella(session, BEN, umbrella.id)
    with clock.fixed(clock.now() + timedelta(days=2)):
        assert governance.get_umbrella(session, umbrella.id).state is UmbrellaState.expired
        with pytest.raises(governance.UmbrellaClosed, match="time is over"):
            governance.register_use(session, BEN, umbrella.id, department="hr", what_for="x")


def test_what_an_umbrella_may_not_be_is_refused_whole(session: Session) -> None:
    with pytest.raises(governance.IntakeInvalid) as refused:
        asked(session, conditions=" ", valid_until=clock.now().date() + timedelta(days=366))
    assert {fault.column for fault in refused.value.faults} == {"conditions", "valid_until"}
    governance.open_usecase(session, ANA, slug="open", title="Open", department="sales")
    told = {"conditions": "x", "valid_until": clock.now().date() + timedelta(days=9)}
    with pytest.raises(governance.IntakeInvalid, match="undecided"):
        governance.ask_umbrella(session, ANA, "open", tier="transparency", **told)  # type: ignore[arg-type]
    risk = {**MINIMAL_RISK, "interacts_with_people": True}
    governance.update_usecase(session, ANA, "lead-scoring", changes={}, risk=risk)
    assert governance.get_usecase(session, "lead-scoring").tier is Tier.transparency
    with pytest.raises(governance.IntakeInvalid, match="transparency"):
        asked(session)
    assert asked(session, tier="transparency").tier_now is Tier.transparency


INSERT = """
insert into governance.umbrellas (id, usecase, conditions, tier, valid_until, asked_by, asked_on, asked_at, approved_by, approved_at)
values ('umb_x', 'lead-scoring', 'c', :tier, current_date + :days, 'person:ana', current_date, now(), :by, now())
"""


@pytest.mark.parametrize(
    "told",
    [
        {"tier": "minimal", "days": 10, "by": "person:ana"},
        {"tier": "minimal", "days": 10, "by": "service:x"},
        {"tier": "high", "days": 10, "by": "person:ben"},
        {"tier": "minimal", "days": 366, "by": "person:ben"},
    ],
    ids=["same person", "no person", "high tier", "too long"],
)
def test_the_database_keeps_the_rules_of_umbrellas_by_itself(session: Session, told: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(INSERT), told)
    with session.begin_nested():
        session.execute(text(INSERT), {"tier": "minimal", "days": 365, "by": "person:ben"})


@pytest.mark.parametrize(
    "statement",
    [
        "update governance.umbrellas set valid_until = valid_until - 1",
        "update governance.umbrellas set approved_by = 'person:cleo'",
        "update governance.registrations set what_for = 'x'",
        "delete from governance.registrations",
        "insert into governance.registrations values ('reg_x', :ended, 'hr', 'person:x', 'x', now())",
    ],
)
def test_what_was_decided_about_umbrellas_stays(session: Session, statement: str) -> None:
    ended = asked(session).id
    governance.end_umbrella(session, BEN, ended, reason="not this one")
    umbrella = governance.approve_umbrella(session, BEN, asked(session).id)
    governance.register_use(session, BEN, umbrella.id, department="hr", what_for="letters")
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(statement), {"ended": ended} if ":ended" in statement else {})
