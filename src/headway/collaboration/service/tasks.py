"""Tasks: what a person is to do about a thing, by a day. Who may read the thing may give and see tasks on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.collaboration.entities import Task, TaskState
from headway.collaboration.errors import TaskEnded, TaskNotFound
from headway.collaboration.prose import MAX_LINE, MAX_NOTE, check, faults_of
from headway.collaboration.store import tasks as rows
from headway.collaboration.store import watches
from headway.collaboration.tables import TaskRow
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref, new_id
from headway.kernel.paging import MAX_LIMIT, Page


def create_task(
    session: Session,
    actor: Actor,
    *,
    title: str,
    subject: Ref,
    assignee: str | None = None,
    due_on: date | None = None,
    note: str = "",
    may_read: Callable[[str], bool] | None = None,
) -> Task:
    """Give somebody something to do; without assignee oneself.

    Args: assignee: ``person:ID``, a mail address or a full name; may_read: whether a person may read the thing.
    Raises: WordsRefused with every fault.
    """
    person, faults = _assignee(session, assignee or actor.ref, may_read)
    check({"title": (title, MAX_LINE)}, faults + faults_of("note", note, MAX_NOTE, may_be_empty=True))
    row = TaskRow(
        id=new_id("tsk"),
        title=" ".join(title.split()),
        subject=str(subject),
        assignee=person,
        due_on=due_on,
        state=TaskState.open.value,
        note=note.strip(),
        created_by=actor.ref,
        created_at=clock.now(),
    )
    rows.add_task(session, row)
    if actor.is_person:
        watches.watch(session, actor.ref, row.subject, row.created_at)
    _record(session, actor, "task.created", row, _facts(row))
    return _told(session, [row])[0]


def change_task(
    session: Session,
    actor: Actor,
    task_id: str,
    *,
    title: str | None = None,
    assignee: str | None = None,
    due_on: date | None = None,
    clear_due: bool = False,
    note: str | None = None,
    may_read: Callable[[str], bool] | None = None,
) -> Task:
    """Change an open task; what is None stays, ``clear_due`` takes the day away. Raises TaskEnded, WordsRefused."""
    row = _need_open(session, task_id)
    person, faults = _assignee(session, assignee, may_read) if assignee else (row.assignee, [])
    faults += faults_of("note", note or "", MAX_NOTE, may_be_empty=True)
    check({"title": (row.title if title is None else title, MAX_LINE)}, faults)
    before = _facts(row)
    row.title = row.title if title is None else " ".join(title.split())
    row.assignee = person
    row.due_on = None if clear_due else due_on or row.due_on
    row.note = row.note if note is None else note.strip()
    session.flush()
    after = _facts(row)
    if changed := {name: value for name, value in after.items() if value != before[name]}:
        _record(session, actor, "task.changed", row, changed)
    return _told(session, [row])[0]


def end_task(session: Session, actor: Actor, task_id: str, *, state: TaskState, note: str = "") -> Task:
    """Mark a task as done or cancelled, with a note when there is something to say. Raises TaskEnded."""
    if state is TaskState.open:
        return reopen_task(session, actor, task_id, note=note)
    row = _need_open(session, task_id)
    check({}, faults_of("note", note, MAX_NOTE, may_be_empty=True))
    row.state, row.ended_by, row.ended_at = state.value, actor.ref, clock.now()
    session.flush()
    _record(session, actor, f"task.{state.value}", row, {"note": note.strip() or None})
    return _told(session, [row])[0]


def reopen_task(session: Session, actor: Actor, task_id: str, *, note: str = "") -> Task:
    """Open a task again; one that is open stays as it is."""
    row = _need(session, task_id, lock=True)
    if row.state != TaskState.open:
        row.state, row.ended_by, row.ended_at = TaskState.open.value, None, None
        session.flush()
        _record(session, actor, "task.reopened", row, {"note": note.strip() or None})
    return _told(session, [row])[0]


def get_task(session: Session, task_id: str) -> Task:
    """Read one task; raises TaskNotFound."""
    return _told(session, [_need(session, task_id)])[0]


def list_tasks(
    session: Session,
    *,
    assignee: str | None = None,
    subject: Ref | str | None = None,
    state: TaskState | None = TaskState.open,
    overdue: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Task]:
    """Read tasks, newest first; ``overdue`` keeps those whose day has passed."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = rows.tasks(
        session,
        assignee=assignee,
        subject=str(subject) if subject is not None else None,
        state=TaskState.open.value if overdue else state.value if state else None,
        due_before=clock.now().date() if overdue else None,
        before=cursor,
        limit=limit + 1,
    )
    return Page(items=tuple(_told(session, found[:limit])), next=found[limit - 1].id if len(found) > limit else None)


def _assignee(session: Session, text: str, may_read: Callable[[str], bool] | None) -> tuple[str, list[Fault]]:
    person = identity.find_person(session, text)
    if person is not None and (may_read is None or may_read(person.ref)):
        return person.ref, []
    told = f"{text!r} names no active person: write person:ID, a mail address or a full name"
    if person is not None:
        told = f"{person.name} may not read what the task is about, and could not do it"
    return text, [Fault(rule="task.assignee", column="assignee", value=text, message=told)]


def _need(session: Session, task_id: str, *, lock: bool = False) -> TaskRow:
    row = rows.get_task(session, task_id, lock=lock)
    if row is None:
        raise TaskNotFound(f"there is no task {task_id}")
    return row


def _need_open(session: Session, task_id: str) -> TaskRow:
    row = _need(session, task_id, lock=True)
    if row.state != TaskState.open:
        raise TaskEnded(f"{task_id} is {row.state}", hint="open it again first", values={"task": task_id})
    return row


def _facts(row: TaskRow) -> dict[str, object]:
    return {"title": row.title, "assignee": row.assignee, "due_on": row.due_on, "note": row.note or None}


def _record(session: Session, actor: Actor, type_: str, row: TaskRow, facts: dict[str, object]) -> None:
    payload = {"title": row.title, **facts, "task": row.id}
    about = Ref.parse(row.subject)
    ledger.record(session, actor=actor, type=type_, subject=about, payload=payload, personal=True)


def _told(session: Session, found: Iterable[TaskRow]) -> list[Task]:
    listed, today = list(found), clock.now().date()
    names = identity.names_of(session, {row.assignee for row in listed})
    return [
        Task(
            id=row.id,
            title=row.title,
            subject=row.subject,
            assignee=row.assignee,
            assignee_name=names[row.assignee],
            due_on=row.due_on,
            state=TaskState(row.state),
            note=row.note,
            created_by=row.created_by,
            created_at=row.created_at,
            ended_by=row.ended_by,
            ended_at=row.ended_at,
            is_overdue=row.state == TaskState.open and row.due_on is not None and row.due_on < today,
        )
        for row in listed
    ]
