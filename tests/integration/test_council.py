"""The council for real: what comes before it, who may vote, what a decision does, and what the database itself refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, identity, ledger
from headway.governance import ApprovalState, Tier, council
from headway.governance.council import Choice, Item, ItemState
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.clock import FixedClock
from tests.factories import council as made
from tests.factories.council import Cast
from tests.factories.governance import NOW, SUBJECT, SUBJECT_DIGEST, open_usecase

YES, NO, ABSTAIN = Choice.yes, Choice.no, Choice.abstain


@pytest.fixture(autouse=True)
def today() -> Iterator[FixedClock]:
    with clock.fixed(NOW) as held:
        yield held


@pytest.fixture
def cast(session: Session) -> Cast:
    found = made.people(session)
    made.high_case(session, found)
    made.body(session, found)
    return found


@pytest.fixture
def item(session: Session, cast: Cast) -> Item:
    return made.before_it(session, cast)


def votes(session: Session, cast: Cast, item: Item, **choices: Choice) -> Item:
    for name, choice in choices.items():
        item = council.vote(session, cast.people[name], item.id, choice=choice, reason=f"{name} has read it")
    return item


def retold(session: Session, item_id: str) -> None:
    """What the ledger tells is what is stored."""
    kept, told = council.get_item(session, item_id), council.told_of(session, item_id)
    assert (told.state, told.body, told.usecase, told.requested_by) == (
        kept.state.value, kept.body, kept.usecase, kept.requested_by,
    )  # fmt: skip
    assert told.votes == {
        one.seat: (one.person, one.capacity.value, one.choice.value, one.reason) for one in kept.votes
    }
    assert told.recusals == {one.person: one.reason for one in kept.recusals}
    assert told.reviews == {one.part: (one.person, one.supports, one.text) for one in kept.reviews}
    assert (told.why, told.decided_by) == (kept.why, kept.decided_by)
    assert told.closes_at == clock.iso(kept.closes_at)
    assert told.decided_at == (clock.iso(kept.decided_at) if kept.decided_at else None)
    for one in kept.conditions:
        said = told.conditions[one.id]
        assert (said["text"], said["owner"], said["met_by"], said["accepted_by"]) == (
            one.text, one.owner, one.met_by, one.accepted_by,
        )  # fmt: skip
        assert said["due_at"] == (clock.iso(one.due_at) if one.due_at else None)
    assert len(told.conditions) == len(kept.conditions)


# --- what comes before it ----------------------------------------------------------------------------------------


def test_without_a_council_approvals_go_the_way_they_went(session: Session) -> None:
    people = made.people(session)
    made.high_case(session, people)
    approval = made.asked(session, people.rex)
    assert council.list_items(session).items == ()
    assert governance.approve(session, people.ben, approval.id, "read it").state is ApprovalState.approved


def test_an_approval_of_high_tier_comes_before_the_council_and_nobody_gives_it_alone(
    session: Session, cast: Cast, item: Item
) -> None:
    assert governance.get_usecase(session, "lead-scoring").tier is Tier.high
    assert (item.state, item.closes_at - item.opened_at) == (ItemState.open, timedelta(days=10))
    assert {one.person: one.reason for one in item.recusals} == {
        cast.rex.ref: "asked for it", cast.olga.ref: "owns the use case", cast.sam.ref: "sponsors the use case",
    }  # fmt: skip
    assert item.approval
    for act in (governance.approve, governance.reject):
        with pytest.raises(council.CouncilDecides):
            act(session, cast.ben, item.approval, "fine by me")
    assert made.asked(session, cast.rex).id == item.approval, "asked again, it is the same item"
    assert len(council.list_items(session).items) == 1


def test_who_asked_takes_it_back_and_the_item_lapses(session: Session, cast: Cast, item: Item) -> None:
    assert item.approval
    governance.reject(session, cast.rex, item.approval, "not now")
    assert council.get_item(session, item.id).state is ItemState.lapsed
    retold(session, item.id)


def test_the_yes_votes_of_the_seats_are_the_votes_of_the_approval(session: Session, cast: Cast, item: Item) -> None:
    made.reviewed(session, cast, item)
    still = votes(session, cast, item, ada=YES, ben=YES, cleo=YES, dan=NO)
    assert still.state is ItemState.open, "one seat can still vote"
    done = votes(session, cast, item, eve=NO)
    assert (done.state, done.why) == (ItemState.approved, ("3 yes, 2 no, 0 abstain", "more said yes than no"))
    given = governance.get_approval(session, str(item.approval))
    assert (given.state, {vote.person for vote in given.votes}) == (
        ApprovalState.approved, {cast.ada.ref, cast.ben.ref, cast.cleo.ref},
    )  # fmt: skip
    gate = governance.evaluate_gate(
        session, environment="production", subject=SUBJECT, subject_digest=SUBJECT_DIGEST, usecase="lead-scoring"
    )
    assert gate.approvals == (item.approval,)
    told = council.told_of(session, item.id)
    assert {person for person, _ in told.dissent} == {cast.dan.ref, cast.eve.ref}
    retold(session, item.id)


def test_a_no_of_the_council_rejects_the_approval(session: Session, cast: Cast, item: Item) -> None:
    made.reviewed(session, cast, item)
    done = votes(session, cast, item, ada=NO, ben=YES, cleo=NO, dan=NO, eve=ABSTAIN)
    assert done.state is ItemState.rejected
    assert governance.get_approval(session, str(item.approval)).state is ApprovalState.rejected
    retold(session, item.id)


@pytest.mark.parametrize(("chair", "state"), [(YES, ItemState.approved), (NO, ItemState.rejected)])
def test_a_tie_is_decided_by_the_chair(
    session: Session, cast: Cast, item: Item, chair: Choice, state: ItemState
) -> None:
    other = NO if chair is YES else YES
    made.reviewed(session, cast, item)
    done = votes(session, cast, item, ada=chair, ben=chair, cleo=other, dan=other, eve=ABSTAIN)
    assert done.state is state


# --- who may vote ------------------------------------------------------------------------------------------------


def test_nobody_votes_twice_or_for_a_seat_of_somebody_else(session: Session, cast: Cast, item: Item) -> None:
    made.reviewed(session, cast, item)
    votes(session, cast, item, ben=YES)
    with pytest.raises(council.VoteRefused, match="one person casts one vote"):
        votes(session, cast, item, ben=NO)
    with pytest.raises(council.VoteRefused, match="cannot cast the vote of the seat"):
        council.vote(session, cast.cleo, item.id, choice=YES, reason="for legal", seat="legal")
    with pytest.raises(council.NotYourSeat):
        votes(session, cast, item, gil=YES)
    with pytest.raises(council.VoteRefused, match="asked for it"):
        votes(session, cast, item, rex=YES)


def test_a_recused_holder_is_replaced_by_the_deputy(session: Session, cast: Cast, item: Item) -> None:
    with pytest.raises(council.VoteRefused):
        votes(session, cast, item, finn=YES)
    council.recuse(session, cast.ada, item.id, "my sister leads the vendor")
    with pytest.raises(council.VoteRefused, match="recused"):
        votes(session, cast, item, ada=YES)
    done = votes(session, cast, item, finn=YES)
    assert [(one.seat, one.capacity.value) for one in done.votes] == [("legal", "deputy")]
    with pytest.raises(council.StepRefused):
        council.recuse(session, cast.finn, item.id, "too late for that")
    retold(session, item.id)


def test_a_deputy_steps_in_late_and_a_delegate_at_once(
    session: Session, cast: Cast, item: Item, today: FixedClock
) -> None:
    until = NOW + timedelta(days=30)
    council.delegate(session, cast.ben, "ai-council", seat="privacy", taker=cast.gil.ref, until=until)
    for taker in (cast.ben, cast.rex, cast.gil):
        with pytest.raises(council.CouncilInvalid):
            council.delegate(session, cast.gil, "ai-council", seat="privacy", taker=taker.ref, until=until)
    done = votes(session, cast, item, gil=NO)
    assert [(one.seat, one.capacity.value) for one in done.votes] == [("privacy", "delegate")]
    with pytest.raises(council.VoteRefused, match="has voted"):
        council.vote(session, cast.ben, item.id, choice=YES, reason="I meant yes", seat="privacy")
    today.advance(timedelta(days=5))
    assert {one.seat for one in votes(session, cast, item, finn=YES).votes} == {"legal", "privacy"}


def test_the_vote_of_a_member_who_leaves_stands(session: Session, cast: Cast, item: Item) -> None:
    made.reviewed(session, cast, item)
    votes(session, cast, item, ada=YES, eve=YES)
    council.unseat_member(session, made.OFFICE, "ai-council", seat="business", person=cast.eve.ref)
    council.unseat_member(session, made.OFFICE, "ai-council", seat="risk", person=cast.cleo.ref)
    standing = council.standing_of(session, cast.ben, item.id)
    assert (standing.tally.yes, standing.tally.empty, standing.own_seats) == (2, ("risk",), ("privacy",))
    assert any("nobody can vote for the seat risk" in line for line in standing.mend)
    votes(session, cast, item, ben=YES, dan=YES)
    assert council.get_item(session, item.id).state is ItemState.open, "risk is required, and nobody sits there"
    council.seat_member(session, made.OFFICE, "ai-council", seat="risk", person=cast.gil.ref)
    assert votes(session, cast, item, gil=NO).state is ItemState.approved


# --- when the time is over ---------------------------------------------------------------------------------------


def leaves(session: Session, actor: Actor) -> None:
    """The account is closed; nobody thinks of the council."""
    identity.deactivate_person(session, made.OFFICE, actor.ref.partition(":")[2])


def test_a_member_whose_account_is_closed_has_left_the_seat(session: Session, cast: Cast, item: Item) -> None:
    leaves(session, cast.ada)
    leaves(session, cast.cleo)
    told = council.standing_of(session, cast.ben, item.id)
    assert [one.person for one in told.voices["legal"]] == [cast.finn.ref], "the deputy, at once"
    assert "risk" in told.tally.empty and any("seat risk" in line and "can fill it" in line for line in told.mend)
    assert council.members_of(session, "ai-council") == tuple(
        cast.people[name].ref for name in ("ben", "dan", "eve", "finn")
    )
    body = council.seat_member(session, made.OFFICE, "ai-council", seat="risk", person=cast.gil.ref)
    assert [one.person for one in body.members if one.seat == "risk" and one.until is None] == [cast.gil.ref]
    with pytest.raises(council.CouncilInvalid):
        council.seat_member(session, made.OFFICE, "ai-council", seat="legal", person=cast.ada.ref)
    retold(session, item.id)


def test_a_vote_that_was_handed_to_somebody_who_left_goes_back(session: Session, cast: Cast, item: Item) -> None:
    until = NOW + timedelta(days=9)
    council.delegate(session, cast.cleo, "ai-council", seat="risk", taker=cast.gil.ref, until=until)
    council.delegate(session, cast.gil, "ai-council", seat="risk", taker=cast.finn.ref, until=until)
    assert len(council.standing_of(session, cast.ben, item.id).voices["risk"]) == 3
    leaves(session, cast.gil)
    assert [one.person for one in council.standing_of(session, cast.ben, item.id).voices["risk"]] == [cast.cleo.ref]


def test_what_is_not_decided_in_time_goes_to_the_sponsor_who_cannot_approve_it(
    session: Session, cast: Cast, item: Item, today: FixedClock
) -> None:
    made.reviewed(session, cast, item)
    votes(session, cast, item, ada=YES, ben=YES)
    today.advance(timedelta(days=10))
    with pytest.raises(council.VoteRefused, match="the time to vote ended"):
        votes(session, cast, item, cleo=YES)
    assert council.settle_council(session) == 1
    late = council.get_item(session, item.id)
    assert (late.state, late.why[0]) == (ItemState.escalated, "2 of 3 seats of the quorum have voted")
    for actor in (cast.ben, cast.rex, cast.olga):
        with pytest.raises(council.NotYourSeat):
            council.extend(session, actor, item.id, days=3, reason="more time")
    council.extend(session, cast.sam, item.id, days=3, reason="cleo was ill")
    done = votes(session, cast, item, cleo=YES, dan=YES, eve=YES)
    assert done.state is ItemState.approved
    retold(session, item.id)


def test_a_quorum_that_voted_decides_at_the_end_of_the_time(
    session: Session, cast: Cast, item: Item, today: FixedClock
) -> None:
    made.reviewed(session, cast, item)
    votes(session, cast, item, ada=YES, ben=YES, cleo=NO)
    today.advance(timedelta(days=11))
    council.settle_council(session)
    done = council.get_item(session, item.id)
    assert (done.state, done.decided_by) == (ItemState.approved, SYSTEM.ref)
    approval = governance.get_approval(session, str(item.approval))
    assert approval.approved_by in (cast.ada.ref, cast.ben.ref)
    retold(session, item.id)


def test_the_chair_closes_only_what_is_certain(session: Session, cast: Cast, item: Item) -> None:
    made.reviewed(session, cast, item)
    votes(session, cast, item, ada=YES, ben=YES)
    with pytest.raises(council.StepRefused):
        council.close_vote(session, cast.ada, item.id)
    votes(session, cast, item, cleo=YES)
    with pytest.raises(council.NotYourSeat):
        council.close_vote(session, cast.ben, item.id)
    assert council.close_vote(session, cast.ada, item.id).state is ItemState.approved


def test_new_evidence_stops_the_vote(session: Session, cast: Cast, item: Item) -> None:
    governance.update_usecase(session, made.OFFICE, "lead-scoring", changes={"purpose": "Score everybody"}, risk={})
    with pytest.raises(governance.ApprovalDrift):
        votes(session, cast, item, ada=YES)


# --- conditions --------------------------------------------------------------------------------------------------


def test_a_condition_is_due_met_accepted_by_another_and_missed_in_between(
    session: Session, cast: Cast, item: Item, today: FixedClock
) -> None:
    made.reviewed(session, cast, item)
    wanted = council.propose_condition(
        session, cast.ben, item.id, text="tell people that a model ranks them", owner=cast.olga.ref, days=14
    )
    done = votes(session, cast, item, ada=YES, ben=YES, cleo=YES, dan=YES, eve=NO)
    kept = done.conditions[0]
    assert (kept.id, kept.due_at) == (wanted.id, NOW + timedelta(days=14))
    assert council.missed_of(session, ["lead-scoring"]) == {}
    today.advance(timedelta(days=14))
    assert [one.id for one in council.missed_of(session, ["lead-scoring"])["lead-scoring"]] == [wanted.id]
    with pytest.raises(council.NotYourSeat):
        council.meet_condition(session, cast.ben, wanted.id, "the notice is up")
    with pytest.raises(council.StepRefused):
        council.accept_condition(session, cast.ben, wanted.id, "seen it")
    council.meet_condition(session, cast.olga, wanted.id, "the notice is on the page since Monday")
    assert council.missed_of(session, ["lead-scoring"]), "shown is not accepted"
    council.return_condition(session, cast.cleo, wanted.id, "the German page lacks it")
    council.meet_condition(session, cast.olga, wanted.id, "on both pages now")
    for actor in (cast.olga, cast.rex, cast.gil):
        with pytest.raises(council.NotYourSeat):
            council.accept_condition(session, actor, wanted.id, "seen it")
    council.accept_condition(session, cast.cleo, wanted.id, "seen on both")
    assert council.missed_of(session, ["lead-scoring"]) == {}
    retold(session, item.id)


def test_a_missed_condition_blocks_the_gate_again_and_names_who_mends_it(
    session: Session, cast: Cast, item: Item, today: FixedClock
) -> None:
    def control(gate: governance.GateResult) -> tuple[str, str]:
        [found] = [one for one in gate.controls if one.id == "HW-COUNCIL-CONDITIONS"]
        return found.status.value, found.reason

    def ask() -> governance.GateResult:
        return governance.evaluate_gate(
            session, environment="production", subject=SUBJECT, subject_digest=SUBJECT_DIGEST, usecase="lead-scoring"
        )

    made.reviewed(session, cast, item)
    wanted = council.propose_condition(
        session, cast.ben, item.id, text="tell people that a model ranks them", owner=cast.olga.ref, days=14
    )
    votes(session, cast, item, ada=YES, ben=YES, cleo=YES, dan=YES, eve=NO)
    assert control(ask())[0] == "passed"
    today.advance(timedelta(days=14))
    status, reason = control(ask())
    assert status == "failed" and "tell people" in reason and "Olga has to show that it is met" in reason
    council.meet_condition(session, cast.olga, wanted.id, "the notice is on the page since Monday")
    assert "a member of the council has to accept" in control(ask())[1]
    council.accept_condition(session, cast.cleo, wanted.id, "seen it")
    assert control(ask())[0] == "passed"


def test_a_condition_of_somebody_who_left_is_given_to_somebody_else(
    session: Session, cast: Cast, item: Item, today: FixedClock
) -> None:
    made.reviewed(session, cast, item)
    wanted = council.propose_condition(
        session, cast.ben, item.id, text="tell people that a model ranks them", owner=cast.olga.ref, days=14
    )
    with pytest.raises(council.StepRefused):  # it counts only once there is a yes
        council.give_condition(session, cast.cleo, wanted.id, cast.gil.ref, "Olga left")
    votes(session, cast, item, ada=YES, ben=YES, cleo=YES, dan=YES, eve=NO)
    leaves(session, cast.olga)
    today.advance(timedelta(days=14))
    facts = council.facts_for(session, ["lead-scoring"], clock.now())["lead-scoring"]["council"]
    assert "Olga is not here any more, so a member of the council has to give it" in str(facts["reason"])
    for actor in (cast.rex, cast.gil, cast.sam):
        with pytest.raises(council.NotYourSeat):
            council.give_condition(session, actor, wanted.id, cast.gil.ref, "Olga left")
    with pytest.raises(council.CouncilInvalid):
        council.give_condition(session, cast.cleo, wanted.id, cast.olga.ref, "she may come back")
    given = council.give_condition(session, cast.cleo, wanted.id, cast.gil.ref, "Olga left")
    assert (given.owner, given.due_at) == (cast.gil.ref, NOW + timedelta(days=14))
    council.meet_condition(session, cast.gil, wanted.id, "the notice is on the page since Monday")
    with pytest.raises(council.StepRefused):  # it was shown; somebody accepts it or sends it back first
        council.give_condition(session, cast.cleo, wanted.id, cast.sam.ref, "Gil is ill")
    council.accept_condition(session, cast.cleo, wanted.id, "seen it")
    assert council.missed_of(session, ["lead-scoring"]) == {}
    retold(session, item.id)


def test_no_condition_comes_after_the_first_vote(session: Session, cast: Cast, item: Item) -> None:
    votes(session, cast, item, ben=YES)
    with pytest.raises(council.StepRefused):
        council.propose_condition(session, cast.cleo, item.id, text="one more thing", owner=cast.olga.ref, days=3)


# --- by rules alone ----------------------------------------------------------------------------------------------


def test_minimal_risk_on_an_approved_pattern_is_decided_by_rules_and_shows_why(session: Session) -> None:
    people = made.people(session)
    made.body(session, people)
    open_usecase(session, slug="drafting")
    governance.classify(session, made.OFFICE, "drafting")
    until = (NOW + timedelta(days=90)).date()
    asked = governance.ask_umbrella(
        session, made.OFFICE, "drafting", conditions="no customer data", tier="minimal", valid_until=until
    )
    governance.approve_umbrella(session, people.ada, asked.id)
    governance.register_use(session, people.gil, asked.id, department="sales", what_for="drafts of letters")
    [one] = council.list_items(session).items
    assert (one.lane.value, one.state, one.decided_by) == ("automatic", ItemState.approved, SYSTEM.ref)
    assert one.why[0] == "the tier is minimal"
    assert asked.id in one.why[-1]
    shown = council.figures(session)
    assert (shown.automatic, shown.share_automatic, shown.oldest_days) == (1, 1.0, None)
    retold(session, one.id)
    told = council.intake_lanes(session)
    assert (told.by_rules, told.by_people, told.share) == (1, 1, 0.5), "the pattern's own entry was opened by a person"
    [pattern] = told.patterns
    assert (pattern.umbrella, pattern.registrations) == (asked.id, 1)
    assert pattern.why[0] == "the tier is minimal" and "Ada approved the pattern" in pattern.why


def test_everything_that_waits_for_people_is_told_with_its_age(session: Session, cast: Cast, item: Item) -> None:
    with clock.fixed(NOW + timedelta(days=3)):
        open_usecase(session, slug="drafting")
        governance.classify(session, made.OFFICE, "drafting")
        until = (NOW + timedelta(days=90)).date()
        governance.ask_umbrella(session, cast.gil, "drafting", conditions="none", tier="minimal", valid_until=until)
    with clock.fixed(NOW + timedelta(days=4)):
        open_usecase(session, slug="untold", risk=None)
    with clock.fixed(NOW + timedelta(days=5)):
        told = council.intake_lanes(session)
    assert [(one.ref, one.lane.value, one.days) for one in told.others] == [
        (f"council-item:{item.id}", "council", 5), ("usecase:drafting", "reviewer", 2),
        ("usecase:untold", "council", 1),
    ]  # fmt: skip
    assert (told.by_rules, told.share) == (0, 0.0), "the approval of the item is not told a second time"


# --- what the database itself refuses ----------------------------------------------------------------------------

VOTE = "insert into governance.council_votes values (:item, :seat, :person, 'holder', 'yes', 'a reason', :at)"


NO_VOTES = (
    ("legal", "rex", 0),
    ("legal", "gil", 0),
    ("business", "ben", 0),
    ("legal", "ada", 11),
    ("legal", "ada", -1),
)
ROADS = (
    "update governance.council_items set state = 'approved', decided_at = now(), decided_by = 'person:x' where id = :item",
    "update governance.council_items set closes_at = closes_at + interval '9 days' where id = :item",
    "update governance.council_items set rules = '{\"quorum\": 0}' where id = :item",
    "delete from governance.council_items where id = :item",
    "update governance.council_votes set choice = 'no' where item = :item",
    "delete from governance.council_votes where item = :item",
    "update governance.council_recusals set reason = 'x' where item = :item",
    "delete from governance.council_recusals where item = :item",
    "update governance.council_members set person = 'person:x' where :item <> ''",
    "insert into governance.votes select approval, 'person:x', 'fine', now() from governance.council_items where id = :item",
    "insert into governance.votes select approval, person, 'fine', now() from governance.council_votes v "
    "join governance.council_items i on i.id = v.item where i.id = :item",
    "update governance.approvals set state = 'approved', approved_by = 'person:x', decided_at = now() "
    "where id = (select approval from governance.council_items where id = :item)",
)


def test_the_database_itself_refuses_what_is_no_vote_and_every_road_around_the_council(
    session: Session, cast: Cast, item: Item
) -> None:
    for seat, who, late in NO_VOTES:
        values = {"item": item.id, "seat": seat, "person": cast.people[who].ref, "at": NOW + timedelta(days=late)}
        with pytest.raises(IntegrityError, match="council_votes"), session.begin_nested():
            session.execute(text(VOTE), values)
    votes(session, cast, item, ada=YES)
    for statement in ROADS:
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(statement), {"item": item.id})


def test_each_step_leaves_an_entry(session: Session, cast: Cast, item: Item) -> None:
    made.reviewed(session, cast, item)
    votes(session, cast, item, ada=YES, ben=YES, cleo=YES, dan=YES, eve=YES)
    types = [one.type for one in reversed(ledger.find(session, subject=f"council-item:{item.id}").items)]
    assert types == ["council.opened", *["council.reviewed"] * 2, *["council.voted"] * 5, "council.approved"]
