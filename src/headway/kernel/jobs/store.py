"""SQL on the rows of jobs and steps. Every write of a run names its attempt, so that an older run changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.kernel import clock, listing
from headway.kernel.errors import Conflict, NotFound
from headway.kernel.jobs.entities import Job, JobCancelled, JobInterrupted, JobStatus, StepView
from headway.kernel.listing import Column, Found, Listing, ListQuery
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.tables import JobRow, StepRow

OPEN = (JobStatus.queued, JobStatus.running)


def add(session: Session, job_id: str, name: str, payload: dict[str, Any], actor: dict[str, Any]) -> bool:
    """Add a queued job; returns False when one of that id is there already."""
    values = {
        "id": job_id,
        "name": name,
        "status": JobStatus.queued.value,
        "payload": payload,
        "actor": actor,
        "done": 0,
        "total": 0,
        "message": "",
        "attempts": 0,
        "created_at": clock.now(),
    }
    made = session.execute(insert(JobRow).values(values).on_conflict_do_nothing().returning(JobRow.id)).scalar()
    return made is not None


def get(session: Session, job_id: str) -> Job:
    """Read a job with its steps; raises NotFound."""
    row = session.get(JobRow, job_id, populate_existing=True)
    if row is None:
        raise NotFound(f"no job {job_id}")
    steps = select(StepRow).where(StepRow.job_id == job_id).order_by(StepRow.position)
    return _entity(row, tuple(_step(step) for step in session.scalars(steps)))


def page(session: Session, limit: int, cursor: str | None, actor: str | None) -> Page[Job]:
    """Read jobs, newest first, without their steps."""
    limit = max(1, min(limit, MAX_LIMIT))
    query = select(JobRow).order_by(JobRow.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(JobRow.id < cursor)
    if actor is not None:
        query = query.where(JobRow.actor["ref"].astext == actor)
    rows = list(session.scalars(query))
    items = tuple(_entity(row, ()) for row in rows[:limit])
    return Page(items=items, next=items[-1].id if len(rows) > limit else None)


_ASKED_BY = JobRow.actor["ref"].astext
_LISTED = Listing(
    columns={
        "id": Column(of=JobRow.id, is_searched=True),
        "name": Column(of=JobRow.name, is_searched=True, filter="exact"),
        "status": Column(of=JobRow.status, is_searched=True, filter="exact", choices=tuple(JobStatus)),
        "actor": Column(of=_ASKED_BY, is_searched=True, filter="exact"),
        "created_at": Column(of=JobRow.created_at, filter="dates"),
        "ended_at": Column(of=JobRow.ended_at, filter="dates"),
    },
    key=(JobRow.id,),
    sort="id",
    descending=True,
)


def find(session: Session, asked: ListQuery) -> Found[Job]:
    """Read the jobs asked for, without their steps, the newest first unless another order is wanted."""
    found = listing.find(session, select(JobRow), _LISTED, asked)
    return listing.found_as(found, (_entity(row[0], ()) for row in found.items))


def ended_since(session: Session, at: datetime, limit: int) -> list[Job]:
    """Read jobs that are done or failed since a time, without their steps."""
    query = select(JobRow).where(JobRow.ended_at >= at, JobRow.status.in_((JobStatus.done, JobStatus.failed)))
    return [_entity(row, ()) for row in session.scalars(query.order_by(JobRow.ended_at, JobRow.id).limit(limit))]


def begin(session: Session, job_id: str) -> JobRow | None:
    """Start an attempt; returns None when the job has ended already, or was cancelled while it waited."""
    row = session.get(JobRow, job_id, with_for_update=True, populate_existing=True)
    if row is None or row.status not in OPEN:
        return None
    row.status = JobStatus.running
    row.attempts += 1
    row.started_at = row.started_at or clock.now()
    return row


def progress(session: Session, job_id: str, attempt: int, reached: tuple[int, int], message: str) -> None:
    """Store how much is done of how much; raises JobStopped when this run should end."""
    _write(session, job_id, attempt, {"done": reached[0], "total": reached[1], "message": message})


def finish(session: Session, job_id: str, attempt: int, result: dict[str, Any]) -> None:
    """Store the result; raises JobStopped when this run should not have gone on."""
    ended = {"status": JobStatus.done.value, "result": result, "message": "", "ended_at": clock.now()}
    _write(session, job_id, attempt, {**ended, "done": func.greatest(JobRow.done, JobRow.total)})


def fail(session: Session, job_id: str, attempt: int, problem: dict[str, Any]) -> None:
    """Store the failure; raises JobStopped when this run should not have gone on."""
    _write(session, job_id, attempt, {"status": JobStatus.failed.value, "error": problem, "ended_at": clock.now()})


def cancel(session: Session, job_id: str) -> None:
    """Mark an open job cancelled; a run notices at its next step or progress. Raises NotFound, Conflict."""
    row = session.get(JobRow, job_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"no job {job_id}")
    if row.status not in OPEN:
        raise Conflict(f"job {job_id} has ended already: {row.status}")
    row.status, row.ended_at = JobStatus.cancelled, clock.now()
    session.flush()


def begin_step(session: Session, job_id: str, attempt: int, *, position: int, name: str, message: str) -> None:
    """Note that a step begins; raises JobStopped when this run should end."""
    _write(session, job_id, attempt, {"message": message})
    values = {"job_id": job_id, "position": position, "name": name, "attempts": 1, "started_at": clock.now()}
    again = {"attempts": StepRow.attempts + 1, "ended_at": None, "error": None, "started_at": clock.now(), "name": name}
    added = insert(StepRow).values(values)
    session.execute(added.on_conflict_do_update(index_elements=["job_id", "position"], set_=again))


def end_step(session: Session, job_id: str, position: int, error: str | None, cpu_seconds: float) -> None:
    """Note that a step ended, what it met, and how much computing this attempt took."""
    where = (StepRow.job_id == job_id, StepRow.position == position)
    taken = StepRow.cpu_seconds + cpu_seconds
    session.execute(update(StepRow).where(*where).values(ended_at=clock.now(), error=error, cpu_seconds=taken))


def taken_by(session: Session, job_ids: Collection[str]) -> dict[str, tuple[datetime, float]]:
    """Tell what each of these jobs took, in CPU seconds over all its steps and attempts, and when it ended or began."""
    at = func.coalesce(JobRow.ended_at, JobRow.started_at, JobRow.created_at)
    query = select(JobRow.id, at, func.sum(StepRow.cpu_seconds)).join(StepRow, StepRow.job_id == JobRow.id)
    found = session.execute(query.where(JobRow.id.in_(job_ids)).group_by(JobRow.id))
    return {job_id: (when, float(taken)) for job_id, when, taken in found}


def fail_given_up(session: Session, problem: dict[str, Any]) -> list[str]:
    """Fail the open jobs that DBOS has given up, for example after too many crashes; returns their ids."""
    given_up = text(
        "select workflow_uuid from dbos.workflow_status w join kernel.jobs j on j.id = w.workflow_uuid "
        "where j.status in ('queued', 'running') "
        "and w.status in ('ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')"
    )
    ids = list(session.scalars(given_up))
    if ids:
        values = {"status": JobStatus.failed.value, "error": problem, "ended_at": clock.now()}
        session.execute(update(JobRow).where(JobRow.id.in_(ids), JobRow.status.in_(OPEN)).values(values))
    return ids


def _write(session: Session, job_id: str, attempt: int, values: dict[str, Any]) -> None:
    where = (JobRow.id == job_id, JobRow.attempts == attempt, JobRow.status == JobStatus.running)
    if session.execute(update(JobRow).where(*where).values(values).returning(JobRow.id)).scalar() is None:
        status = session.scalar(select(JobRow.status).where(JobRow.id == job_id))
        raise JobCancelled if status == JobStatus.cancelled else JobInterrupted


def _step(row: StepRow) -> StepView:
    return StepView(
        name=row.name,
        attempts=row.attempts,
        started_at=row.started_at,
        ended_at=row.ended_at,
        error=row.error,
        cpu_seconds=row.cpu_seconds,
    )


def _entity(row: JobRow, steps: tuple[StepView, ...]) -> Job:
    return Job(
        id=row.id,
        name=row.name,
        status=JobStatus(row.status),
        done=row.done,
        total=row.total,
        message=row.message,
        steps=steps,
        result=row.result,
        error=row.error,
        attempts=row.attempts,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        actor=row.actor["ref"],
    )
