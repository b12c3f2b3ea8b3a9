"""Councils: their rules, who sits in them, and who hands a vote on for a while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance.council import lanes, schedule, store, voting
from headway.governance.council.entities import OWNER, Body, MemberKind, Tie
from headway.governance.council.errors import BodyUnknown, CouncilInvalid, CouncilTaken, NotYourSeat, StepRefused
from headway.governance.council.service import rhythm
from headway.governance.council.tables import DelegationRow, MemberRow
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault, Invalid
from headway.kernel.ids import Ref, new_id
from headway.kernel.ids import slug as make_slug


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRules:
    """How a council decides and when it meets, as somebody writes it down."""

    seats: tuple[str, ...]
    quorum: int
    required: tuple[str, ...] = ()
    reviews: tuple[str, ...] = (OWNER,)
    tie: Tie = "rejected"
    chair: str | None = None
    days: int = 10
    every_weeks: int | None = None
    first_meeting: datetime | None = None
    zone: str = "UTC"
    minutes_long: int = 60


def ref(slug: str) -> Ref:
    """A council as a reference."""
    return Ref("council", slug)


def set_body(
    session: Session, actor: Actor, slug: str, *, title: str, department: str | None = None, rules: BodyRules
) -> Body:
    """Set up a council, or write its rules anew; what is before it already is decided by the rules of before.

    Raises: CouncilInvalid with every fault; CouncilTaken: the department, or the organisation, has another one;
    DepartmentNotFound.
    """
    faults = lanes.body_faults(
        seats=rules.seats,
        quorum=rules.quorum,
        required=rules.required,
        reviews=rules.reviews,
        chair=rules.chair,
        days=rules.days,
    )
    faults += lanes.text_fault("title", title)
    if make_slug(slug) != slug or not slug:
        message = f"{slug!r} cannot be a council's name in addresses; write {make_slug(slug)}"
        faults.append(Fault(rule="council.slug", column="slug", value=slug, message=message))
    faults += _rhythm_faults(rules)
    if rules.tie == "chair" and rules.chair is None:
        message = "name the chair's seat, or let a tie be a no"
        faults.append(Fault(rule="council.tie", column="tie", value="chair", message=message))
    _raise(faults)
    if department is not None:
        identity.get_department(session, department)
    _refuse_second(session, slug, department)
    told = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(rules).items()}
    values = {"title": title.strip(), "department": department, **told}
    store.put_body(session, slug, values | {"changed_by": actor.ref, "changed_at": clock.now(), "ended_at": None})
    lacks = lanes.high_risk_lacks(required=rules.required, reviews=rules.reviews)
    payload = {**values, "high_risk_lacks": list(lacks)}
    ledger.record(session, actor=actor, type="council.body_set", subject=ref(slug), payload=payload)
    rhythm.replan(session, actor, get_body(session, slug))
    return get_body(session, slug)


def _rhythm_faults(rules: BodyRules) -> list[Fault]:
    """Find everything that is wrong with when a council meets."""
    found = []

    def fault(column: str, message: str) -> None:
        found.append(Fault(rule=f"council.{column}", column=column, message=message))

    if (rules.every_weeks is None) != (rules.first_meeting is None):
        fault("every_weeks", "a rhythm needs the time of the first meeting, and the other way round")
    if rules.every_weeks is not None and not 1 <= rules.every_weeks <= schedule.FEWEST:
        fault("every_weeks", f"a council meets every 1 to {schedule.FEWEST} weeks")
    if rules.first_meeting is not None and rules.first_meeting.tzinfo is None:
        fault("first_meeting", "give the first meeting with its zone, as 2027-01-11T09:00+01:00")
    if not schedule.is_zone(rules.zone):
        fault("zone", f"{rules.zone!r} is no time zone; write one as Europe/Berlin")
    if not 15 <= rules.minutes_long <= 480:
        fault("minutes_long", "a meeting lasts 15 to 480 minutes")
    return found


def end_body(session: Session, actor: Actor, slug: str, reason: str) -> Body:
    """Dissolve a council; approvals then go the usual way. Raises StepRefused while something is before it."""
    body = get_body(session, slug)
    _raise(lanes.text_fault("reason", reason))
    if store.list_items(session, body=slug, states=store.UNDECIDED, limit=1):
        raise StepRefused(f"something is undecided before {slug}", hint="decide it or take it back first")
    if body.ended_at is None:
        store.put_body(session, slug, {"ended_at": clock.now()})
        payload = {"reason": reason.strip()}
        ledger.record(session, actor=actor, type="council.body_ended", subject=ref(slug), payload=payload)
        rhythm.replan(session, actor, get_body(session, slug))
    return get_body(session, slug)


def get_body(session: Session, slug: str) -> Body:
    """Read a council with its seats; raises BodyUnknown."""
    found = store.bodies(session, [slug])
    if not found:
        raise BodyUnknown(f"no council {slug!r}", hint="see 'headway council list'", values={"council": slug})
    return _as_manned(session, found)[0]


def list_bodies(session: Session) -> tuple[Body, ...]:
    """Read the councils that are in force."""
    return _as_manned(session, [one for one in store.bodies(session) if one.ended_at is None])


def _as_manned(session: Session, found: Sequence[Body]) -> tuple[Body, ...]:
    """Councils without the people whose account is closed: they leave their seats, and what was handed to or by them ends."""
    now = clock.now()
    named = {one.person for body in found for one in body.members if voting.is_member(one, now)}
    handed = [one for body in found for one in body.delegations if one.until > now]
    gone = identity.closed_among(session, {*named, *(who for one in handed for who in (one.giver, one.taker))})
    return tuple(voting.without(body, gone, now) for body in found) if gone else tuple(found)


def body_for(session: Session, department: str) -> Body | None:
    """Find the council of a department: its own, the nearest above it, else the organisation's; None when there is none."""
    if not store.has_bodies(session):
        return None
    known = {one.department: one for one in list_bodies(session)}
    parents = {one.slug: one.parent for one in identity.list_departments(session)}
    here: str | None = department
    while here is not None:
        if here in known:
            return known[here]
        here = parents.get(here)
    return known.get(None)


def seat_member(
    session: Session, actor: Actor, slug: str, *, seat: str, person: str, kind: MemberKind = MemberKind.holder
) -> Body:
    """Put somebody into a seat; a holder who was in it leaves it. Votes that were cast stand.

    Raises: BodyUnknown; CouncilInvalid: no such seat, or nobody known; StepRefused: who asks has something before it.
    """
    body = _changeable(session, actor, slug)
    found = identity.find_person(session, person)
    faults = []
    if seat not in body.seats:
        message = f"{slug} has no seat {seat}; it has {', '.join(body.seats)}"
        faults.append(Fault(rule="council.seat", column="seat", value=seat, message=message))
    if found is None:
        message = f"{person} is nobody who is active here"
        faults.append(Fault(rule="council.person", column="person", value=person, message=message))
    if faults or found is None:
        raise CouncilInvalid("; ".join(fault.message for fault in faults), faults=faults)
    now = clock.now()
    before = voting.holder_of(store.bodies(session, [slug])[0].members, seat, now)  # also one whose account is closed
    if kind is MemberKind.holder and before is not None:
        if before == found.ref:
            return body
        unseat_member(session, actor, slug, seat=seat, person=before)
    store.add(
        session,
        MemberRow(id=new_id("cmb"), body=slug, seat=seat, person=found.ref, kind=kind.value, since=now, until=None),
    )
    payload = {"seat": seat, "person": found.ref, "kind": kind.value}
    ledger.record(session, actor=actor, type="council.seated", subject=ref(slug), payload=payload)
    return get_body(session, slug)


def unseat_member(session: Session, actor: Actor, slug: str, *, seat: str, person: str) -> Body:
    """Take somebody out of a seat, as holder and as deputy; it may stay empty, which counts against the quorum."""
    _changeable(session, actor, slug)
    found = identity.find_person(session, person)
    who = found.ref if found else person
    if not store.end_member(session, body=slug, seat=seat, person=who, at=clock.now()):
        raise StepRefused(f"{person} is not in the seat {seat} of {slug}", values={"council": slug, "seat": seat})
    payload = {"seat": seat, "person": who}
    ledger.record(session, actor=actor, type="council.unseated", subject=ref(slug), payload=payload)
    return get_body(session, slug)


def delegate(session: Session, actor: Actor, slug: str, *, seat: str, taker: str, until: datetime) -> Body:
    """Hand an own vote on for a while: the holder's, or one that was handed on to the asker.

    Raises: CouncilInvalid with every fault: no vote to hand on, a circle, a chain too long, someone who asks.
    """
    body = get_body(session, slug)
    found = identity.find_person(session, taker)
    if found is None:
        message = f"{taker} is nobody who is active here"
        raise CouncilInvalid(message, faults=[Fault(rule="council.person", column="taker", message=message)])
    now = clock.now()
    _raise(
        voting.delegation_faults(
            body=body,
            seat=seat,
            giver=actor.ref,
            taker=found.ref,
            until=until,
            at=now,
            requesters=store.requesters(session, slug),
        )
    )
    made = DelegationRow(
        id=new_id("cdl"), body=slug, seat=seat, giver=actor.ref, taker=found.ref, since=now, until=until
    )
    store.add(session, made)
    payload = {"delegation": made.id, "seat": seat, "taker": found.ref, "person": found.ref, "until": until}
    ledger.record(session, actor=actor, type="council.delegated", subject=ref(slug), payload=payload)
    return get_body(session, slug)


def end_delegation(session: Session, actor: Actor, slug: str, delegation_id: str) -> Body:
    """Take a delegation back before its end; raises NotYourSeat: it is somebody else's, StepRefused: it is over."""
    body = get_body(session, slug)
    found = next((one for one in body.delegations if one.id == delegation_id), None)
    if found is None or actor.ref not in (found.giver, found.taker):
        message = f"{delegation_id} is no delegation of yours in {slug}"
        raise NotYourSeat(message, hint="who gave it or took it ends it", values={"rule": "council.own_delegation"})
    if not store.end_delegation(session, delegation_id, clock.now()):
        raise StepRefused(f"{delegation_id} is over already", values={"delegation": delegation_id})
    other = found.taker if actor.ref == found.giver else found.giver
    payload = {"delegation": delegation_id, "seat": found.seat, "person": other}
    ledger.record(session, actor=actor, type="council.delegation_ended", subject=ref(slug), payload=payload)
    return get_body(session, slug)


def _changeable(session: Session, actor: Actor, slug: str) -> Body:
    """A body whose seats the actor may change: nobody fills the seats that will decide what they asked for."""
    body = get_body(session, slug)
    if actor.ref in store.requesters(session, slug):
        raise StepRefused(
            f"{actor.ref} asked for something that is before {slug} and cannot change its seats meanwhile",
            hint="somebody else of the AI office must do it",
            values={"council": slug},
        )
    return body


def _refuse_second(session: Session, slug: str, department: str | None) -> None:
    for one in list_bodies(session):
        if one.department == department and one.slug != slug:
            place = department or "the organisation"
            raise CouncilTaken(f"{place} has a council: {one.slug}", values={"council": one.slug})


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise CouncilInvalid("; ".join(fault.message for fault in faults), faults=faults)


def check_text(column: str, text: str) -> str:
    """Give a text without the blanks around it; raises CouncilInvalid when it says too little or too much."""
    _raise(lanes.text_fault(column, text))
    return text.strip()


def parse_until(text: str) -> datetime:
    """Read the end of a delegation; raises Invalid."""
    try:
        return clock.parse(text)
    except ValueError as error:
        raise Invalid(f"{text!r} is no time", hint="write it as 2027-01-31 or 2027-01-31T18:00Z") from error
