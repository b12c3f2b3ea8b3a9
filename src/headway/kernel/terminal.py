"""What every command shares: a connection to the control plane, ``--output``, progress on a terminal only.

Commands are clients of the API. ``entrypoints.cli`` sets the connector, which finds the running control plane or
starts one inside this process for as long as the command takes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from headway_client import Client


class Output(StrEnum):
    """How a command prints its result."""

    table = "table"
    json = "json"


OutputOption = Annotated[Output, typer.Option("--output", help="Print a table for people, or one JSON object.")]
PIPED_WIDTH = 240  # columns of a table that no terminal limits
_connector: Callable[[], AbstractContextManager[Client]] | None = None


def set_connector(connector: Callable[[], AbstractContextManager[Client]]) -> None:
    """Say how commands reach the control plane."""
    global _connector  # noqa: PLW0603  set once by the entry point
    _connector = connector


def connect() -> AbstractContextManager[Client]:
    """Open a client of the control plane for one command."""
    if _connector is None:
        raise RuntimeError("no connector was set; start commands through the headway program")
    return _connector()


def say(line: str) -> None:
    """Tell people something beside the result: to standard error."""
    sys.stderr.write(line + "\n")


def emit(result: object, output: Output, columns: Sequence[str] | None = None) -> None:
    """Print a result: one JSON object, a table of ``columns`` for a list of mappings, or name and value lines.

    Among those, a list of texts takes a line each.
    """
    if output is Output.json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
        return
    if isinstance(result, Mapping):
        items = result.get("items")
        if isinstance(items, list):
            _table(items, columns)
        else:
            _pairs(result)
    elif isinstance(result, list):
        _table(result, columns)
    else:
        sys.stdout.write(f"{result}\n")


def show(
    result: Mapping[str, Any], output: Output, shorten: Callable[[Mapping[str, Any]], Mapping[str, object]]
) -> None:
    """Print one thing: whole as JSON, or for people the few lines that ``shorten`` makes of it."""
    emit(result if output is Output.json else shorten(result), output)


def _table(rows: Iterable[Mapping[str, object]], columns: Sequence[str] | None) -> None:
    from rich.console import Console
    from rich.table import Table

    listed = list(rows)
    if not listed:
        say("nothing here yet")
        return
    names = list(columns or listed[0])
    table = Table(*names, box=None, pad_edge=False)
    for row in listed:
        table.add_row(*[_cell(row.get(name)) for name in names])
    Console(soft_wrap=True, width=None if sys.stdout.isatty() else PIPED_WIDTH).print(table)


def _pairs(result: Mapping[str, object]) -> None:
    width = max((len(str(key)) for key in result), default=0)
    for key, value in result.items():
        is_lines = isinstance(value, (list, tuple)) and value and all(isinstance(line, str) for line in value)
        lines = value if isinstance(value, (list, tuple)) and is_lines else [_cell(value)]
        for place, line in enumerate(lines):
            sys.stdout.write(f"{key if place == 0 else '':<{width}}  {line}\n")


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
