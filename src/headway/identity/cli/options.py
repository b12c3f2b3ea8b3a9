"""Options and words that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from headway.kernel import terminal

Cursor = Annotated[str | None, typer.Option(help="Go on where the page before ended.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many.")]
DepartmentOption = Annotated[str | None, typer.Option("--department", help="Department; none: the whole organisation.")]
PersonId = Annotated[str, typer.Argument(metavar="PERSON", help="Id of the person.")]


def emit_secret(token: dict[str, object], output: terminal.Output) -> None:
    """Print a token or session just made, and say that its secret cannot be had again."""
    terminal.emit(token, output)
    terminal.say("keep the secret now: it is not stored and cannot be shown again")
