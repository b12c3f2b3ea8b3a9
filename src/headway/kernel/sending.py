"""Commands that send a table, show what it would change, and do it when asked to: shared by the nouns that have one."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import Output

FAULTY = 2
FileArgument = Annotated[
    Path, typer.Argument(help="An Excel workbook (.xlsx) or CSV file.", exists=True, dir_okay=False, show_default=False)
]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Do what the differences tell; without it nothing changes.")]
TargetOption = Annotated[
    Path, typer.Option("--to", help="Where to write it; the ending .xlsx or .csv says how.", show_default=False)
]


def send(path: str, file: Path, *, apply: bool, output: Output) -> None:
    """Send a file to be looked at, print the differences, and apply them when asked to and nothing is wrong."""
    with terminal.connect() as client:
        preview = client.post(path, files={"file": file})
        is_right = not preview["faults"]
        if apply and is_right:
            done = client.post(f"{path}/{preview['id']}/apply", json={"digest": preview["digest"]})
            preview |= {"applied": done["applied"], "applied_at": done["applied_at"]}
    if output is Output.json:
        terminal.emit(preview, output)
    else:
        _show(preview, apply)
    if not is_right:
        raise typer.Exit(FAULTY)


def fetch(path: str, target: Path, *, endings: Sequence[str] = (".xlsx", ".csv"), **params: object) -> None:
    """Write an export into a file; the ending of its name says which kind."""
    ending = target.suffix.lower()
    if ending not in endings:
        told = f"{', '.join(endings[:-1])} or {endings[-1]}"
        raise typer.BadParameter(f"write a name that ends in {told}", param_hint="--to")
    with terminal.connect() as client:
        target.write_bytes(client.get_bytes(f"{path}{ending}", **params))
    sys.stdout.write(f"{target}\n")


def _show(preview: Mapping[str, Any], apply: bool) -> None:
    rows = [
        {
            "change": one["change"],
            "what": one["key"],
            "field": field["field"],
            "before": field["before"],
            "after": field["after"],
        }
        for one in preview["changes"]
        for field in one["fields"] or [{"field": "", "before": None, "after": None}]
        if one["change"] == "changed" or field["after"] is not None
    ]
    if rows:
        terminal.emit(rows, Output.table, ("change", "what", "field", "before", "after"))
    if preview["faults"]:
        terminal.emit(preview["faults"], Output.table, ("cell", "column", "value", "message"))
    for column in preview["unknown_columns"]:
        terminal.say(f"not read: {column}")
    for note in preview["notes"]:
        terminal.say(note)
    added = sum(one["change"] == "added" for one in preview["changes"])
    counts = f"{added} added, {len(preview['changes']) - added} changed, {preview['unchanged']} unchanged"
    if preview["faults"]:
        terminal.say(f"{counts}; correct {len(preview['faults'])} cells first: nothing was changed")
    elif preview["applied"]:
        terminal.say(f"{counts}: done")
    elif apply or not preview["changes"]:
        terminal.say(counts)
    else:
        terminal.say(f"{counts}; nothing was changed yet, add --apply to do it")
