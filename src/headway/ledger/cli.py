"""``headway ledger``: read events, prove them, verify the log here or an exported bundle anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

app = typer.Typer(help="Read and verify the ledger.", no_args_is_help=True)
EventId = Annotated[str, typer.Argument(metavar="EVENT", help="Id of the event, evt_...")]
_COLUMNS = ("id", "at", "type", "actor", "subject", "leaf_index")


@app.command("events")
def list_events(
    *,
    subject: Annotated[str | None, typer.Option(help="Only about this reference, kind:name.")] = None,
    type: Annotated[str | None, typer.Option(help="Only of this type, thing.happened.")] = None,
    actor: Annotated[str | None, typer.Option(help="Only by this actor.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List events, newest first."""
    with terminal.connect() as client:
        page = client.get("/ledger/events", subject=subject, type=type, actor=actor, limit=limit, cursor=cursor)
    terminal.emit(page, output, _COLUMNS)


@app.command("show")
def show_event(event: EventId, output: OutputOption = terminal.Output.table) -> None:
    """Show one event with its payload."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/ledger/events/{event}"), output)


@app.command("proof")
def prove_event(event: EventId, output: OutputOption = terminal.Output.table) -> None:
    """Prove that an event is in the log."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/ledger/events/{event}/proof"), output)


@app.command("checkpoint")
def show_checkpoint(output: OutputOption = terminal.Output.table) -> None:
    """Show the newest signed checkpoint; keep a copy elsewhere to hold this log to it."""
    with terminal.connect() as client:
        terminal.emit(client.get("/ledger/checkpoint"), output)


@app.command("verify")
def verify(
    bundle: Annotated[Path | None, typer.Argument(help="An exported bundle; none: the log of this system.")] = None,
    trust: Annotated[Path | None, typer.Option(help="Keys you trust, JSON {key id: base64}; for bundles.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Verify the log; a bundle is verified here, without any server. Exits with 1 when something does not hold."""
    if bundle is None:
        with terminal.connect() as client:
            report = client.post("/ledger/verify")
    else:
        report = _verify_bundle(bundle, trust)
    terminal.emit(report, output)
    raise typer.Exit(0 if report["ok"] else 1)


def _verify_bundle(bundle: Path, trust: Path | None) -> dict[str, object]:
    from headway.kernel.errors import Invalid, NotFound
    from headway.ledger.adapters import read_trust
    from headway.ledger.offline import verify_bundle

    for path in (bundle, trust):
        if path is not None and not path.exists():
            raise NotFound(f"{path} does not exist")
    try:
        report = verify_bundle(bundle, read_trust(trust) if trust else None)
    except ValueError as error:
        raise Invalid(str(error), hint="export one with 'headway ledger export'") from error
    if trust is None:
        terminal.say(
            "checked against the bundle's own keys; name keys got by another way with --trust to know who signed"
        )
    return report


@app.command("export")
def export(
    to: Annotated[Path, typer.Option("--to", help="File to write.")] = Path("headway-ledger.zip"),
    output: OutputOption = terminal.Output.table,
) -> None:
    """Export the log as a bundle that verifies anywhere."""
    with terminal.connect() as client:
        data = client.get_bytes("/ledger/export")
    to.write_bytes(data)
    terminal.emit({"path": str(to), "bytes": len(data)}, output)


@app.command("erase")
def erase(
    event: EventId,
    reason: Annotated[str, typer.Option(help="Why; becomes part of the log.")],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Forget the personal payload of an event; its proofs stay valid."""
    with terminal.connect() as client:
        terminal.emit(client.post(f"/ledger/events/{event}/erase", {"reason": reason}), output)
