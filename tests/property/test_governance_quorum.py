"""The quorum counts different people besides who asked; more votes never undo it, and nothing but votes reaches it."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from headway.governance import ApprovalState, Vote, quorum

AT = datetime(2026, 11, 23, tzinfo=UTC)
PEOPLE = st.sampled_from([f"person:{name}" for name in ("ana", "ben", "cleo", "dan", "eve")])
VOTES = st.lists(st.builds(Vote, person=PEOPLE, reason=st.just("read it"), at=st.just(AT)), max_size=12)
NEEDED = st.integers(quorum.LEAST, quorum.MOST)


@given(VOTES, PEOPLE, NEEDED)
def test_it_is_reached_when_enough_different_others_said_yes(votes: list[Vote], asker: str, needed: int) -> None:
    others = set()
    for vote in votes:
        if vote.person != asker:
            others.add(vote.person)
    assert quorum.is_reached(votes, asker, needed) == (len(others) >= needed)


@given(VOTES, PEOPLE, NEEDED, PEOPLE)
def test_one_vote_more_never_undoes_it_and_one_of_the_same_person_changes_nothing(
    votes: list[Vote], asker: str, needed: int, person: str
) -> None:
    more = [*votes, Vote(person=person, reason="again", at=AT)]
    before, after = (quorum.is_reached(given, asker, needed) for given in (votes, more))
    assert after or not before
    if person == asker or any(vote.person == person for vote in votes):
        assert after == before


@given(VOTES, PEOPLE, st.integers(-3, 0))
def test_a_quorum_of_nobody_is_never_reached(votes: list[Vote], asker: str, needed: int) -> None:
    assert not quorum.is_reached(votes, asker, needed)


@given(NEEDED, NEEDED, st.sampled_from(ApprovalState))
def test_raising_reaches_open_requests_alone_and_lowering_none(asked: int, now: int, state: ApprovalState) -> None:
    needed = quorum.needed(asked, now, state)
    assert needed >= asked
    assert needed == (max(asked, now) if state is ApprovalState.requested else asked)


@given(st.sampled_from(["sandbox", "pilot", "production", "moon"]), st.integers(-2, 12), st.text(max_size=3))
def test_a_wish_is_faultless_exactly_when_it_may_be_kept(environment: str, needed: int, reason: str) -> None:
    found = {fault.column for fault in quorum.faults(environment, needed, reason)}
    assert ("environment" in found) == (environment not in ("pilot", "production"))
    assert ("needed" in found) == (needed not in range(1, 10))
    assert ("reason" in found) == (not reason.strip())
