"""Mandates: drafted by the AI office, signed by the sponsor alone, withdrawn with a reason, renewed by a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance.mandates import standing, store
from headway.governance.mandates.entities import Mandate, MandateState, Programme
from headway.governance.mandates.errors import MandateClosed, MandateInvalid, MandateUnknown, NotTheSponsor
from headway.governance.mandates.service.programmes import get_programme
from headway.governance.service.people import need_person
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.crypto import Signer, dsse_sign
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref, new_id

MANDATE_TYPE: Final = "application/vnd.headway.mandate+json"
LEAST_REASON = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What a mandate gives."""

    purpose: str
    budget_minor: int
    currency: str
    people: float
    valid_from: date
    valid_until: date


def draft_mandate(
    session: Session,
    actor: Actor,
    programme: str,
    *,
    purpose: str,
    budget_minor: int,
    currency: str,
    people: float,
    valid_from: date,
    valid_until: date,
) -> Mandate:
    """Draft a mandate for a programme as it is now; it counts once its sponsor has signed it.

    Args: budget_minor: in the smallest unit of the currency. people: full-time equivalents. valid_until: its last day.
    Raises: ProgrammeUnknown; MandateInvalid with every fault; NotTheSponsor: the sponsor signs, somebody else drafts;
    MandateClosed: a draft waits already; Denied.
    """
    need_person(actor, "draft a mandate")
    terms = _Terms(
        purpose=purpose.strip(),
        budget_minor=budget_minor,
        currency=currency,
        people=float(people),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    store.lock_programme(session, programme)
    about = get_programme(session, programme)
    _refuse_sponsor(actor, about)
    _refuse_faulty(about, terms)
    made = _drafted(about, actor, terms)
    if not store.add_mandate(session, made):
        waiting = about.draft.id if about.draft else "one"
        raise MandateClosed(
            f"{waiting} of {programme} waits for the sponsor's signature",
            hint="take it back first (headway mandate withdraw), then draft another one",
            values={"programme": programme},
        )
    _tell(session, actor, "mandate.drafted", made)
    return get_mandate(session, made.id)


def _refuse_sponsor(actor: Actor, about: Programme) -> None:
    if about.sponsor == actor.ref:
        raise NotTheSponsor(
            "the sponsor signs the mandate, so somebody else drafts it",
            hint="somebody of the AI office must draft it",
            values={"rule": "governance.two_people", "programme": about.slug},
        )


def _refuse_faulty(about: Programme, terms: _Terms) -> None:
    faults = standing.faults(
        purpose=terms.purpose,
        budget_minor=terms.budget_minor,
        currency=terms.currency,
        people=terms.people,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        today=clock.now().date(),
    )
    if not about.departments:
        message = "the programme names no department, so there is nothing to give a mandate for"
        faults.append(Fault(rule="mandate.departments", column="departments", message=message))
    if faults:
        raise MandateInvalid("; ".join(fault.message for fault in faults), faults=faults)


def _drafted(about: Programme, actor: Actor, terms: _Terms) -> Mandate:
    made = Mandate(
        id=new_id("mdt"),
        programme=about.slug,
        sponsor=about.sponsor,
        departments=about.departments,
        purpose=terms.purpose,
        budget_minor=terms.budget_minor,
        currency=terms.currency,
        people=terms.people,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        drafted_by=actor.ref,
        drafted_at=clock.now(),
        digest="",
        signed_by=None,
        signed_at=None,
        key_id=None,
        withdrawn_by=None,
        withdrawn_at=None,
        withdrawn_because=None,
        state=MandateState.drafted,
    )
    return replace(made, digest=digest(standing.body_of(made)))


def sign_mandate(session: Session, signer: Signer, actor: Actor, mandate_id: str, *, digest: str) -> Mandate:
    """Sign a mandate as its sponsor. The platform's key seals what was signed, by whom and when, in a DSSE envelope.

    Args: digest: of what the sponsor read; another one is refused.
    Raises: MandateUnknown; NotTheSponsor; MandateClosed: signed, withdrawn, over, or its programme changed; MandateInvalid.
    """
    need_person(actor, "sign a mandate")
    found = _locked(session, mandate_id)
    if actor.ref != found.sponsor or actor.ref == found.drafted_by:
        raise NotTheSponsor(
            f"{mandate_id} is signed by {found.sponsor} and by nobody else",
            hint="ask the sponsor",
            values={"rule": "governance.sponsor_signs", "mandate": mandate_id},
        )
    if digest != found.digest:
        fault = Fault(rule="mandate.digest", column="digest", value=digest, message="this is not what was drafted")
        raise MandateInvalid("what you read is not what was drafted; read it anew", faults=[fault])
    now = clock.now()
    _refuse_stale(session, found, now.date())
    store.change_mandate(
        session,
        mandate_id,
        {
            "signed_by": actor.ref,
            "signed_at": now,
            "key_id": signer.key_id,
            "envelope": dsse_sign(signer, MANDATE_TYPE, _signed(found, actor, now)),
        },
    )
    made = get_mandate(session, mandate_id)
    _tell(session, actor, "mandate.signed", made)
    return made


def withdraw_mandate(session: Session, actor: Actor, mandate_id: str, reason: str) -> Mandate:
    """Withdraw a mandate, or take a draft back: what rested on it takes in nothing new from now on.

    Raises: MandateUnknown; MandateClosed: it is withdrawn or over; MandateInvalid without a reason.
    """
    need_person(actor, "withdraw a mandate")
    if len(reason.strip()) < LEAST_REASON:
        message = f"say in at least {LEAST_REASON} characters why"
        raise MandateInvalid(message, faults=[Fault(rule="mandate.reason", column="reason", message=message)])
    found = _locked(session, mandate_id)
    if found.state in (MandateState.withdrawn, MandateState.lapsed):
        raise MandateClosed(f"{mandate_id} is {found.state.value}", values={"mandate": mandate_id})
    values = {"withdrawn_by": actor.ref, "withdrawn_at": clock.now(), "withdrawn_because": reason.strip()}
    store.change_mandate(session, mandate_id, values)
    made = get_mandate(session, mandate_id)
    _tell(session, actor, "mandate.withdrawn", made)
    return made


def get_mandate(session: Session, mandate_id: str) -> Mandate:
    """Read a mandate as it stands today; raises MandateUnknown."""
    found = store.get_mandate(session, mandate_id, clock.now().date())
    if found is None:
        raise MandateUnknown(f"no mandate {mandate_id}", values={"mandate": mandate_id})
    return found


def list_mandates(session: Session, programme: str) -> tuple[Mandate, ...]:
    """Read all mandates of a programme, newest first; raises ProgrammeUnknown."""
    get_programme(session, programme)
    return tuple(reversed(store.mandates_of(session, clock.now().date(), [programme])))


def mandate_envelope(session: Session, mandate_id: str) -> bytes:
    """Give a signed mandate as a DSSE envelope, which can be checked without this system; raises MandateUnknown, MandateClosed."""
    get_mandate(session, mandate_id)
    found = store.envelope_of(session, mandate_id)
    if found is None:
        raise MandateClosed(f"{mandate_id} was not signed", values={"mandate": mandate_id})
    return found


def tell_due(session: Session, actor: Actor) -> int:
    """Tell sponsors and the AI office, once each, of mandates that end within 30 days or have ended; returns how many."""
    now, told = clock.now(), 0
    for mandate, notice in store.due_mandates(session, now.date()):
        about = get_programme(session, mandate.programme)
        is_followed = about.state is MandateState.in_force or (notice == "lapsed" and about.state.is_open)
        if store.mark_told(session, mandate.id, notice, now) and not is_followed:
            _tell(session, actor, "mandate.ending" if notice == "ending" else "mandate.lapsed", mandate)
            told += 1
    return told


def _locked(session: Session, mandate_id: str) -> Mandate:
    found = store.get_mandate(session, mandate_id, clock.now().date(), lock=True)
    if found is None:
        raise MandateUnknown(f"no mandate {mandate_id}", values={"mandate": mandate_id})
    return found


def _refuse_stale(session: Session, mandate: Mandate, today: date) -> None:
    """Refuse to sign what is no draft any more, is over, or speaks of a programme that has changed since."""
    values = {"mandate": mandate.id}
    if mandate.state is not MandateState.drafted:
        raise MandateClosed(f"{mandate.id} is {mandate.state.value.replace('_', ' ')}", values=values)
    hint = "the AI office takes it back and drafts it anew"
    if mandate.valid_until < today:
        raise MandateClosed(f"it would have ended on {mandate.valid_until}", hint=hint, values=values)
    about = get_programme(session, mandate.programme)
    if (about.sponsor, about.departments) != (mandate.sponsor, mandate.departments):
        raise MandateClosed("the programme has another sponsor or other departments now", hint=hint, values=values)


def _signed(mandate: Mandate, actor: Actor, at: datetime) -> Mapping[str, object]:
    return {
        "mandate": standing.body_of(mandate),
        "digest": mandate.digest,
        "signed_by": actor.ref,
        "signed_at": clock.iso(at),
    }


def _tell(session: Session, actor: Actor, event: str, mandate: Mandate) -> None:
    payload = {
        "mandate": mandate.id,
        "programme": mandate.programme,
        "sponsor": mandate.sponsor,
        "digest": mandate.digest,
        "budget_minor": mandate.budget_minor,
        "currency": mandate.currency,
        "people": mandate.people,
        "valid_from": mandate.valid_from,
        "until": mandate.valid_until.isoformat(),
        "key_id": mandate.key_id,
        "reason": mandate.withdrawn_because,
    }
    ledger.record(session, actor=actor, type=event, subject=Ref("programme", mandate.programme), payload=payload)
