"""``headway approval``: what is asked of others, and their yes or no, at the terminal."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

approval_app = typer.Typer(help="Read requests for approval, and answer them.", no_args_is_help=True)

ApprovalId = Annotated[str, typer.Argument(metavar="APPROVAL", help="Id of the approval, apr_...", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)]
_LISTED = ("id", "usecase", "subject", "environment", "state", "yes", "requested_by", "requested_at")
_SHOWN = (*_LISTED, "subject_digest", "evidence_digest", "decided_at", "reason")


@approval_app.command("list")
def list_approvals(
    *,
    usecase: Annotated[str | None, typer.Option(help="Only about this use case.")] = None,
    environment: Annotated[str | None, typer.Option(help="Only for this environment.")] = None,
    state: Annotated[str | None, typer.Option(help="requested, approved or rejected.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List approvals, newest first."""
    with terminal.connect() as client:
        found = client.get(
            "/approvals", usecase=usecase, environment=environment, state=state, limit=limit, cursor=cursor
        )
    if output is terminal.Output.table:
        found = {**found, "items": [_line(one) for one in found["items"]]}
    terminal.emit(found, output, _LISTED)


@approval_app.command("show")
def show_approval(approval_id: ApprovalId, output: OutputOption = terminal.Output.table) -> None:
    """Show an approval with everybody who said yes."""
    with terminal.connect() as client:
        _show(client.get(f"/approvals/{approval_id}"), output)


@approval_app.command("approve")
def approve(approval_id: ApprovalId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Say yes to what somebody else asked for; it counts once as many others did as the quorum says."""
    with terminal.connect() as client:
        _show(client.post(f"/approvals/{approval_id}/approve", json={"reason": reason}), output)


@approval_app.command("reject")
def reject(approval_id: ApprovalId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Say no, or take your own request back."""
    with terminal.connect() as client:
        _show(client.post(f"/approvals/{approval_id}/reject", json={"reason": reason}), output)


def _show(found: dict[str, Any], output: terminal.Output) -> None:
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    line = _line(found)
    terminal.emit({name: line[name] for name in _SHOWN}, output)
    if found["votes"]:
        terminal.emit(found["votes"], output, ("person", "at", "reason"))


def _line(found: dict[str, Any]) -> dict[str, Any]:
    """An approval with how many said yes, in words."""
    return {**found, "yes": f"{len(found['votes'])} of {found['needed']}"}
