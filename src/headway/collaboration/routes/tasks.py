"""Tasks over HTTP. Who may read a thing may give tasks on it; a task is changed by those it concerns and who leads there."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway.collaboration import service
from headway.collaboration.entities import Task, TaskState
from headway.collaboration.prose import MAX_LINE, MAX_NOTE
from headway.kernel.auth import Actor, Resource
from headway.kernel.errors import Denied
from headway.kernel.ids import Ref
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.subjects import Subject, UnknownSubject, readable
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

router = APIRouter(prefix="/tasks", tags=["tasks"])

Note = Annotated[str, Field(max_length=MAX_NOTE)]
Title = Annotated[str, Field(min_length=1, max_length=MAX_LINE)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewTask(_Body):
    """Something to do about a thing. ``assignee``: person:ID, mail address or full name; without it yourself."""

    title: Title
    subject: str
    assignee: str | None = None
    due_on: date | None = None
    note: Note = ""


class TaskChange(_Body):
    """What to change; left out stays, ``due_on`` null takes the day away."""

    title: Title | None = None
    assignee: str | None = None
    due_on: date | None = None
    note: Note | None = None


class TaskEnd(_Body):
    """How a task ends, or ``open`` to take it up again."""

    state: TaskState
    note: Note = ""


@router.post("", status_code=status.HTTP_201_CREATED)
def create_task(body: NewTask, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Task:
    """Give somebody who may read a thing a task on it."""
    found = readable(here.subjects, permit, tx, body.subject)
    permit("task:create", _resource(found))
    return service.create_task(
        tx,
        actor,
        title=body.title,
        subject=Ref.parse(found.ref),
        assignee=body.assignee,
        due_on=body.due_on,
        note=body.note,
        may_read=lambda person: here.subjects.may_read(tx, person, found.ref),
    )


@router.get("")
def list_tasks(
    *,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    subject: str | None = None,
    assignee: str | None = None,
    state: Literal["open", "done", "cancelled", "any"] = "open",
    overdue: bool = False,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    cursor: str | None = None,
) -> Page[Task]:
    """List tasks, newest first: your own, those on a thing, or those of ``assignee``; by default the open ones."""
    if subject is not None:
        found = readable(here.subjects, permit, tx, subject)
        permit("task:read", _resource(found))
    else:
        assignee = assignee or actor.ref
        permit("task:read", Resource(kind="task", id="mine", attributes={"owner": assignee}))
    wanted = None if state == "any" else TaskState(state)
    return service.list_tasks(
        tx, assignee=assignee, subject=subject, state=wanted, overdue=overdue, limit=limit, cursor=cursor
    )


@router.get("/{task_id}")
def show_task(task_id: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Task:
    """Show a task."""
    found = service.get_task(tx, task_id)
    permit("task:read", _own_or_there(tx, here, actor, found))
    return found


@router.patch("/{task_id}")
def change_task(
    *, task_id: str, body: TaskChange, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> Task:
    """Change an open task."""
    found = service.get_task(tx, task_id)
    permit("task:update", _own_or_there(tx, here, actor, found))
    return service.change_task(
        tx,
        actor,
        task_id,
        title=body.title,
        assignee=body.assignee,
        due_on=body.due_on,
        clear_due="due_on" in body.model_fields_set and body.due_on is None,
        note=body.note,
        may_read=lambda person: here.subjects.may_read(tx, person, found.subject),
    )


@router.post("/{task_id}/state")
def end_task(*, task_id: str, body: TaskEnd, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> Task:
    """Mark a task as done or cancelled, or take it up again."""
    permit("task:update", _own_or_there(tx, here, actor, service.get_task(tx, task_id)))
    return service.end_task(tx, actor, task_id, state=body.state, note=body.note)


def _resource(found: Subject, owner: str | None = None) -> Resource:
    attributes = {**found.resource.attributes, **({"owner": owner} if owner else {})}
    return Resource(kind="task", id=found.ref, department=found.department, attributes=attributes)


def _own_or_there(session: Session, here: Parts, actor: Actor, task: Task) -> Resource:
    """A task is its assignee's and its giver's; to others it belongs where its thing does, if they may read that."""
    owner = actor.ref if actor.ref in (task.assignee, task.created_by) else task.assignee
    try:
        found = here.subjects.describe(session, task.subject)
        if owner != actor.ref:
            here.authorizer.check(actor, found.action, found.resource)
    except (UnknownSubject, Denied):
        return Resource(kind="task", id=task.id, attributes={"owner": owner})
    return Resource(kind="task", id=task.id, department=found.department, attributes={"owner": owner})
