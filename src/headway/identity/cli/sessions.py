"""``headway session``: where one is signed in."""

from __future__ import annotations

from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

session_app = typer.Typer(help="See where you are signed in, and end sessions.", no_args_is_help=True)

PersonOption = Annotated[str | None, typer.Option("--person", help="Somebody else's: person:ID; none: your own.")]
_SESSIONS = ("id", "agent", "source", "how", "created_at", "last_used_at", "expires_at")


@session_app.command("list")
def list_sessions(person: PersonOption = None, output: OutputOption = terminal.Output.table) -> None:
    """List open sessions, the one used last first."""
    with terminal.connect() as client:
        terminal.emit(client.get("/sessions", person=person), output, _SESSIONS)


@session_app.command("revoke")
def revoke_session(
    session: Annotated[str, typer.Argument(metavar="ID", help="Id of the session, ses_...")],
    output: OutputOption = terminal.Output.table,
) -> None:
    """End a session at once."""
    with terminal.connect() as client:
        terminal.emit(client.delete(f"/sessions/{session}"), output)


@session_app.command("revoke-others")
def revoke_others(person: PersonOption = None, output: OutputOption = terminal.Output.table) -> None:
    """End all sessions but the one that this command is sent with."""
    with terminal.connect() as client:
        terminal.emit(client.delete("/sessions", person=person), output, _SESSIONS)


@session_app.command("end")
def end(output: OutputOption = terminal.Output.table) -> None:
    """Sign out: end the session that this command is sent with."""
    with terminal.connect() as client:
        terminal.emit(client.delete("/sessions/current"), output)
