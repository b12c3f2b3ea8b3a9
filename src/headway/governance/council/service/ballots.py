"""What members do with an item: step back, review, propose conditions, vote, and close a vote that is certain."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance import mandates
from headway.governance.council import lanes, procedure, voting
from headway.governance.council.conditions import LONGEST
from headway.governance.council.entities import OWNER, Body, Capacity, Choice, Condition, Item, ItemState
from headway.governance.council.errors import CouncilInvalid, NotYourSeat, StepRefused, VoteRefused
from headway.governance.council.service.bodies import check_text
from headway.governance.council.service.deciding import decide
from headway.governance.council.service.fulfilling import get_condition
from headway.governance.council.service.reading import as_it_counts, is_owner, ref
from headway.governance.council.store import add, meeting_for
from headway.governance.council.tables import ConditionRow, RecusalRow, ReviewRow, SeatVoteRow
from headway.governance.errors import ApprovalDrift
from headway.governance.service import approving, usecases
from headway.governance.service.people import need_person
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import new_id


def recuse(session: Session, actor: Actor, item_id: str, reason: str) -> Item:
    """Step back from an item for a conflict of interest, for good; a deputy of the seat may then vote.

    Raises: StepRefused: it is not open, or the asker voted or stepped back before; NotYourSeat; CouncilInvalid.
    """
    need_person(actor, "step back from an item")
    said = check_text("reason", reason)
    body, item = _open(session, item_id)
    if any(one.person == actor.ref for one in item.recusals):
        raise StepRefused(f"{actor.ref} takes no part in {item_id} already", values={"item": item_id})
    if any(one.person == actor.ref for one in item.votes):
        raise StepRefused(f"{actor.ref} voted on {item_id}; a vote stands", values={"item": item_id})
    seats = _seats_of(body, item, actor.ref, is_member=True)
    _need_seat(actor, item_id, seats)
    now = clock.now()
    add(session, RecusalRow(item=item_id, person=actor.ref, reason=said, is_automatic=False, at=now))
    payload = {"usecase": item.usecase, "person": actor.ref, "reason": said, "at": now}
    ledger.record(session, actor=actor, type="council.recused", subject=ref(item_id), payload=payload)
    return decide(session, actor, item_id)


def review(session: Session, actor: Actor, item_id: str, *, part: str, supports: bool, text: str) -> Item:
    """Say as a seat, or as the owner of the use case, what the others should know before they vote; once each.

    Raises: NotYourSeat, StepRefused, CouncilInvalid.
    """
    need_person(actor, "review an item")
    said = check_text("text", text)
    body, item = _open(session, item_id)
    is_allowed = is_owner(session, item, actor.ref) if part == OWNER else part in _seats_of(body, item, actor.ref)
    if not is_allowed:
        _need_seat(actor, item_id, [])
    if any(one.part == part for one in item.reviews):
        raise StepRefused(f"{part} has reviewed {item_id}; it stands", values={"item": item_id, "part": part})
    if part != OWNER and (faults := _not_named(session, item, "reviews", part)):
        raise StepRefused("; ".join(faults), values={"item": item_id, "part": part})
    now = clock.now()
    add(session, ReviewRow(item=item_id, part=part, person=actor.ref, supports=supports, text=said, at=now))
    payload = {"usecase": item.usecase, "part": part, "supports": supports, "reason": said, "at": now}
    ledger.record(session, actor=actor, type="council.reviewed", subject=ref(item_id), payload=payload)
    return decide(session, actor, item_id)


def _not_named(session: Session, item: Item, step: mandates.Step, seat: str) -> list[str]:
    """What the decision rights have against a seat's part."""
    case = usecases.get_usecase(session, item.usecase)
    fault = mandates.seat_fault(session, case, item.environment, step, seat)
    return [fault] if fault else []


def propose_condition(session: Session, actor: Actor, item_id: str, *, text: str, owner: str, days: int) -> Condition:
    """Propose what must be done by so many days after a yes; before the first vote, so that all vote on the same.

    Args: owner: who has to meet it, by reference, mail address or name. days: 0 is due with the decision.
    """
    need_person(actor, "propose a condition")
    found = identity.find_person(session, owner)
    faults = lanes.text_fault("text", text)
    if found is None:
        message = f"{owner} is nobody who is active here"
        faults.append(Fault(rule="council.owner", column="owner", value=owner, message=message))
    if not 0 <= days <= LONGEST:
        message = f"a condition is due within {LONGEST} days of the decision"
        faults.append(Fault(rule="council.days", column="days", value=str(days), message=message))
    if faults or found is None:
        raise CouncilInvalid("; ".join(fault.message for fault in faults), faults=faults)
    body, item = _open(session, item_id)
    _need_seat(actor, item_id, _seats_of(body, item, actor.ref))
    if item.votes:
        raise StepRefused(
            f"votes were cast on {item_id}; a condition now would change what they were for",
            hint="vote no with the condition as the reason",
            values={"item": item_id},
        )
    now, condition_id = clock.now(), new_id("cco")
    values = {"text": text.strip(), "owner": found.ref, "days": days}
    add(session, ConditionRow(id=condition_id, item=item_id, proposed_by=actor.ref, proposed_at=now, **values))
    payload = {"usecase": item.usecase, "condition": condition_id, "person": found.ref, "at": now, **values}
    ledger.record(session, actor=actor, type="council.condition_proposed", subject=ref(item_id), payload=payload)
    return get_condition(session, condition_id)


def vote(session: Session, actor: Actor, item_id: str, *, choice: Choice, reason: str, seat: str | None = None) -> Item:
    """Cast the vote of a seat, with a reason; the last one that is needed decides the item and the approval behind it.

    It names the meeting when the asker is at one that has the item on its agenda; else it is given in writing.

    Args: seat: may be left out by who can vote for one seat alone.
    Raises: VoteRefused with everything that stands against it; NotYourSeat; ApprovalDrift: what was asked for changed.
    """
    need_person(actor, "vote")
    said = check_text("reason", reason)
    body, item = as_it_counts(session, item_id)
    chosen = seat or _only_seat(body, item, actor)
    now = clock.now()
    faults = [
        *procedure.faults_of_vote(body, item, actor.ref, chosen, now),
        *_not_named(session, item, "decides", chosen),
    ]
    if faults:
        raise VoteRefused("; ".join(faults), values={"item": item_id, "seat": chosen})
    _refuse_drift(session, item)
    found = next(one for one in voting.voices(body, item, chosen, now) if one.person == actor.ref)
    meeting = meeting_for(session, item_id, actor.ref)
    add(
        session,
        SeatVoteRow(
            item=item_id,
            seat=chosen,
            person=actor.ref,
            capacity=Capacity(found.capacity).value,
            choice=choice.value,
            reason=said,
            at=now,
            meeting=meeting,
        ),
    )
    payload = {"usecase": item.usecase, "seat": chosen, "capacity": found.capacity.value, "choice": choice.value}
    payload |= {"meeting": meeting} if meeting else {}
    ledger.record(
        session, actor=actor, type="council.voted", subject=ref(item_id), payload=payload | {"reason": said, "at": now}
    )
    return decide(session, actor, item_id)


def close_vote(session: Session, actor: Actor, item_id: str) -> Item:
    """End a vote early, as the chair, when the seats that have not voted can no longer change what comes of it.

    Raises: NotYourSeat; StepRefused: it is not open, or not certain.
    """
    body, item = _open(session, item_id)
    chair = item.rules.chair
    if chair is None or actor.ref != voting.holder_of(body.members, chair, clock.now()):
        raise NotYourSeat(
            f"only the chair closes the vote on {item_id}",
            hint="wait for the other seats, or for the end of the time",
            values={"rule": "council.chair", "item": item_id},
        )
    if any(one.person == actor.ref for one in item.recusals):
        raise NotYourSeat(f"{actor.ref} takes no part in {item_id}", values={"rule": "council.recused"})
    done = decide(session, actor, item_id, is_closing=True)
    if done.state is ItemState.open:
        told = procedure.tally(body, item, clock.now())
        lacking = procedure.lacking(told, item.rules) or ("the seats that have not voted can still change it",)
        raise StepRefused(f"{item_id} cannot be closed: {'; '.join(lacking)}", values={"item": item_id})
    return done


def _open(session: Session, item_id: str) -> tuple[Body, Item]:
    body, item = as_it_counts(session, item_id)
    if item.state is not ItemState.open:
        raise StepRefused(f"{item_id} is {item.state.value}", values={"item": item_id, "state": item.state.value})
    if procedure.is_over(item, clock.now()):
        raise StepRefused(
            f"the time of {item_id} ended at {item.closes_at:%Y-%m-%d %H:%M} UTC", values={"item": item_id}
        )
    return body, item


def _seats_of(body: Body, item: Item, person: str, *, is_member: bool = False) -> list[str]:
    """The seats for which somebody may speak now. Args: is_member: count deputies whose turn has not come."""
    now = clock.now()
    found = [
        seat
        for seat in procedure.seats_of(body, item)
        if any(one.person == person for one in voting.voices(body, item, seat, now))
    ]
    if is_member:
        found += [one.seat for one in body.members if one.person == person and voting.is_member(one, now)]
    return found


def _only_seat(body: Body, item: Item, actor: Actor) -> str:
    free = [seat for seat in _seats_of(body, item, actor.ref) if not any(one.seat == seat for one in item.votes)]
    if len(free) == 1:
        return free[0]
    mine = free or _seats_of(body, item, actor.ref, is_member=True)
    if len(set(mine)) == 1:
        return mine[0]
    if mine:
        raise VoteRefused(f"name the seat: {', '.join(sorted(set(mine)))}", values={"item": item.id})
    faults = procedure.faults_of_vote(body, item, actor.ref, "", clock.now())
    if len(faults) == 1 and "cannot cast the vote of the seat" in faults[0]:
        _need_seat(actor, item.id, [])
    raise VoteRefused("; ".join(faults), values={"item": item.id})


def _need_seat(actor: Actor, item_id: str, seats: list[str]) -> None:
    if not seats:
        raise NotYourSeat(
            f"{actor.ref} has no seat that can do this on {item_id} now",
            hint="the seats and who speaks for them are on the page of the item",
            values={"rule": "council.seat", "item": item_id},
        )


def _refuse_drift(session: Session, item: Item) -> None:
    approval = approving.get_approval(session, item.approval) if item.approval else None
    if approval is not None and (changed := approving.changed_since(session, approval)):
        raise ApprovalDrift(
            f"{' and '.join(changed)} changed after {approval.id} was asked for",
            hint="ask for approval again; what the council looked at is no longer what would be released",
            values={"approval": approval.id, "item": item.id},
        )
