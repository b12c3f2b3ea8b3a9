"""Break-glass: asked for by one person, confirmed by another, reviewed within three days by a third."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import break_glass, mandates, store, waivers
from headway.governance.entities import BreakGlass, BreakGlassStanding, BreakGlassState, ReviewFinding
from headway.governance.errors import BreakGlassInvalid, BreakGlassRefused, BreakGlassUnknown, SamePerson
from headway.governance.service.approving import need_own_digest
from headway.governance.service.evidence import DIGEST
from headway.governance.service.gating import evaluate_gate
from headway.governance.service.people import need_person
from headway.governance.service.retiring import refuse_retired
from headway.governance.service.revoking import refuse_revoked
from headway.governance.service.usecases import get_usecase
from headway.governance.service.waiving import get_waiver
from headway.kernel import clock
from headway.kernel.auth import Actor, Resource
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref, new_id
from headway.kernel.listing import Found, ListQuery
from headway.kernel.paging import MAX_LIMIT, Page

UNREVIEWED = (BreakGlassStanding.open, BreakGlassStanding.overdue)


def request_break_glass(
    session: Session,
    actor: Actor,
    *,
    usecase: str,
    environment: str,
    subject: Ref,
    subject_digest: str,
    reason: str,
) -> BreakGlass:
    """Ask to let an exact subject in although its gate blocks; everybody responsible is alarmed, nothing is let in yet.

    Raises: BreakGlassInvalid with every fault; BreakGlassRefused: the gate lets it in anyhow, the use is prohibited or
    its tier open, one for the same is under way, or one of this use case waits for its review too long;
    SubjectRevoked; UseCaseRetired; FactsInvalid: the digest is of something else; Denied when no person asks.
    """
    need_person(actor, "break the glass")
    faults = break_glass.faults(environment, {"reason": reason})
    if not DIGEST.fullmatch(subject_digest):
        message = "subject_digest must be sha256- and 64 hex digits"
        faults.append(Fault(rule="break_glass.subject", column="subject_digest", value=subject_digest, message=message))
    if faults:
        raise BreakGlassInvalid("; ".join(fault.message for fault in faults), faults=faults)
    now = clock.now()
    wanted = BreakGlass(
        id=new_id("bgl"),
        usecase=usecase,
        environment=environment,
        subject=str(subject),
        subject_digest=subject_digest,
        reason=reason.strip(),
        state=BreakGlassState.requested,
        requested_by=actor.ref,
        requested_at=now,
        answered_by=None,
        answered_at=None,
        answer=None,
        confirmed_at=None,
        ends_at=None,
        reviewed_by=None,
        reviewed_at=None,
        finding=None,
        review=None,
        standing=BreakGlassStanding.requested,
    )
    _refuse_what_never_goes_in(session, wanted)
    need_own_digest(session, subject, subject_digest, usecase)
    _refuse_open_ones(session, wanted, now)
    _refuse_needless(session, wanted)
    mandates.refuse_unheld(session, actor, "emergency", get_usecase(session, usecase))
    store.add_break_glass(session, _values(wanted))
    _tell(session, actor, "break_glass.requested", wanted, wanted.reason)
    return wanted


def confirm_break_glass(session: Session, actor: Actor, glass_id: str, reason: str) -> BreakGlass:
    """Let it in from now on, for three days. ``registry.confirm_break_glass`` releases it and signs the verdict.

    Raises: BreakGlassUnknown, BreakGlassInvalid, SamePerson; BreakGlassRefused: answered before, or asked for more than
    a day ago, or its use case has one that was not reviewed in time; SubjectRevoked, UseCaseRetired.
    """
    found = _open(session, glass_id, {"reason": reason})
    need_person(actor, "confirm")
    _refuse_same(actor, (found.requested_by,), f"{actor.ref} asked for {glass_id} and cannot confirm it")
    now = clock.now()
    if found.standing is BreakGlassStanding.lapsed:
        raise _refused(found, "it was asked for more than a day ago", "ask anew if the emergency goes on")
    _refuse_what_never_goes_in(session, found)
    _refuse_open_ones(session, found, now)
    values = {"state": BreakGlassState.confirmed.value, "ends_at": now + break_glass.SERVE}
    return _answer(session, actor, found, "break_glass.confirmed", values | _answered(actor, now, reason))


def reject_break_glass(session: Session, actor: Actor, glass_id: str, reason: str) -> BreakGlass:
    """Say no, or take back an own request; raises as ``confirm_break_glass``."""
    found = _open(session, glass_id, {"reason": reason})
    need_person(actor, "reject")
    values = {"state": BreakGlassState.rejected.value, **_answered(actor, clock.now(), reason)}
    return _answer(session, actor, found, "break_glass.rejected", values)


def review_break_glass(
    session: Session, actor: Actor, glass_id: str, finding: ReviewFinding, review: str
) -> BreakGlass:
    """Say afterwards whether it was justified, as somebody who had no part in it. Not justified: it is over at once.

    ``serving.review_break_glass`` also suspends what runs on one that was not justified.
    Raises: BreakGlassUnknown, BreakGlassInvalid, SamePerson; BreakGlassRefused: it is not confirmed, or was reviewed.
    """
    need_person(actor, "review")
    found = _read(session, glass_id, {"review": review})
    if found.standing not in UNREVIEWED:
        raise _refused(found, f"it is {found.standing.value.replace('_', ' ')}", None)
    _refuse_same(actor, (found.requested_by, found.answered_by), f"{actor.ref} had a part in {glass_id}")
    values = {
        "state": BreakGlassState.reviewed.value,
        "reviewed_by": actor.ref,
        "reviewed_at": clock.now(),
        "finding": finding.value,
        "review": review.strip(),
    }
    return _answer(session, actor, found, "break_glass.reviewed", values)


def get_break_glass(session: Session, glass_id: str) -> BreakGlass:
    """Read one as it stands now; raises BreakGlassUnknown."""
    found = store.get_break_glass(session, glass_id, clock.now())
    if found is None:
        raise BreakGlassUnknown(f"no break-glass {glass_id}", values={"break_glass": glass_id})
    return found


def list_break_glass(
    session: Session,
    *,
    usecase: str | None = None,
    standing: BreakGlassStanding | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[BreakGlass]:
    """Read break-glass, newest first."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_break_glass(
        session, usecase=usecase, standing=standing, before=cursor, limit=limit + 1, at=clock.now()
    )
    return Page(items=tuple(found[:limit]), next=found[limit - 1].id if len(found) > limit else None)


def find_break_glass(session: Session, asked: ListQuery) -> Found[BreakGlass]:
    """Search, filter, sort and leaf through break-glass; raises BadListing."""
    return store.find_break_glass(session, asked, clock.now())


def _refuse_what_never_goes_in(session: Session, one: BreakGlass) -> None:
    refuse_retired(session, one.usecase)
    refuse_revoked(session, one.subject_digest)
    tier = get_usecase(session, one.usecase).tier
    if tier in break_glass.NEVER:
        hint = "decide the tier first: headway usecase classify" if tier.value == "undecided" else None
        raise _refused(one, f"the tier of {one.usecase} is {tier.value}", hint)


def _refuse_open_ones(session: Session, wanted: BreakGlass, now: datetime) -> None:
    """Refuse while one for the same is under way, and for the whole use case while one was not reviewed in time."""
    for one in store.break_glass_of(session, usecase=wanted.usecase, at=now):
        if one.id == wanted.id:
            continue
        if one.standing is BreakGlassStanding.overdue:
            raise _refused(wanted, f"{one.id} was not reviewed within three days", "review it first")
        is_same = (one.subject_digest, one.environment) == (wanted.subject_digest, wanted.environment)
        if is_same and one.standing in (BreakGlassStanding.requested, BreakGlassStanding.open):
            raise _refused(wanted, f"{one.id} for the same is {one.standing.value}", "answer or review it first")


def _refuse_needless(session: Session, wanted: BreakGlass) -> None:
    asked = evaluate_gate(
        session,
        environment=wanted.environment,
        subject=Ref.parse(wanted.subject),
        subject_digest=wanted.subject_digest,
        usecase=wanted.usecase,
    )
    if asked.result != "block":
        raise _refused(wanted, "its gate lets it in", "release it as usual")


def _refuse_same(actor: Actor, others: tuple[str | None, ...], message: str) -> None:
    if actor.ref in others:
        raise SamePerson(message, hint="somebody else must do it", values={"rule": "governance.two_people"})


def _refused(one: BreakGlass, why: str, hint: str | None) -> BreakGlassRefused:
    return BreakGlassRefused(
        f"the glass cannot be broken for {one.usecase} in {one.environment}: {why}",
        hint=hint,
        values={"usecase": one.usecase, "environment": one.environment, "break_glass": one.id},
    )


def _open(session: Session, glass_id: str, texts: dict[str, str]) -> BreakGlass:
    found = _read(session, glass_id, texts)
    if found.state is not BreakGlassState.requested:
        raise _refused(found, f"it was {found.state.value} before", None)
    return found


def _read(session: Session, glass_id: str, texts: dict[str, str]) -> BreakGlass:
    if faults := break_glass.faults("sandbox", texts):
        raise BreakGlassInvalid("; ".join(fault.message for fault in faults), faults=faults)
    found = store.get_break_glass(session, glass_id, clock.now(), lock=True)
    if found is None:
        raise BreakGlassUnknown(f"no break-glass {glass_id}", values={"break_glass": glass_id})
    return found


def _answered(actor: Actor, now: datetime, reason: str) -> dict[str, object]:
    return {"answered_by": actor.ref, "answered_at": now, "answer": reason.strip()}


def _answer(session: Session, actor: Actor, found: BreakGlass, event: str, values: dict[str, object]) -> BreakGlass:
    store.change_break_glass(session, found.id, values)
    made = get_break_glass(session, found.id)
    _tell(session, actor, event, made, made.review or made.answer or "")
    return made


def _values(one: BreakGlass) -> dict[str, object]:
    told = ("standing", "confirmed_at")
    return {name: getattr(one, name) for name in BreakGlass.__dataclass_fields__ if name not in told}


def _tell(session: Session, actor: Actor, event: str, one: BreakGlass, reason: str) -> None:
    payload = {
        "break_glass": one.id,
        "usecase": one.usecase,
        "environment": one.environment,
        "subject": one.subject,
        "subject_digest": one.subject_digest,
        "requested_by": one.requested_by,
        "confirmed_by": one.answered_by if one.confirmed_at else None,
        "ends_at": one.ends_at,
        "until": f"{one.ends_at:%Y-%m-%d %H:%M} UTC" if one.ends_at else None,
        "finding": one.finding.value.replace("_", " ") if one.finding else None,
        "reason": reason,
    }
    ledger.record(session, actor=actor, type=event, subject=Ref("break-glass", one.id), payload=payload)


def lapsed_exceptions(session: Session, ids: Iterable[str]) -> tuple[str, ...]:
    """Name those of the waivers and break-glass that a verdict rests on which are in force no longer."""
    now = clock.now()
    return tuple(one for one in ids if not _counts(session, one, now))


def _counts(session: Session, exception: str, now: datetime) -> bool:
    if exception.startswith("bgl_"):
        return break_glass.is_in_force(get_break_glass(session, exception), now)
    return waivers.is_in_force(get_waiver(session, exception), now)


def break_glass_resource(session: Session, one: BreakGlass) -> Resource:
    """What the rules are asked about: who asked and who confirmed are part of it."""
    return Resource(
        kind="break_glass",
        id=one.id,
        department=get_usecase(session, one.usecase).department,
        attributes={
            "requested_by": one.requested_by,
            "confirmed_by": one.answered_by,
            "environment": one.environment,
        },
    )
