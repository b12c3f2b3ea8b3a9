"""Umbrellas: a use case as a pattern of low risk, approved by a second person, under which people register in one step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance import council, mandates, store
from headway.governance.entities import Tier
from headway.governance.errors import IntakeInvalid, SamePerson, UmbrellaClosed, UmbrellaUnknown
from headway.governance.intake import (
    LONGEST_UMBRELLA,
    Registration,
    Umbrella,
    UmbrellaState,
    UmbrellaTier,
    tier_fits,
)
from headway.governance.service.proposing import needed
from headway.governance.service.retiring import refuse_retired
from headway.governance.service.usecases import get_usecase, ref
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Denied, Fault
from headway.kernel.ids import new_id


def ask_umbrella(
    session: Session, actor: Actor, slug: str, *, conditions: str, tier: UmbrellaTier, valid_until: date
) -> Umbrella:
    """Ask that a use case stands as a pattern for others, under conditions, until a day; a second person approves it.

    Args: tier: the highest that its entry may have; today it must have that or a lower one.
    Raises: UseCaseUnknown, UseCaseRetired; UmbrellaClosed: it has one; IntakeInvalid with every fault; Denied.
    """
    _need_person(actor)
    refuse_retired(session, slug)
    now = clock.now()
    said = _checked(conditions, valid_until, now.date())
    case = get_usecase(session, slug)
    _need_tier(case.tier, tier, slug)
    mandates.refuse_unheld(session, actor, "pattern", case)
    umbrella_id = new_id("umb")
    values = {
        "id": umbrella_id,
        "usecase": slug,
        "conditions": said,
        "tier": tier,
        "valid_until": valid_until,
        "asked_by": actor.ref,
        "asked_on": now.date(),
        "asked_at": now,
    }
    if not store.add_umbrella(session, values):
        raise UmbrellaClosed(
            f"{slug} has an umbrella that has not ended", hint="end it first, then ask anew", values={"slug": slug}
        )
    payload = {"umbrella": umbrella_id, "conditions": said, "tier": tier, "valid_until": valid_until}
    ledger.record(session, actor=actor, type="umbrella.asked", subject=ref(slug), payload=payload)
    return get_umbrella(session, umbrella_id)


def approve_umbrella(session: Session, actor: Actor, umbrella_id: str) -> Umbrella:
    """Put an umbrella in force; never by who asked for it.

    Raises: UmbrellaUnknown, UmbrellaClosed, SamePerson, Denied; IntakeInvalid: the tier is open or too high.
    """
    _need_person(actor)
    store.lock_umbrella(session, umbrella_id)
    found = get_umbrella(session, umbrella_id)
    if found.state is not UmbrellaState.asked:
        raise UmbrellaClosed("only an umbrella that is asked for can be approved", values={"state": found.state.value})
    if found.asked_by == actor.ref:
        raise SamePerson("who asks for an umbrella cannot approve it", values={"rule": "governance.two_people"})
    _need_tier(found.tier_now, found.tier, found.usecase)
    store.change_umbrella(session, umbrella_id, {"approved_by": actor.ref, "approved_at": clock.now()})
    payload = {"umbrella": umbrella_id, "valid_until": found.valid_until}
    ledger.record(session, actor=actor, type="umbrella.approved", subject=ref(found.usecase), payload=payload)
    return get_umbrella(session, umbrella_id)


def end_umbrella(session: Session, actor: Actor, umbrella_id: str, *, reason: str) -> Umbrella:
    """End an umbrella, or turn down one that is asked for; what is registered under it lapses.

    Raises: UmbrellaUnknown, UmbrellaClosed, IntakeInvalid without a reason.
    """
    said = needed(reason, "reason", "give a reason")
    store.lock_umbrella(session, umbrella_id)
    found = get_umbrella(session, umbrella_id)
    if found.ended_at is not None:
        raise UmbrellaClosed("this umbrella has ended", values={"umbrella": umbrella_id})
    now = clock.now()
    store.change_umbrella(session, umbrella_id, {"ended_by": actor.ref, "ended_at": now, "ended_because": said})
    payload = {"umbrella": umbrella_id, "reason": said, "registrations": found.registrations}
    ledger.record(session, actor=actor, type="umbrella.ended", subject=ref(found.usecase), payload=payload)
    return get_umbrella(session, umbrella_id)


def register_use(session: Session, actor: Actor, umbrella_id: str, *, department: str, what_for: str) -> Registration:
    """Register a person of a department under an umbrella, instead of opening an entry.

    Raises: UmbrellaUnknown; UmbrellaClosed: it is not in force, or this is registered; IntakeClosed; IntakeInvalid; NotFound;
    Denied.
    """
    _need_person(actor)
    said = needed(what_for, "what_for", "say what you use it for")
    identity.get_department(session, department)
    mandates.refuse_closed(session, department)
    store.lock_umbrella(session, umbrella_id)
    found = get_umbrella(session, umbrella_id)
    if found.state is not UmbrellaState.in_force:
        raise UmbrellaClosed(
            "nobody can register under this umbrella: " + NOT_IN_FORCE[found.state],
            hint="open a use case of your own",
            values={"umbrella": umbrella_id, "state": found.state.value},
        )
    made = Registration(
        id=new_id("reg"),
        umbrella=umbrella_id,
        department=department,
        person=actor.ref,
        what_for=said,
        registered_at=clock.now(),
        is_lapsed=False,
    )
    values = {
        name: getattr(made, name) for name in ("id", "umbrella", "department", "person", "what_for", "registered_at")
    }
    if not store.add_registration(session, values):
        raise UmbrellaClosed("you registered this before", values={"umbrella": umbrella_id})
    payload = {"umbrella": umbrella_id, "department": department, "what_for": said}
    ledger.record(
        session, actor=actor, type="umbrella.registered", subject=ref(found.usecase), payload=payload, personal=True
    )
    council.note_automatic(session, actor, found, made)
    return made


NOT_IN_FORCE = {
    UmbrellaState.asked: "a second person has not approved it yet",
    UmbrellaState.above_tier: "the tier of its entry is open, or higher than it allows",
    UmbrellaState.expired: "its time is over",
    UmbrellaState.ended: "it has ended",
}


def get_umbrella(session: Session, umbrella_id: str) -> Umbrella:
    """Read an umbrella; raises UmbrellaUnknown."""
    found = store.umbrellas(session, [umbrella_id])
    if not found:
        raise UmbrellaUnknown(f"no umbrella {umbrella_id!r}", values={"umbrella": umbrella_id})
    return found[0]


def list_umbrellas(session: Session, *, usecase: str | None = None) -> Sequence[Umbrella]:
    """Read every umbrella, or those of a use case, newest first."""
    return store.umbrellas(session, usecase=usecase)


def list_registrations(
    session: Session, umbrella_id: str, *, within: frozenset[str] | None = None
) -> Sequence[Registration]:
    """Read who registered under an umbrella, oldest first.

    Args: within: departments that somebody may read of.
    """
    found = store.registrations(session, get_umbrella(session, umbrella_id))
    return [one for one in found if within is None or one.department in within]


def _need_person(actor: Actor) -> None:
    if not actor.is_person:
        raise Denied("only a person can do this", values={"rule": "governance.person_decides"})


def _need_tier(tier: Tier, allowed: UmbrellaTier, slug: str) -> None:
    if not tier_fits(tier, allowed):
        message = f"the tier of {slug} is {tier.value}; an umbrella for {allowed} needs that or a lower one"
        fault = Fault(rule="umbrella.tier", column="tier", value=tier.value, message=message)
        raise IntakeInvalid(message, hint=f"decide the tier first: headway usecase tier {slug}", faults=[fault])


def _checked(conditions: str, valid_until: date, today: date) -> str:
    said, faults = conditions.strip(), []
    if not said:
        message = "say under which conditions people may register"
        faults.append(Fault(rule="umbrella.conditions", column="conditions", message=message))
    last = today + timedelta(days=LONGEST_UMBRELLA)
    if not today < valid_until <= last:
        message = f"an umbrella lasts {LONGEST_UMBRELLA} days at most: until {last} or earlier, and past today"
        fault = Fault(rule="umbrella.valid_until", column="valid_until", value=str(valid_until), message=message)
        faults.append(fault)
    if faults:
        raise IntakeInvalid("; ".join(fault.message for fault in faults), faults=faults)
    return said
