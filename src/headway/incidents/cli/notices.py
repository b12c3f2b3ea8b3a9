"""``headway incident draft | notices | notice | sent | lift``: what is told to whom, and letting decide again what was stopped."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

app = typer.Typer()
IncidentId = Annotated[str, typer.Argument(metavar="INCIDENT", help="Id of the incident, inc_...", show_default=False)]
NoticeId = Annotated[str, typer.Argument(metavar="DRAFT", help="Id of the draft, ntc_...", show_default=False)]
_NOTICES = ("id", "clock", "number", "kind", "form", "gaps", "is_current", "made_at", "sent_at", "to", "reference")
_STOPS = ("environment", "deployment", "stopped_by", "stopped_at", "lifted_by", "lifted_at", "told")
_LIFTS = ("environment", "deployment", "version", "resumes", "why", "stopped_by")


@app.command("draft")
def draft_notices(
    incident: IncidentId,
    clock: Annotated[str | None, typer.Option(help="Of this clock alone, as AIA-73-2; default: all that run.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Draft the notifications that clocks ask for, from what the records hold; nothing is sent."""
    with terminal.connect() as client:
        made = client.post(f"/incidents/{incident}/notices", json={"clock": clock})
    _emit(made, output)


@app.command("notices")
def list_notices(incident: IncidentId, output: OutputOption = terminal.Output.table) -> None:
    """List the drafts of an incident, and what was sent."""
    with terminal.connect() as client:
        _emit(client.get(f"/incidents/{incident}/notices"), output)


@app.command("notice")
def show_notice(
    incident: IncidentId,
    notice: NoticeId,
    *,
    to: Annotated[Path | None, typer.Option(help="Write the draft here, .pdf or .txt.")] = None,
    proof: Annotated[Path | None, typer.Option(help="Write the file that proves the sending here.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show a draft: every fact with its record, and the gaps; with --to, write it as PDF or text."""
    path = f"/incidents/{incident}/notices/{notice}"
    with terminal.connect() as client:
        found = client.get(path)
        if to is not None:
            to.write_bytes(client.get_bytes(f"{path}/document", format=to.suffix.removeprefix(".")))
        if proof is not None:
            proof.write_bytes(client.get_bytes(f"{path}/proof"))
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    facts = [{"line": line["title"], **one} for line in found["draft"]["lines"] for one in line["facts"]]
    terminal.emit(facts, output, ("line", "says", "value", "record", "field"))
    terminal.emit(found["draft"]["gaps"], output, ("line", "what", "mend"))
    for file in (to, proof):
        if file is not None:
            terminal.say(f"written: {file}")


@app.command("sent")
def mark_sent(
    incident: IncidentId,
    notice: NoticeId,
    *,
    to: Annotated[str, typer.Option(help="To whom it was sent.", show_default=False)],
    at: Annotated[str | None, typer.Option(help="When, as 2026-03-31T14:05:00Z; default: now.")] = None,
    reference: Annotated[str | None, typer.Option(help="The number that it was given there.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="What proves it, as a receipt.", exists=True, dir_okay=False)
    ] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Note that you sent a draft; its clock is met."""
    form = {"sent_at": at or datetime.now(UTC).isoformat(), "to": to, **({"reference": reference} if reference else {})}
    with terminal.connect() as client:
        path = f"/incidents/{incident}/notices/{notice}/sent"
        made = client.post(path, data=form, files={"file": file} if file else {})
    _emit({"items": [made]}, output)


@app.command("lift")
def lift(
    incident: IncidentId,
    *,
    reason: Annotated[str | None, typer.Option(help="Why; left out, it is only shown what would decide again.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Let decide again what an incident stopped, once its corrective actions have ended."""
    path = f"/incidents/{incident}/lifting"
    with terminal.connect() as client:
        if reason is not None:
            terminal.emit(client.post(path, json={"reason": reason}), output, _STOPS)
            return
        found = client.get(path)
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit(found["lifts"], output, _LIFTS)
    for title in found["open_actions"]:
        terminal.say(f"end it first: {title}")


def _emit(found: dict[str, Any], output: terminal.Output) -> None:
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    rows = [
        {
            **one,
            **{name: one["draft"][name] for name in ("kind", "form")},
            "gaps": len(one["draft"]["gaps"]),
            **{name: (one["sending"] or {}).get(name) for name in ("sent_at", "to", "reference")},
        }
        for one in found["items"]
    ]
    terminal.emit(rows, output, _NOTICES)
