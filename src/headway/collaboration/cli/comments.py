"""``headway comment``: speak about anything."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

comment_app = typer.Typer(help="Speak about anything: comments, answers, mentions.", no_args_is_help=True)

Subject = Annotated[
    str, typer.Argument(help="What it is about, as usecase:lead-scoring or model:leads@3.", show_default=False)
]
CommentId = Annotated[str, typer.Argument(help="Id of the comment, cmt_...", show_default=False)]
Words = Annotated[str, typer.Argument(help="Markdown; @mail@address mentions a person.", show_default=False)]


class Format(StrEnum):
    """How comments are exported."""

    jsonl = "jsonl"
    csv = "csv"


@comment_app.command("add")
def add_comment(
    *,
    subject: Subject,
    text: Words,
    answer_to: Annotated[str | None, typer.Option("--answer-to", help="Comment that this one answers.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Comment on a thing, or answer a comment."""
    body = {"subject": subject, "text": text, "parent": answer_to}
    with terminal.connect() as client:
        terminal.show(client.post("/comments", json=body), output, _comment)


@comment_app.command("list")
def list_comments(
    *,
    subject: Subject,
    resolved: Annotated[bool | None, typer.Option("--resolved/--open", help="Only settled or open threads.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many threads.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List the comments on a thing, each thread followed by its answers."""
    only = None if resolved is None else str(resolved).lower()
    with terminal.connect() as client:
        page = client.get("/comments", subject=subject, resolved=only, limit=limit, cursor=cursor)
    if output is terminal.Output.json:
        terminal.emit(page, output)
        return
    terminal.emit([_comment(one) for one in page["items"]], output)


@comment_app.command("show")
def show_comment(comment_id: CommentId, output: OutputOption = terminal.Output.table) -> None:
    """Show a comment."""
    with terminal.connect() as client:
        terminal.show(client.get(f"/comments/{comment_id}"), output, _comment)


@comment_app.command("history")
def list_versions(comment_id: CommentId, output: OutputOption = terminal.Output.table) -> None:
    """List the wordings of a comment, first to last."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/comments/{comment_id}/versions"), output, ("number", "at", "text"))


@comment_app.command("edit")
def edit_comment(comment_id: CommentId, text: Words, output: OutputOption = terminal.Output.table) -> None:
    """Reword a comment of yours."""
    with terminal.connect() as client:
        terminal.show(client.patch(f"/comments/{comment_id}", json={"text": text}), output, _comment)


@comment_app.command("resolve")
def resolve_comment(comment_id: CommentId, output: OutputOption = terminal.Output.table) -> None:
    """Mark a thread as settled."""
    with terminal.connect() as client:
        terminal.show(client.post(f"/comments/{comment_id}/resolve"), output, _comment)


@comment_app.command("reopen")
def reopen_comment(comment_id: CommentId, output: OutputOption = terminal.Output.table) -> None:
    """Take a thread up again."""
    with terminal.connect() as client:
        terminal.show(client.post(f"/comments/{comment_id}/reopen"), output, _comment)


@comment_app.command("delete")
def delete_comment(
    comment_id: CommentId,
    reason: Annotated[str, typer.Option(help="Why; needed for a comment of somebody else.")] = "",
    output: OutputOption = terminal.Output.table,
) -> None:
    """Take the words of a comment away."""
    with terminal.connect() as client:
        terminal.show(client.post(f"/comments/{comment_id}/delete", json={"reason": reason}), output, _comment)


@comment_app.command("export")
def export_comments(
    subject: Subject, format: Annotated[Format, typer.Option(help="JSON lines or CSV.")] = Format.jsonl
) -> None:
    """Write every comment on a thing to standard output."""
    with terminal.connect() as client:
        body = client.get_bytes("/comments/export", subject=subject, format=format.value)
    sys.stdout.write(body.decode())


def _comment(one: Mapping[str, Any]) -> Mapping[str, object]:
    state = "deleted" if one["deleted_at"] else "settled" if one["resolved_at"] else ""
    return {
        "id": one["id"],
        "answers": one["parent"] or "",
        "author": one["author_name"],
        "at": one["created_at"],
        "state": state or ("edited" if one["edited_at"] else ""),
        "text": one["text"],
    }
