"""``headway benefit project``: what a use case is expected to bring and to cost, at the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.errors import Invalid
from headway.kernel.terminal import OutputOption
from headway.portfolio.cli.benefits import app

UseCase = Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)]
_LISTED = ("id", "number", "title", "npv_p10", "npv_p50", "npv_p90", "loss", "payback_months", "percent", "made_at")
_LINES = ("name", "kind", "worth")
_SWINGS = ("driver", "at_low", "at_high", "share")
_RATES = ("id", "valid_from", "percent", "set_by", "reason")


@app.command("project")
def project(
    *,
    slug: UseCase,
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="YAML or JSON file of drivers and lines.", show_default=False),
    ],
    title: Annotated[str | None, typer.Option(help="Title; that of the file if none.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Project what a use case brings and costs, at finance's discount rate; nothing of it is measured."""
    import yaml

    try:
        body = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Invalid(f"{file} cannot be read: {error}") from error
    if not isinstance(body, dict):
        raise Invalid(f"{file} holds no drivers and lines")
    if title is not None:
        body["title"] = title
    with terminal.connect() as client:
        made = client.post(f"/usecases/{slug}/projections", json=json.loads(json.dumps(body, default=str)))
    _emit(made, output)


@app.command("projections")
def list_projections(slug: UseCase, output: OutputOption = terminal.Output.table) -> None:
    """List the projections of a use case, newest first."""
    with terminal.connect() as client:
        found = client.get(f"/usecases/{slug}/projections")
    terminal.emit(found if output is terminal.Output.json else [_line(one) for one in found["items"]], output, _LISTED)


@app.command("projection")
def show_projection(
    projection: Annotated[str, typer.Argument(help="Id of the projection.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show a projection: what is expected, how likely a loss is, and which driver moves it most."""
    with terminal.connect() as client:
        found = client.get(f"/projections/{projection}")
    _emit(found, output)


@app.command("discount-rates")
def list_discount_rates(output: OutputOption = terminal.Output.table) -> None:
    """List the discount rates that finance set, that of the latest day first."""
    with terminal.connect() as client:
        terminal.emit(client.get("/discount-rates"), output, _RATES)


@app.command("set-discount-rate")
def set_discount_rate(
    *,
    percent: Annotated[str, typer.Argument(help="Percent a year, such as 8.5.", show_default=False)],
    valid_from: Annotated[
        str | None, typer.Option("--from", help="The first day, as 2026-12-31; today if none.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Say what finance asks of money a year; only the head of the finance department may."""
    with terminal.connect() as client:
        made = client.post("/discount-rates", json={"percent": percent, "valid_from": valid_from, "reason": reason})
    terminal.emit({name: made[name] for name in _RATES}, output)


def _emit(found: dict[str, Any], output: terminal.Output) -> None:
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    result = found["result"]
    terminal.emit(_line(found), output)
    terminal.emit(result["lines"], output, _LINES)
    terminal.emit(result["swings"], output, _SWINGS)
    if result["capacity"]:
        terminal.say(f"capacity, in no figure above: {result['capacity']['p50']} by the median")
    if result["irr"] is None:
        terminal.say(f"no internal rate: {result['irr_why']}")
    terminal.say("projected from what people assume; nothing of it is measured")


def _line(one: dict[str, Any]) -> dict[str, object]:
    result = one["result"]
    return {
        **{name: one[name] for name in ("id", "number", "title", "percent", "made_at")},
        **{f"npv_{name}": result["npv"][name] for name in ("p10", "p50", "p90")},
        "loss": result["probability_of_loss"],
        "payback_months": result["payback_months"],
        "irr": result["irr"],
    }
