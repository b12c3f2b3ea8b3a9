"""``headway task``: what people are to do."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

task_app = typer.Typer(help="Give people something to do about a thing, by a day.", no_args_is_help=True)

TaskId = Annotated[str, typer.Argument(help="Id of the task, tsk_...", show_default=False)]
Note = Annotated[str, typer.Option(help="What there is to say about it.")]
Due = Annotated[str | None, typer.Option(help="Day it is due on, as 2026-03-31.")]
Assignee = Annotated[str | None, typer.Option(help="Who does it: person:ID, mail address or full name.")]
_LISTED = ("id", "title", "subject", "assignee_name", "due_on", "state", "is_overdue")


class Wanted(StrEnum):
    """Which tasks to list."""

    open = "open"
    done = "done"
    cancelled = "cancelled"
    any = "any"


@task_app.command("add")
def create_task(
    *,
    subject: Annotated[str, typer.Argument(help="What it is about, as usecase:lead-scoring.", show_default=False)],
    title: Annotated[str, typer.Argument(help="What is to be done.", show_default=False)],
    assignee: Assignee = None,
    due: Due = None,
    note: Note = "",
    output: OutputOption = terminal.Output.table,
) -> None:
    """Give somebody a task, by default yourself."""
    body = {"subject": subject, "title": title, "assignee": assignee, "due_on": due, "note": note}
    with terminal.connect() as client:
        terminal.emit(client.post("/tasks", json=body), output)


@task_app.command("list")
def list_tasks(
    *,
    subject: Annotated[str | None, typer.Option(help="Those on a thing; without it your own.")] = None,
    state: Annotated[Wanted, typer.Option(help="Which ones.")] = Wanted.open,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose day has passed.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List your tasks, or those on a thing."""
    late = str(overdue).lower()
    with terminal.connect() as client:
        page = client.get("/tasks", subject=subject, state=state.value, overdue=late, limit=limit, cursor=cursor)
    terminal.emit(page, output, _LISTED)


@task_app.command("show")
def show_task(task_id: TaskId, output: OutputOption = terminal.Output.table) -> None:
    """Show a task."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/tasks/{task_id}"), output)


@task_app.command("change")
def change_task(
    *,
    task_id: TaskId,
    title: Annotated[str | None, typer.Option(help="What is to be done.")] = None,
    assignee: Assignee = None,
    due: Due = None,
    no_due: Annotated[bool, typer.Option("--no-due", help="Take the day away.")] = False,
    note: Annotated[str | None, typer.Option(help="What there is to say about it.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Change an open task; what you leave out stays."""
    said = {"title": title, "assignee": assignee, "due_on": due, "note": note}
    body = {name: value for name, value in said.items() if value is not None} | ({"due_on": None} if no_due else {})
    with terminal.connect() as client:
        terminal.emit(client.patch(f"/tasks/{task_id}", json=body), output)


def _end(task_id: str, state: str, note: str, output: terminal.Output) -> None:
    with terminal.connect() as client:
        terminal.emit(client.post(f"/tasks/{task_id}/state", json={"state": state, "note": note}), output)


@task_app.command("done")
def do_task(task_id: TaskId, note: Note = "", output: OutputOption = terminal.Output.table) -> None:
    """Mark a task as done."""
    _end(task_id, "done", note, output)


@task_app.command("cancel")
def cancel_task(task_id: TaskId, note: Note = "", output: OutputOption = terminal.Output.table) -> None:
    """Mark a task as cancelled."""
    _end(task_id, "cancelled", note, output)


@task_app.command("reopen")
def reopen_task(task_id: TaskId, note: Note = "", output: OutputOption = terminal.Output.table) -> None:
    """Take a task up again."""
    _end(task_id, "open", note, output)
