"""What serving proves of everything at work, as evidence: that its decisions are logged, and how long the log is kept.

A node writes each decision to its disk before it answers, and without a log it does not answer; nothing can switch that
off. Sealed segments and the tables made of them are deleted by nobody: only payloads are, when a person is erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from headway import governance
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.errors import Scalar
from headway.kernel.ids import Ref
from headway.serving.tables import DeploymentRow

RENEW_AFTER = timedelta(days=7)
KEPT_DAYS = 36_500
"""Written where a number of days is asked for and nothing deletes: a hundred years."""
PROOFS: Mapping[str, Mapping[str, Scalar]] = {
    "log_config": {"decisions_logged": True, "before_answer": True, "can_be_switched_off": False},
    "log_retention_proof": {"days": KEPT_DAYS, "is_deleted_by": None},
}


def prove(session: Session, rows: Sequence[DeploymentRow]) -> int:
    """Write what is proven of deployments where it was never written or was a week ago; returns how many were."""
    made = 0
    for type_, facts in PROOFS.items():
        known = _newest(session, type_, rows)
        for digest, environment, version in sorted({(row.release, row.environment, row.version) for row in rows}):
            at = known.get((digest, environment))
            if at is None or clock.now() - at >= RENEW_AFTER:
                governance.record_proof(
                    session,
                    type=type_,
                    subject=Ref.parse(version),
                    subject_digest=digest,
                    facts={**facts, "environment": environment},
                    producer=SYSTEM,
                )
                known[digest, environment] = clock.now()
                made += 1
    return made


def _newest(session: Session, type_: str, rows: Iterable[DeploymentRow]) -> dict[tuple[str, Scalar], datetime]:
    found = governance.newest_facts(session, {row.release for row in rows}, type_)
    return {(one.subject_digest, one.facts.get("environment")): one.made_at for one in found}
