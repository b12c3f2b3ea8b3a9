"""What consumers say of a change: accepted, objected to, handed on; nobody speaks for anybody else."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.catalog.changes import standing, store
from headway.catalog.changes.entities import Answer, ContractChange
from headway.catalog.changes.errors import ChangeClosed, ChangeInvalid, NotYourAnswer
from headway.catalog.changes.service.means import Means
from headway.catalog.changes.service.proposing import entry, get_change, locked, need_open, need_person
from headway.catalog.changes.service.taking_effect import take_effect
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault


def accept(
    session: Session,
    actor: Actor,
    means: Means,
    *,
    change_id: str,
    consumer: str | None = None,
    reason: str = "",
) -> ContractChange:
    """Agree to a change as its consumer, or as who answers for one; it takes effect with the last who agrees.

    Args: consumer: the person whose answer was handed on; default is oneself.
    Raises: ChangeUnknown; ChangeClosed: ended, or answered; NotYourAnswer.
    """
    _answer(session, actor, change_id, consumer, accepted=True, reason=reason)
    made = get_change(session, change_id)
    told = entry(made, reason=reason.strip() or None)
    ledger.record(session, actor=actor, type="contract.accepted", **told)
    because = standing.reason_to_take_effect(
        level=made.level, answers=made.answers, answer_by=made.answer_by, day=clock.now().date()
    )
    return take_effect(session, means, made, because) if because else made


def object_to(
    session: Session, actor: Actor, change_id: str, reason: str, *, consumer: str | None = None
) -> ContractChange:
    """Object to a change with a reason; it is kept with the change, which waits until its notice is over.

    Raises: ChangeUnknown, ChangeClosed, NotYourAnswer; ChangeInvalid: no reason.
    """
    faults = standing.reason_faults(reason)
    if faults:
        raise ChangeInvalid(faults[0].message, faults=faults)
    _answer(session, actor, change_id, consumer, accepted=False, reason=reason)
    made = get_change(session, change_id)
    ledger.record(session, actor=actor, type="contract.objected", **entry(made, reason=reason.strip()))
    return made


def hand_on(session: Session, actor: Actor, change_id: str, to: str) -> ContractChange:
    """Let another person give one's answer; one may still give it oneself.

    Args: to: a person, as ``person:ID``, a mail address or a name.
    Raises: ChangeUnknown, ChangeClosed, NotYourAnswer; ChangeInvalid: nobody, or oneself.
    """
    need_person(actor, "hand on an answer")
    found = locked(session, change_id)
    need_open(found)
    own = _own(found, actor.ref)
    person = identity.find_person(session, to)
    if person is None or person.ref == actor.ref:
        words = f"{to!r} is nobody else who is known here"
        raise ChangeInvalid(words, faults=[Fault(rule="change.to", column="to", value=to, message=words)])
    store.write_answer(session, change_id, own.consumer, {"delegate": person.ref})
    made = get_change(session, change_id)
    ledger.record(session, actor=actor, type="contract.handed_on", **entry(made, person=person.ref))
    return made


def _answer(
    session: Session, actor: Actor, change_id: str, consumer: str | None, *, accepted: bool, reason: str
) -> None:
    need_person(actor, "answer a change")
    found = locked(session, change_id)
    need_open(found)
    own = _own(found, consumer or actor.ref, who=actor.ref)
    values = {
        "accepted": accepted,
        "reason": reason.strip() or None,
        "answered_by": actor.ref,
        "answered_at": clock.now(),
    }
    store.write_answer(session, change_id, own.consumer, values)


def _own(change: ContractChange, consumer: str, who: str | None = None) -> Answer:
    """The answer of a consumer that somebody may give; without ``who``, the consumer alone."""
    asked = next((one for one in change.answers if one.consumer == consumer), None)
    if asked is None and who == consumer:  # whoever was handed exactly one answer need not say whose
        handed = [one for one in change.answers if one.delegate == who and one.accepted is None]
        asked = handed[0] if len(handed) == 1 else None
    if asked is None or not (who is None or who in (asked.consumer, asked.delegate)):
        raise NotYourAnswer(
            "nobody answers for somebody else",
            hint="consumers answer themselves, or hand their answer on",
            values={"rule": "consumers-answer", "change": change.id},
        )
    if asked.accepted is not None:
        raise ChangeClosed(f"{asked.consumer} answered {change.id} already", values={"change": change.id})
    return asked
