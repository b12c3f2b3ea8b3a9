"""When monitoring runs: each day for what decided since, and whenever somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from headway import serving
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.jobs import Jobs
from headway.kernel.settings import Environment
from headway.monitoring import store
from headway.monitoring.performance import SETTLED_DAYS
from headway.monitoring.service.judging import find
from headway.monitoring.store import Where

JOB = "monitoring"
OUTCOME_DAYS = SETTLED_DAYS + 7
"""Days after the last decision in which outcomes are waited for."""


def start(session: Session, jobs: Jobs, actor: Actor, *, name: str, environment: Environment) -> str:
    """Begin to judge a deployment now; returns the job's id. Raises: serving.UnknownDeployment."""
    find(session, name, environment)
    return jobs.enqueue(session, JOB, {"deployment": name, "environment": environment}, actor=actor)


def due(session: Session, jobs: Jobs) -> int:
    """Begin to judge each deployment with days that are over and were not judged, or that still waits for outcomes.

    Once a day for each: the job of a day has an id of its own. Returns how many are due.
    """
    yesterday = clock.now().date() - timedelta(days=1)
    places = sorted(set(_waiting(session)))
    for environment, name in places:
        payload = {"deployment": name, "environment": environment}
        job_id = f"job_monitoring_{environment}_{name}_{yesterday.isoformat()}"
        jobs.enqueue(session, JOB, payload, actor=SYSTEM, job_id=job_id)
    return len(places)


def _waiting(session: Session) -> Iterator[tuple[str, str]]:
    today = clock.now().date()
    yesterday, judged = today - timedelta(days=1), store.judged_days(session)
    for one in serving.profiled_releases(session):
        where = Where(environment=one.environment, deployment=one.deployment, release=one.release)
        last, at = judged.get(where, (None, None))
        is_new = one.first <= yesterday if last is None else last < min(one.last, yesterday)
        waits = at is not None and at.date() < today and one.last >= today - timedelta(days=OUTCOME_DAYS)
        if is_new or waits:
            yield one.environment, one.deployment
