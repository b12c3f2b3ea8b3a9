"""``headway product query`` and ``headway product access``: read products with SQL, ask for them, answer."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import Output, OutputOption

access_app = typer.Typer(help="Ask for access to data products, answer, and see who reads.", no_args_is_help=True)

Slug = Annotated[
    str, typer.Argument(metavar="PRODUCT", help="Name of the product, department.name.", show_default=False)
]
AccessId = Annotated[str, typer.Argument(metavar="ACCESS", help="Id of the request, acc_...", show_default=False)]
Because = Annotated[str, typer.Option("--reason", help="Why, for who asked.", show_default=False)]
AsOf = Annotated[str | None, typer.Option(help="Rows of the past: a snapshot's id, a day, or a time (ISO 8601).")]
Columns = list[str] | None
_LISTED = ("id", "product", "grantee", "state", "until", "purpose", "requested_by", "answered_by")
_USES = ("at", "reader", "access", "way", "rows", "columns")
_FORMS = {".csv": "csv", ".parquet": "parquet", ".arrows": "arrow"}


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT over granted products.", show_default=False)],
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The most rows to give.")] = 1000,
    as_of: AsOf = None,
    output: OutputOption = Output.table,
) -> None:
    """Run one SELECT over products that you may read, as SELECT channel, count(*) FROM sales.leads GROUP BY channel."""
    with terminal.connect() as client:
        found = client.post("/sql", {"sql": sql, "limit": limit, "as_of": as_of})
    if output is Output.json:
        terminal.emit(found, output)
        return
    names = [column["name"] for column in found["columns"]]
    keys = [name if names.count(name) == 1 else f"{name} ({at})" for at, name in enumerate(names, start=1)]
    terminal.emit([dict(zip(keys, row, strict=True)) for row in found["rows"]], output, keys)
    if found["is_cut"]:
        terminal.say(f"these are the first {found['row_count']:,} rows; take more with --limit")


def download(
    slug: Slug,
    to: Annotated[Path, typer.Option(help="The file to write: .parquet, .csv or .arrows.", show_default=False)],
    as_of: AsOf = None,
) -> None:
    """Write the rows of a product, as your grant shows them, to a file."""
    form = _FORMS.get(to.suffix.lower())
    if form is None:
        raise typer.BadParameter(f"{to} ends in none of {', '.join(_FORMS)}", param_hint="--to")
    with terminal.connect() as client:
        to.write_bytes(client.get_bytes(f"/products/{slug}/rows", format=form, as_of=as_of))
    terminal.say(f"wrote {to}")


@access_app.command("offers")
def list_offers(output: OutputOption = Output.table) -> None:
    """List the products that can be asked for, and how far your own access is."""
    with terminal.connect() as client:
        terminal.emit(client.get("/data-access/offers", limit=1000), output)


@access_app.command("request")
def request_access(
    slug: Slug,
    *,
    purpose: Annotated[str, typer.Option(help="What the data is for.", show_default=False)],
    until: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day, as 2027-12-31.", show_default=False)
    ],
    service: Annotated[str | None, typer.Option(help="The service account that shall read it.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """Ask for access to a product."""
    body = {"purpose": purpose, "until": until.date().isoformat(), "service": service}
    with terminal.connect() as client:
        _emit(client.post(f"/products/{slug}/access", body), output)


@access_app.command("approve")
def approve(
    access_id: AccessId,
    *,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="An earlier last day than was asked for.")
    ] = None,
    hide: Annotated[Columns, typer.Option(help="Column that is not there for them; repeat it.")] = None,
    mask: Annotated[Columns, typer.Option(help="Column whose values are masked; repeat it.")] = None,
    show: Annotated[Columns, typer.Option(help="Restricted column that is shown as it is; repeat it.")] = None,
    rows: Annotated[str | None, typer.Option(help="Only these rows, as: region = 'north' AND visits >= 3.")] = None,
    reason: Annotated[str, typer.Option(help="A word to who asked.")] = "",
    output: OutputOption = Output.table,
) -> None:
    """Grant what was asked for, as the owner of the product."""
    body = {
        "until": until.date().isoformat() if until else None,
        "hidden": hide or [],
        "masked": mask or [],
        "unmasked": show or [],
        "row_filter": rows,
        "reason": reason,
    }
    with terminal.connect() as client:
        _emit(client.post(f"/data-access/{access_id}/approve", body), output)


@access_app.command("reject")
def reject(access_id: AccessId, reason: Because, output: OutputOption = Output.table) -> None:
    """Refuse what was asked for, as the owner of the product."""
    with terminal.connect() as client:
        _emit(client.post(f"/data-access/{access_id}/reject", {"reason": reason}), output)


@access_app.command("withdraw")
def withdraw(access_id: AccessId, reason: Because, output: OutputOption = Output.table) -> None:
    """End a grant at once, or take back what you asked for."""
    with terminal.connect() as client:
        _emit(client.post(f"/data-access/{access_id}/withdraw", {"reason": reason}), output)


@access_app.command("show")
def show_access(access_id: AccessId, output: OutputOption = Output.table) -> None:
    """Show a request or grant, with what it hides."""
    with terminal.connect() as client:
        _emit(client.get(f"/data-access/{access_id}"), output)


@access_app.command("list")
def list_accesses(
    *,
    product: Annotated[str | None, typer.Option(help="All of this product, if you answer for it.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Those that wait for your answer.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """List your requests and grants, those of a product, or those that wait for you."""
    with terminal.connect() as client:
        if waiting:
            terminal.emit(client.get("/data-access/waiting"), output, _LISTED)
            return
        path = f"/products/{product}/access" if product else "/data-access"
        terminal.emit(client.get(path, limit=limit, cursor=cursor), output, _LISTED)


@access_app.command("use")
def list_uses(
    slug: Slug,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """List who read a product, when, which columns and how many rows."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/products/{slug}/uses", limit=limit, cursor=cursor), output, _USES)


def _emit(found: dict[str, Any], output: Output) -> None:
    if output is Output.json:
        terminal.emit(found, output)
        return
    plain = {key: value for key, value in found.items() if key != "policy" and value is not None}
    policy = {key: value for key, value in found["policy"].items() if value}
    terminal.emit(plain | ({"policy": policy} if policy else {}), output)
