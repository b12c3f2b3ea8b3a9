"""Tasks: what one is to do, what one asked of others, what is late."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import collaboration
from headway.collaboration import Task, TaskState
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.together import day_of, task_resource
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.subjects import UnknownSubject
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
SHOWN = 200


@router.get("/tasks")
def show_tasks(viewer: CurrentViewer, tx: Tx, state: str = "open") -> Response:
    """One's own tasks: open ones, late ones first, or those that ended."""
    viewer.permit("task:read", Resource(kind="task", id="mine", attributes={"owner": viewer.actor.ref}))
    wanted = TaskState.open if state == "open" else None
    found = collaboration.list_tasks(tx, assignee=viewer.actor.ref, state=wanted, limit=SHOWN).items
    tasks = found if state == "open" else tuple(task for task in found if task.state is not TaskState.open)
    ordered = sorted(tasks, key=lambda task: (task.due_on is None, task.due_on, task.id))
    titles = {task.subject: _title(viewer, tx, task.subject) for task in ordered}
    return viewer.page("tasks/list.html", title=viewer.gettext("Tasks"), tasks=ordered, state=state, titles=titles)


@router.get("/tasks/{task_id}")
def show_task(task_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One task with what it is about."""
    task = collaboration.get_task(tx, task_id)
    resource = _resource(viewer, tx, task)
    viewer.permit("task:read", resource)
    form = Form.filled({"title": task.title, "assignee": task.assignee_name, "due_on": task.due_on, "note": task.note})
    return _page(viewer, tx, task, resource, form)


@router.post("/tasks/{task_id}")
def change_task(task_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Change an open task."""
    form = Form.of(data)
    task = collaboration.get_task(tx, task_id)
    resource = _resource(viewer, tx, task)
    viewer.permit("task:update", resource)
    subjects = viewer.parts.subjects
    try:
        with tx.begin_nested():
            collaboration.change_task(
                tx,
                viewer.actor,
                task_id,
                title=form.text("title"),
                assignee=form.maybe("assignee"),
                due_on=day_of(form, "due_on"),
                clear_due=form.maybe("due_on") is None,
                note=form.text("note"),
                may_read=lambda person: subjects.may_read(tx, person, task.subject),
            )
    except HeadwayError as error:
        return _page(viewer, tx, task, resource, form.take(error), status=error.status)
    return viewer.go(f"/tasks/{task_id}", viewer.gettext("The task was changed"))


@router.post("/tasks/{task_id}/state")
def end_task(task_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Mark a task as done or cancelled, or take it up again."""
    form = Form.of(data)
    viewer.permit("task:update", _resource(viewer, tx, collaboration.get_task(tx, task_id)))
    if form.text("state") not in set(TaskState):
        raise Invalid(f"a task cannot be {form.text('state')!r}", hint="done, cancelled or open")
    task = collaboration.end_task(tx, viewer.actor, task_id, state=TaskState(form.text("state")))
    said = {
        TaskState.done: viewer.gettext("Done: %(title)s", title=task.title),
        TaskState.cancelled: viewer.gettext("Cancelled: %(title)s", title=task.title),
        TaskState.open: viewer.gettext("Open again: %(title)s", title=task.title),
    }
    return viewer.go("/tasks", said[task.state])


def _page(viewer: Viewer, tx: Session, task: Task, resource: Resource, form: Form, *, status: int = 200) -> Response:
    return viewer.page(
        "tasks/task.html",
        title=task.title,
        status=status,
        crumbs=[(viewer.gettext("Tasks"), "/tasks")],
        task=task,
        subject_title=_title(viewer, tx, task.subject),
        may_change=viewer.may("task:update", resource) and task.state is TaskState.open,
        may_update=viewer.may("task:update", resource),
        form=form,
    )


def _resource(viewer: Viewer, tx: Session, task: Task) -> Resource:
    """A task belongs to who has it and who gave it; others need to lead where the thing is."""
    own = viewer.actor.ref in (task.assignee, task.created_by)
    try:
        found = viewer.parts.subjects.describe(tx, task.subject)
    except UnknownSubject:
        return Resource(kind="task", id=task.id, attributes={"owner": viewer.actor.ref if own else task.assignee})
    return task_resource(found, owner=viewer.actor.ref if own else task.assignee)


def _title(viewer: Viewer, tx: Session, subject: str) -> str:
    try:
        return viewer.parts.subjects.describe(tx, subject).title
    except UnknownSubject:
        return subject
