"""``headway token``: API tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from headway.identity.cli.options import Cursor, DepartmentOption, Limit, emit_secret
from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

token_app = typer.Typer(help="Make and revoke API tokens.", no_args_is_help=True)

_TOKENS = ("id", "prefix", "name", "owner", "scopes", "expires_at", "revoked_at", "last_used_at")


@token_app.command("list")
def list_tokens(
    owner: Annotated[str | None, typer.Option(help="Tokens of person:ID or service:NAME; none: your own.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List tokens; secrets are not shown again."""
    with terminal.connect() as client:
        terminal.emit(client.get("/tokens", owner=owner, limit=limit, cursor=cursor), output, _TOKENS)


@token_app.command("create")
def create_token(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    *,
    service: Annotated[str | None, typer.Option(help="Make it for this service instead of yourself.")] = None,
    department: DepartmentOption = None,
    scope: Annotated[list[str] | None, typer.Option(help="Allow only this: run:train, run:*. Repeatable.")] = None,
    expires: Annotated[datetime | None, typer.Option(help="When it ends, UTC.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Make a token; its secret is shown this once."""
    body = {
        "name": name,
        "service": service,
        "department": department,
        "scopes": scope or None,
        "expires_at": None if expires is None else f"{expires.isoformat()}Z",
    }
    with terminal.connect() as client:
        emit_secret(client.post("/tokens", body), output)


@token_app.command("revoke")
def revoke_token(
    token: Annotated[str, typer.Argument(metavar="ID", help="Id of the token, tok_...")],
    output: OutputOption = terminal.Output.table,
) -> None:
    """End a token at once."""
    with terminal.connect() as client:
        terminal.emit(client.delete(f"/tokens/{token}"), output)


@token_app.command("sign-in")
def sign_in(
    email: Annotated[str, typer.Option(prompt=True, help="Mail address.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Sign in with mail address and password; prints a session's token."""
    with terminal.connect() as client:
        emit_secret(client.post("/sessions", {"email": email, "password": password}), output)
