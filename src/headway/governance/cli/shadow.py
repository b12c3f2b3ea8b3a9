"""``headway shadow``: tools for AI that are in use without an entry."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

shadow_app = typer.Typer(help="Report tools for AI without an entry, and settle them.", no_args_is_help=True)

SightingId = Annotated[str, typer.Argument(metavar="SIGHTING", help="Id of the item.", show_default=False)]
_LISTED = ("id", "tool", "department", "state", "age_days", "uses", "users", "reports", "entries")


@shadow_app.command("report")
def report_sighting(
    *,
    tool: Annotated[str, typer.Argument(help="Its name, its address or its host.", show_default=False)],
    what_for: Annotated[str, typer.Option("--for", help="What it is used for.", show_default=False)],
    department: Annotated[str | None, typer.Option(help="Department that uses it, where known.")] = None,
    unnamed: Annotated[bool, typer.Option("--unnamed", help="Only the AI office learns who said it.")] = False,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Report a tool that you use or see; nobody is blamed for it."""
    body = {"tool": tool, "what_for": what_for, "department": department, "unnamed": unnamed}
    with terminal.connect() as client:
        terminal.show(client.post("/sightings", json=body), output, _told)


@shadow_app.command("import")
def import_gateway_log(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV or JSON lines: time, host or tool, user or department, count.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Read a gateway's log into the queue: every line or none. Users are counted, and never kept."""
    with terminal.connect() as client:
        terminal.emit(client.post("/sightings/import", files={"file": file}), output)


@shadow_app.command("list")
def list_sightings(
    *,
    state: Annotated[str | None, typer.Option(help="Only these: open, entry, umbrella, joined, dismissed.")] = None,
    own: Annotated[bool, typer.Option("--own", help="Only what you reported.")] = False,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List tools that were seen, the longest waiting first."""
    with terminal.connect() as client:
        found = client.get("/sightings", state=state, own="true" if own else None)
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    rows = [{**one, "reports": len(one["reports"]), "entries": ", ".join(one["entries"])} for one in found["items"]]
    terminal.emit(rows, output, _LISTED)


@shadow_app.command("show")
def show_sighting(sighting: SightingId, output: OutputOption = terminal.Output.table) -> None:
    """Show a tool that was seen, what people said of it, and the entries that name it."""
    with terminal.connect() as client:
        terminal.show(client.get(f"/sightings/{sighting}"), output, _told)


@shadow_app.command("settle")
def settle_sighting(
    *,
    sighting: SightingId,
    entry: Annotated[str | None, typer.Option(help="The use case that was opened for it.")] = None,
    join: Annotated[str | None, typer.Option(help="The use case whose users they are.")] = None,
    umbrella: Annotated[str | None, typer.Option(help="The umbrella to register it under.")] = None,
    dismiss: Annotated[str | None, typer.Option(help="Why nothing follows.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Say what becomes of a tool; one of the four."""
    said = {"entry": entry, "joined": join, "umbrella": umbrella, "dismissed": dismiss}
    told = {outcome: value for outcome, value in said.items() if value is not None}
    if len(told) != 1:
        raise typer.BadParameter("name one of --entry, --join, --umbrella, --dismiss")
    [(outcome, value)] = told.items()
    field = {"umbrella": "umbrella", "dismissed": "reason"}.get(outcome, "usecase")
    with terminal.connect() as client:
        done = client.post(f"/sightings/{sighting}/settle", json={"outcome": outcome, field: value})
        terminal.show(done, output, _told)


def _told(found: Mapping[str, Any]) -> Mapping[str, object]:
    reports = [f"{one['reporter'] or 'somebody'}: {one['what_for']}" for one in found["reports"]]
    return {**found, "reports": reports}
