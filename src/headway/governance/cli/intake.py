"""``headway usecase similar | join | relations`` and ``headway umbrella``: what is there already, and who uses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from headway.governance.cli.usecases import Product, Slug, usecase_app
from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

umbrella_app = typer.Typer(help="Keep patterns of low risk under which people register.", no_args_is_help=True)

UmbrellaId = Annotated[str, typer.Argument(metavar="UMBRELLA", help="Id of the umbrella.", show_default=False)]
WhatFor = Annotated[str, typer.Option("--for", help="What you want it for.", show_default=False)]
Department = Annotated[str, typer.Option(help="Department that uses it.", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why.", show_default=False)]
_LISTED = ("id", "title", "state", "tier", "valid_until", "registrations")


@usecase_app.command("similar")
def find_similar(
    *,
    title: Annotated[str, typer.Option(help="What people would call it.")] = "",
    purpose: Annotated[str | None, typer.Option(help="What it would be for.")] = None,
    department: Annotated[str | None, typer.Option(help="Department it would belong to.")] = None,
    solution: Annotated[str | None, typer.Option(help="Solution it would use.")] = None,
    product: Product = None,
    usecase: Annotated[str | None, typer.Option(help="Instead: an entry that is there.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show which entries are like a proposal, and why; nothing is stored."""
    body = {
        "title": title,
        "purpose": purpose,
        "department": department,
        "solution": solution,
        "products": product or [],
        "usecase": usecase,
    }
    with terminal.connect() as client:
        found = client.post("/usecases/similar", json=body)
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit([_alike(one) for one in found["items"]], output, ("slug", "title", "department", "like", "why"))


def _alike(one: Mapping[str, Any]) -> dict[str, object]:
    kind = "retired" if one["is_retired"] else "umbrella" if one["umbrella"] else "twin" if one["is_twin"] else "like"
    why: Iterable[str] = (*one["words"][:6], *one["data"])
    told = f"{kind} {one['score']:.2f}"
    return {**{n: one[n] for n in ("slug", "title", "department")}, "like": told, "why": ", ".join(why)}


@usecase_app.command("join")
def join_usecase(
    *, slug: Slug, department: Department, what_for: WhatFor, output: OutputOption = terminal.Output.table
) -> None:
    """Join a use case as its user, instead of opening one like it; its owner is told."""
    with terminal.connect() as client:
        made = client.post(f"/usecases/{slug}/join", json={"department": department, "what_for": what_for})
    terminal.emit(made, output)


@usecase_app.command("relations")
def show_relations(slug: Slug, output: OutputOption = terminal.Output.table) -> None:
    """Show who joined a use case, and which entries it was said to differ from."""
    with terminal.connect() as client:
        found = client.get(f"/usecases/{slug}/relations")
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit(found["joins"], output, ("department", "person", "what_for", "joined_at"))
    terminal.emit(found["distinctions"], output, ("usecase", "other", "reason", "said_by"))


# --- umbrellas ---------------------------------------------------------------------------------------------------


@umbrella_app.command("list")
def list_umbrellas(
    usecase: Annotated[str | None, typer.Option(help="Only of this use case.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List umbrellas, newest first."""
    with terminal.connect() as client:
        terminal.emit(client.get("/umbrellas", usecase=usecase), output, _LISTED)


@umbrella_app.command("show")
def show_umbrella(umbrella: UmbrellaId, output: OutputOption = terminal.Output.table) -> None:
    """Show an umbrella: its conditions, until when, how many registered."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/umbrellas/{umbrella}"), output)


@umbrella_app.command("ask")
def ask_umbrella(
    *,
    slug: Slug,
    conditions: Annotated[str, typer.Option(help="Under which conditions people may register.")],
    until: Annotated[str, typer.Option(help="Last day, 365 days from now at most: 2027-06-30.")],
    tier: Annotated[str, typer.Option(help="Highest tier it allows: minimal or transparency.")] = "minimal",
    output: OutputOption = terminal.Output.table,
) -> None:
    """Ask that a use case stands as a pattern for others; a second person approves it."""
    body = {"conditions": conditions, "tier": tier, "valid_until": until}
    with terminal.connect() as client:
        terminal.emit(client.post(f"/usecases/{slug}/umbrella", json=body), output)


@umbrella_app.command("approve")
def approve_umbrella(umbrella: UmbrellaId, output: OutputOption = terminal.Output.table) -> None:
    """Put an umbrella in force. Refused to whoever asked for it."""
    with terminal.connect() as client:
        terminal.emit(client.post(f"/umbrellas/{umbrella}/approve"), output)


@umbrella_app.command("end")
def end_umbrella(umbrella: UmbrellaId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """End an umbrella, or turn down one that is asked for; what is registered under it lapses."""
    with terminal.connect() as client:
        terminal.emit(client.post(f"/umbrellas/{umbrella}/end", json={"reason": reason}), output)


@umbrella_app.command("register")
def register_use(
    *, umbrella: UmbrellaId, department: Department, what_for: WhatFor, output: OutputOption = terminal.Output.table
) -> None:
    """Register under an umbrella in force, instead of opening a use case."""
    body = {"department": department, "what_for": what_for}
    with terminal.connect() as client:
        terminal.emit(client.post(f"/umbrellas/{umbrella}/registrations", json=body), output)


@umbrella_app.command("registrations")
def list_registrations(umbrella: UmbrellaId, output: OutputOption = terminal.Output.table) -> None:
    """List who registered under an umbrella."""
    with terminal.connect() as client:
        found = client.get(f"/umbrellas/{umbrella}/registrations")
    terminal.emit(found, output, ("department", "person", "what_for", "registered_at", "is_lapsed"))
