"""``headway person``: who there is."""

from __future__ import annotations

from typing import Annotated

import typer

from headway.identity.cli.options import Cursor, Limit, PersonId, emit_secret
from headway.kernel import sending, terminal
from headway.kernel.terminal import OutputOption

person_app = typer.Typer(help="Keep people and their accounts.", no_args_is_help=True)

_PEOPLE = ("id", "name", "email", "is_active", "has_account")


@person_app.command("list")
def list_people(limit: Limit = 50, cursor: Cursor = None, output: OutputOption = terminal.Output.table) -> None:
    """List people."""
    with terminal.connect() as client:
        terminal.emit(client.get("/people", limit=limit, cursor=cursor), output, _PEOPLE)


@person_app.command("import")
def import_people(
    file: sending.FileArgument, apply: sending.ApplyOption = False, output: OutputOption = terminal.Output.table
) -> None:
    """Show what a table of people, roles and departments would change; with --apply, change it: every row or none."""
    sending.send("/people/imports", file, apply=apply, output=output)


@person_app.command("export")
def export_people(
    to: sending.TargetOption,
    language: Annotated[str, typer.Option(help="Language of the headers: en or de.")] = "en",
) -> None:
    """Write people with their roles, and departments, into a workbook (or people alone into CSV) to be imported."""
    sending.fetch("/people/export", to, language=language)


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
        emit_secret(client.post("/sessions/join", {"code": code, "password": password}), output)


@person_app.command("link")
def make_link(
    person: Annotated[str, typer.Argument(metavar="EMAIL", help="Mail address or id of the person.")],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Make a link with which a person signs in once, within 15 minutes, without a password."""
    with terminal.connect() as client:
        made = client.post(f"/people/{person}/link")
    if output is terminal.Output.json:
        terminal.emit(made, output)
        return
    terminal.emit({"person": made["person"]["name"], "link": made["url"], "expires_at": made["expires_at"]}, output)
    terminal.say("whoever has the link is this person for the system: hand it to nobody else")


@person_app.command("password")
def change_password(
    old: Annotated[str, typer.Option(prompt="Password of now", hide_input=True)],
    new: Annotated[str, typer.Option(prompt="New password", hide_input=True, confirmation_prompt=True)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Change your own password; your other sessions end."""
    with terminal.connect() as client:
        terminal.emit(client.post("/people/me/password", {"old_password": old, "new_password": new}), output)


@person_app.command("deactivate")
def deactivate_person(person: PersonId, output: OutputOption = terminal.Output.table) -> None:
    """Close a person's account and revoke their tokens."""
    with terminal.connect() as client:
        terminal.emit(client.post(f"/people/{person}/deactivate"), output)


@person_app.command("access")
def show_access(
    person: PersonId,
    *,
    department: Annotated[str | None, typer.Option(help="Only in this department.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show what a person may do in each department, by which rule, and the role that gives it."""
    with terminal.connect() as client:
        found = client.get(f"/people/{person}/access")
    places = [place for place in found["departments"] if department in (None, place["department"])]
    if output is terminal.Output.json:
        terminal.emit({**found, "departments": places}, output)
        return
    rows = [{"department": place["department"], **action} for place in places for action in place["actions"]]
    terminal.emit(rows, output, ("department", "action", "situation", "rule", "role"))


@person_app.command("whoami")
def whoami(output: OutputOption = terminal.Output.table) -> None:
    """Tell who the commands given here act as."""
    with terminal.connect() as client:
        terminal.emit(client.get("/whoami"), output)


def _emit_invitation(invitation: dict[str, object], output: terminal.Output) -> None:
    if output is terminal.Output.json:
        terminal.emit(invitation, output)
        return
    person = invitation["person"]
    shown = dict(person) if isinstance(person, dict) else {}
    terminal.emit({**shown, "code": invitation["code"], "expires_at": invitation["expires_at"]}, output)
    terminal.say("give the code to the person: 'headway person join CODE' sets their password, once")
