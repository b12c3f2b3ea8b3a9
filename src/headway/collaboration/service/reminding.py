"""What is told without an event: tasks that are due, jobs that have ended."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from headway import identity
from headway.collaboration.entities import Topic
from headway.collaboration.service.telling import Notice, put_notices
from headway.collaboration.store import notices, tasks, wishes
from headway.collaboration.tables import TaskRow
from headway.collaboration.words import JOB_DONE, JOB_FAILED, TASK_LATE, TASK_SOON
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.jobs import Job, Jobs, JobStatus

EVERY = timedelta(minutes=5)
OVERLAP = timedelta(minutes=10)
TOLD_OTHERWISE = {"pilot"}
"""Jobs whose end is an event of the ledger."""


def remind(session: Session, *, has_mail: bool) -> int:
    """Remind people of tasks that are due on the next day or were due, each once; returns how many were told.

    A day begins where the person is. Looks at most every five minutes.
    """
    now = clock.now()
    place = notices.take_place(session, "reminders")
    if place is None or now - place.at < EVERY:
        return 0
    due = tasks.due_until(session, now.date() + timedelta(days=2))
    zones = {p: w.time_zone for p, w in wishes.preferences_of(session, {row.assignee for row in due}).items()}
    planned = [notice for row in due if (notice := _reminder(row, _today(now, zones[row.assignee]))) is not None]
    known = notices.told_before(session, {notice.dedup for notice in planned})
    active = identity.people_of(session, {notice.recipient for notice in planned})
    fresh = [
        notice
        for notice in planned
        if (notice.recipient, notice.dedup) not in known
        and notice.recipient in active
        and active[notice.recipient].is_active
    ]
    notices.move_place(session, "reminders", leaf=0, at=now)
    return put_notices(session, fresh, has_mail=has_mail)


def tell_jobs(session: Session, jobs: Jobs, *, has_mail: bool) -> int:
    """Tell people of their jobs that ended; returns how many were told.

    A job's end may be committed a little after its time. So each look goes back over the last minutes, and marks keep
    anybody from being told twice.
    """
    place = notices.take_place(session, "jobs")
    if place is None:
        return 0
    ended = jobs.ended_since(session, place.at - OVERLAP)
    planned = [notice for job in ended if (notice := _job(job)) is not None]
    known = notices.told_before(session, {notice.dedup for notice in planned})
    fresh = [notice for notice in planned if (notice.recipient, notice.dedup) not in known]
    reached = max((job.ended_at for job in ended if job.ended_at is not None), default=place.at)
    if reached > place.at:
        notices.move_place(session, "jobs", leaf=0, at=reached)
    return put_notices(session, fresh, has_mail=has_mail)


def _reminder(row: TaskRow, today: date) -> Notice | None:
    due = row.due_on
    if due is None or due > today + timedelta(days=1) or due == today:
        return None
    kind, message = ("soon", TASK_SOON) if due > today else ("late", TASK_LATE)
    return Notice(
        recipient=row.assignee,
        topic=Topic.task,
        type=f"task.{kind}",
        subject=row.subject,
        actor=SYSTEM.ref,
        message=message,
        values={"title": row.title, "due_on": due.isoformat()},
        dedup=f"task:{row.id}:{kind}:{due.isoformat()}",
    )


def _job(job: Job) -> Notice | None:
    if job.name in TOLD_OTHERWISE or not job.actor.startswith("person:"):
        return None
    is_done = job.status is JobStatus.done
    detail = str((job.error or {}).get("detail", ""))[:200]
    return Notice(
        recipient=job.actor,
        topic=Topic.job,
        type="job.done" if is_done else "job.failed",
        subject=f"job:{job.id}",
        actor=SYSTEM.ref,
        message=JOB_DONE if is_done else JOB_FAILED,
        values={"name": job.name} if is_done else {"name": job.name, "detail": detail},
        dedup=f"job:{job.id}",
    )


def _today(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()
