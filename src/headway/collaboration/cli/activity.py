"""``headway activity``: what happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption


def activity(
    *,
    subject: Annotated[
        str | None, typer.Argument(help="A thing, as usecase:lead-scoring; without it all you may see.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many, newest first.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Tell what happened to a thing, or to everything you may see: who, what, why, and what changed."""
    with terminal.connect() as client:
        page = client.get("/activity", subject=subject, limit=limit, cursor=cursor)
    if output is terminal.Output.json:
        terminal.emit(page, output)
        return
    terminal.emit([_line(one) for one in page["items"]], output)


def _line(one: Mapping[str, Any]) -> Mapping[str, object]:
    return {
        "at": one["at"],
        "what": one["sentence"],
        "why": one["why"] or "",
        "changed": "; ".join(_change(change) for change in one["changes"]),
    }


def _change(change: Mapping[str, Any]) -> str:
    before = _shown(change["before"]) if change["is_before_known"] else "?"
    return f"{change['field']}: {before} → {_shown(change['after'])}"


def _shown(value: object) -> str:
    return "nothing" if value in (None, "") else str(value)
