"""Waivers: asked for by one person, granted by another above the normal approvers, over by themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import mandates, store, waivers
from headway.governance.entities import Tier, Waiver, WaiverStanding, WaiverState
from headway.governance.errors import NotWaivable, SamePerson, WaiverAnswered, WaiverInvalid, WaiverUnknown
from headway.governance.service.evidence import DIGEST
from headway.governance.service.packs import enforced, list_packs
from headway.governance.service.people import need_person
from headway.governance.service.retiring import refuse_retired
from headway.governance.service.revoking import refuse_revoked
from headway.governance.service.usecases import get_usecase
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref, new_id
from headway.kernel.listing import Found, ListQuery
from headway.kernel.paging import MAX_LIMIT, Page


def request_waiver(
    session: Session,
    actor: Actor,
    *,
    usecase: str,
    environment: str,
    pack: str,
    control: str,
    reason: str,
    compensation: str,
    days: int = waivers.MAX_DAYS,
    subject_digest: str | None = None,
) -> Waiver:
    """Ask that a control be excused for a while; nothing is excused before somebody else grants it.

    Args: compensation: the compensating control, what is done instead. subject_digest: None for whatever is released.
    Raises: WaiverInvalid with every fault; NotWaivable; SubjectRevoked; UseCaseRetired; WaiverAnswered: the same is
    asked for already; Denied when no person asks.
    """
    need_person(actor, "ask for a waiver")
    faults = waivers.faults(environment, days, {"reason": reason, "compensation": compensation})
    if subject_digest is not None and not DIGEST.fullmatch(subject_digest):
        message = "subject_digest must be sha256- and 64 hex digits"
        faults.append(Fault(rule="waiver.subject", column="subject_digest", value=subject_digest, message=message))
    if waivers.control_of(enforced(list_packs(session)), pack, control) is None:
        message = f"no pack in force has a control {pack}/{control}"
        faults.append(Fault(rule="waiver.control", column="control", value=control, message=message))
    if faults:
        raise WaiverInvalid("; ".join(fault.message for fault in faults), faults=faults)
    now = clock.now()
    wanted = Waiver(
        id=new_id("wvr"),
        usecase=usecase,
        environment=environment,
        pack=pack,
        control=control,
        subject_digest=subject_digest,
        reason=reason.strip(),
        compensation=compensation.strip(),
        days=days,
        state=WaiverState.requested,
        requested_by=actor.ref,
        requested_at=now,
        answered_by=None,
        answered_at=None,
        answer=None,
        ends_at=None,
        ended_by=None,
        ended_at=None,
        ended_because=None,
        number=1,
        in_a_row=1,
        standing=WaiverStanding.requested,
    )
    _refuse_what_must_hold(session, wanted)
    _refuse_twin(session, wanted, now)
    mandates.refuse_unheld(session, actor, "waiver", get_usecase(session, usecase))
    store.add_waiver(session, _values(wanted))
    made = get_waiver(session, wanted.id)
    _tell(session, actor, "waiver.requested", made, made.reason)
    return made


def grant_waiver(session: Session, actor: Actor, waiver_id: str, reason: str, *, days: int | None = None) -> Waiver:
    """Grant a waiver from now on, for as long as it was asked for or less. Approvals asked for before no longer count.

    Raises: WaiverUnknown, WaiverAnswered, SamePerson, WaiverInvalid; NotWaivable, SubjectRevoked, UseCaseRetired: what
    it asks for has changed since.
    """
    found = _open(session, waiver_id, reason)
    need_person(actor, "grant a waiver")
    if actor.ref == found.requested_by:
        raise SamePerson(
            f"{actor.ref} asked for {waiver_id} and cannot grant it",
            hint="somebody else of the AI office must do it",
            values={"rule": "governance.two_people", "waiver": waiver_id},
        )
    chosen = found.days if days is None else days
    if not 1 <= chosen <= found.days:
        message = f"it was asked for {found.days} days; grant 1 to {found.days}"
        raise WaiverInvalid(message, faults=[Fault(rule="waiver.days", column="days", message=message)])
    _refuse_what_must_hold(session, found)
    now = clock.now()
    values = {"state": WaiverState.granted.value, "ends_at": waivers.ends_at(now, chosen)}
    return _answer(session, actor, found, "waiver.granted", values | _answered(actor, now, reason))


def reject_waiver(session: Session, actor: Actor, waiver_id: str, reason: str) -> Waiver:
    """Say no, or take back an own request; raises WaiverUnknown, WaiverAnswered, WaiverInvalid without a reason."""
    found = _open(session, waiver_id, reason)
    need_person(actor, "reject a waiver")
    values = {"state": WaiverState.rejected.value, **_answered(actor, clock.now(), reason)}
    return _answer(session, actor, found, "waiver.rejected", values)


def end_waiver(session: Session, actor: Actor, waiver_id: str, reason: str) -> Waiver:
    """End a waiver before its time: the control blocks again at once, and no deployment can start on it any more.

    Raises: WaiverUnknown; WaiverAnswered: it is not in force; WaiverInvalid without a reason.
    """
    need_person(actor, "end a waiver")
    found = _read(session, waiver_id, reason)
    now = clock.now()
    if not waivers.is_in_force(found, now):
        raise WaiverAnswered(f"{waiver_id} is not in force", values={"waiver": waiver_id})
    values = {
        "state": WaiverState.ended.value,
        "ended_by": actor.ref,
        "ended_at": now,
        "ended_because": reason.strip(),
    }
    return _answer(session, actor, found, "waiver.ended", values)


def get_waiver(session: Session, waiver_id: str) -> Waiver:
    """Read a waiver as it stands now; raises WaiverUnknown."""
    found = store.get_waiver(session, waiver_id, clock.now())
    if found is None:
        raise WaiverUnknown(f"no waiver {waiver_id}", values={"waiver": waiver_id})
    return found


def list_waivers(
    session: Session,
    *,
    usecase: str | None = None,
    environment: str | None = None,
    standing: WaiverStanding | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Waiver]:
    """Read waivers, newest first."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_waivers(
        session,
        usecase=usecase,
        environment=environment,
        standing=standing,
        before=cursor,
        limit=limit + 1,
        at=clock.now(),
    )
    return Page(items=tuple(found[:limit]), next=found[limit - 1].id if len(found) > limit else None)


def find_waivers(session: Session, asked: ListQuery) -> Found[Waiver]:
    """Search, filter, sort and leaf through the register of waivers; raises BadListing."""
    return store.find_waivers(session, asked, clock.now())


def _refuse_what_must_hold(session: Session, waiver: Waiver) -> None:
    """Refuse for what can never be excused: such a control, a prohibited use, a revoked subject, a retired use case."""
    refuse_retired(session, waiver.usecase)
    if waiver.subject_digest is not None:
        refuse_revoked(session, waiver.subject_digest)
    control = waivers.control_of(enforced(list_packs(session)), waiver.pack, waiver.control)
    values = {"usecase": waiver.usecase, "control": waiver.control}
    if control is None or not control.waivable:
        raise NotWaivable(f"{waiver.control} can never be waived", hint="do what it asks for", values=values)
    if get_usecase(session, waiver.usecase).tier is Tier.prohibited:
        raise NotWaivable(f"{waiver.usecase} is prohibited; nothing of it can be waived", values=values)


def _refuse_twin(session: Session, wanted: Waiver, now: datetime) -> None:
    same = store.open_waiver(session, wanted, now)
    if same is not None:
        raise WaiverAnswered(
            f"{same.requested_by} asks for the same already: {same.id}",
            hint="take that back first, or have it answered",
            values={"waiver": same.id},
        )


def _open(session: Session, waiver_id: str, reason: str) -> Waiver:
    found = _read(session, waiver_id, reason)
    if found.state is not WaiverState.requested:
        raise WaiverAnswered(f"{waiver_id} was {found.state.value} before", values={"waiver": waiver_id})
    return found


def _read(session: Session, waiver_id: str, reason: str) -> Waiver:
    if not reason.strip():
        fault = Fault(rule="waiver.reason", column="reason", message="give a reason")
        raise WaiverInvalid("give a reason", faults=[fault])
    found = store.get_waiver(session, waiver_id, clock.now(), lock=True)
    if found is None:
        raise WaiverUnknown(f"no waiver {waiver_id}", values={"waiver": waiver_id})
    return found


def _answered(actor: Actor, now: datetime, reason: str) -> dict[str, object]:
    return {"answered_by": actor.ref, "answered_at": now, "answer": reason.strip()}


def _answer(session: Session, actor: Actor, found: Waiver, event: str, values: dict[str, object]) -> Waiver:
    store.change_waiver(session, found.id, values)
    made = get_waiver(session, found.id)
    _tell(session, actor, event, made, made.ended_because or made.answer or "")
    return made


def _values(waiver: Waiver) -> dict[str, object]:
    counted = ("number", "in_a_row", "standing")
    names = [name for name in Waiver.__dataclass_fields__ if name not in counted]
    return {name: getattr(waiver, name) for name in names}


def _tell(session: Session, actor: Actor, event: str, waiver: Waiver, reason: str) -> None:
    payload = {
        "waiver": waiver.id,
        "usecase": waiver.usecase,
        "environment": waiver.environment,
        "pack": waiver.pack,
        "control": waiver.control,
        "subject_digest": waiver.subject_digest,
        "compensation": waiver.compensation,
        "days": waiver.days,
        "number": waiver.number,
        "requested_by": waiver.requested_by,
        "ends_at": waiver.ends_at,
        "until": f"{waiver.ends_at:%Y-%m-%d}" if waiver.ends_at else None,
        "reason": reason,
    }
    ledger.record(session, actor=actor, type=event, subject=Ref("waiver", waiver.id), payload=payload)
