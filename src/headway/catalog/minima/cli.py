"""``headway product minima`` and ``headway product criticality``: what is asked of products, at the terminal."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from headway.catalog.minima.entities import Criticality
from headway.kernel import terminal
from headway.kernel.terminal import Output, OutputOption

minima_app = typer.Typer(help="What every data product must reach at least, by criticality.", no_args_is_help=True)
Slug = Annotated[
    str, typer.Argument(metavar="PRODUCT", help="Name of the product, department.name.", show_default=False)
]
_KEYS = ("completeness", "validity", "uniqueness", "freshness_hours")


@minima_app.command("list")
def list_minima(output: OutputOption = Output.table) -> None:
    """List what was and is asked, by criticality, the newest first."""
    with terminal.connect() as client:
        found = client.get("/quality-minima")
    if output is Output.json:
        terminal.emit(found, output)
        return
    lines = [
        {"valid_from": one["valid_from"], "criticality": level, **asked, "reason": one["reason"]}
        for one in found["items"]
        for level, asked in one["minima"].items()
    ]
    terminal.emit(lines, output, ("valid_from", "criticality", *_KEYS, "reason"))


@minima_app.command("set")
def set_minima(
    *,
    asked: Annotated[
        list[str],
        typer.Option(
            "--ask", help="criticality.dimension=value, such as high.completeness=0.99; repeat it.", show_default=False
        ),
    ],
    valid_from: Annotated[datetime, typer.Option(help="First day.", formats=["%Y-%m-%d"], show_default=False)],
    reason: Annotated[str, typer.Option(help="Why.", show_default=False)],
    output: OutputOption = Output.table,
) -> None:
    """Set what is asked of data products from a day on: all of it, for every criticality that is named."""
    minima: dict[str, dict[str, float]] = {}
    for one in asked:
        name, _, value = one.partition("=")
        level, _, key = name.partition(".")
        if level not in set(Criticality) or key not in _KEYS or not value:
            raise typer.BadParameter(
                f"--ask {one!r} is not criticality.dimension=value; dimensions: {', '.join(_KEYS)}"
            )
        try:
            minima.setdefault(level, {})[key] = float(value)
        except ValueError as error:
            raise typer.BadParameter(f"--ask {one!r}: {value!r} is no number") from error
    body: dict[str, Any] = {"minima": minima, "valid_from": valid_from.date().isoformat(), "reason": reason}
    with terminal.connect() as client:
        terminal.emit(client.post("/quality-minima", body), output)


@minima_app.command("show")
def show_minimum(slug: Slug, output: OutputOption = Output.table) -> None:
    """Show what is asked of a product and what it lacks; exits with 5 where it lacks something."""
    with terminal.connect() as client:
        found = client.get(f"/products/{slug}/minimum")
    if output is Output.json:
        terminal.emit(found, output)
    else:
        terminal.emit({"criticality": found["criticality"], **(found["minimum"] or {})}, output)
        terminal.emit(found["shortfalls"], output, ("of", "dimension", "rule", "found", "wanted", "message"))
    if found["shortfalls"]:
        raise typer.Exit(5)


def set_criticality(
    slug: Slug,
    level: Annotated[Criticality, typer.Argument(help="How critical it is.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Why.", show_default=False)],
    output: OutputOption = Output.table,
) -> None:
    """Say how critical a product is; lowering it is for those who set the minima."""
    with terminal.connect() as client:
        terminal.emit(client.post(f"/products/{slug}/criticality", {"level": level.value, "reason": reason}), output)
