"""Working together on one thing: what people say about it, what happened to it, what is to be done; watching it.

An object's page shows it with ``ui.together(ref)``, loaded once the page stands; without scripts it is a page of its own.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import collaboration
from headway.collaboration import Activity, Comment, Task
from headway.entrypoints.pages import words
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.signin import local
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.ids import Ref
from headway.kernel.subjects import Subject, readable
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
LEDGER = Resource(kind="ledger", id="main")
THREADS, EVENTS = 200, 40
TABS = ("comments", "activity", "tasks")


@router.get("/together")
def show_together(subject: str, viewer: CurrentViewer, tx: Tx, tab: str = "comments") -> Response:
    """Comments, activity and tasks of a thing: as a part of its page, or as a page."""
    found = readable(viewer.parts.subjects, viewer.permit, tx, subject)
    return _show(viewer, tx, found, tab if tab in TABS else "comments", Form())


@router.get("/comments/{comment_id}")
def show_comment(comment_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The permalink of a comment: leads to it among the others."""
    comment = collaboration.get_comment(tx, comment_id)
    readable(viewer.parts.subjects, viewer.permit, tx, comment.subject)
    return viewer.go(f"/together?subject={quote(comment.subject, safe='')}#c-{comment.id}")


@router.post("/together/comments")
def add_comment(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say something about a thing, or answer."""
    form = Form.of(data)
    found = readable(viewer.parts.subjects, viewer.permit, tx, form.text("subject"))
    viewer.permit("comment:write", _said_about(found))
    try:
        with tx.begin_nested():
            collaboration.add_comment(
                tx, viewer.actor, subject=Ref.parse(found.ref), text=form.text("text"), parent=form.maybe("parent")
            )
    except HeadwayError as error:
        return _show(viewer, tx, found, "comments", form.take(error), status=error.status)
    return _show(viewer, tx, found, "comments", Form())


@router.post("/together/comments/{comment_id}/{act}")
def change_comment(comment_id: str, act: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Reword, settle, take up again or delete a comment."""
    form = Form.of(data)
    comment = collaboration.get_comment(tx, comment_id)
    found = readable(viewer.parts.subjects, viewer.permit, tx, comment.subject)
    viewer.permit("comment:write", _said_about(found))
    try:
        with tx.begin_nested():
            _change(viewer, tx, comment, found, act=act, form=form)
    except HeadwayError as error:
        if error.status == 403:
            raise
        return _show(viewer, tx, found, "comments", form.take(error), status=error.status)
    return _show(viewer, tx, found, "comments", Form())


def _change(viewer: Viewer, tx: Session, comment: Comment, found: Subject, *, act: str, form: Form) -> None:
    if act == "edit":
        collaboration.edit_comment(tx, viewer.actor, comment.id, form.text("text"))
    elif act == "resolve":
        collaboration.resolve_comment(tx, viewer.actor, comment.id)
    elif act == "reopen":
        collaboration.reopen_comment(tx, viewer.actor, comment.id)
    elif act == "delete":
        if comment.author != viewer.actor.ref:
            viewer.permit("comment:moderate", Resource(kind="comment", id=comment.id, department=found.department))
        collaboration.delete_comment(tx, viewer.actor, comment.id, reason=form.text("reason"))
    else:
        raise Invalid(f"nothing is known of {act!r}", hint="edit, resolve, reopen or delete")


@router.post("/together/tasks")
def add_task(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Give somebody something to do about a thing."""
    form = Form.of(data)
    found = readable(viewer.parts.subjects, viewer.permit, tx, form.text("subject"))
    viewer.permit("task:create", task_resource(found))
    subjects = viewer.parts.subjects
    try:
        with tx.begin_nested():
            collaboration.create_task(
                tx,
                viewer.actor,
                title=form.text("title"),
                subject=Ref.parse(found.ref),
                assignee=form.maybe("assignee"),
                due_on=day_of(form, "due_on"),
                note=form.text("note"),
                may_read=lambda person: subjects.may_read(tx, person, found.ref),
            )
    except HeadwayError as error:
        return _show(viewer, tx, found, "tasks", form.take(error), status=error.status)
    return _show(viewer, tx, found, "tasks", Form())


@router.post("/together/watch")
def change_watch(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Watch a thing, or watch it no more."""
    form = Form.of(data)
    viewer.permit("inbox:update", Resource(kind="inbox", id="mine", attributes={"owner": viewer.actor.ref}))
    found = readable(viewer.parts.subjects, viewer.permit, tx, form.text("subject"))
    if form.is_on("watch"):
        collaboration.watch(tx, viewer.actor, found.ref)
    else:
        collaboration.unwatch(tx, viewer.actor, found.ref)
    return _show(viewer, tx, found, form.text("tab") or "comments", Form())


def day_of(form: Form, name: str) -> date | None:
    """A day that was typed; raises Invalid at its field."""
    text = form.maybe(name)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        form.faults[name] = f"{text!r} is no day; write it as 2026-12-31"
        raise Invalid(form.faults[name]) from error


def task_resource(found: Subject, owner: str | None = None) -> Resource:
    """A task as the rules see it: it belongs where the thing does, and to whom it does."""
    attributes = {**found.resource.attributes, **({"owner": owner} if owner else {})}
    return Resource(kind="task", id=found.ref, department=found.department, attributes=attributes)


def told(viewer: Viewer, activity: Activity) -> str:
    """What happened, in a sentence of the viewer's language."""
    with words.speaking(viewer.looks.language):
        return collaboration.fill(activity.message, activity.values, words.gettext)


def _said_about(found: Subject) -> Resource:
    return Resource(kind="comment", id=found.ref, department=found.department, attributes=found.resource.attributes)


def _show(viewer: Viewer, tx: Session, found: Subject, tab: str, form: Form, *, status: int = 200) -> Response:
    if viewer.request.method == "POST" and not viewer.is_fragment and status == 200:
        back = viewer.request.headers.get("referer", "")
        path = local(back[back.find("/", 8) :]) if "//" in back else "/"
        return viewer.go(path if path != "/" else f"/together?subject={quote(found.ref, safe='')}&tab={tab}")
    context = {
        "subject": found,
        "tab": tab,
        "form": form,
        "tabs": TABS,
        "is_watching": collaboration.is_watching(tx, viewer.actor, found.ref),
        "comments": _threads(tx, found) if tab == "comments" else (),
        "tasks": _tasks(tx, found) if tab == "tasks" else (),
        "activity": _activity(viewer, tx, found) if tab == "activity" else (),
        "may_write": viewer.may("comment:write", _said_about(found)),
        "may_moderate": viewer.may(
            "comment:moderate", Resource(kind="comment", id=found.ref, department=found.department)
        ),
        "may_task": viewer.may("task:create", task_resource(found)),
    }
    template = "together/panel.html" if viewer.is_fragment else "together/page.html"
    title = viewer.gettext("About %(title)s", title=found.title)
    return viewer.page(template, title=title, status=status, **context)


def _threads(tx: Session, found: Subject) -> list[tuple[Comment, list[Comment]]]:
    threads: list[tuple[Comment, list[Comment]]] = []
    for comment in collaboration.list_comments(tx, found.ref, limit=THREADS).items:
        if comment.parent is None:
            threads.append((comment, []))
        else:
            threads[-1][1].append(comment)
    return threads


def _tasks(tx: Session, found: Subject) -> tuple[Task, ...]:
    return collaboration.list_tasks(tx, subject=found.ref, state=None, limit=100).items


def _activity(viewer: Viewer, tx: Session, found: Subject) -> list[tuple[Activity, str]]:
    page = collaboration.list_activity(
        tx, viewer.parts.subjects, found.ref, with_audit=viewer.may("ledger:read", LEDGER), limit=EVENTS
    )
    return [(one, told(viewer, one)) for one in page.items]
