"""``headway view``: saved views of pages."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

view_app = typer.Typer(help="Keep, share and pin views of pages.", no_args_is_help=True)

ViewId = Annotated[str, typer.Argument(help="Id of the view, viw_...", show_default=False)]
_LISTED = ("id", "name", "page", "query", "owner_name", "sharing", "position", "is_default")


class Shared(StrEnum):
    """With whom a view is shared."""

    nobody = "nobody"
    department = "department"
    everybody = "everybody"


Sharing = Annotated[Shared | None, typer.Option("--share", help="With whom.")]
Department = Annotated[str | None, typer.Option(help="The department it is shared with.")]


@view_app.command("list")
def list_views(
    page: Annotated[str | None, typer.Option(help="Only of this page, as /usecases.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List your views and those shared with you, pinned ones first."""
    with terminal.connect() as client:
        terminal.emit(client.get("/views", page=page), output, _LISTED)


@view_app.command("save")
def save_view(
    *,
    name: Annotated[str, typer.Argument(help="What you call it.", show_default=False)],
    page: Annotated[str, typer.Argument(help="Path of the page, as /usecases.", show_default=False)],
    query: Annotated[str, typer.Option(help="Query string, as department=sales&sort=-updated_at.")] = "",
    share: Sharing = None,
    department: Department = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Save a view."""
    sharing = (share or Shared.nobody).value
    body = {"name": name, "page": page, "query": query, "sharing": sharing, "department": department}
    with terminal.connect() as client:
        terminal.emit(client.post("/views", json=body), output)


@view_app.command("change")
def change_view(
    *,
    view_id: ViewId,
    name: Annotated[str | None, typer.Option(help="What you call it.")] = None,
    query: Annotated[str | None, typer.Option(help="Query string.")] = None,
    share: Sharing = None,
    department: Department = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Change a view of yours; what you leave out stays."""
    said = {"name": name, "query": query, "sharing": share.value if share else None, "department": department}
    body = {field: value for field, value in said.items() if value is not None}
    with terminal.connect() as client:
        terminal.emit(client.patch(f"/views/{view_id}", json=body), output)


@view_app.command("remove")
def remove_view(view_id: ViewId, output: OutputOption = terminal.Output.table) -> None:
    """Remove a view of yours."""
    with terminal.connect() as client:
        terminal.emit(client.delete(f"/views/{view_id}"), output)


def _use(view_id: str, body: dict[str, object], output: terminal.Output) -> None:
    with terminal.connect() as client:
        terminal.emit(client.put(f"/views/{view_id}/use", json=body), output)


@view_app.command("pin")
def pin_view(
    view_id: ViewId,
    position: Annotated[int | None, typer.Option(min=1, help="Place among your pins; by default the last.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Pin a view."""
    _use(view_id, {"pinned": True, "position": position}, output)


@view_app.command("unpin")
def unpin_view(view_id: ViewId, output: OutputOption = terminal.Output.table) -> None:
    """Take a view out of your pins."""
    _use(view_id, {"pinned": False}, output)


@view_app.command("default")
def set_default(
    view_id: ViewId,
    off: Annotated[bool, typer.Option("--off", help="Open its page without it again.")] = False,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Let a page open with this view, for you."""
    _use(view_id, {"default": not off}, output)
