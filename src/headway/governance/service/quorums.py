"""The organisation's quorum: read by everybody who reads policies, changed by the AI office."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import quorum, store
from headway.governance.entities import Quorum
from headway.governance.errors import QuorumInvalid
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Denied
from headway.kernel.ids import Ref


def list_quorums(session: Session) -> tuple[Quorum, ...]:
    """Read how many others must say yes, in each environment above the sandbox, the pilot first."""
    return tuple(store.quorums(session))


def set_quorum(session: Session, actor: Actor, environment: str, *, needed: int, reason: str) -> Quorum:
    """Change how many others must say yes. Raising it holds for open requests too, lowering it for new ones only.

    What was approved before stays approved. Setting what is in force already changes nothing.

    Raises: QuorumInvalid; Denied when no person changes it.
    """
    if found := quorum.faults(environment, needed, reason):
        raise QuorumInvalid("; ".join(fault.message for fault in found), faults=found)
    if not actor.is_person:
        raise Denied(
            f"only a person can change the quorum; {actor.ref} is none",
            hint="sign in as a person",
            values={"rule": "governance.people_only"},
        )
    before = store.get_quorum(session, environment, lock="update")
    if before.needed == needed:
        return before
    values = {"needed": needed, "changed_by": actor.ref, "changed_at": clock.now(), "reason": reason.strip()}
    store.change_quorum(session, environment, values)
    payload = {"environment": environment, "before": before.needed, "needed": needed, "reason": reason.strip()}
    ledger.record(session, actor=actor, type="quorum.changed", subject=Ref("quorum", environment), payload=payload)
    return store.get_quorum(session, environment)
