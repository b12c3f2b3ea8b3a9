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
from headway.monitoring.service.proving import reported_today, watched
from headway.monitoring.store import Where

JOB = "monitoring"
OUTCOME_DAYS = SETTLED_DAYS + 7
"""Days after the last decision in which outcomes are waited for."""


def start(session: Session, jobs: Jobs, actor: Actor, *, name: str, environment: Environment) -> str:
    """Begin to judge a deployment now; returns the job's id. Raises: serving.UnknownDeployment."""
    find(session, name, environment)
    return jobs.enqueue(session, JOB, {"deployment": name, "environment": environment}, actor=actor)


def due(session: Session, jobs: Jobs) -> int:
    """Begin to judge each deployment with days that are over and were not judged, or that still waits for outcomes; above the
    sandbox each one, so that a report of each day shows that it was looked at.

    Once a day for each: the job of a day has an id of its own. Returns how many are due.
    """
    yesterday = clock.now().date() - timedelta(days=1)
    wanted = {**_without_report(session), **dict.fromkeys(_waiting(session), "")}
    for (environment, name), mark in sorted(wanted.items()):
        payload = {"deployment": name, "environment": environment}
        job_id = f"job_monitoring_{environment}_{name}_{yesterday.isoformat()}{mark}"
        jobs.enqueue(session, JOB, payload, actor=SYSTEM, job_id=job_id)
    return len(wanted)


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


def _without_report(session: Session) -> dict[tuple[str, str], str]:
    """What is watched and has no report of today, with a mark of its release: one that was replaced today is looked at too."""
    live = watched(session)
    done = reported_today(session, live)
    return {
        (one.environment, one.name): f"_{one.release[-12:]}" for one in live if (one.environment, one.name) not in done
    }
