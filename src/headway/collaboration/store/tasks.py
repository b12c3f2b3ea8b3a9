"""SQL on tasks."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from headway.collaboration.tables import TaskRow


def add_task(session: Session, row: TaskRow) -> None:
    """Write a task."""
    session.add(row)
    session.flush()


def get_task(session: Session, task_id: str, *, lock: bool = False) -> TaskRow | None:
    """Read one task; ``lock`` holds it until the transaction ends."""
    return session.get(TaskRow, task_id, with_for_update=lock, populate_existing=True)


def tasks(
    session: Session,
    *,
    assignee: str | None,
    subject: str | None,
    state: str | None,
    due_before: date | None,
    before: str | None,
    limit: int,
) -> list[TaskRow]:
    """Read tasks, newest first."""
    query = select(TaskRow).order_by(TaskRow.id.desc()).limit(limit)
    for column, wanted in ((TaskRow.assignee, assignee), (TaskRow.subject, subject), (TaskRow.state, state)):
        if wanted is not None:
            query = query.where(column == wanted)
    if due_before is not None:
        query = query.where(TaskRow.due_on < due_before)
    if before is not None:
        query = query.where(TaskRow.id < before)
    return list(session.scalars(query))


def due_until(session: Session, day: date) -> list[TaskRow]:
    """Read the open tasks that are due on a day or before."""
    query = select(TaskRow).where(TaskRow.state == "open", TaskRow.due_on <= day).order_by(TaskRow.due_on, TaskRow.id)
    return list(session.scalars(query))
