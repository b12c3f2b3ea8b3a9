"""How an item ends: decided by its rules, escalated when its time is over, given more time or given up by the sponsor."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance.council import conditions, procedure, store
from headway.governance.council.entities import Choice, Item, ItemState, Outcome
from headway.governance.council.errors import NotYourSeat, StepRefused
from headway.governance.council.service.bodies import check_text, get_body
from headway.governance.council.service.reading import as_counted, get_item, ref, sponsor_of
from headway.governance.entities import Approval, Vote
from headway.governance.service import approving
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor

LONGEST_EXTENSION = 30
VOTED = (ItemState.approved, ItemState.rejected)
"""What seats come to by voting; the rest nobody decides in a meeting."""


def decide(session: Session, actor: Actor, item_id: str, *, is_closing: bool = False) -> Item:
    """Look whether an open item has come to a decision, and write it down when it has."""
    item = as_counted(session, get_item(session, item_id))
    found = procedure.outcome(get_body(session, item.body), item, clock.now(), is_closing=is_closing)
    return item if found is None else conclude(session, actor, item, found)


def conclude(session: Session, actor: Actor, item: Item, found: Outcome) -> Item:
    """Write an outcome down, and let the approval follow it."""
    if found.state is ItemState.escalated:
        store.change_item(session, item.id, {"state": found.state.value, "why": list(found.why)})
        payload = {"usecase": item.usecase, "why": list(found.why), "sponsor": sponsor_of(session, item)}
        ledger.record(session, actor=actor, type="council.escalated", subject=ref(item.id), payload=payload)
        return get_item(session, item.id)
    approval = approving.get_approval(session, item.approval) if item.approval else None
    if found.state is ItemState.approved and approval and (changed := approving.changed_since(session, approval)):
        found = Outcome(state=ItemState.lapsed, why=(*found.why, f"{' and '.join(changed)} changed meanwhile"))
    write_end(session, actor, item, found)
    if approval is not None:
        yes = [Vote(person=one.person, reason=one.reason, at=one.at) for one in item.votes if one.choice is Choice.yes]
        _follow(session, actor, approval, found, yes)
    return get_item(session, item.id)


def _follow(session: Session, actor: Actor, approval: Approval, found: Outcome, yes: list[Vote]) -> None:
    reason = "; ".join(found.why)
    if found.state is ItemState.approved:
        approving.carry(session, actor, approval.id, yes, reason)
    else:
        approving.turn_down(session, actor, approval.id, reason)


def write_end(session: Session, actor: Actor, item: Item, found: Outcome) -> None:
    """Write how an item ended, and when its conditions are due; the approval is left to the caller."""
    now = clock.now()
    told = procedure.tally(get_body(session, item.body), item, now)
    meeting = store.meeting_for(session, item.id, actor.ref) if found.state in VOTED else None
    values = {"state": found.state.value, "decided_at": now, "decided_by": actor.ref, "why": list(found.why)}
    store.change_item(session, item.id, values | {"meeting": meeting})
    due = {}
    if found.state is ItemState.approved:
        for one in item.conditions:
            due[one.id] = conditions.due(now, one.days)
            store.change_condition(session, one.id, {"due_at": due[one.id]})
    payload: dict[str, object] = {**values, "usecase": item.usecase, "approval": item.approval, "tally": asdict(told)}
    payload |= {"due": due, "needed": item.rules.needed, "requested_by": item.requested_by, "meeting": meeting}
    ledger.record(session, actor=actor, type=f"council.{found.state.value}", subject=ref(item.id), payload=payload)


def settle_council(session: Session) -> int:
    """Decide or escalate what is over; gives how many. Safe to repeat."""
    due = store.due_items(session, clock.now())
    for item_id in due:
        decide(session, SYSTEM, item_id)
    return len(due)


def extend(session: Session, actor: Actor, item_id: str, *, days: int, reason: str) -> Item:
    """Give an escalated item more time; the sponsor's, or the AI office's where no sponsor is known here.

    Raises: ItemUnknown, StepRefused, NotYourSeat, CouncilInvalid.
    """
    item, said = _escalated(session, actor, item_id, reason)
    if not 1 <= days <= LONGEST_EXTENSION:
        raise StepRefused(f"give it 1 to {LONGEST_EXTENSION} days more", values={"days": days})
    closes_at = clock.now() + timedelta(days=days)
    store.change_item(session, item_id, {"state": ItemState.open.value, "closes_at": closes_at, "why": [said]})
    payload = {"usecase": item.usecase, "closes_at": closes_at, "reason": said, "requested_by": item.requested_by}
    ledger.record(session, actor=actor, type="council.extended", subject=ref(item_id), payload=payload)
    return get_item(session, item_id)


def take_back(session: Session, actor: Actor, item_id: str, reason: str) -> Item:
    """Give an escalated item up; the sponsor's, as ``extend``. Nobody can approve it so."""
    item, said = _escalated(session, actor, item_id, reason)
    return conclude(session, actor, item, Outcome(state=ItemState.rejected, why=(f"given up by its sponsor: {said}",)))


def _escalated(session: Session, actor: Actor, item_id: str, reason: str) -> tuple[Item, str]:
    said = check_text("reason", reason)
    item = get_item(session, item_id, lock=True)
    if item.state is not ItemState.escalated:
        raise StepRefused(f"{item_id} is {item.state.value}, not escalated", values={"item": item_id})
    if not may_extend(session, actor, item):
        sponsor = sponsor_of(session, item)
        raise NotYourSeat(
            f"{sponsor or 'the AI office'} decides what becomes of {item_id}",
            hint="ask the sponsor of the use case",
            values={"rule": "council.sponsor", "item": item_id},
        )
    return item, said


def may_extend(session: Session, actor: Actor, item: Item) -> bool:
    """Tell whether somebody decides what becomes of an escalated item: its sponsor, else the AI office; never who asked."""
    if item.state is not ItemState.escalated or actor.ref == item.requested_by:
        return False
    sponsor = sponsor_of(session, item)
    is_office = any(one.role == "ai_office" for one in actor.roles)
    return actor.ref == sponsor or (sponsor is None and is_office)
