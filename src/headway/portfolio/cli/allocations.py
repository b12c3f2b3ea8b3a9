"""``headway allocation``: what use cases ask for, and who is given it, at the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.errors import Invalid
from headway.kernel.money import Money
from headway.kernel.terminal import OutputOption

app = typer.Typer(help="Ask for means, and give them where they bring most.", no_args_is_help=True)

UseCase = Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)]
RoundId = Annotated[str, typer.Argument(metavar="ALLOCATION", help="Id of the round, alo_...", show_default=False)]
Chosen = Annotated[
    list[str] | None, typer.Option("--choose", help="A use case that is given what it asks for; repeat it.")
]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], show_default=False)]
_ASKED = (
    "id",
    "budget",
    "compute_hours",
    "people",
    "months",
    "value",
    "value_source",
    "is_must",
    "requested_by",
    "requested_at",
)
_ROUNDS = ("id", "title", "state", "starts", "ends", "usecases", "best_value", "chosen_value", "cost_of_difference")
_NEEDS = ("usecase", "department", "budget", "compute_hours", "people", "value", "best", "chosen", "reason")
_CEILINGS = ("kind", "scope", "most", "live", "room", "usecases", "unknown")
_BREACHES = ("limit", "department", "tier", "allowed", "asked", "usecases")


@app.command("ask")
def request_resources(
    *,
    usecase: UseCase,
    budget: Annotated[str, typer.Option(help="Money, as '120000 EUR'.", show_default=False)],
    reason: Annotated[str, typer.Option(help="What the means are for.", show_default=False)],
    value: Annotated[
        str | None, typer.Option(help="What it is expected to bring, as '300000 EUR'; its newest projection.")
    ] = None,
    compute_hours: Annotated[int, typer.Option(help="Hours of computing.")] = 0,
    people: Annotated[float, typer.Option(help="Full-time equivalents.")] = 0.0,
    months: Annotated[int, typer.Option(help="For how many months.")] = 12,
    risk: Annotated[
        str | None, typer.Option(help="Yearly loss that stays, as '5000 EUR'; default: by the risk register.")
    ] = None,
    must: Annotated[bool, typer.Option("--must", help="The law or a promise demands it.")] = False,
    requires: Annotated[list[str] | None, typer.Option(help="A use case without which it cannot be done.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Ask for budget, compute and people for a use case; what it asked before stays to be read."""
    body = {
        "budget": budget, "value": value, "reason": reason, "compute_hours": compute_hours, "people": people,
        "months": months, "risk": risk, "is_must": must, "requires": requires or [],
    }  # fmt: skip
    with terminal.connect() as client:
        made = client.post(f"/usecases/{usecase}/resources", body)
    terminal.show(made, output, _asked)


@app.command("asked")
def list_requests(usecase: UseCase, output: OutputOption = terminal.Output.table) -> None:
    """List what a use case asked for; the first line counts."""
    with terminal.connect() as client:
        found = client.get(f"/usecases/{usecase}/resources")
    if output is terminal.Output.table:
        found["items"] = [_asked(one) for one in found["items"]]
    terminal.emit(found, output, _ASKED)


@app.command("list")
def list_allocations(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List rounds, newest first."""
    with terminal.connect() as client:
        found = client.get("/allocations", limit=limit, cursor=cursor)
    if output is terminal.Output.table:
        found["items"] = [_round(one) for one in found["items"]]
    terminal.emit(found, output, _ROUNDS)


@app.command("draft")
def draft_allocation(
    *,
    title: Annotated[str, typer.Option(help="What the round is called.", show_default=False)],
    starts: Day,
    ends: Day,
    currency: Annotated[str, typer.Option(help="Currency of the round.")] = "EUR",
    budget: Annotated[str | None, typer.Option(help="Money there is, as '500000 EUR'.")] = None,
    compute_hours: Annotated[int | None, typer.Option(help="Hours of computing there are.")] = None,
    people: Annotated[float | None, typer.Option(help="Full-time equivalents there are.")] = None,
    risk: Annotated[str | None, typer.Option(help="Most expected yearly loss, as '50000 EUR'.")] = None,
    department_budget: Annotated[
        list[str] | None, typer.Option(help="Of one department, as 'sales=200000 EUR'; may be repeated.")
    ] = None,
    most_for_one: Annotated[int | None, typer.Option(help="Most use cases for one department.")] = None,
    usecase: Annotated[
        list[str] | None, typer.Option(help="Only this one; may be repeated. All that asked by itself.")
    ] = None,
    at_most_one: Annotated[
        list[str] | None, typer.Option(help="At most one of these, as 'a,b'; may be repeated.")
    ] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Draft a round: the best choice under the limits is worked out and kept with what was asked."""
    limits = {
        "budget": budget, "compute_hours": compute_hours, "people": people, "risk": risk,
        "department_budget": dict(map(_part, department_budget)) if department_budget else None,
        "most_for_one_department": most_for_one,
    }  # fmt: skip
    body = {
        "title": title, "starts": starts.date().isoformat(), "ends": ends.date().isoformat(), "currency": currency,
        "limits": limits, "usecases": usecase or [], "at_most_one": [one.split(",") for one in at_most_one or []],
    }  # fmt: skip
    with terminal.connect() as client:
        _tell(client.post("/allocations", body), output)


def _part(text: str) -> tuple[str, str]:
    name, sign, amount = text.partition("=")
    if not sign:
        raise Invalid(f"{text!r} names no amount", hint="write for example sales=200000 EUR")
    return name.strip(), amount.strip()


@app.command("show")
def show_allocation(allocation: RoundId, output: OutputOption = terminal.Output.table) -> None:
    """Show a round: what was asked, the best choice, and what people chose."""
    with terminal.connect() as client:
        _tell(client.get(f"/allocations/{allocation}"), output)


@app.command("compare")
def compare_choice(allocation: RoundId, choose: Chosen = None, output: OutputOption = terminal.Output.table) -> None:
    """Tell what another choice would take, bring and cost against the best one; nothing is kept."""
    with terminal.connect() as client:
        _tell(client.post(f"/allocations/{allocation}/compare", {"chosen": choose or []}), output)


@app.command("decide")
def decide_allocation(
    *,
    allocation: RoundId,
    choose: Chosen = None,
    best: Annotated[bool, typer.Option("--best", help="Decide as the best choice has it.")] = False,
    reason: Annotated[
        list[str] | None,
        typer.Option(help="Why one is decided otherwise than the best choice has it, as 'name=reason'."),
    ] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Decide a round that somebody else drafted; each difference from the best choice needs a reason."""
    reasons = dict(map(_part, reason or []))
    with terminal.connect() as client:
        chosen = client.get(f"/allocations/{allocation}")["best"]["chosen"] if best else choose or []
        made = client.post(f"/allocations/{allocation}/decide", {"chosen": chosen, "reasons": reasons})
    _tell(made, output)


def _asked(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **one,
        **{name: str(Money(one[name], one["currency"])) for name in ("budget", "value")},
        "people": one["people"] / 100,
    }


def _round(one: dict[str, Any]) -> dict[str, Any]:
    def money(minor: int | None) -> str | None:
        return None if minor is None else str(Money(minor, one["currency"]))

    return {
        **one,
        "usecases": len(one["needs"]),
        "best_value": money(one["best"]["used"]["value"]),
        "chosen_value": money(one["choice"]["used"]["value"]) if one["choice"] else None,
        "cost_of_difference": money(one["cost_of_difference"]),
    }


def _ceiling(one: dict[str, Any]) -> dict[str, Any]:
    is_counted = one["kind"] in ("tier", "department")
    return {
        **one,
        "most": str(Money(one["most"], one["currency"])) if one["currency"] else one["most"],
        **({} if is_counted else {"live": None, "room": None}),
    }


def _tell(found: dict[str, Any], output: terminal.Output) -> None:
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit({name: one for name, one in _round(found).items() if name in _ROUNDS}, output)
    reasons = {one["usecase"]: one["reason"] for one in found["differences"]}
    best = set(found["best"]["chosen"])
    chosen = set(found["choice"]["chosen"]) if found["choice"] else None
    rows = [
        {
            **_asked({**one, "currency": found["currency"]}),
            "best": one["usecase"] in best,
            "chosen": None if chosen is None else one["usecase"] in chosen,
            "reason": reasons.get(one["usecase"]),
        }
        for one in found["needs"]
    ]
    terminal.emit(rows, output, _NEEDS)
    if held := found["limits"]["appetite"]:
        terminal.say(f"from the risk appetite, version {held['version']}:")
        terminal.emit([_ceiling(one) for one in held["ceilings"]], output, _CEILINGS)
    for one in found["overlaps"]:
        terminal.say(f"overlap: {one['usecase']} and {one['other']}: {one['why']}")
    if found["choice"] and found["choice"]["breaches"]:
        terminal.emit(found["choice"]["breaches"], output, _BREACHES)
