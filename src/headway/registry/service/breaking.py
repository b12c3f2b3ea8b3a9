"""A confirmed break-glass goes the same way as every release: the gate is asked, signs its verdict, and a release is kept."""

from __future__ import annotations

import msgspec
from sqlalchemy.orm import Session

from headway import governance, ledger, runtime
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.crypto import Signer
from headway.kernel.ids import Ref, new_id
from headway.kernel.storage import Storage
from headway.registry import store
from headway.registry.service.models import find_version
from headway.registry.service.releases import GATE


def confirm_break_glass(
    session: Session, storage: Storage, signer: Signer, actor: Actor, glass_id: str, *, reason: str
) -> governance.BreakGlass:
    """Confirm what somebody else asked for, and lay the signed verdict beside the bundle; it ends with the break-glass.

    A version of a model gets a release that names the break-glass where others name an approval; what was asked for in
    the ordinary way stays open. Raises: as ``governance.confirm_break_glass``; governance.GateBlocked.
    """
    glass = governance.confirm_break_glass(session, actor, glass_id, reason)
    verdict = governance.issue_verdict(
        session,
        signer,
        storage,
        actor=actor,
        gate=GATE,
        environment=glass.environment,
        subject=Ref.parse(glass.subject),
        subject_digest=glass.subject_digest,
        usecase=glass.usecase,
    )
    _release(session, actor, glass, verdict)
    return glass


def _release(session: Session, actor: Actor, glass: governance.BreakGlass, verdict: runtime.Verdict) -> None:
    version = find_version(session, glass.subject_digest)
    if version is None:
        return  # something that was not trained here: its verdict is all there is
    values: dict[str, object] = {
        "id": new_id("rel"),
        "model": version.model,
        "version": version.version,
        "digest": version.digest,
        "environment": glass.environment,
        "usecase": glass.usecase,
        "status": "released",
        "requested_by": glass.requested_by,
        "approval": None,
        "break_glass": glass.id,
        "decided_by": actor.ref,
        "reason": glass.answer,
        "verdict": msgspec.to_builtins(verdict),
        "created_at": glass.requested_at,
        "decided_at": clock.now(),
        "released_at": clock.now(),
    }
    made = store.add_release(session, values)
    payload = {
        "release": made.id,
        "digest": made.digest,
        "environment": made.environment,
        "usecase": made.usecase,
        "approval": None,
        "break_glass": glass.id,
        "requested_by": made.requested_by,
        "reason": made.reason,
        "verdict": verdict.id,
    }
    ledger.record(session, actor=actor, type="release.released", subject=Ref.parse(made.version), payload=payload)
