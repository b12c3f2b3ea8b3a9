"""The review of a break-glass: what runs on one that was not justified stops in the same transaction."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import governance
from headway.governance import BreakGlass, ReviewFinding
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.serving import store
from headway.serving.entities import DeploymentState
from headway.serving.service.deployments import note


def review_break_glass(
    session: Session, actor: Actor, glass_id: str, finding: ReviewFinding, *, review: str
) -> BreakGlass:
    """Say whether it was justified; if not, suspend every deployment that serves its subject there.

    Raises: as ``governance.review_break_glass``.
    """
    found = governance.review_break_glass(session, actor, glass_id, finding, review)
    if finding is ReviewFinding.not_justified and not _has_another_verdict(session, found):
        for row in store.active_rows(session, [found.usecase], lock=True):
            serves = {arm["release"] for arm in row.arms} | {row.release}
            if row.environment == found.environment and found.subject_digest in serves:
                row.state, row.changed_at = DeploymentState.suspended.value, clock.now()
                row.reason = f"{found.id} was not justified: {found.review}"
                note(session, actor, row, "deployment.suspended")
    return found


def _has_another_verdict(session: Session, glass: BreakGlass) -> bool:
    """Whether the newest verdict on the subject there was given without it, as after an ordinary release since."""
    newest = governance.find_verdict(session, subject_digest=glass.subject_digest, environment=glass.environment)
    return newest is not None and glass.id not in newest.exceptions
