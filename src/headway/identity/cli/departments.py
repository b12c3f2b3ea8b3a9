"""``headway department``: the tree."""

from __future__ import annotations

from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

department_app = typer.Typer(help="Keep the tree of departments.", no_args_is_help=True)


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
