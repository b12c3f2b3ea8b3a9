"""``headway provider``: identity providers that people sign in with."""

from __future__ import annotations

from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.errors import Invalid
from headway.kernel.terminal import OutputOption

provider_app = typer.Typer(help="Keep identity providers (OpenID Connect).", no_args_is_help=True)

ProviderId = Annotated[str, typer.Argument(metavar="ID", help="Id of the provider.")]
_PROVIDERS = ("id", "label", "issuer", "client_id", "creates_people", "trusts_mail", "source")
_CHECKS = ("name", "is_good", "message")


@provider_app.command("list")
def list_providers(output: OutputOption = terminal.Output.table) -> None:
    """List identity providers."""
    with terminal.connect() as client:
        terminal.emit(client.get("/identity-providers"), output, _PROVIDERS)


@provider_app.command("show")
def show_provider(provider: ProviderId, output: OutputOption = terminal.Output.table) -> None:
    """Show an identity provider."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/identity-providers/{provider}"), output)


@provider_app.command("add")
def add_provider(
    provider: ProviderId,
    *,
    label: Annotated[str, typer.Option(help="What people read on the button.")],
    issuer: Annotated[str, typer.Option(help="Address of the issuer, exactly as the provider publishes it.")],
    client_id: Annotated[str, typer.Option(help="Id of Headway there.")],
    secret_name: Annotated[
        str | None, typer.Option(help="Where the client secret is: env:HEADWAY_SECRET_NAME or file:NAME.")
    ] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Scope to ask for. Repeatable.")] = None,
    groups_claim: Annotated[str, typer.Option(help="Claim that holds the groups, for example realm_access.roles.")] = (
        "groups"
    ),
    group: Annotated[list[str] | None, typer.Option(help="GROUP=ROLE or GROUP=ROLE@DEPARTMENT. Repeatable.")] = None,
    creates_people: Annotated[bool, typer.Option(help="Make an account for whoever signs in first.")] = False,
    domain: Annotated[list[str] | None, typer.Option(help="Let in only addresses of this domain. Repeatable.")] = None,
    trusts_mail: Annotated[bool, typer.Option(help="A verified address there is the person who has it here.")] = False,
    replace: Annotated[bool, typer.Option(help="Change the provider that has this id.")] = False,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Add an identity provider, or change one with --replace."""
    body: dict[str, object] = {
        "label": label,
        "issuer": issuer,
        "client_id": client_id,
        "secret_name": secret_name,
        "scopes": scope or ["openid", "profile", "email"],
        "groups_claim": groups_claim,
        "group_roles": [_group_role(text) for text in group or []],
        "creates_people": creates_people,
        "mail_domains": domain or [],
        "trusts_mail": trusts_mail,
    }
    with terminal.connect() as client:
        if replace:
            terminal.emit(client.put(f"/identity-providers/{provider}", body), output)
        else:
            terminal.emit(client.post("/identity-providers", {"id": provider, **body}), output)


@provider_app.command("remove")
def remove_provider(provider: ProviderId, output: OutputOption = terminal.Output.table) -> None:
    """Remove an identity provider, the roles it gave and the sessions opened with it."""
    with terminal.connect() as client:
        terminal.emit(client.delete(f"/identity-providers/{provider}"), output)


@provider_app.command("test")
def try_provider(provider: ProviderId, output: OutputOption = terminal.Output.table) -> None:
    """Look at what a sign-in needs, without signing in; ends with 6 when something is missing."""
    with terminal.connect() as client:
        found = client.post(f"/identity-providers/{provider}/test")
    terminal.emit(found, output, _CHECKS)
    if not all(check["is_good"] for check in found["items"]):
        raise typer.Exit(6)


def _group_role(text: str) -> dict[str, str | None]:
    group, equals, rest = text.rpartition("=")
    role, _, department = rest.partition("@")
    if not equals or not group or not role:
        raise Invalid(f"{text!r} is no group with a role", hint="write GROUP=ROLE or GROUP=ROLE@DEPARTMENT")
    return {"group": group, "role": role, "department": department or None}
