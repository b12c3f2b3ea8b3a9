"""``headway job``: follow durable jobs."""

from __future__ import annotations

from typing import Annotated

import typer

from headway.kernel import terminal

app = typer.Typer(help="Follow durable jobs.", no_args_is_help=True)
JobId = Annotated[str, typer.Argument(help="Id of the job, for example job_01k...", show_default=False)]


@app.command("list")
def list_jobs(
    mine: Annotated[bool, typer.Option("--mine", help="Only jobs you asked for.")] = False,
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=1000)] = 20,
    output: terminal.OutputOption = terminal.Output.table,
) -> None:
    """List jobs, newest first."""
    with terminal.connect() as client:
        found = client.get("/jobs", limit=limit, mine="true" if mine else "false")
    terminal.emit(found, output, ["id", "name", "status", "done", "total", "message", "actor", "created_at"])


@app.command("show")
def show_job(job_id: JobId, output: terminal.OutputOption = terminal.Output.table) -> None:
    """Show a job with its steps, and its result or error."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/jobs/{job_id}"), output)


@app.command("cancel")
def cancel_job(job_id: JobId, output: terminal.OutputOption = terminal.Output.table) -> None:
    """Cancel a job; one that runs ends at its next step."""
    with terminal.connect() as client:
        terminal.emit(client.post(f"/jobs/{job_id}/cancel"), output)
