"""Verdicts: a gate's answer, signed, and laid beside the bundle it is about."""

from __future__ import annotations

from typing import cast

from sqlalchemy.orm import Session

from headway import ledger, runtime
from headway.governance import gates, rules, store
from headway.governance.entities import Gate, GateResult, VerdictRecord
from headway.governance.errors import GateBlocked, VerdictUnknown
from headway.governance.service.gating import Evaluation, evaluate, not_passed
from headway.governance.service.retiring import refuse_retired
from headway.governance.service.revoking import refuse_revoked
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import sha256
from headway.kernel.crypto import Signer
from headway.kernel.ids import Ref, new_id
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.settings import Environment
from headway.kernel.storage import Storage


def issue_verdict(
    session: Session,
    signer: Signer,
    storage: Storage,
    *,
    actor: Actor,
    gate: Gate = "pre_deploy",
    environment: str,
    subject: Ref,
    subject_digest: str,
    usecase: str,
) -> runtime.Verdict:
    """Ask the gate; when it lets the subject in, sign a verdict and lay it at bundles/DIGEST/verdict.ENVIRONMENT.dsse.

    Raises: GateBlocked with the controls that block as faults; SubjectRevoked; UseCaseRetired.
    """
    at = clock.now()
    refuse_retired(session, usecase)
    found = evaluate(
        session,
        gate=gate,
        environment=environment,
        subject=subject,
        subject_digest=subject_digest,
        usecase=usecase,
        at=at,
    )
    refuse_revoked(session, subject_digest)
    if found.result.result == "block":
        raise blocked(found.result)
    verdict = _verdict(found, signer, new_id("vdt"))
    envelope = runtime.sign_verdict(signer, verdict)
    store.add_verdict(session, _row(found, verdict, actor, envelope))
    payload = {
        "verdict": verdict.id,
        "gate": gate,
        "environment": environment,
        "usecase": usecase,
        "subject_digest": subject_digest,
        "result": verdict.result,
        "facts_digest": verdict.facts_digest,
        "pack_digest": verdict.pack_digest,
        "approvals": list(verdict.approvals),
        "exceptions": list(verdict.exceptions),
        "engines": verdict.engines,
        "envelope_digest": sha256(envelope),
        "serve_until": verdict.serve_until,
    }
    ledger.record(session, actor=actor, type="verdict.issued", subject=subject, payload=payload)
    storage.replace(runtime.object_key(subject_digest, runtime.verdict_path(verdict.environment)), envelope)
    return verdict


def get_verdict(session: Session, verdict_id: str) -> VerdictRecord:
    """Read a verdict with every control, reason and fact it was made of; raises VerdictUnknown."""
    found = store.get_verdict(session, verdict_id)
    if found is None:
        raise VerdictUnknown(f"no verdict {verdict_id}", values={"verdict": verdict_id})
    return found


def get_envelope(session: Session, verdict_id: str) -> bytes:
    """Read the signed envelope of a verdict; raises VerdictUnknown."""
    found = store.envelope(session, verdict_id)
    if found is None:
        raise VerdictUnknown(f"no verdict {verdict_id}", values={"verdict": verdict_id})
    return found


def list_verdicts(
    session: Session,
    *,
    usecase: str | None = None,
    subject_digest: str | None = None,
    environment: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[VerdictRecord]:
    """Read verdicts, newest first."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_verdicts(
        session,
        usecase=usecase,
        subject_digest=subject_digest,
        environment=environment,
        before=cursor,
        limit=limit + 1,
    )
    return Page(items=tuple(found[:limit]), next=found[limit - 1].id if len(found) > limit else None)


def find_verdict(session: Session, *, subject_digest: str, environment: str) -> VerdictRecord | None:
    """Read the newest verdict about a subject in an environment; None when no gate let it in yet."""
    found = store.list_verdicts(
        session, usecase=None, subject_digest=subject_digest, environment=environment, before=None, limit=1
    )
    return found[0] if found else None


def blocked(result: GateResult) -> GateBlocked:
    """The error that tells which controls block."""
    faults = not_passed(result)
    names = ", ".join(fault.rule for fault in faults) or f"tier {result.tier.value}"
    return GateBlocked(
        f"gate {result.gate} blocks {result.subject} in {result.environment}: {names}",
        hint="; ".join(result.missing[:5]) or None,
        faults=faults,
        values={
            "environment": result.environment,
            "usecase": result.usecase,
            "subject_digest": result.subject_digest,
            "tier": result.tier.value,
        },
    )


def _verdict(found: Evaluation, signer: Signer, verdict_id: str) -> runtime.Verdict:
    result = found.result
    return runtime.Verdict(
        id=verdict_id,
        gate=result.gate,
        environment=cast(Environment, result.environment),
        subject_digest=result.subject_digest,
        pack_digest=result.pack_digest,
        facts_digest=result.facts_digest,
        result=result.result,
        controls=tuple(
            runtime.ControlOutcome(id=c.id, status=c.status.value, evidence_ids=c.evidence_ids, reason=c.reason)
            for c in result.controls
        ),
        approvals=result.approvals,
        exceptions=result.exceptions,
        engines=rules.engines(),
        issued_at=result.evaluated_at,
        serve_until=gates.serve_until(result.environment, result.tier, result.evaluated_at, result.exceptions_until),
        key_id=signer.key_id,
    )


def _row(found: Evaluation, verdict: runtime.Verdict, actor: Actor, envelope: bytes) -> dict[str, object]:
    result = found.result
    return {
        "id": verdict.id,
        "gate": result.gate,
        "environment": result.environment,
        "usecase": result.usecase,
        "subject": result.subject,
        "subject_digest": result.subject_digest,
        "result": result.result,
        "tier": result.tier.value,
        "controls": [store.control_values(control) for control in result.controls],
        "missing": list(result.missing),
        "approvals": list(result.approvals),
        "exceptions": list(result.exceptions),
        "engines": rules.engines(),
        "facts": dict(found.facts),
        "facts_digest": result.facts_digest,
        "pack_digests": dict(result.pack_digests),
        "pack_digest": result.pack_digest,
        "issued_by": actor.ref,
        "issued_at": verdict.issued_at,
        "serve_until": verdict.serve_until,
        "key_id": verdict.key_id,
        "envelope": envelope.decode(),
    }
