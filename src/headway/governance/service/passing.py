"""Gates that somebody passes on the way: asked when a use case is built, approved, retired; each passing leaves an entry."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance.entities import Gate, GateResult, Status
from headway.governance.service.gating import evaluate_gate
from headway.governance.service.usecases import get_usecase, ref
from headway.governance.service.verdicts import blocked
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref


def ask_usecase(
    session: Session,
    *,
    gate: Gate,
    usecase: str,
    environment: str = "production",
    subject: Ref | None = None,
    subject_digest: str | None = None,
) -> GateResult:
    """Ask a gate about a use case as it stands, or about something of it by its digest. Raises: UseCaseUnknown."""
    case = get_usecase(session, usecase)
    return evaluate_gate(
        session,
        gate=gate,
        environment=environment,
        subject=subject or (ref(usecase) if subject_digest is None else Ref("bundle", subject_digest)),
        subject_digest=subject_digest or case.digest,
        usecase=usecase,
    )


def refuse_at_gate(
    session: Session,
    *,
    gate: Gate,
    usecase: str,
    environment: str = "production",
    subject: Ref | None = None,
    subject_digest: str | None = None,
) -> GateResult:
    """Ask as ``ask_usecase``; raises GateBlocked with the controls that block as faults, and writes nothing."""
    found = ask_usecase(
        session, gate=gate, usecase=usecase, environment=environment, subject=subject, subject_digest=subject_digest
    )
    if found.result == "block":
        raise blocked(found)
    return found


def pass_gate(
    session: Session,
    actor: Actor,
    *,
    gate: Gate,
    usecase: str,
    environment: str = "production",
    subject: Ref | None = None,
    subject_digest: str | None = None,
) -> GateResult:
    """Pass a gate, which leaves an entry with what it was asked and answered; raises GateBlocked."""
    found = refuse_at_gate(
        session, gate=gate, usecase=usecase, environment=environment, subject=subject, subject_digest=subject_digest
    )
    note_passed(session, actor, found)
    return found


def note_passed(session: Session, actor: Actor, found: GateResult) -> None:
    """Write down that a gate was passed, with what it was asked and answered."""
    payload = {
        "gate": found.gate,
        "environment": found.environment,
        "usecase": found.usecase,
        "subject_digest": found.subject_digest,
        "result": found.result,
        "tier": found.tier.value,
        "pack_digest": found.pack_digest,
        "facts_digest": found.facts_digest,
        "controls": {one.id: one.status.value for one in found.controls if one.status is not Status.not_applicable},
    }
    ledger.record(session, actor=actor, type="gate.passed", subject=Ref.parse(found.subject), payload=payload)
