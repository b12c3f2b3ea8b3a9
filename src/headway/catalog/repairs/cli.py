"""``headway product suggest``, ``accept``, ``refuse``, ``repairs``, ``undo`` and ``label``: repairs at the terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import Output, OutputOption

if TYPE_CHECKING:
    from headway_client.answers.jobs import Job

label_app = typer.Typer(
    help="Say of a few rows which cells are wrong; suggestions learn from it.", no_args_is_help=True
)

Slug = Annotated[
    str, typer.Argument(metavar="PRODUCT", help="Name of the product, department.name.", show_default=False)
]
Column = Annotated[str | None, typer.Option(help="Only of this column.")]
Kind = Annotated[str | None, typer.Option(help="Only for this reason: spelling, dependency, format ...")]
Least = Annotated[float, typer.Option(min=0, max=1, help="Lowest probability that a cell is wrong.")]
Sure = Annotated[float, typer.Option(min=0, max=1, help="Lowest probability that the repair is right.")]
Cells = Annotated[list[str] | None, typer.Option("--cell", help="Only this cell, ROW:COLUMN; repeat it.")]
Everything = Annotated[bool, typer.Option("--all", help="Every suggestion; needed where nothing else is named.")]
Because = Annotated[str, typer.Option("--reason", help="Why, for those who look later.", show_default=False)]
_CELLS = ("row", "column", "kind", "old", "action", "new", "confidence", "repair_confidence", "evidence")
_ACTS = ("id", "kind", "cells", "snapshot", "undone_by", "made_by", "made_at", "reason")


def suggest(
    *,
    slug: Slug,
    column: Column = None,
    kind: Kind = None,
    least: Least = 0.5,
    sure: Sure = 0.0,
    groups: Annotated[bool, typer.Option("--groups", help="Count them by column and reason.")] = False,
    look: Annotated[
        bool, typer.Option("--look", help="Look for errors first, as a job; large products need it.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """List cells that are probably wrong, why, and how they could be repaired; nothing is changed."""
    path = f"/products/{slug}/suggestions"
    with terminal.connect() as client:
        if look:
            client.wait(client.post(path)["job"], _tell)
        if groups:
            found = client.get(f"{path}/groups", least=least, sure=sure)
        else:
            found = client.get(path, column=column, kind=kind, least=least, sure=sure, limit=limit, cursor=cursor)
    if groups and output is Output.table:
        terminal.emit(found["groups"], output, ("column", "kind", "cells", "repairs", "lowest", "highest"))
        terminal.say(f"{found['cells']:,} cells, {found['repairs']:,} with a repair; {found['labelled']} labelled rows")
    else:
        terminal.emit(found, output, _CELLS)
    if output is Output.json:
        return
    if found["masked"]:
        terminal.say(f"masked, because they are restricted: {', '.join(found['masked'])}")
    if found.get("next"):
        terminal.say(f"{found['total']:,} cells in all; go on with --cursor {found['next']}")


def accept(
    *,
    slug: Slug,
    reason: Because,
    column: Column = None,
    kind: Kind = None,
    least: Least = 0.5,
    sure: Sure = 0.0,
    cell: Cells = None,
    everything: Everything = False,
    output: OutputOption = Output.table,
) -> None:
    """Accept suggestions: their repairs make a new snapshot; the one before and the uploaded file stay."""
    body = _chosen(column, kind, least, sure, cell, everything=everything) | {"reason": reason}
    with terminal.connect() as client:
        made = client.post(f"/products/{slug}/repairs", body)
    terminal.emit(made if output is Output.json else {key: made[key] for key in _ACTS}, output)


def refuse(
    *,
    slug: Slug,
    reason: Because,
    column: Column = None,
    kind: Kind = None,
    least: Least = 0.5,
    sure: Sure = 0.0,
    cell: Cells = None,
    everything: Everything = False,
    output: OutputOption = Output.table,
) -> None:
    """Refuse suggestions: they are not made again for the same value."""
    body = _chosen(column, kind, least, sure, cell, everything=everything) | {"reason": reason}
    with terminal.connect() as client:
        made = client.post(f"/products/{slug}/suggestions/refuse", body)
    terminal.emit(made if output is Output.json else {key: made[key] for key in _ACTS}, output)


def repairs(
    slug: Slug,
    act: Annotated[str | None, typer.Option(help="Show the cells of this act, rep_...")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """List what was accepted, refused and taken back, or the cells of one act."""
    path = f"/products/{slug}/repairs"
    with terminal.connect() as client:
        if act is None:
            terminal.emit(client.get(path, limit=limit, cursor=cursor), output, _ACTS)
        else:
            terminal.emit(client.get(f"{path}/{act}", limit=limit, cursor=cursor), output, _CELLS)


def undo(
    slug: Slug,
    act: Annotated[str, typer.Argument(metavar="ACT", help="Id of the accepted repairs, rep_...", show_default=False)],
    reason: Because,
    output: OutputOption = Output.table,
) -> None:
    """Take accepted repairs back: the rows before them become current again, as a new snapshot."""
    with terminal.connect() as client:
        made = client.post(f"/products/{slug}/repairs/{act}/undo", {"reason": reason})
    terminal.emit(made if output is Output.json else {key: made[key] for key in _ACTS}, output)


@label_app.command("rows")
def rows_to_label(
    slug: Slug,
    count: Annotated[int, typer.Option(min=1, max=20, help="How many.")] = 5,
    output: OutputOption = Output.table,
) -> None:
    """Show the rows whose labels would teach most."""
    with terminal.connect() as client:
        task = client.get(f"/products/{slug}/labels", count=count)
    if output is Output.json:
        terminal.emit(task, output)
        return
    lines = [{"row": one["row"], **one["values"], "doubted": ", ".join(one["doubted"])} for one in task["rows"]]
    terminal.emit(lines, output)
    terminal.say(f"{len(task['labelled'])} of {task['wanted']} rows are labelled")


@label_app.command("row")
def label_row(
    *,
    slug: Slug,
    row: Annotated[int, typer.Argument(min=1, metavar="ROW", help="Number of the row.", show_default=False)],
    wrong: Annotated[
        list[str] | None,
        typer.Option(
            help="A wrong column, as COLUMN=RIGHT VALUE, COLUMN= to empty it, COLUMN where unknown; repeat it."
        ),
    ] = None,
    output: OutputOption = Output.table,
) -> None:
    """Say of a row which cells are wrong; all others are right."""
    _send(slug, [_labelled(row, wrong or [])], output)


@label_app.command("file")
def label_file(
    slug: Slug,
    file: Annotated[
        Path,
        typer.Argument(help='JSON: [{"row": 7, "wrong": {"city": "Boston"}}, ...].', exists=True, show_default=False),
    ],
    output: OutputOption = Output.table,
) -> None:
    """Label many rows by a file."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise typer.BadParameter(f"{file} is not JSON: {error}") from error
    if not isinstance(rows, list):
        raise typer.BadParameter(f"{file} does not hold a list of labels")
    _send(slug, rows, output)


def _send(slug: str, rows: list[dict[str, Any]], output: Output) -> None:
    with terminal.connect() as client:
        kept = client.post(f"/products/{slug}/labels", {"rows": rows})
    terminal.emit(kept, output)


def _labelled(row: int, wrong: list[str]) -> dict[str, Any]:
    told: dict[str, str | None] = {}
    emptied = []
    for one in wrong:
        name, sign, right = one.partition("=")
        told[name] = right or None
        if sign and not right:
            emptied.append(name)
    return {"row": row, "wrong": told, "emptied": emptied}


def _chosen(
    column: str | None, kind: str | None, least: float, sure: float, cell: list[str] | None, *, everything: bool
) -> dict[str, Any]:
    """What was chosen, as the body of a request."""
    if not (everything or column or kind or cell or sure > 0):
        raise typer.BadParameter("name --column, --kind, --sure or --cell, or say --all")
    cells = []
    for one in cell or []:
        row, sign, name = one.partition(":")
        if not sign or not row.isdigit() or not name:
            raise typer.BadParameter(f"{one!r} is no cell: write ROW:COLUMN, as 7:city", param_hint="--cell")
        cells.append({"row": int(row), "column": name})
    return {"column": column, "kind": kind, "least": least, "sure": sure, "cells": cells}


def _tell(job: Job) -> None:
    if sys.stderr.isatty() and job.message:
        terminal.say(job.message)
