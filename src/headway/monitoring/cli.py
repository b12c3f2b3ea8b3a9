"""``headway monitor``: what was judged of a deployment, and alerts, at the terminal."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

app = typer.Typer(help="Watch what deployments decide about, and answer alerts.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="DEPLOYMENT", help="Name of the deployment.", show_default=False)]
AlertId = Annotated[str, typer.Argument(metavar="ALERT", help="Id of the alert, alr_...", show_default=False)]
In = Annotated[str, typer.Option("--environment", help="sandbox, pilot or production.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the alert.", show_default=False)]
WEEK = 7
_COLUMNS = ("column", "psi", "noise", "limit", "n", "missing", "unseen", "alarm")
_WEEKS = ("first", "last", "known", "settled", "auc", "observed", "expected", "brier")
_ALERTS = ("id", "deployment", "environment", "kind", "severity", "state", "since", "last_seen")
_ALERT = (
    "id", "deployment", "environment", "version", "kind", "severity", "state", "since", "noticed_on", "last_seen",
    "columns", "acknowledged_by", "acknowledged_because", "closed_by", "closed_because",
)  # fmt: skip


@app.command("show")
def show_monitoring(
    *,
    name: Name,
    environment: In = "sandbox",
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days back drift is shown.")] = 90,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show each input and the scores beside the reference, realised performance by week, and open alerts."""
    with terminal.connect() as client:
        found = client.get(f"/deployments/{name}/monitoring", environment=environment, days=days)
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.say(_headline(found))
    latest = found["latest"]
    if latest is not None:
        listed = [*latest["columns"], latest["scores"]]
        lines = [_line(one, found["labels"]) for one in listed]
        terminal.emit(sorted(lines, key=lambda line: -(line["psi"] or 0.0)), output, _COLUMNS)
    if found["weeks"]:
        terminal.emit([{**week, "settled": week["is_settled"]} for week in found["weeks"][-13:]], output, _WEEKS)
    if found["alerts"]:
        terminal.emit(found["alerts"], output, _ALERTS)


def _headline(found: dict[str, Any]) -> str:
    told = f"{found['deployment']} in {found['environment']}, {found['version'].removeprefix('model:')}: "
    if not found["has_reference"]:
        return told + "no reference, so that drift cannot be judged; a version that is trained now has one"
    if found["judged_through"] is None:
        return told + "no whole day was judged yet"
    return told + f"judged through {found['judged_through']} against {found['reference_rows']} rows of training"


def _line(one: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    """A column as one line: the week, else the longest span there is."""
    weeks = [found for found in one["drift"] if found["days"] == WEEK] or one["drift"][-1:]
    week: dict[str, Any] = weeks[0] if weeks else {}
    alarms = [*one["drift"], *one["missing"], *one["unseen"]]
    name = one["column"]
    return {
        "column": "scores" if name.startswith("*") else labels.get(name, name),
        **{key: _rounded(week.get(key)) for key in ("psi", "noise", "limit")},
        "n": week.get("n"),
        "missing": _rounded(one["missing"][-1]["rate"]) if one["missing"] else None,
        "unseen": _rounded(one["unseen"][-1]["rate"]) if one["unseen"] else None,
        "alarm": "yes" if any(found["is_alarm"] for found in alarms) else "",
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


@app.command("run")
def run_monitoring(name: Name, *, environment: In = "sandbox", output: OutputOption = terminal.Output.table) -> None:
    """Judge a deployment now and wait for what was found; it happens by itself each day."""
    with terminal.connect() as client:
        started = client.post(f"/deployments/{name}/monitoring/run", {"environment": environment})
        terminal.emit(client.wait(started["job"]), output)


@app.command("alerts")
def list_alerts(
    *,
    department: Annotated[str | None, typer.Option(help="Only of this department.")] = None,
    deployment: Annotated[str | None, typer.Option(help="Only of this deployment.")] = None,
    environment: Annotated[str | None, typer.Option(help="Only in this environment.")] = None,
    state: Annotated[str | None, typer.Option(help="open, acknowledged or closed.")] = None,
    kind: Annotated[str | None, typer.Option(help="inputs, scores, missing, unseen, performance or concept.")] = None,
    sort: Annotated[str, typer.Option(help="Column to sort by; a minus before it turns the order.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="How many to leave out at the start.")] = 0,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List alerts, newest first."""
    with terminal.connect() as client:
        found = client.get(
            "/alerts",
            department=department,
            deployment=deployment,
            environment=environment,
            state=state,
            kind=kind,
            sort=sort,
            limit=limit,
            offset=offset,
        )
    terminal.emit(found, output, _ALERTS)


@app.command("alert")
def show_alert(alert: AlertId, output: OutputOption = terminal.Output.table) -> None:
    """Show an alert with its evidence."""
    with terminal.connect() as client:
        found = client.get(f"/alerts/{alert}")
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit({name: found[name] for name in _ALERT}, output)
    columns = found["evidence"].get("columns", {})
    rest = {name: value for name, value in found["evidence"].items() if name != "columns"}
    terminal.emit(rest, output)
    if columns:
        listed = [name for name in found["columns"] if name in columns]  # the farthest first
        terminal.emit([{"column": name, **columns[name]} for name in listed], output)


@app.command("acknowledge")
def acknowledge_alert(alert: AlertId, *, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Say that you look into an alert, and how."""
    _answer(alert, "acknowledge", reason, output)


@app.command("close")
def close_alert(alert: AlertId, *, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Close an alert for good; what it tells is not told again while it goes on unchanged."""
    _answer(alert, "close", reason, output)


def _answer(alert: str, verb: str, reason: str, output: terminal.Output) -> None:
    with terminal.connect() as client:
        found = client.post(f"/alerts/{alert}/{verb}", {"reason": reason})
    terminal.show(found, output, lambda whole: {name: whole[name] for name in _ALERT})
