"""``headway department | person | role | token``: who there is and what they may."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

department_app = typer.Typer(help="Keep the tree of departments.", no_args_is_help=True)
person_app = typer.Typer(help="Keep people and their accounts.", no_args_is_help=True)
role_app = typer.Typer(help="Grant and take back roles.", no_args_is_help=True)
token_app = typer.Typer(help="Make and revoke API tokens.", no_args_is_help=True)

Cursor = Annotated[str | None, typer.Option(help="Go on where the page before ended.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many.")]
DepartmentOption = Annotated[str | None, typer.Option("--department", help="Department; none: the whole organisation.")]
PersonId = Annotated[str, typer.Argument(metavar="PERSON", help="Id of the person.")]
_PEOPLE = ("id", "name", "email", "is_active", "has_account")
_ROLES = ("id", "principal", "role", "department", "granted_by", "granted_at")
_TOKENS = ("id", "prefix", "name", "owner", "kind", "scopes", "expires_at", "revoked_at", "last_used_at")


@department_app.command("list")
def list_departments(output: OutputOption = terminal.Output.table) -> None:
    """List the departments, parents before children."""
    with terminal.connect() as client:
        terminal.emit(client.get("/departments"), output, ("slug", "name", "parent", "region"))


@department_app.command("show")
def show_department(slug: str, output: OutputOption = terminal.Output.table) -> None:
    """Show one department."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/departments/{slug}"), output)


@department_app.command("add")
def add_department(
    slug: str,
    *,
    name: Annotated[str | None, typer.Option(help="Name that people read.")] = None,
    parent: Annotated[str, typer.Option(help="Department above it.")] = "org",
    region: Annotated[str | None, typer.Option(help="Region, taken from the department above when left out.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Add a department below another."""
    body = {"slug": slug, "name": name, "parent": parent, "region": region}
    with terminal.connect() as client:
        terminal.emit(client.post("/departments", body), output)


@department_app.command("update")
def update_department(
    slug: str,
    *,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    region: Annotated[str | None, typer.Option(help="New region.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Change a department's name or region."""
    with terminal.connect() as client:
        terminal.emit(client.patch(f"/departments/{slug}", {"name": name, "region": region}), output)


@person_app.command("list")
def list_people(limit: Limit = 50, cursor: Cursor = None, output: OutputOption = terminal.Output.table) -> None:
    """List people."""
    with terminal.connect() as client:
        terminal.emit(client.get("/people", limit=limit, cursor=cursor), output, _PEOPLE)


@person_app.command("show")
def show_person(person: PersonId, output: OutputOption = terminal.Output.table) -> None:
    """Show one person."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/people/{person}"), output)


@person_app.command("add")
def add_person(
    name: Annotated[str, typer.Option(help="Name.")],
    email: Annotated[str, typer.Option(help="Mail address to sign in with.")],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Add a person; give them the code printed, with which they set a password of their own."""
    with terminal.connect() as client:
        _emit_invitation(client.post("/people", {"name": name, "email": email}), output)


@person_app.command("invite")
def invite_person(person: PersonId, output: OutputOption = terminal.Output.table) -> None:
    """Make a new one-time code, for a person who lost the first or the password."""
    with terminal.connect() as client:
        _emit_invitation(client.post(f"/people/{person}/invite"), output)


@person_app.command("join")
def join(
    code: Annotated[str, typer.Argument(help="The one-time code.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Use a one-time code: set a password and get a session's token."""
    with terminal.connect() as client:
        _emit_secret(client.post("/sessions/join", {"code": code, "password": password}), output)


@person_app.command("deactivate")
def deactivate_person(person: PersonId, output: OutputOption = terminal.Output.table) -> None:
    """Close a person's account and revoke their tokens."""
    with terminal.connect() as client:
        terminal.emit(client.post(f"/people/{person}/deactivate"), output)


@person_app.command("whoami")
def whoami(output: OutputOption = terminal.Output.table) -> None:
    """Tell who the commands given here act as."""
    with terminal.connect() as client:
        terminal.emit(client.get("/whoami"), output)


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
        _emit_secret(client.post("/tokens", body), output)


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
        _emit_secret(client.post("/sessions", {"email": email, "password": password}), output)


def _emit_secret(token: dict[str, object], output: terminal.Output) -> None:
    terminal.emit(token, output)
    terminal.say("keep the secret now: it is not stored and cannot be shown again")


def _emit_invitation(invitation: dict[str, object], output: terminal.Output) -> None:
    if output is terminal.Output.json:
        terminal.emit(invitation, output)
        return
    person = invitation["person"]
    shown = dict(person) if isinstance(person, dict) else {}
    terminal.emit({**shown, "code": invitation["code"], "expires_at": invitation["expires_at"]}, output)
    terminal.say("give the code to the person: 'headway person join CODE' sets their password, once")
