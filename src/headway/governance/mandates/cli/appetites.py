"""``headway appetite``: limits of the organisation, how far they are used, and what is at stake in use cases."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.money import Money
from headway.kernel.terminal import OutputOption

appetite_app = typer.Typer(help="Keep the organisation's risk appetite.", no_args_is_help=True)

Counts = list[str] | None
_LISTED = ("version", "state", "limits", "adopted_by", "confirmed_by", "confirmed_at", "digest", "reason")


@appetite_app.command("list")
def list_appetites(output: OutputOption = terminal.Output.table) -> None:
    """List every version, newest first."""
    with terminal.connect() as client:
        terminal.emit(client.get("/appetites"), output, _LISTED)


@appetite_app.command("use")
def show_use(output: OutputOption = terminal.Output.table) -> None:
    """Say how far each limit in force is used, with the use cases behind it."""
    with terminal.connect() as client:
        found = client.get("/appetites/use")
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    rows = [
        {
            "limit": f"{one['limit']['kind']} {one['limit']['scope']}".strip(),
            "used": one["used"],
            "most": one["limit"]["most"],
            "is_passed": one["is_passed"],
            "usecases": ", ".join(entry["usecase"] for entry in one["entries"]),
        }
        for one in found["items"]
    ]
    terminal.emit({"items": rows, "next": None}, output, ("limit", "used", "most", "is_passed", "usecases"))


@appetite_app.command("adopt")
def adopt_appetite(
    *,
    reason: Annotated[str, typer.Option(help="Why these limits; kept in your name.", show_default=False)],
    tier: Annotated[Counts, typer.Option(help="TIER=COUNT, most live at once, as high=2; 0 is none.")] = None,
    department: Annotated[Counts, typer.Option(help="DEPARTMENT=COUNT, most live at once, with all below.")] = None,
    people: Annotated[int | None, typer.Option(help="Most people that a use case may affect.")] = None,
    money: Annotated[str | None, typer.Option(help="Most money at risk in a use case, as '500000 EUR'.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Adopt a version with all limits that shall hold; a sponsor confirms it."""
    limits: list[dict[str, Any]] = [_count("tier", one) for one in tier or ()]
    limits += [_count("department", one) for one in department or ()]
    if people is not None:
        limits.append({"kind": "people", "most": people})
    if money is not None:
        amount = Money.parse(money)
        limits.append({"kind": "money", "most": amount.minor, "currency": amount.currency})
    with terminal.connect() as client:
        made = client.post("/appetites", json={"limits": limits, "reason": reason})
    if output is terminal.Output.table:
        terminal.say(
            f"adopted; a sponsor confirms it: headway appetite confirm {made['version']} --digest {made['digest']}"
        )
    _show(made, output)


@appetite_app.command("confirm")
def confirm_appetite(
    version: Annotated[int, typer.Argument(help="Number of the version.", show_default=False)],
    *,
    digest: Annotated[str, typer.Option(help="Digest of what you read ('appetite list').", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Put a version in force as a sponsor."""
    with terminal.connect() as client:
        _show(client.post(f"/appetites/{version}/confirm", json={"digest": digest}), output)


@appetite_app.command("estimate")
def estimate_stakes(
    usecase: Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)],
    *,
    people: Annotated[int | None, typer.Option(min=0, help="How many people it affects.")] = None,
    money: Annotated[str | None, typer.Option(help="What a year of wrong answers could cost, as '120000 EUR'.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Estimate what is at stake in a use case; limits on people and money ask for it."""
    amount = Money.parse(money) if money is not None else None
    body = {
        "people": people,
        "money_minor": amount.minor if amount else None,
        "currency": amount.currency if amount else None,
    }
    with terminal.connect() as client:
        terminal.emit(client.put(f"/usecases/{usecase}/stakes", json=body), output)


def _count(kind: str, text: str) -> dict[str, Any]:
    scope, _, most = text.partition("=")
    if not scope or not most.isdecimal():
        raise typer.BadParameter(f"write NAME=COUNT, not {text!r}")
    return {"kind": kind, "scope": scope, "most": int(most)}


def _show(found: dict[str, Any], output: terminal.Output) -> None:
    terminal.emit(found if output is terminal.Output.json else {name: found[name] for name in _LISTED}, output)
