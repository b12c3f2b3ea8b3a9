"""``headway waiver``: controls excused for a while, at the terminal."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from headway.governance.waivers import LONG_ROW, MAX_DAYS
from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

waiver_app = typer.Typer(help="Excuse a control for a while: ask, grant, end, list.", no_args_is_help=True)

WaiverId = Annotated[str, typer.Argument(metavar="WAIVER", help="Id of the waiver, wvr_...", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)]
_LISTED = ("id", "usecase", "environment", "control", "standing", "number", "requested_by", "answered_by", "ends_at")
_SHOWN = (
    *_LISTED, "pack", "subject_digest", "reason", "compensation", "days", "requested_at", "answer", "answered_at",
    "ended_by", "ended_at", "ended_because",
)  # fmt: skip


@waiver_app.command("list")
def list_waivers(
    *,
    usecase: Annotated[str | None, typer.Option(help="Only of this use case.")] = None,
    environment: Annotated[str | None, typer.Option(help="Only in this environment.")] = None,
    standing: Annotated[
        str | None, typer.Option(help="requested, in_force, ending (within a week), over, ended or rejected.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List waivers, newest first."""
    with terminal.connect() as client:
        found = client.get(
            "/waivers", usecase=usecase, environment=environment, standing=standing, limit=limit, cursor=cursor
        )
    terminal.emit(found, output, _LISTED)
    if output is terminal.Output.table:
        for one in found["items"]:
            _warn(one)


@waiver_app.command("show")
def show_waiver(waiver_id: WaiverId, output: OutputOption = terminal.Output.table) -> None:
    """Show a waiver with its reasons."""
    with terminal.connect() as client:
        _show(client.get(f"/waivers/{waiver_id}"), output)


@waiver_app.command("request")
def request_waiver(
    *,
    usecase: Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)],
    control: Annotated[str, typer.Argument(metavar="CONTROL", help="As HW-PARITY.", show_default=False)],
    environment: Annotated[str, typer.Option(help="sandbox, pilot or production.", show_default=False)],
    reason: Reason,
    instead: Annotated[
        str, typer.Option(help="The compensating control: what is done instead meanwhile.", show_default=False)
    ],
    days: Annotated[
        int, typer.Option(min=1, max=MAX_DAYS, help="How long it shall hold once it is granted.")
    ] = MAX_DAYS,
    pack: Annotated[str, typer.Option(help="Name of the control's pack.")] = "headway-core",
    digest: Annotated[
        str | None, typer.Option(help="Only for this exact subject; default: whatever is released.")
    ] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Ask that a control be excused; nothing is excused before somebody else grants it."""
    body = {
        "usecase": usecase,
        "environment": environment,
        "pack": pack,
        "control": control,
        "reason": reason,
        "compensation": instead,
        "days": days,
        "subject_digest": digest,
    }
    with terminal.connect() as client:
        made = client.post("/waivers", json=body)
    if output is terminal.Output.table:
        terminal.say(
            f"asked for; somebody else of the AI office grants it: headway waiver grant {made['id']} --reason ..."
        )
    _show(made, output)


@waiver_app.command("grant")
def grant_waiver(
    waiver_id: WaiverId,
    reason: Reason,
    days: Annotated[int | None, typer.Option(help="For fewer days than were asked for.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Grant what somebody else asked for; approvals that were asked for before no longer count."""
    with terminal.connect() as client:
        _show(client.post(f"/waivers/{waiver_id}/grant", json={"reason": reason, "days": days}), output)


@waiver_app.command("reject")
def reject_waiver(waiver_id: WaiverId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Say no, or take your own request back."""
    with terminal.connect() as client:
        _show(client.post(f"/waivers/{waiver_id}/reject", json={"reason": reason}), output)


@waiver_app.command("end")
def end_waiver(waiver_id: WaiverId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """End a waiver before its time: its control blocks again."""
    with terminal.connect() as client:
        _show(client.post(f"/waivers/{waiver_id}/end", json={"reason": reason}), output)


def _show(found: dict[str, Any], output: terminal.Output) -> None:
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit({name: found[name] for name in _SHOWN}, output)
    _warn(found)


def _warn(found: dict[str, Any]) -> None:
    if found["in_a_row"] >= LONG_ROW:
        row = f"{found['in_a_row']} in a row for {found['control']} of {found['usecase']} in {found['environment']}"
        terminal.say(f"pitfall: {row}: the exception has become the rule")
