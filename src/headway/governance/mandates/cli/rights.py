"""``headway rights``: who proposes, reviews, decides and is told; the draft as a file, versions, and who holds what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

rights_app = typer.Typer(help="Keep the organisation's decision-rights matrix.", no_args_is_help=True)

Version = Annotated[int, typer.Argument(help="Number of the version.", show_default=False)]
_LISTED = ("version", "state", "adopted_by", "confirmed_by", "confirmed_at", "digest", "reason")
_ROW = ("stage", "lane", "proposes", "reviews", "decides", "told")
_HELD = ("department", "stage", "lane", "step", "is_named", "held", "people", "weaknesses")
STEPS = ("proposes", "reviews", "decides", "told")


@rights_app.command("list")
def list_rights(output: OutputOption = terminal.Output.table) -> None:
    """List every version, newest first."""
    with terminal.connect() as client:
        terminal.emit(client.get("/decision-rights"), output, _LISTED)


@rights_app.command("show")
def show_rights(
    version: Annotated[int | None, typer.Argument(help="Number of the version; the draft without one.")] = None,
    *,
    cedar: Annotated[bool, typer.Option(help="Show the Cedar that it compiles to.")] = False,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show the rows of a version or of the draft, with everything that is wrong with the draft."""
    with terminal.connect() as client:
        found = client.get("/decision-rights/draft" if version is None else f"/decision-rights/{version}")
    if output is terminal.Output.json:
        terminal.emit(found, output)
    elif cedar:
        terminal.say(found["policies"])
    else:
        _show_rows(found, output)


@rights_app.command("set")
def set_row(
    stage: Annotated[str, typer.Argument(help="Stage, as production.", show_default=False)],
    *,
    lane: Annotated[str, typer.Option(help="every, reviewer or council.")] = "every",
    proposes: Annotated[
        str | None, typer.Option(help="Roles between commas; nobody: nobody; '': as the rules.")
    ] = None,
    reviews: Annotated[str | None, typer.Option(help="Roles, and seats as seat:legal.")] = None,
    decides: Annotated[str | None, typer.Option(help="Roles, and seats as seat:legal.")] = None,
    told: Annotated[str | None, typer.Option(help="Roles, and seats as seat:legal.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Change one row of the draft; a row that names nobody is taken out."""
    said = {"proposes": proposes, "reviews": reviews, "decides": decides, "told": told}
    with terminal.connect() as client:
        rows = client.get("/decision-rights/draft")["rows"]
        row: dict[str, Any] = {"stage": stage, "lane": lane, **{step: [] for step in STEPS}}
        row |= next((one for one in rows if (one["stage"], one["lane"]) == (stage, lane)), {})
        row |= {step: _several(text) for step, text in said.items() if text is not None}
        kept = [one for one in rows if (one["stage"], one["lane"]) != (stage, lane)]
        rows = [*kept, row] if any(row[step] for step in STEPS) else kept
        _show_rows(client.put("/decision-rights/draft", json={"rows": rows}), output)


@rights_app.command("import")
def import_draft(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Workbook, CSV or YAML.", show_default=False)
    ],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Write the draft from a file; what is wrong with it is told, and nothing of it counts yet."""
    with terminal.connect() as client:
        _show_rows(client.post("/decision-rights/draft/file", files={"file": file}), output)


@rights_app.command("export")
def export_draft(
    to: Annotated[Path, typer.Option(help="File to write: .xlsx or .yaml.", show_default=False)],
) -> None:
    """Write the draft, or the version in force where there is no draft, to a file."""
    ending = to.suffix.lower()
    if ending not in (".xlsx", ".yaml"):
        raise typer.BadParameter("write a file that ends in .xlsx or .yaml")
    with terminal.connect() as client:
        to.write_bytes(client.get_bytes(f"/decision-rights/draft{ending}"))
    terminal.say(f"written to {to}")


@rights_app.command("adopt")
def adopt_rights(
    reason: Annotated[str, typer.Option(help="Why these rights; kept in your name.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Adopt the draft; a sponsor confirms it."""
    with terminal.connect() as client:
        made = client.post("/decision-rights", json={"reason": reason})
    if output is terminal.Output.table:
        number, digest = made["version"], made["digest"]
        terminal.say(f"adopted; a sponsor confirms it: headway rights confirm {number} --digest {digest}")
    _show(made, output)


@rights_app.command("confirm")
def confirm_rights(
    version: Version,
    *,
    digest: Annotated[str, typer.Option(help="Digest of what you read ('rights list').", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Put a version in force as a sponsor; what people may do narrows by it at once."""
    with terminal.connect() as client:
        _show(client.post(f"/decision-rights/{version}/confirm", json={"digest": digest}), output)


@rights_app.command("envelope")
def save_envelope(
    version: Version, to: Annotated[Path, typer.Option(help="File to write.", show_default=False)]
) -> None:
    """Save a confirmed version as a signed DSSE envelope."""
    with terminal.connect() as client:
        to.write_bytes(client.get_bytes(f"/decision-rights/{version}/envelope"))
    terminal.say(f"written to {to}")


@rights_app.command("holders")
def list_holders(
    department: Annotated[str | None, typer.Option(help="Only this department.")] = None,
    *,
    weak: Annotated[bool, typer.Option(help="Only steps that nobody or one person holds.")] = False,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Say who holds each step now, and which steps are weak."""
    with terminal.connect() as client:
        found = client.get("/decision-rights/holders", params={"department": department} if department else {})
    items = [one for one in found["items"] if one["weaknesses"] or not weak]
    if output is terminal.Output.table:
        items = [{**one, "held": ", ".join(held["holder"] for held in one["held"])} for one in items]
    terminal.emit({"items": items, "next": None}, output, _HELD)


def _several(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _show_rows(found: dict[str, Any], output: terminal.Output) -> None:
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit({"items": found["rows"], "next": None}, output, _ROW)
    for one in found.get("faults", ()):
        terminal.say(f"wrong: {one['message']}")
    for one in found.get("weak", ()):
        where = f"{one['stage']} ({one['lane']}), {one['step']} in {one['department']}"
        terminal.say(f"weak: {where}: {', '.join(one['weaknesses'])}")


def _show(found: dict[str, Any], output: terminal.Output) -> None:
    terminal.emit(found if output is terminal.Output.json else {name: found[name] for name in _LISTED}, output)
