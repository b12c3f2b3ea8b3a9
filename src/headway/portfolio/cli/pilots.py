"""``headway pilot``, ``headway pilots`` and ``headway solutions``: trying a solution on a file, at the terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

if TYPE_CHECKING:
    from headway_client import Client
    from headway_client.answers.jobs import Job

pilots_app = typer.Typer(help="List and show pilots and their reports.", no_args_is_help=True)
solutions_app = typer.Typer(help="See which solutions are installed.", no_args_is_help=True)

PilotId = Annotated[str, typer.Argument(metavar="PILOT", help="Id of the pilot, plt_...", show_default=False)]
_STEPS = {
    "product": "reading the file, inferring its contract, checking every row",
    "usecase": "opening the use case, deciding its legal tier",
    "training": "looking for suspicious columns, then training and judging",
    "release": "asking the gate",
    "deploy": "deploying to the sandbox",
    "report": "writing the report",
}
_LISTED = ("id", "name", "solution", "department", "state", "filename", "started_at")
_SOLUTIONS = ("id", "title", "department", "state", "package", "target", "reason")


def pilot(
    *,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="CSV, Parquet or Excel file with one row a case.", show_default=False
        ),
    ],
    solution: Annotated[str, typer.Option(help="Solution to try, for example sales.lead-scoring.")],
    department: Annotated[str, typer.Option(help="Department whose data it is.")],
    label: Annotated[str, typer.Option(help="Column that holds the outcome.")],
    positive: Annotated[str | None, typer.Option(help="Value of the label that means success.")] = None,
    time: Annotated[str | None, typer.Option(help="Column that tells when a case happened.")] = None,
    ordered: Annotated[bool, typer.Option("--ordered", help="The rows are in order of time.")] = False,
    subject: Annotated[str | None, typer.Option(help="Column that names whom a case is about.")] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Column to leave out; may be repeated.")
    ] = None,
    value_per_success: Annotated[
        str | None, typer.Option(metavar="MONEY", help="What a success is worth, as '120 EUR'.")
    ] = None,
    cost_per_action: Annotated[
        str | None, typer.Option(metavar="MONEY", help="What an action costs, as '4 EUR'.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of amounts given without one.")] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of use case, model and deployment; the solution's when left out.")
    ] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Start a pilot in the sandbox from a file and wait for its result."""
    form: dict[str, object] = {
        "solution": solution,
        "department": department,
        "label": label,
        "positive": positive,
        "time": time,
        "ordered": "true" if ordered else "false",
        "subject": subject,
        "exclude": exclude or [],
        "value_per_success": value_per_success,
        "cost_per_action": cost_per_action,
        "currency": currency,
        "name": name,
    }
    with terminal.connect() as client:
        result = follow(client, file, form)
        report = client.get(f"/pilots/{result['pilot']}/report", format="json")
    if output is terminal.Output.json:
        terminal.emit(result, output)
    else:
        _print(result, report)


def follow(client: Client, file: Path, form: dict[str, object]) -> dict[str, Any]:
    """Start a pilot, tell its steps, and return its result with a token to try the deployment with."""
    started = client.post("/pilots", files={"file": file}, data=form)
    result = client.wait(started["job"], _Teller())
    result["deployment"]["token"] = _token(client, result["deployment"])
    return result


@pilots_app.command("list")
def list_pilots(
    *,
    department: Annotated[str | None, typer.Option(help="Only of this department.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List pilots, newest first."""
    with terminal.connect() as client:
        terminal.emit(client.get("/pilots", department=department, limit=limit, cursor=cursor), output, _LISTED)


@pilots_app.command("show")
def show_pilot(pilot_id: PilotId, output: OutputOption = terminal.Output.table) -> None:
    """Show a pilot with its result, or why it failed."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/pilots/{pilot_id}"), output)


@pilots_app.command("report")
def show_report(
    pilot_id: PilotId,
    to: Annotated[
        Path | None,
        typer.Option("--to", dir_okay=False, help="PDF file to write instead of printing.", show_default=False),
    ] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Print a pilot's report: Markdown, or one JSON object; or write it as a PDF file."""
    with terminal.connect() as client:
        if to is not None:
            data = client.get_bytes(f"/pilots/{pilot_id}/report", format="pdf")
            to.write_bytes(data)
            terminal.emit({"path": str(to), "bytes": len(data)}, output)
        elif output is terminal.Output.json:
            terminal.emit(client.get(f"/pilots/{pilot_id}/report", format="json"), output)
        else:
            sys.stdout.write(client.get_bytes(f"/pilots/{pilot_id}/report", format="md").decode())


@pilots_app.command("retry")
def retry_pilot(pilot_id: PilotId, output: OutputOption = terminal.Output.table) -> None:
    """Take a failed pilot up again where it failed, and wait for its result."""
    with terminal.connect() as client:
        started = client.post(f"/pilots/{pilot_id}/retry")
        terminal.emit(client.wait(started["job"], _Teller()), output)


@pilots_app.command("repeat")
def repeat_pilot(
    pilot_id: PilotId,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Column to leave out as well; may be repeated.")
    ] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Start a pilot like an ended one from the same file, with more columns left out, and wait for its result."""
    with terminal.connect() as client:
        started = client.post(f"/pilots/{pilot_id}/repeat", json={"exclude": exclude or []})
        terminal.emit(client.wait(started["job"], _Teller()), output)


@solutions_app.callback()
def solutions() -> None:
    """See which solutions are installed."""  # a callback keeps the verb where a noun has only one


@solutions_app.command("list")
def list_solutions(output: OutputOption = terminal.Output.table) -> None:
    """List installed solutions: which loaded, from where, and why others did not."""
    with terminal.connect() as client:
        terminal.emit(client.get("/solutions"), output, _SOLUTIONS)


class _Teller:
    """Says each new step of a job once."""

    def __init__(self) -> None:
        self._told = ""

    def __call__(self, job: Job) -> None:
        step = job.message
        if step in _STEPS and step != self._told:
            self._told = step
            terminal.say(f"[{list(_STEPS).index(step) + 1}/{len(_STEPS)}] {_STEPS[step]}")


def _token(client: Client, deployment: dict[str, Any]) -> str | None:
    """A token to try the deployment with; None where the person may not make one."""
    from headway_client import Denied

    body = {"deployment": deployment["name"], "environment": deployment["environment"]}
    try:
        return str(client.post("/grants", json=body)["token"])
    except Denied as error:
        terminal.say(f"no token was made: {error}")
        return None


def _print(result: dict[str, Any], report: dict[str, Any]) -> None:
    metrics, quality, verdict = result["metrics"], result["quality"], result["verdict"]
    faults = f"quality {quality['score']:.4f} ({quality['failed_rows']} rows with faults)"
    lines = [
        f"pilot       {result['pilot']}  ({result['seconds']:.0f} s)",
        f"use case    {result['usecase']}, legal tier {result['tier']}",
        f"data        {result['product']}, {result['rows']:,} rows, {faults}",
        f"model       {result['model']['name']}@{result['model']['version']}, {result['model']['learner']}",
        f"split       {result['split']['kind']}, {metrics['n_test']:,} test rows",
        f"ROC AUC     {_with_interval(metrics, 'roc_auc')}",
        f"lift        {_with_interval(metrics, 'lift_10')} in the best tenth",
        f"gate        {verdict['result']} in {verdict['environment']}",
        f"report      headway pilots report {result['pilot']}",
        "",
    ]
    lines += _section("Read this first", report["warnings"])
    lines += _section("Columns to look at", [f"{one['column']}: {one['reason']}" for one in result["suspects"]])
    lines += _section("Missing before production", verdict["missing"])
    sys.stdout.write("\n".join(lines) + "\n" + _try_it(result["deployment"], report))


def _with_interval(metrics: dict[str, Any], name: str) -> str:
    value, interval = metrics[name], metrics["intervals"].get(name)
    if value is None:
        return "-"
    return f"{value:.4f}" + (f" ({interval[0]:.4f} to {interval[1]:.4f})" if interval else "")


def _section(title: str, items: list[str]) -> list[str]:
    return [title, *[f"  - {item}" for item in items], ""] if items else []


def _try_it(deployment: dict[str, Any], report: dict[str, Any]) -> str:
    record = json.dumps(report["reference"]["row"], ensure_ascii=False).replace("'", "'\\''")
    token = deployment["token"]
    if token is None:
        return f"Served at {deployment['url']}; give somebody a token: headway deployment grant {deployment['name']}\n"
    return (
        f"Ask it (the token is shown this once):\n"
        f"  curl -s {deployment['url']} -H 'Authorization: Bearer {token}' -d '{record}'\n"
    )
