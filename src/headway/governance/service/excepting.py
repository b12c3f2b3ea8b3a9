"""Exceptions from the tier high (Art. 6(3) of the EU AI Act): assessed by one person, accepted by another, over by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import derived, store
from headway.governance.entities import ExceptionCondition, ExceptionState, TierException, UseCase
from headway.governance.errors import ExceptionAnswered, ExceptionInvalid, ExceptionUnknown, SamePerson
from headway.governance.service.people import need_person
from headway.governance.service.retiring import refuse_retired
from headway.governance.service.usecases import get_usecase, ref, settle
from headway.governance.store import exceptions as kept
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import new_id

MAX_DAYS: Final = 365
MIN_TEXT: Final = 40
"""Why a use of Annex III is not high-risk is documented, not ticked."""


def assess_exception(
    session: Session, actor: Actor, usecase: str, *, condition: ExceptionCondition, reasons: str, days: int = MAX_DAYS
) -> TierException:
    """Assess that a use of Annex III is not high-risk; it counts once somebody else accepts it.

    Raises: ExceptionInvalid with every fault: it falls under no use of Annex III, it profiles natural persons (then it is
    high-risk whatever else), or too little is said; UseCaseRetired; Denied when no person does it.
    """
    need_person(actor, "assess an exception")
    refuse_retired(session, usecase)
    case = get_usecase(session, usecase)
    if faults := _faults(case, reasons, days):
        raise ExceptionInvalid("; ".join(fault.message for fault in faults), faults=faults)
    made = {
        "id": new_id("exc"),
        "usecase": usecase,
        "condition": condition.value,
        "reasons": reasons.strip(),
        "days": days,
        "basis": kept.basis_of(session, usecase),
        "state": ExceptionState.assessed.value,
        "assessed_by": actor.ref,
        "assessed_at": clock.now(),
    }
    kept.add_exception(session, made)
    found = get_exception(session, str(made["id"]))
    _tell(session, actor, "exception.assessed", found, found.reasons)
    return found


def answer_exception(session: Session, actor: Actor, exception_id: str, *, accept: bool, reason: str) -> TierException:
    """Accept an assessment, from now on for as long as it says, or refuse it. The tier is decided anew.

    Raises: ExceptionUnknown, ExceptionAnswered; SamePerson: who assessed it cannot accept it; ExceptionInvalid: the use case
    changed since it was assessed, or no reason; Denied when no person does it.
    """
    need_person(actor, "accept an exception")
    found = _open(session, exception_id, ExceptionState.assessed, reason)
    now = clock.now()
    values: dict[str, object] = {"answered_by": actor.ref, "answered_at": now, "answer": reason.strip()}
    if not accept:
        kept.change_exception(session, exception_id, values | {"state": ExceptionState.refused.value})
        return _answered(session, actor, "exception.refused", exception_id, reason)
    if actor.ref == found.assessed_by:
        raise SamePerson(
            f"{actor.ref} assessed {exception_id} and cannot accept it",
            hint="another person who decides tiers must do it",
            values={"rule": "governance.two_people", "exception": exception_id},
        )
    if found.basis != kept.basis_of(session, found.usecase):
        message = "the use case changed since it was assessed; assess it again"
        raise ExceptionInvalid(message, faults=[Fault(rule="exception.basis", message=message)])
    until = now + timedelta(days=found.days)
    kept.change_exception(session, exception_id, values | {"state": ExceptionState.accepted.value, "ends_at": until})
    _settle(session, actor, found.usecase)
    return _answered(session, actor, "exception.accepted", exception_id, reason)


def end_exception(session: Session, actor: Actor, exception_id: str, reason: str) -> TierException:
    """End an accepted exception before its time; the tier is decided anew. Raises as ``answer_exception``."""
    need_person(actor, "end an exception")
    found = _open(session, exception_id, ExceptionState.accepted, reason)
    values = {"ended_by": actor.ref, "ended_at": clock.now(), "ended_because": reason.strip()}
    kept.change_exception(session, exception_id, values | {"state": ExceptionState.ended.value})
    _settle(session, actor, found.usecase)
    return _answered(session, actor, "exception.ended", exception_id, reason)


def get_exception(session: Session, exception_id: str) -> TierException:
    """Read an exception; raises ExceptionUnknown."""
    found = kept.get_exception(session, exception_id, clock.now())
    if found is None:
        raise ExceptionUnknown(f"no exception {exception_id}", values={"exception": exception_id})
    return found


def list_exceptions(session: Session, usecase: str) -> tuple[TierException, ...]:
    """Read the exceptions of a use case, newest first; raises UseCaseUnknown."""
    get_usecase(session, usecase)
    return tuple(kept.list_exceptions(session, usecase, clock.now()))


def settle_exceptions(session: Session, actor: Actor) -> tuple[str, ...]:
    """Decide the tier anew of every use case whose exception ran out; a gate no longer counts it from the moment it does."""
    settled = []
    for slug in kept.cases_with_exceptions(session):
        if kept.kept_digest(session, slug) != get_usecase(session, slug).digest:
            _settle(session, actor, slug)
            settled.append(slug)
    return tuple(settled)


def _settle(session: Session, actor: Actor, usecase: str) -> None:
    """What somebody said before about an exception gives way to what was assessed; then the tier is decided anew."""
    said = get_usecase(session, usecase).risk
    if derived.EXCEPTED in said:
        left = {name: value for name, value in said.items() if name != derived.EXCEPTED}
        store.change_usecase(session, usecase, {"risk": left})
    settle(session, actor, usecase)


def _faults(case: UseCase, reasons: str, days: int) -> list[Fault]:
    faults: list[tuple[str, str | None, str]] = []
    known = {**case.risk, **{fact.name: fact.value for fact in case.derived}}
    if not known.get("annex_iii"):
        faults.append(
            ("exception.annex_iii", None, "the use case names no use of Annex III, so there is nothing to except")
        )
    if known.get("profiling") is not False:
        message = "it profiles natural persons, or nobody said that it does not; then Art. 6(3) leaves no exception"
        faults.append(("exception.profiling", None, message))
    if len(reasons.strip()) < MIN_TEXT:
        message = f"document why it is not high-risk in at least {MIN_TEXT} characters"
        faults.append(("exception.reasons", "reasons", message))
    if not 1 <= days <= MAX_DAYS:
        faults.append(("exception.days", "days", f"an exception holds for 1 to {MAX_DAYS} days"))
    return [Fault(rule=rule, column=column, message=message) for rule, column, message in faults]


def _open(session: Session, exception_id: str, state: ExceptionState, reason: str) -> TierException:
    if not reason.strip():
        raise ExceptionInvalid(
            "give a reason", faults=[Fault(rule="exception.reason", column="reason", message="give a reason")]
        )
    found = kept.get_exception(session, exception_id, clock.now(), lock=True)
    if found is None:
        raise ExceptionUnknown(f"no exception {exception_id}", values={"exception": exception_id})
    if found.state is not state:
        raise ExceptionAnswered(f"{exception_id} is {found.state.value}", values={"exception": exception_id})
    store.lock_usecase(session, found.usecase)
    return found


def _answered(session: Session, actor: Actor, type: str, exception_id: str, reason: str) -> TierException:
    found = get_exception(session, exception_id)
    _tell(session, actor, type, found, reason.strip())
    return found


def _tell(session: Session, actor: Actor, type: str, found: TierException, reason: str) -> None:
    payload = {
        "exception": found.id,
        "usecase": found.usecase,
        "condition": found.condition.value,
        "assessed_by": found.assessed_by,
        "until": found.ends_at,
        "basis": found.basis,
        "reason": reason,
    }
    ledger.record(session, actor=actor, type=type, subject=ref(found.usecase), payload=payload)
