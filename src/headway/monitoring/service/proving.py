"""What monitoring proves of a deployment, as evidence about its release: that it ran, how far it came, what is open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from headway import governance, serving
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.errors import Scalar
from headway.kernel.ids import Ref
from headway.monitoring import store
from headway.monitoring.store import Where
from headway.serving import Deployment, DeploymentState, ProfiledRelease

REPORT = "monitoring_report"
WATCHED = ("pilot", "production")
"""Where monitoring looks each day, whether or not something was decided."""


def prove(session: Session, deployment: Deployment, spans: Sequence[ProfiledRelease]) -> None:
    """Write the report of a run: once a day, and again when what it tells has changed. Retired ones get none.

    ``runs`` counts the days with a report; ``days_since`` the days of decisions that lie unjudged behind the last judged.
    """
    if deployment.state is DeploymentState.retired:
        return
    before = _newest(session, deployment)
    today = clock.now().date()
    is_new_day = before is None or before.made_at.date() < today
    runs = int(before.facts.get("runs") or 0) if before is not None else 0
    alerts = store.running_alerts(session, deployment.environment, deployment.name)
    facts: dict[str, Scalar] = {
        "runs": runs + 1 if is_new_day else runs,
        "open_alerts": sum(1 for one in alerts if one.release == deployment.release),
        "days_since": _unjudged(session, deployment, spans, today),
        "environment": deployment.environment,
        "deployment": deployment.name,
    }
    if not is_new_day and before is not None and dict(before.facts) == facts:
        return
    governance.record_proof(
        session,
        type=REPORT,
        subject=Ref.parse(deployment.version),
        subject_digest=deployment.release,
        facts=facts,
        producer=SYSTEM,
    )


def reported_today(session: Session, deployments: Iterable[Deployment]) -> set[tuple[str, str]]:
    """The environments and names of those whose release has a report of today there."""
    listed = list(deployments)
    today = clock.now().date()
    found = governance.newest_facts(session, {one.release for one in listed}, REPORT)
    done = {(one.facts.get("environment"), one.subject_digest) for one in found if one.made_at.date() >= today}
    return {(one.environment, one.name) for one in listed if (one.environment, one.release) in done}


def watched(session: Session) -> list[Deployment]:
    """Everything above the sandbox that is not retired."""
    return [one for environment in WATCHED for one in serving.live_deployments(session, environment)]


def _newest(session: Session, deployment: Deployment) -> governance.Evidence | None:
    found = governance.newest_facts(session, {deployment.release}, REPORT)
    return next((one for one in found if one.facts.get("environment") == deployment.environment), None)


def _unjudged(session: Session, deployment: Deployment, spans: Sequence[ProfiledRelease], today: date) -> int:
    own = [one for one in spans if one.release == deployment.release]
    if not own:
        return 0
    last = min(max(one.last for one in own), today - timedelta(days=1))
    where = Where(environment=deployment.environment, deployment=deployment.name, release=deployment.release)
    judged = store.last_whole_day(session, where)
    begun = min(one.first for one in own) - timedelta(days=1)
    return max(0, (last - (begun if judged is None else judged)).days)
