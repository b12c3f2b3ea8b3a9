"""``headway verdict``: what gates said, at the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

verdict_app = typer.Typer(help="Read the signed verdicts of gates.", no_args_is_help=True)

VerdictId = Annotated[str, typer.Argument(metavar="VERDICT", help="Id of the verdict, vdt_...", show_default=False)]
_LISTED = ("id", "usecase", "subject", "environment", "result", "tier", "issued_by", "issued_at")


@verdict_app.command("list")
def list_verdicts(
    *,
    usecase: Annotated[str | None, typer.Option(help="Only about this use case.")] = None,
    environment: Annotated[str | None, typer.Option(help="Only for this environment.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List verdicts, newest first."""
    with terminal.connect() as client:
        found = client.get("/verdicts", usecase=usecase, environment=environment, limit=limit, cursor=cursor)
    terminal.emit(found, output, _LISTED)


@verdict_app.command("show")
def show_verdict(verdict_id: VerdictId, output: OutputOption = terminal.Output.table) -> None:
    """Explain a verdict: every control with its reason."""
    with terminal.connect() as client:
        found = client.get(f"/verdicts/{verdict_id}")
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit(
        {name: found[name] for name in (*_LISTED, "serve_until", "exceptions", "revoked_at", "missing")}, output
    )
    terminal.emit(found["controls"], output, ("id", "status", "enforce", "reason"))


@verdict_app.command("envelope")
def write_envelope(
    verdict_id: VerdictId,
    to: Annotated[Path, typer.Option("--to", dir_okay=False, help="File to write.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Write the signed DSSE envelope of a verdict to a file, which verifies without this system."""
    with terminal.connect() as client:
        data = client.get_bytes(f"/verdicts/{verdict_id}/envelope")
    to.write_bytes(data)
    terminal.emit({"path": str(to), "bytes": len(data)}, output)
