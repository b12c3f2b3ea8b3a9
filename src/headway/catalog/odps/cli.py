"""``headway product describe``, ``edit`` and ``export``: descriptors of data products at the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.terminal import Output, OutputOption

Slug = Annotated[
    str, typer.Argument(metavar="PRODUCT", help="Name of the product, department.name.", show_default=False)
]
_SAID = ("owner", "steward", "domain", "purpose", "limitations", "usage", "type", "classification", "tags")


def describe(slug: Slug, output: OutputOption = Output.table) -> None:
    """Show who answers for a product, what for, its ports, versions, and how its service levels stand now."""
    with terminal.connect() as client:
        found = client.get(f"/products/{slug}/descriptor")
    if output is Output.json:
        terminal.emit(found, output)
        return
    whole = {key: found[key] for key in ("product", "name", "department", "version", "status")}
    terminal.emit(whole | {key: found["said"][key] for key in _SAID} | {"owner": found["owner"]}, output)
    terminal.emit(found["service_levels"], output, ("name", "target", "unit", "measured", "state", "why"))
    terminal.emit(found["output_ports"], output, ("name", "version", "state", "ends_on", "successor", "contract_id"))
    terminal.emit(found["input_ports"], output, ("name", "kind", "description"))


def edit(
    file: Annotated[
        Path,
        typer.Argument(help="A descriptor (ODPS, YAML or JSON).", exists=True, dir_okay=False, show_default=False),
    ],
    product: Annotated[str, typer.Option(help="Name of the product, department.name.", show_default=False)],
    output: OutputOption = Output.table,
) -> None:
    """Write what a descriptor says of a product; all its faults are told at once."""
    with terminal.connect() as client:
        found = client.post(f"/products/{product}/odps", files={"file": file})
    terminal.emit(found if output is Output.json else found["said"], output)


def export(
    slug: Slug,
    odps: Annotated[bool, typer.Option("--odps", help="As YAML of the Open Data Product Standard.")] = True,
    to: Annotated[Path | None, typer.Option(help="Write it to this file.", dir_okay=False)] = None,
) -> None:
    """Write a product's descriptor as YAML of the Open Data Product Standard."""
    with terminal.connect() as client:
        text = client.get_bytes(f"/products/{slug}/odps").decode()
    if to is None:
        sys.stdout.write(text)
    else:
        to.write_text(text, encoding="utf-8")


def enter(product_app: typer.Typer) -> None:
    """Put these commands under ``product``."""
    for name, command in (("describe", describe), ("edit", edit), ("export", export)):
        product_app.command(name)(command)
