"""Refusals: told to the ledger at once; the same again within a minute is counted and told when the minute is over.

So nobody can flood the ledger by asking again and again, and no refusal goes untold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import store
from headway.governance.entities import GateResult, Refusal
from headway.governance.errors import GateRefused
from headway.governance.service.gating import not_passed
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref, new_id

MINUTE, KEPT = timedelta(minutes=1), timedelta(days=1)
MOST_A_MINUTE = 60  # different ones that get an entry of their own; what is more is counted together
OTHERS = "gate.others_refused"
LONGEST_REASON = 500


def note_refusal(session: Session, actor: Actor | str, refusal: Refusal, *, at: datetime | None = None) -> None:
    """Tell the ledger that something was kept out.

    Args: at: when, for what is told later; the same subject, environment and code within its minute are one entry,
    and one more with the count of those that followed (``tell_repeats``).
    """
    who = actor if isinstance(actor, str) else actor.ref
    minute = (at or clock.now()).replace(second=0, microsecond=0)
    if not store.has_room(session, _key(minute, refusal), MOST_A_MINUTE):
        refusal = _together(refusal)
    payload = _payload(refusal)
    values = {"id": new_id("rfs"), **_key(minute, refusal), "actor": who, "payload": payload}
    if store.count_refusal(session, {**values, "count": refusal.count, "told": refusal.count}):
        told = {**payload, "minute": minute, "count": refusal.count}
        ledger.record(session, actor=who, type="gate.refused", subject=Ref.parse(refusal.subject), payload=told)


def note_blocked(session: Session, actor: Actor | str, result: GateResult, *, via: str) -> None:
    """Tell the ledger that a gate does not let a subject in, where no error says so."""
    names = ", ".join(fault.rule for fault in not_passed(result)) or f"tier {result.tier.value}"
    refusal = Refusal(
        subject=str(Ref("bundle", result.subject_digest)),
        environment=result.environment,
        code="governance.gate_blocked",
        reason=f"gate {result.gate} blocks {result.subject} in {result.environment}: {names}",
        via=via,
        usecase=result.usecase,
        subject_digest=result.subject_digest,
    )
    note_refusal(session, actor, refusal)


def refusal_of(error: GateRefused, *, via: str, action: str, resource: str) -> Refusal:
    """Read from an error what was refused."""
    told = {name: value for name, value in error.values.items() if isinstance(value, str)}
    digest, usecase = told.get("subject_digest"), told.get("usecase")
    subject = Ref("bundle", digest) if digest else Ref("usecase", usecase) if usecase else Ref("platform", "headway")
    return Refusal(
        subject=str(subject),
        environment=told.get("environment"),
        code=error.code,
        reason=error.message,
        via=via,
        usecase=usecase,
        subject_digest=digest,
        action=action,
        resource=resource,
    )


def tell_repeats(session: Session) -> int:
    """Tell the ledger how often what it knows was refused again in minutes that are over; returns how many entries."""
    now = clock.now()
    rows = store.repeated_refusals(session, now - MINUTE)
    for row in rows:
        told = {**row.payload, "minute": row.minute, "count": row.count - row.told, "repeated": True}
        ledger.record(session, actor=row.actor, type="gate.refused", subject=Ref.parse(row.subject), payload=told)
        row.told = row.count
    session.flush()
    store.forget_refusals(session, now - KEPT)
    return len(rows)


def _key(minute: datetime, refusal: Refusal) -> dict[str, object]:
    where = refusal.environment or ""
    return {"minute": minute, "subject": refusal.subject, "environment": where, "code": refusal.code}


def _together(refusal: Refusal) -> Refusal:
    place = Ref("environment", refusal.environment) if refusal.environment else Ref("platform", "headway")
    return replace(
        refusal,
        subject=str(place),
        code=OTHERS,
        reason=f"more than {MOST_A_MINUTE} different things were refused within a minute",
        usecase=None,
        subject_digest=None,
        action=None,
        resource=None,
    )


def _payload(refusal: Refusal) -> Mapping[str, object]:
    return {
        "environment": refusal.environment,
        "usecase": refusal.usecase,
        "subject_digest": refusal.subject_digest,
        "code": refusal.code,
        "reason": refusal.reason[:LONGEST_REASON],
        "via": refusal.via,
        "action": refusal.action,
        "resource": refusal.resource,
    }
