"""``headway role``: who may what, and why not."""

from __future__ import annotations

from typing import Annotated

import typer

from headway.identity.cli.options import Cursor, DepartmentOption, Limit
from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

role_app = typer.Typer(help="Grant and take back roles.", no_args_is_help=True)

_ROLES = ("id", "principal", "role", "department", "granted_by", "granted_at")


@role_app.command("list")
def list_roles(
    *,
    principal: Annotated[str | None, typer.Option(help="Only of person:ID or service:NAME.")] = None,
    role: Annotated[str | None, typer.Option(help="Only this role.")] = None,
    department: DepartmentOption = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List who holds which role where."""
    wanted = {"principal": principal, "role": role, "department": department, "limit": limit, "cursor": cursor}
    with terminal.connect() as client:
        terminal.emit(client.get("/roles", **wanted), output, _ROLES)


@role_app.command("grant")
def grant_role(
    principal: Annotated[str, typer.Argument(help="person:ID or service:NAME.")],
    role: Annotated[str, typer.Argument(help="ai_office, sponsor, council, department_head, data_owner, ...")],
    department: DepartmentOption = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Give a role in a department and all below it."""
    body = {"principal": principal, "role": role, "department": department}
    with terminal.connect() as client:
        terminal.emit(client.post("/roles", body), output)


@role_app.command("revoke")
def revoke_role(
    role_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the role held, from 'headway role list'.")],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Take a role back."""
    with terminal.connect() as client:
        terminal.emit(client.delete(f"/roles/{role_id}"), output)


@role_app.command("explain")
def explain(
    action: Annotated[str, typer.Argument(help="What somebody wants to do, for example run:train.")],
    *,
    department: DepartmentOption = None,
    environment: Annotated[str | None, typer.Option(help="sandbox, pilot or production.")] = None,
    requested_by: Annotated[str | None, typer.Option(help="Who asked for the release to approve.")] = None,
    principal: Annotated[str | None, typer.Option(help="Somebody else: person:ID or service:NAME.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Explain why one may or may not do an action, by which rule, and how to get access."""
    asked = {
        "action": action,
        "department": department,
        "environment": environment,
        "requested_by": requested_by,
        "principal": principal,
    }
    with terminal.connect() as client:
        terminal.emit(client.get("/permissions/explain", **asked), output)
