"""``headway product port``: where the rows of a product come from."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import Output, OutputOption

if TYPE_CHECKING:
    from headway_client.answers.jobs import Job

port_app = typer.Typer(help="Read data products from databases, files, folders and APIs.", no_args_is_help=True)

Slug = Annotated[
    str, typer.Argument(metavar="PRODUCT", help="Name of the product, department.name.", show_default=False)
]
Name = Annotated[str, typer.Argument(metavar="PORT", help="Name of the input port.", show_default=False)]
Kind = Annotated[str, typer.Option(help="sql, files, folder or rest.", show_default=False)]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="A setting, as table=leads; repeat it. Secrets by name: secret=env:HEADWAY_SECRET_SALES_DB."
    ),
]
Every = Annotated[int | None, typer.Option("--every", min=1, help="Minutes between two readings; default is by hand.")]
_LISTED = ("name", "kind", "every_minutes", "next_at", "cursor", "taken", "last_run")
_RUNS = ("started_at", "port_name", "state", "rows_read", "rows", "failed_rows", "error")


@port_app.command("add")
def add_port(
    slug: Slug,
    name: Name,
    *,
    kind: Kind,
    settings: Settings = None,
    every: Every = None,
    keep_upload: Annotated[
        bool, typer.Option(help="Rows of the file that was uploaded so far stay part of the product.")
    ] = True,
    test: Annotated[bool, typer.Option("--test", help="Look at the first rows and keep nothing.")] = False,
    output: OutputOption = Output.table,
) -> None:
    """Add an input port to a product, or to one that its first run makes."""
    body: dict[str, Any] = {"kind": kind, "settings": _pairs(settings)}
    with terminal.connect() as client:
        if test:
            _show_peek(client.post(f"/products/{slug}/ports/test", body), output)
            return
        more = {"name": name, "every_minutes": every, "keep_upload": keep_upload}
        terminal.emit(_shown(client.post(f"/products/{slug}/ports", body | more), output), output)
    if output is Output.table:
        terminal.say(f"read it with: headway product port run {slug} {name}")


@port_app.command("list")
def list_ports(slug: Slug, output: OutputOption = Output.table) -> None:
    """List the input ports of a product, in the order of its rows."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/products/{slug}/ports"), output, _LISTED)


@port_app.command("show")
def show_port(
    slug: Slug,
    name: Name,
    runs: Annotated[int, typer.Option(min=0, max=1000, help="Also show so many runs.")] = 5,
    output: OutputOption = Output.table,
) -> None:
    """Show an input port and its last runs."""
    with terminal.connect() as client:
        found = client.get(f"/products/{slug}/ports/{name}")
        last = client.get(f"/products/{slug}/ports/{name}/runs", limit=runs)["items"] if runs else []
    if output is Output.json:
        terminal.emit(found | {"runs": last}, output)
        return
    terminal.emit(_shown(found, output), output)
    if last:
        terminal.emit(last, output, _RUNS)
    for one in last[:1]:
        _say_refused(one)


@port_app.command("run")
def run_port(
    slug: Slug,
    name: Name,
    wait: Annotated[bool, typer.Option(help="Wait until it was read.")] = True,
    output: OutputOption = Output.table,
) -> None:
    """Read an input port now."""
    with terminal.connect() as client:
        started = client.post(f"/products/{slug}/ports/{name}/run")
        if not wait:
            terminal.emit(started, output)
            return
        client.wait(started["job"], _tell)
        last = client.get(f"/products/{slug}/ports/{name}/runs", limit=1)["items"][0]
    if output is Output.json:
        terminal.emit(last, output)
        return
    keys = ("state", "rows_read", "rows", "failed_rows", "snapshot")
    terminal.emit({key: last[key] for key in keys if last[key] is not None}, output)
    if last["state"] == "unchanged":
        terminal.say("nothing is new, so no snapshot was made")
    for note in last["notes"]:
        terminal.say(note)
    _say_refused(last)


@port_app.command("schedule")
def schedule_port(slug: Slug, name: Name, every: Every = None, output: OutputOption = Output.table) -> None:
    """Read an input port every so many minutes, or by hand without --every."""
    with terminal.connect() as client:
        changed = client.patch(f"/products/{slug}/ports/{name}", {"every_minutes": every})
    terminal.emit(_shown(changed, output), output)


@port_app.command("remove")
def remove_port(slug: Slug, name: Name, output: OutputOption = Output.table) -> None:
    """Remove an input port; its rows go with the next run of another one, every snapshot stays."""
    with terminal.connect() as client:
        client.delete(f"/products/{slug}/ports/{name}")
    terminal.emit({"removed": f"{slug} {name}"}, output)


def _pairs(settings: list[str] | None) -> dict[str, str]:
    """Settings written as name=value; a faulty one is not told back, for it may be a secret."""
    pairs = [one.partition("=") for one in settings or []]
    if any(not sign or not name for name, sign, _ in pairs):
        raise typer.BadParameter("write each setting as name=value", param_hint="--set")
    return {name.strip(): value for name, _, value in pairs}


def _shown(found: dict[str, Any], output: Output) -> dict[str, Any]:
    if output is Output.json:
        return found
    plain = {key: value for key, value in found.items() if key not in ("settings", "part") and value is not None}
    return plain | {"settings": ", ".join(f"{name}={value}" for name, value in found["settings"].items())}


def _show_peek(seen: dict[str, Any], output: Output) -> None:
    if output is Output.json:
        terminal.emit(seen, output)
        return
    rows = [
        {
            **{name: one[name] for name in ("name", "kind", "missing", "distinct")},
            "examples": ", ".join(one["examples"]),
            "personal data": one["personal"] or "",
        }
        for one in seen["columns"]
    ]
    terminal.emit(rows, output)
    terminal.say(f"the first {seen['rows']:,} rows; nothing was kept")
    for note in seen["notes"]:
        terminal.say(note)


def _say_refused(run: dict[str, Any]) -> None:
    for one in run["refused"]:
        terminal.say(f"not taken: {one['name']}: {one['reason']}")


def _tell(job: Job) -> None:
    if sys.stderr.isatty() and job.message:
        terminal.say(job.message)
