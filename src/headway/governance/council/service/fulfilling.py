"""Conditions after a yes: their owner shows that one is met, another member accepts it; a missed one blocks at the gates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance.council import conditions, store, voting
from headway.governance.council.entities import Condition
from headway.governance.council.errors import ConditionUnknown, CouncilInvalid, NotYourSeat, StepRefused
from headway.governance.council.service.bodies import check_text, get_body
from headway.governance.council.service.reading import get_item
from headway.governance.service.people import need_person
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault, Scalar
from headway.kernel.ids import Ref


def meet_condition(session: Session, actor: Actor, condition_id: str, evidence: str) -> Condition:
    """Show that a condition is met; its owner's. It still blocks, once it is due, until somebody of the council accepts.

    Raises: ConditionUnknown, NotYourSeat, StepRefused, CouncilInvalid.
    """
    need_person(actor, "meet a condition")
    said = check_text("evidence", evidence)
    found = _locked(session, condition_id)
    if actor.ref != found.owner:
        raise NotYourSeat(
            f"{found.owner} has to meet {condition_id}",
            hint="tell them, and comment on the item",
            values={"rule": "council.condition_owner", "condition": condition_id},
        )
    if found.due_at is None or found.met_at is not None:
        message = "waits for somebody to accept it" if found.met_at else "counts only once its item is approved"
        raise StepRefused(f"{condition_id} {message}", values={"condition": condition_id})
    now = clock.now()
    store.change_condition(session, condition_id, {"met_by": actor.ref, "met_at": now, "evidence": said})
    _tell(session, actor, "council.condition_met", found, {"reason": said, "at": now})
    return get_condition(session, condition_id)


def accept_condition(session: Session, actor: Actor, condition_id: str, reason: str) -> Condition:
    """Accept what was shown, as a member of the council who neither met it nor asked for the item; it then never blocks."""
    found, said = _shown(session, actor, condition_id, reason)
    now = clock.now()
    store.change_condition(session, condition_id, {"accepted_by": actor.ref, "accepted_at": now})
    _tell(session, actor, "council.condition_accepted", found, {"reason": said, "at": now})
    return get_condition(session, condition_id)


def return_condition(session: Session, actor: Actor, condition_id: str, reason: str) -> Condition:
    """Say that what was shown is not enough; its owner shows something else. What was shown stays in the ledger."""
    found, said = _shown(session, actor, condition_id, reason)
    now = clock.now()
    store.change_condition(session, condition_id, {"met_by": None, "met_at": None, "evidence": None})
    payload = {"reason": said, "at": now, "shown": found.evidence, "shown_by": found.met_by}
    _tell(session, actor, "council.condition_returned", found, payload)
    return get_condition(session, condition_id)


def give_condition(session: Session, actor: Actor, condition_id: str, owner: str, reason: str) -> Condition:
    """Give a condition that nobody has shown as met to somebody else: who had it left, or cannot meet it. Its day stays.

    Args: owner: who has to meet it from now on, by reference, mail address or name.
    Raises: ConditionUnknown; StepRefused: it was shown, or its item is not approved; NotYourSeat: who asked for the item
    or is no member; CouncilInvalid.
    """
    need_person(actor, "give a condition to somebody")
    said, taker = check_text("reason", reason), identity.find_person(session, owner)
    if taker is None:
        message = f"{owner} is nobody who is active here"
        raise CouncilInvalid(
            message, faults=[Fault(rule="council.owner", column="owner", value=owner, message=message)]
        )
    found = _locked(session, condition_id)
    _need_member(session, actor, found, "gives it to somebody", out=())
    if found.due_at is None or found.met_at is not None:
        message = "waits for somebody to accept it" if found.met_at else "counts only once its item is approved"
        raise StepRefused(f"{condition_id} {message}", values={"condition": condition_id})
    if taker.ref == found.owner:
        return found
    store.change_condition(session, condition_id, {"owner": taker.ref})
    given, payload = get_condition(session, condition_id), {"reason": said, "at": clock.now(), "before": found.owner}
    _tell(session, actor, "council.condition_given", given, {**payload, "text": found.text, "owner": taker.ref})
    return given


def get_condition(session: Session, condition_id: str) -> Condition:
    """Read a condition; raises ConditionUnknown."""
    found = store.get_condition(session, condition_id)
    if found is None:
        raise ConditionUnknown(f"no condition {condition_id}", values={"condition": condition_id})
    return found


def list_conditions(session: Session, *, usecase: str | None = None) -> tuple[Condition, ...]:
    """Read the conditions that nobody has accepted yet, the first that is due first."""
    return tuple(store.open_conditions(session, None if usecase is None else [usecase]))


def missed_of(session: Session, usecases: Collection[str]) -> dict[str, tuple[Condition, ...]]:
    """Name the missed conditions of use cases, by use case; those that have none are left out."""
    now, found = clock.now(), dict[str, list[Condition]]()
    for one in store.open_conditions(session, usecases):
        found.setdefault(one.usecase, []).append(one)
    missed = {slug: conditions.missed(held, now) for slug, held in found.items()}
    return {slug: held for slug, held in missed.items() if held}


def facts_for(
    session: Session, usecases: Collection[str], at: datetime
) -> Mapping[str, Mapping[str, Mapping[str, Scalar]]]:
    """Gather what gates are told of the council's conditions, by use case; read for all of them together."""
    found: dict[str, list[Condition]] = {}
    for one in store.open_conditions(session, usecases) if store.has_bodies(session) else ():
        found.setdefault(one.usecase, []).append(one)
    owners = {one.owner for held in found.values() for one in conditions.missed(held, at)}
    names, gone = identity.names_of(session, owners), identity.closed_among(session, owners)
    return {
        slug: {"council": conditions.facts(found[slug], at, names, gone)} if slug in found else conditions.UNSET
        for slug in usecases
    }


def _shown(session: Session, actor: Actor, condition_id: str, reason: str) -> tuple[Condition, str]:
    need_person(actor, "accept a condition")
    said = check_text("reason", reason)
    found = _locked(session, condition_id)
    _need_member(session, actor, found, "and does not own it accepts it", out=(found.owner,))
    if found.met_at is None:
        raise StepRefused(f"nothing was shown for {condition_id} yet", values={"condition": condition_id})
    return found, said


def _need_member(session: Session, actor: Actor, found: Condition, does: str, *, out: Collection[str]) -> None:
    """Let members pass who did not ask for the item, take part in it, and are not among ``out``."""
    item = get_item(session, found.item)
    now, body = clock.now(), get_body(session, item.body)
    seats = [one for one in body.members if one.person == actor.ref and voting.is_member(one, now)]
    if not seats or actor.ref in {item.requested_by, *out, *(one.person for one in item.recusals)}:
        raise NotYourSeat(
            f"a member of {body.slug} who did not ask for {item.id} {does}",
            hint="ask a member of the council",
            values={"rule": "council.two_people", "condition": found.id},
        )


def _locked(session: Session, condition_id: str) -> Condition:
    found = store.get_condition(session, condition_id, lock=True)
    if found is None:
        raise ConditionUnknown(f"no condition {condition_id}", values={"condition": condition_id})
    if found.accepted_at is not None:
        raise StepRefused(f"{condition_id} was accepted as met", values={"condition": condition_id})
    return found


def _tell(session: Session, actor: Actor, type: str, found: Condition, payload: dict[str, object]) -> None:
    said = {"item": found.item, "usecase": found.usecase, "condition": found.id, "person": found.owner, **payload}
    ledger.record(session, actor=actor, type=type, subject=Ref("council-item", found.item), payload=said)
