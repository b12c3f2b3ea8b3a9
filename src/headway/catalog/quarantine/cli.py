"""``headway product quarantine`` and ``headway product enforcement``: bad rows and ports at the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from headway.catalog.batches.entities import Mode, RowState
from headway.kernel import terminal
from headway.kernel.terminal import Output, OutputOption

if TYPE_CHECKING:
    from headway_client import Client

quarantine_app = typer.Typer(help="Look at, mend, dismiss and replay bad rows of a product.", no_args_is_help=True)
enforcement_app = typer.Typer(help="What each port of a product does with bad rows.", no_args_is_help=True)
Slug = Annotated[
    str, typer.Argument(metavar="PRODUCT", help="Name of the product, department.name.", show_default=False)
]
BatchOption = Annotated[str | None, typer.Option(help="Id of the batch; default is the newest with rows that wait.")]
RowsOption = Annotated[list[int] | None, typer.Option("--row", min=1, help="Number of a row; repeat it.")]
ReasonOption = Annotated[str, typer.Option(help="Why.", show_default=False)]
_BATCHES = ("id", "port", "mode", "outcome", "filename", "rows", "entered", "created_at")
_PORTS = ("port", "mode", "reason", "set_by", "set_at")


@quarantine_app.command("list")
def list_rows(
    *,
    slug: Slug,
    state: Annotated[RowState | None, typer.Option(help="Default: rows that wait, open and fixed.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only rows that break this rule.")] = None,
    column: Annotated[str | None, typer.Option(help="Only rows with a broken rule of this column.")] = None,
    batch: Annotated[str | None, typer.Option(help="Only of this batch.")] = None,
    batches: Annotated[bool, typer.Option("--batches", help="List the batches instead of rows.")] = False,
    to: Annotated[
        Path | None, typer.Option(help="Write whole rows to this .csv or .xlsx file, to be corrected.", dir_okay=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """List the rows that were set aside, with the rules they break."""
    path = f"/products/{slug}/quarantine"
    chosen = {"state": state.value if state else None, "rule": rule, "column": column, "batch": batch}
    with terminal.connect() as client:
        if batches:
            terminal.emit(client.get(f"/products/{slug}/batches", limit=limit, cursor=cursor), output, _BATCHES)
            return
        if to is not None:
            form = "xlsx" if to.suffix.lower() == ".xlsx" else "csv"
            to.write_bytes(client.get_bytes(f"{path}/rows", format=form, **chosen))
            terminal.say(
                f"written to {to}; correct it and bring it back: headway product quarantine fix {slug} --file {to}"
            )
            return
        page = client.get(path, limit=limit, cursor=cursor, **chosen)
    _emit_rows(page, page["columns"], output)
    if page.get("next") and output is Output.table:
        terminal.say(f"{page['total']:,} rows in all; go on with --cursor {page['next']}, or take all with --to FILE")


@quarantine_app.command("fix")
def fix(
    *,
    slug: Slug,
    reason: ReasonOption,
    rows: RowsOption = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", help="column=value; without a value the cell is emptied. Repeat it.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="A corrected file that 'list --to' wrote.", exists=True, dir_okay=False)
    ] = None,
    batch: BatchOption = None,
    output: OutputOption = Output.table,
) -> None:
    """Change values of rows that wait: some cells with --row and --set, many with --file; exits with 5 where rules stay broken."""
    path = f"/products/{slug}/quarantine"
    with terminal.connect() as client:
        if file is not None:
            made = client.post(f"{path}/fix-file", files={"file": file}, data={"reason": reason, "batch": batch})
        else:
            new = _values(values or [])
            of = batch or _newest(client, slug)
            edits = [{"batch": of, "row": row, "values": new} for row in rows or []]
            made = client.post(f"{path}/fix", {"edits": edits, "reason": reason})
    if output is Output.json:
        terminal.emit(made, output)
    else:
        _emit_rows({"items": made["items"]}, _columns(made["items"]), output)
        terminal.say(
            f"{made['changed']:,} rows changed: {made['fixed']:,} pass now, {made['open']:,} still break a rule"
        )
    if made["open"]:
        raise typer.Exit(5)


@quarantine_app.command("dismiss")
def dismiss(
    *,
    slug: Slug,
    rows: RowsOption = None,
    reason: ReasonOption,
    batch: BatchOption = None,
    output: OutputOption = Output.table,
) -> None:
    """Give up rows that wait, with a reason: they never enter."""
    with terminal.connect() as client:
        body = {"batch": batch or _newest(client, slug), "rows": rows or [], "reason": reason}
        terminal.emit(client.post(f"/products/{slug}/quarantine/dismiss", body), output)


@quarantine_app.command("replay")
def replay(
    *,
    slug: Slug,
    batch: BatchOption = None,
    reason: Annotated[str, typer.Option(help="A remark for the record.")] = "",
    output: OutputOption = Output.table,
) -> None:
    """Let the rows that pass now enter as a new snapshot, once."""
    with terminal.connect() as client:
        made = client.post(f"/products/{slug}/quarantine/replay", {"batch": batch, "reason": reason})
    terminal.emit(made, output)


@enforcement_app.command("show")
def show_enforcement(slug: Slug, output: OutputOption = Output.table) -> None:
    """Show what each port does with a batch whose rows break the contract."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/products/{slug}/enforcement"), output, _PORTS)


@enforcement_app.command("set")
def set_enforcement(
    *,
    slug: Slug,
    mode: Annotated[Mode, typer.Option(help="Refuse the batch, set its bad rows aside, or only tell.")],
    reason: ReasonOption,
    port: Annotated[str, typer.Option(help="Name of the port.")] = "upload",
    output: OutputOption = Output.table,
) -> None:
    """Choose what a port does with bad rows, from the next batch on."""
    with terminal.connect() as client:
        body = {"port": port, "mode": mode.value, "reason": reason}
        terminal.emit(client.post(f"/products/{slug}/enforcement", body), output)


def _newest(client: Client, slug: str) -> str:
    found = client.get(f"/products/{slug}/quarantine", limit=1)["items"]
    if not found:
        raise typer.BadParameter(f"no row of {slug} waits in the quarantine")
    return str(found[0]["batch"])


def _values(pairs: list[str]) -> dict[str, str | None]:
    made: dict[str, str | None] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise typer.BadParameter(f"--set {pair!r} is not column=value")
        made[name] = value or None
    return made


def _columns(items: list[dict[str, Any]]) -> list[str]:
    return list(items[0]["values"]) if items else []


def _emit_rows(page: dict[str, Any], columns: list[str], output: Output) -> None:
    if output is Output.json:
        terminal.emit(page, output)
        return
    lines = [
        {"row": one["row"], "state": one["state"], "broken": "; ".join(reason["rule"] for reason in one["reasons"])}
        | {name: one["values"].get(name) for name in columns[:8]}
        for one in page["items"]
    ]
    terminal.emit(lines, output, ("row", "state", "broken", *columns[:8]))
