"""``headway risk``: what can go wrong with a use case, at the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.errors import Invalid
from headway.kernel.terminal import OutputOption

app = typer.Typer(
    help="Keep the risk register of a use case, in ranges of events a year and money.", no_args_is_help=True
)
UseCase = Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)]
Id = Annotated[str, typer.Argument(help="Id of the risk.", show_default=False)]
File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="YAML file that tells the risk.", show_default=False)
]
_ENTRIES = (
    "id", "title", "usecase", "department", "tier", "inherent", "residual", "reduction", "treatments", "overdue", "next_due",
)  # fmt: skip
_LISTED = ("id", "title", "inherent", "residual", "p95", "open_treatments", "overdue")


@app.command("list")
def show_register(slug: UseCase, output: OutputOption = terminal.Output.table) -> None:
    """List the risks of a use case with what a year of each costs, and together."""
    with terminal.connect() as client:
        found = client.get(f"/usecases/{slug}/risks")
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit([_line(one) for one in found["risks"]], output, _LISTED)
    if found["residual"]:
        before, after, unit = found["inherent"], found["residual"], found["currency"]
        terminal.say(
            f"together a year: {before['expected']:,.0f} {unit} inherent, {after['expected']:,.0f} residual; "
            f"one year in twenty more than {after['p95']:,.0f}"
        )
    for one in found["overdue"]:
        terminal.say(f"overdue since {one['due_on']}: {one['action']} ({one['owner']})")


@app.command("all")
def find_risks(
    *,
    department: Annotated[str | None, typer.Option(help="Only of this department.")] = None,
    tier: Annotated[str | None, typer.Option(help="Only of use cases of this tier.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only with a treatment of this person, person:..., to do.")] = None,
    harm: Annotated[str | None, typer.Option(help="Only with this harm that is no money.")] = None,
    state: Annotated[str, typer.Option(help="open, closed, or retired: open ones of retired use cases.")] = "open",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only with a treatment that is overdue.")] = False,
    search: Annotated[str, typer.Option(help="Words of the title or the use case.")] = "",
    sort: Annotated[str, typer.Option(help="residual, inherent, reduction, next_due, ...")] = "residual",
    ascending: Annotated[bool, typer.Option("--ascending", help="The smallest first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="How many to leave out first.")] = 0,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List the risks of all use cases that you may read, the costliest first."""
    asked = {"department": department, "tier": tier, "owner": owner, "harm": harm, "state": state}
    asked |= {"search": search, "sort": sort, "overdue": "true" if overdue else None}
    order = {"descending": "false" if ascending else "true", "limit": limit, "offset": offset}
    with terminal.connect() as client:
        found = client.get("/risks", **asked, **order)
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit([_entry(one) for one in found["items"]], output, _ENTRIES)
    for one in found["totals"]:
        terminal.say(
            f"{one['risks']} risks, expected a year: {one['inherent']:,.0f} {one['currency']} inherent, "
            f"{one['residual']:,.0f} residual"
        )
    if found["overdue"]:
        terminal.say(f"treatments overdue: {found['overdue']}")


def _entry(one: dict[str, Any]) -> dict[str, object]:
    money = {name: f"{one[name]:,.0f} {one['currency']}" for name in ("inherent", "residual", "reduction")}
    return {**one, **money}


@app.command("add")
def add_risk(slug: UseCase, file: File, output: OutputOption = terminal.Output.table) -> None:
    """Write a risk down."""
    with terminal.connect() as client:
        _emit(client.post(f"/usecases/{slug}/risks", json=_read(file)), output)


@app.command("estimate")
def estimate_risk(risk: Id, file: File, output: OutputOption = terminal.Output.table) -> None:
    """Estimate a risk anew."""
    with terminal.connect() as client:
        _emit(client.post(f"/risks/{risk}/estimates", json=_read(file)), output)


@app.command("show")
def show_risk(risk: Id, output: OutputOption = terminal.Output.table) -> None:
    """Show a risk and what is done about it."""
    with terminal.connect() as client:
        found = client.get(f"/risks/{risk}")
    _emit(found, output)
    if output is not terminal.Output.json:
        terminal.emit(found["treatments"], output, ("id", "action", "owner", "due_on", "cost", "done_at", "is_overdue"))


@app.command("treat")
def treat_risk(
    *,
    risk: Id,
    action: Annotated[str, typer.Option(help="What is done.", show_default=False)],
    effect: Annotated[str, typer.Option(help="What it is for.", show_default=False)],
    owner: Annotated[str, typer.Option(help="Who does it: name, mail address or reference.", show_default=False)],
    due: Annotated[str, typer.Option(help="Until when, as 2026-12-31.", show_default=False)],
    cost: Annotated[str | None, typer.Option(metavar="MONEY", help="What it costs, as '4000 EUR'.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Say what is done about a risk; its owner has it as a task."""
    body = {"action": action, "effect": effect, "owner": owner, "due_on": due, "cost": cost}
    with terminal.connect() as client:
        _emit(client.post(f"/risks/{risk}/treatments", json=body), output)


@app.command("done")
def finish_treatment(
    treatment: Annotated[str, typer.Argument(help="Id of the treatment.", show_default=False)],
    note: Annotated[str, typer.Option(help="How it was done.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Say that a treatment is done."""
    with terminal.connect() as client:
        _emit(client.post(f"/treatments/{treatment}/done", json={"note": note}), output)


@app.command("close")
def close_risk(
    risk: Id,
    reason: Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Close a risk that is none any more."""
    with terminal.connect() as client:
        _emit(client.post(f"/risks/{risk}/close", json={"reason": reason}), output)


def _read(file: Path) -> dict[str, Any]:
    import yaml

    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Invalid(f"{file} cannot be read: {error}") from error
    if not isinstance(told, dict):
        raise Invalid(f"{file} tells no risk")
    return told


def _emit(found: dict[str, Any], output: terminal.Output) -> None:
    terminal.emit(found if output is terminal.Output.json else _line(found), output)


def _line(one: dict[str, Any]) -> dict[str, object]:
    unit = one["estimate"]["currency"]
    return {
        "id": one["id"],
        "title": one["estimate"]["title"],
        "inherent": f"{one['inherent']['expected']:,.0f} {unit}",
        "residual": f"{one['residual']['expected']:,.0f} {unit}",
        "p95": f"{one['residual']['p95']:,.0f} {unit}",
        "open_treatments": sum(each["done_at"] is None for each in one["treatments"]),
        "overdue": sum(each["is_overdue"] for each in one["treatments"]),
    }
