"""What people see of a deployment's monitoring: read from what was judged, never counted anew."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from headway import registry, serving
from headway.kernel import clock
from headway.kernel.settings import Environment
from headway.kernel.storage import Storage
from headway.monitoring import store
from headway.monitoring.entities import Bin, Monitoring
from headway.monitoring.performance import by_week, perform, recent_days
from headway.monitoring.service.judging import expected_of, find, watched_of
from headway.monitoring.store import Where
from headway.numerics import Reference

DAYS = 90
WEEKS_BACK = timedelta(days=371)
SCORE_DAYS = 28


def overview(
    session: Session, storage: Storage, *, name: str, environment: Environment, days: int = DAYS
) -> Monitoring:
    """Show the monitoring of the release at work now.

    Args: days: how far back drift is shown. Raises: serving.UnknownDeployment.
    """
    deployment, today = find(session, name, environment), clock.now().date()
    where = Where(environment=environment, deployment=name, release=deployment.release)
    found = serving.reference_of(storage, deployment.release)
    watched = watched_of(found) if found is not None else None
    outcomes = [day for day in store.outcome_days(session, where, today - WEEKS_BACK) if day.decided]
    weeks = by_week(outcomes, today)
    return Monitoring(
        deployment=name,
        environment=environment,
        usecase=deployment.usecase,
        version=deployment.version,
        release=deployment.release,
        has_reference=watched is not None,
        reference_rows=watched.reference.profile.rows if watched else None,
        alarm_level=watched.level if watched else None,
        judged_through=store.last_whole_day(session, where),
        days=tuple(store.day_lines(session, where, today - timedelta(days=days - 1))),
        latest=store.latest_figures(session, where),
        labels={f.name: f.label or f.name for f in found.release.features} if found is not None else {},
        score_bins=score_bins(session, where, watched.reference, today) if watched else (),
        expected=expected_of(registry.find_version(session, deployment.release)),
        weeks=weeks if any(week.known for week in weeks) else (),
        recent=perform(recent_days(outcomes, today), today),
        alerts=tuple(map(store.alert_of, store.running_alerts(session, environment, name))),
    )


def score_bins(session: Session, where: Where, reference: Reference, today: date) -> tuple[Bin, ...]:
    """Set the scores of the last four weeks beside those of the reference; empty while there are none."""
    counts = serving.score_counts(
        session,
        name=where.deployment,
        environment=where.environment,
        release=where.release,
        since=today - timedelta(days=SCORE_DAYS - 1),
    )
    before = reference.profile.scores
    if not counts or not before.known or len(counts) != len(before.counts):
        return ()
    total = sum(counts)
    edges = ["", *(f"{edge:.3f}" for edge in reference.score_ruler.edges), ""]
    return tuple(
        Bin(
            label=f"≤ {edges[i + 1]}" if not i else f"{edges[i]}–{edges[i + 1]}" if edges[i + 1] else f"> {edges[i]}",
            reference=before.counts[i] / before.known,
            current=counts[i] / total,
        )
        for i in range(len(counts))
    )
