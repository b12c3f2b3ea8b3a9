"""``headway gate`` and ``headway verdict``: what gates say and said, at the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

gate_app = typer.Typer(help="Ask a gate for its verdict.", no_args_is_help=True)
verdict_app = typer.Typer(help="Read the signed verdicts of gates.", no_args_is_help=True)

BLOCKED = 5
Slug = Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)]
VerdictId = Annotated[str, typer.Argument(metavar="VERDICT", help="Id of the verdict, vdt_...", show_default=False)]
_FOUND = ("state", "usecase", "environment", "control", "since", "suspends_at", "reason")
_LISTED = ("id", "usecase", "subject", "environment", "result", "tier", "issued_by", "issued_at")


@gate_app.callback()
def gates() -> None:
    """Ask a gate for its verdict."""


@gate_app.command("check")
def check_gate(
    *,
    slug: Slug,
    environment: Annotated[str, typer.Option(help="sandbox, pilot or production.")],
    digest: Annotated[
        str | None, typer.Option(help="Digest of what would be released; default: the last one released.")
    ] = None,
    subject: Annotated[str | None, typer.Option(help="Its reference, kind:name@version.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Ask whether a subject may enter an environment; exit code 0 for pass and warn, 5 for block."""
    with terminal.connect() as client:
        result = client.get(f"/usecases/{slug}/gate", environment=environment, subject_digest=digest, subject=subject)
    if output is terminal.Output.json:
        terminal.emit(result, output)
    else:
        terminal.emit({n: result[n] for n in ("result", "environment", "tier", "subject", "subject_digest")}, output)
        shown = [c for c in result["controls"] if c["status"] != "not_applicable"]
        terminal.emit(shown, output, ("id", "status", "enforce", "title", "reason"))
        if result["exceptions"]:
            until = result["exceptions_until"]
            terminal.say(f"rests on exceptions, until {until} at the latest: {', '.join(result['exceptions'])}")
        for line in result["missing"]:
            terminal.say(f"before production: {line}")
    if result["result"] == "block":
        raise typer.Exit(BLOCKED)


@gate_app.command("operate")
def operate(
    *,
    slug: Annotated[str | None, typer.Argument(metavar="USECASE", help="Only this use case.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Ask the operate gate about what is at work; exit code 5 when something is suspended.

    It happens by itself each few minutes. What is lost is warned about, and suspended after its days of grace.
    """
    with terminal.connect() as client:
        run = client.post("/operate", {"usecase": slug})
    if output is terminal.Output.json:
        terminal.emit(run, output)
    else:
        lost = [
            {**control, "environment": one["environment"], "usecase": one["usecase"]}
            for one in run["answers"]
            for control in one["controls"]
            if slug or control["status"] in ("failed", "indeterminate")
        ]
        if lost:
            terminal.emit(lost, output, ("usecase", "environment", "id", "status", "enforce", "reason"))
        if run["findings"]:
            terminal.emit(run["findings"], output, _FOUND)
        terminal.say(f"asked about {run['asked']} at work: {len(run['findings'])} findings stand open")
    if any(one["state"] == "suspended" for one in run["findings"]):
        raise typer.Exit(BLOCKED)


@gate_app.command("findings")
def list_findings(
    *,
    usecase: Annotated[str | None, typer.Option(help="Only of this use case.")] = None,
    environment: Annotated[str | None, typer.Option(help="Only of this environment.")] = None,
    state: Annotated[str | None, typer.Option(help="warned, suspended or cleared; all by itself.")] = None,
    search: Annotated[str, typer.Option(help="Words in them.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="How many to leave out first.")] = 0,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List what the operate gate found, what is suspended first."""
    asked = {"usecase": usecase, "environment": environment, "state": state}
    with terminal.connect() as client:
        found = client.get("/operate/findings", **asked, search=search, limit=limit, offset=offset)
    terminal.emit(found, output, _FOUND)


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
