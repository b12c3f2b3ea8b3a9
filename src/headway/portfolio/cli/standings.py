"""``headway standing``: where use cases stand on their way, and what keeps them there, at the terminal."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

app = typer.Typer(help="See where use cases stand and what blocks them.", no_args_is_help=True)

Department = Annotated[str | None, typer.Option(help="Only of this department.")]
Search = Annotated[str, typer.Option(help="Words of the title, purpose or people.")]
Tiers = Annotated[list[str] | None, typer.Option(help="Legal tier; may be repeated.")]
_LISTED = ("usecase", "title", "department", "stage", "tier", "blocked_by")


@app.command("list")
def list_standings(
    *,
    department: Department = None,
    stage: Annotated[
        list[str] | None, typer.Option(help="proposed, pilot, approval, live or retired; may be repeated.")
    ] = None,
    blocked: Annotated[
        list[str] | None, typer.Option(help="approval, gate, suspended or missing; may be repeated.")
    ] = None,
    tier: Tiers = None,
    search: Search = "",
    sort: Annotated[str, typer.Option(help="Column to sort by; a minus before it turns the order.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="How many to leave out at the start.")] = 0,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List use cases with their stage and what keeps them there."""
    with terminal.connect() as client:
        found = client.get(
            "/standings",
            department=department,
            stage=stage,
            blocked=blocked,
            tier=tier,
            search=search,
            sort=sort,
            limit=limit,
            offset=offset,
        )
    if output is terminal.Output.table:
        found["items"] = [_line(one) for one in found["items"]]
    terminal.emit(found, output, _LISTED)


@app.command("counts")
def count_stages(
    *,
    department: Department = None,
    search: Search = "",
    tier: Tiers = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Count use cases by stage."""
    with terminal.connect() as client:
        terminal.emit(client.get("/standings/counts", department=department, search=search, tier=tier), output)


@app.command("show")
def show_standing(
    slug: Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show the stage of a use case and what keeps it there."""
    with terminal.connect() as client:
        found = client.get(f"/usecases/{slug}/standing")
    terminal.emit(found if output is terminal.Output.json else _line(found), output)


@app.command("pitfalls")
def list_pitfalls(
    slug: Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """List what makes pilots stall and shows in the facts about a use case; exit code 0 also where there is some."""
    with terminal.connect() as client:
        found = client.get(f"/usecases/{slug}/pitfalls")
    terminal.emit(found, output, ("severity", "kind", "found", "todo", "since"))


def _line(found: dict[str, Any]) -> dict[str, Any]:
    """A standing as one line of a table."""
    usecase = found["usecase"]
    words = [
        f"{one['kind']} ({one['count']})"
        if one["kind"] == "missing"
        else " ".join(filter(None, (one["kind"], one["ref"])))
        for one in found["blockers"]
    ]
    return {
        "usecase": usecase["slug"],
        "title": usecase["title"],
        "department": usecase["department"],
        "stage": found["stage"],
        "tier": usecase["tier"],
        "blocked_by": ", ".join(words) or "nothing",
    }
