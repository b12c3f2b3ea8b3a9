"""``headway break-glass``: what two people let in in an emergency, and its review, at the terminal."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

break_glass_app = typer.Typer(help="In an emergency: let in what a gate blocks, by two people.", no_args_is_help=True)

GlassId = Annotated[str, typer.Argument(metavar="BREAK_GLASS", help="Its id, bgl_...", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; at least 10 characters, kept in your name.", show_default=False)]
_LISTED = ("id", "usecase", "environment", "subject", "standing", "requested_by", "answered_by", "ends_at")
_SHOWN = (
    *_LISTED, "subject_digest", "reason", "requested_at", "answer", "answered_at", "reviewed_by", "reviewed_at", "finding", "review",
)  # fmt: skip


class Found(StrEnum):
    """What a review may find."""

    justified = "justified"
    not_justified = "not-justified"


@break_glass_app.command("list")
def list_break_glass(
    *,
    usecase: Annotated[str | None, typer.Option(help="Only of this use case.")] = None,
    standing: Annotated[
        str | None,
        typer.Option(help="requested, lapsed, rejected, open (to be reviewed), overdue, justified or not_justified."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List break-glass, newest first."""
    with terminal.connect() as client:
        found = client.get("/break-glass", usecase=usecase, standing=standing, limit=limit, cursor=cursor)
    terminal.emit(found, output, _LISTED)
    if output is terminal.Output.table:
        for one in found["items"]:
            _warn(one)


@break_glass_app.command("show")
def show_break_glass(glass_id: GlassId, output: OutputOption = terminal.Output.table) -> None:
    """Show one with its reasons and its review."""
    with terminal.connect() as client:
        _show(client.get(f"/break-glass/{glass_id}"), output)


@break_glass_app.command("request")
def request_break_glass(
    usecase: Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)],
    subject: Annotated[str, typer.Argument(help="What must go in, as model:lead-scoring@3.", show_default=False)],
    *,
    digest: Annotated[str, typer.Option(help="Its exact digest, sha256-...", show_default=False)],
    environment: Annotated[str, typer.Option(help="sandbox, pilot or production.", show_default=False)],
    reason: Reason,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Ask to let it in although its gate blocks; everybody responsible is alarmed at once."""
    body = {
        "usecase": usecase,
        "environment": environment,
        "subject": subject,
        "subject_digest": digest,
        "reason": reason,
    }
    with terminal.connect() as client:
        made = client.post("/break-glass", json=body)
    if output is terminal.Output.table:
        terminal.say(f"asked for; somebody else confirms it: headway break-glass confirm {made['id']} --reason ...")
    _show(made, output)


@break_glass_app.command("confirm")
def confirm_break_glass(glass_id: GlassId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Confirm what somebody else asked for: it is let in for three days, and has to be reviewed within them."""
    with terminal.connect() as client:
        _show(client.post(f"/break-glass/{glass_id}/confirm", json={"reason": reason}), output)


@break_glass_app.command("reject")
def reject_break_glass(glass_id: GlassId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Say no, or take your own request back."""
    with terminal.connect() as client:
        _show(client.post(f"/break-glass/{glass_id}/reject", json={"reason": reason}), output)


@break_glass_app.command("review")
def review_break_glass(
    glass_id: GlassId,
    finding: Annotated[Found, typer.Option(help="Whether it was justified.", show_default=False)],
    text: Annotated[str, typer.Option(help="What was found; kept in your name.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Review it as a third person; what was not justified stops at once."""
    body = {"finding": finding.value.replace("-", "_"), "review": text}
    with terminal.connect() as client:
        _show(client.post(f"/break-glass/{glass_id}/review", json=body), output)


def _show(found: dict[str, Any], output: terminal.Output) -> None:
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit({name: found[name] for name in _SHOWN}, output)
    _warn(found)


def _warn(found: dict[str, Any]) -> None:
    if found["standing"] == "overdue":
        terminal.say(f"overdue: {found['id']} was not reviewed within three days; {found['usecase']} gets no other one")
