"""How the council comes to a decision: quorum, reviews, majority, ties and the end of time. Values in, an outcome out."""

from __future__ import annotations

from datetime import datetime

from headway.governance.council.entities import VALIDATOR, Body, Choice, Item, ItemState, Outcome, Rules, Tally
from headway.governance.council.voting import voices


def is_over(item: Item, at: datetime) -> bool:
    """Tell whether the time to vote is over."""
    return at >= item.closes_at


def seats_of(body: Body, item: Item) -> tuple[str, ...]:
    """Name the seats that count for an item: those of the body, those it requires, and those that voted."""
    return tuple(sorted({*body.seats, *item.rules.required, *(vote.seat for vote in item.votes)}))


def tally(body: Body, item: Item, at: datetime) -> Tally:
    """Count the votes, and name what is missing. A vote that was cast stands, whoever holds the seat now."""
    cast = {vote.seat for vote in item.votes}
    spoken = {vote.person for vote in item.votes}
    able = {
        seat: any(voice.person not in spoken for voice in voices(body, item, seat, at))
        for seat in seats_of(body, item)
        if seat not in cast
    }
    counts = {choice: sum(vote.choice is choice for vote in item.votes) for choice in Choice}
    waiting = tuple(seat for seat, can in able.items() if can)
    given = {review.part for review in item.reviews}
    return Tally(
        yes=counts[Choice.yes],
        no=counts[Choice.no],
        abstain=counts[Choice.abstain],
        waiting=waiting,
        empty=tuple(seat for seat, can in able.items() if not can),
        missing_seats=tuple(seat for seat in item.rules.required if seat not in cast),
        missing_reviews=tuple(part for part in item.rules.reviews if part not in given),
        has_quorum=len(cast) >= item.rules.quorum,
        is_certain=_is_certain(counts, len(waiting), item),
    )


def _is_certain(counts: dict[Choice, int], waiting: int, item: Item) -> bool:
    """Tell whether the seats that have not voted can no longer change the outcome."""
    yes, no = counts[Choice.yes], counts[Choice.no]
    needed = item.rules.needed
    return yes + waiting < needed or no > yes + waiting or (yes > no + waiting and yes >= needed)


def is_complete(told: Tally) -> bool:
    """Tell whether everything is there without which nothing is decided."""
    return told.has_quorum and not told.missing_seats and not told.missing_reviews


def outcome(body: Body, item: Item, at: datetime, *, is_closing: bool = False) -> Outcome | None:
    """Say what an open item has come to; None while it is open.

    It is decided when all seats that can vote have, or when the chair closes a vote whose outcome is certain, or at the
    end of its time. What is incomplete then goes to the sponsor; it is never decided.
    """
    if item.state is not ItemState.open:
        return None
    told = tally(body, item, at)
    if not is_complete(told):
        return Outcome(state=ItemState.escalated, why=lacking(told, item.rules)) if is_over(item, at) else None
    if told.waiting and not is_over(item, at) and not (is_closing and told.is_certain):
        return None
    return _decided(told, item)


def lacking(told: Tally, rules: Rules) -> tuple[str, ...]:
    """Say what keeps an item from being decided."""
    cast = told.yes + told.no + told.abstain
    lines = [] if told.has_quorum else [f"{cast} of {rules.quorum} seats of the quorum have voted"]
    lines += [f"the seat {seat} has not voted" for seat in told.missing_seats]
    lines += [f"the review of {part} is missing" for part in told.missing_reviews]
    return (*lines, *(f"nobody can vote for the seat {seat}" for seat in told.empty))


def _decided(told: Tally, item: Item) -> Outcome:
    counted = f"{told.yes} yes, {told.no} no, {told.abstain} abstain"
    if told.yes == told.no:
        return _tied(told, item, counted)
    if told.yes < told.no:
        return Outcome(state=ItemState.rejected, why=(counted, "more said no than yes"))
    return _carried(told, item, (counted, "more said yes than no"))


def _tied(told: Tally, item: Item, counted: str) -> Outcome:
    """A tie is decided by the vote of the chair's seat where the body's rules say so; otherwise it is a no."""
    chair = next((vote for vote in item.votes if vote.seat == item.rules.chair), None)
    if item.rules.tie == "chair" and chair is not None and chair.choice is Choice.yes:
        return _carried(told, item, (counted, "a tie, and the chair said yes"))
    return Outcome(state=ItemState.rejected, why=(counted, "a tie, which is a no"))


def _carried(told: Tally, item: Item, why: tuple[str, ...]) -> Outcome:
    if told.yes < item.rules.needed:
        short = f"the approval needs the yes of {item.rules.needed} people"
        return Outcome(state=ItemState.rejected, why=(*why, short))
    return Outcome(state=ItemState.approved, why=why)


def faults_of_vote(body: Body, item: Item, person: str, seat: str, at: datetime) -> list[str]:
    """Say everything for which somebody cannot cast the vote of a seat now; empty when they can."""
    found = []
    if item.state is not ItemState.open:
        found.append(f"{item.id} is {item.state.value}")
    if is_over(item, at):
        found.append(f"the time to vote ended at {item.closes_at:%Y-%m-%d %H:%M} UTC")
    if person == item.requested_by:
        found.append(f"{person} asked for it and cannot vote on it")
    found += [f"{person} is recused: {one.reason}" for one in item.recusals if one.person == person]
    if seat == VALIDATOR and person in item.rules.makers:
        found.append(f"{person} proposed it or made the version, and cannot validate it independently")
    if any(vote.person == person for vote in item.votes):
        found.append(f"{person} has voted; one person casts one vote")
    if any(vote.seat == seat for vote in item.votes):
        found.append(f"the seat {seat} has voted")
    if not any(voice.person == person for voice in voices(body, item, seat, at)) and not found:
        found.append(f"{person} cannot cast the vote of the seat {seat} now")
    return found
