"""``headway replay`` and ``headway replays``: a past time as contract, monitoring and hold-out would have seen it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

replays_app = typer.Typer(help="List and show replays of a past time.", no_args_is_help=True)
_LISTED = ("id", "usecase", "state", "filename", "started_by", "started_at")
_ALERTS = ("kind", "severity", "since", "noticed_on", "ended_on", "columns")
_BREACHES = ("column", "rule", "first", "last", "days", "rows")
_MONTHS = ("first", "decided", "known", "observed", "expected", "auc", "auc_low", "auc_high")


def replay(
    *,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="CSV, Parquet or Excel file of what happened.", show_default=False
        ),
    ],
    usecase: Annotated[str, typer.Option(help="Use case that it is about.")],
    time: Annotated[str, typer.Option(metavar="COLUMN", help="Column that says when each row was decided about.")],
    outcome: Annotated[str, typer.Option(metavar="COLUMN", help="Column that holds what became of it.")],
    positive: Annotated[str | None, typer.Option(help="Value of the outcome that means success.")] = None,
    subject: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column that names whom a row is about.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Column to leave out; may be repeated.")
    ] = None,
    told: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column that says when the outcome became known.")
    ] = None,
    delay_days: Annotated[
        int, typer.Option(min=0, help="Days until an outcome is known, where no column says it.")
    ] = 0,
    learn_share: Annotated[float, typer.Option(help="Share of the rows, the earliest, that are learnt from.")] = 1 / 3,
    hold_out_share: Annotated[float, typer.Option(help="Share that a hold-out would have had.")] = 0.1,
    value_per_success: Annotated[
        str | None, typer.Option(metavar="MONEY", help="What a success is worth, as '120 EUR'.")
    ] = None,
    cost_per_action: Annotated[
        str | None, typer.Option(metavar="MONEY", help="What an action costs, as '4 EUR'.")
    ] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Replay a past time: what would have been noticed, when, and what it would have been worth."""
    form: dict[str, object] = {
        "usecase": usecase,
        "time": time,
        "outcome": outcome,
        "positive": positive,
        "subject": subject,
        "exclude": exclude or [],
        "told": told,
        "delay_days": delay_days,
        "learn_share": learn_share,
        "hold_out_share": hold_out_share,
        "value_per_success": value_per_success,
        "cost_per_action": cost_per_action,
    }
    with terminal.connect() as client:
        started = client.post("/replays", files={"file": file}, data=form)
        client.wait(started["job"])
        found = client.get(f"/replays/{started['replay']}")
    _emit(found, output)


@replays_app.command("list")
def list_replays(
    *,
    usecase: Annotated[str | None, typer.Option(help="Only of this use case.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List replays, newest first."""
    with terminal.connect() as client:
        terminal.emit(client.get("/replays", usecase=usecase, limit=limit, cursor=cursor), output, _LISTED)


@replays_app.command("show")
def show_replay(
    replay_id: Annotated[str, typer.Argument(metavar="REPLAY", help="Id of the replay, rpl_...", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show what a replay tells, or why it failed."""
    with terminal.connect() as client:
        found = client.get(f"/replays/{replay_id}")
    _emit(found, output)


def _emit(found: dict[str, Any], output: terminal.Output) -> None:
    report = found["report"]
    if output is terminal.Output.json or report is None:
        terminal.emit(found, output)
        return
    learned = report["learned"]
    terminal.say(
        f"learnt from {learned['rows']} rows, {learned['first']} to {learned['last']}: "
        f"ROC AUC {learned['auc']:.3f} ({learned['auc_low']:.3f} to {learned['auc_high']:.3f})"
    )
    terminal.say(
        f"replayed {report['rows']} rows, {report['first']} to {report['last']}, {report['known']} with an outcome"
    )
    terminal.emit(report["alerts"], output, _ALERTS)
    terminal.emit(report["breaches"], output, _BREACHES)
    terminal.emit(report["months"], output, _MONTHS)
    for line in _lines(report):
        terminal.say(line)


def _lines(report: dict[str, Any]) -> list[str]:
    """What it would have been worth, in sentences."""
    lines = []
    if renewal := report["renewal"]:
        before, after = renewal["before"]["auc"], renewal["after"]["auc"]
        gain = f", {renewal['gain']} for 1,000 cases" if renewal["gain"] else ""
        lines.append(
            f"a second version learnt on {renewal['on']} ({renewal['because']}): ROC AUC {after:.3f} where the first has "
            f"{before:.3f}, on {renewal['cases']} rows after it{gain}"
        )
    else:
        lines.append(f"no second version: {report['no_renewal']}")
    if held := report["held_out"]:
        when = f"on {held['enough_on']}" if held["enough_on"] else "not within this time"
        lines.append(
            f"a hold-out of {held['share']:.0%} would have had the {held['hold_out']} outcomes that it takes {when}"
        )
    if worth := report["worth"]:
        gain = worth["gain"]
        lines.append(
            f"acting on the best tenth: {gain['expected']} ({gain['low']} to {gain['high']}) more for 1,000 cases than at random"
        )
    return lines
