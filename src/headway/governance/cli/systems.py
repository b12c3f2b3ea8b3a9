"""``headway vendor | system``: what does the work of use cases, and who supplies it, at the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.canonical import file_digest
from headway.kernel.terminal import OutputOption

vendor_app = typer.Typer(help="Keep the vendors who supply systems.", no_args_is_help=True)
system_app = typer.Typer(help="Keep the systems that do the work of use cases.", no_args_is_help=True)

Vendor = Annotated[str, typer.Argument(metavar="VENDOR", help="Name of the vendor.", show_default=False)]
System = Annotated[str, typer.Argument(metavar="SYSTEM", help="Name of the system.", show_default=False)]
UseCase = Annotated[str, typer.Option("--usecase", help="The use case.", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many.")]
Cursor = Annotated[str | None, typer.Option(help="Go on where the page before ended.")]
Supplies = Annotated[str | None, typer.Option(help="What they supply.")]
Contact = Annotated[str | None, typer.Option(help="Whom to call there.")]
Ends = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of the contract.")]
ExitPlan = Annotated[str | None, typer.Option(help="How to go on without them.")]
Kind = Annotated[str | None, typer.Option(help="own, vendor_supplied or generative.")]
Supplier = Annotated[str | None, typer.Option("--vendor", help="Who supplies it.")]
Description = Annotated[str | None, typer.Option(help="What it is.")]
_VENDORS = ("slug", "name", "supplies", "contract_ends", "assessed_until", "status")
_SYSTEMS = ("slug", "title", "kind", "vendor", "usecases", "status")


# --- vendors -----------------------------------------------------------------------------------------------------


@vendor_app.command("list")
def list_vendors(limit: Limit = 50, cursor: Cursor = None, output: OutputOption = terminal.Output.table) -> None:
    """List vendors by name."""
    with terminal.connect() as client:
        terminal.emit(client.get("/vendors", limit=limit, cursor=cursor), output, _VENDORS)


@vendor_app.command("show")
def show_vendor(vendor: Vendor, output: OutputOption = terminal.Output.table) -> None:
    """Show a vendor, its systems, and what is not in order."""
    with terminal.connect() as client:
        terminal.show(client.get(f"/vendors/{vendor}"), output, _told)


@vendor_app.command("open")
def open_vendor(
    *,
    vendor: Vendor,
    name: Annotated[str, typer.Option(help="What people call them.", show_default=False)],
    supplies: Supplies = None,
    contact: Contact = None,
    contract_ends: Ends = None,
    exit_plan: ExitPlan = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Write a vendor down; leave out what nobody knows yet."""
    said = {"supplies": supplies, "contact": contact, "contract_ends": _day(contract_ends), "exit_plan": exit_plan}
    with terminal.connect() as client:
        terminal.show(client.post("/vendors", {"slug": vendor, "name": name, **said}), output, _told)


@vendor_app.command("set")
def change_vendor(
    *,
    vendor: Vendor,
    name: Annotated[str | None, typer.Option(help="What people call them.")] = None,
    supplies: Supplies = None,
    contact: Contact = None,
    contract_ends: Ends = None,
    exit_plan: ExitPlan = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Change fields of a vendor; an empty text empties a field."""
    said = {"name": name, "supplies": supplies, "contact": contact, "exit_plan": exit_plan}
    changes = _given({**said, "contract_ends": _day(contract_ends)})
    with terminal.connect() as client:
        terminal.show(client.patch(f"/vendors/{vendor}", json=changes), output, _told)


@vendor_app.command("assess")
def assess_vendor(
    vendor: Vendor,
    document: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The assessment; only its digest is kept.")
    ] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Attest in your name that a vendor was assessed; it counts for every use case that rests on them."""
    with terminal.connect() as client:
        digest = client.get(f"/vendors/{vendor}")["digest"]
        body = {"type": "vendor_assessment", "subject": f"vendor:{vendor}", "subject_digest": digest}
        terminal.emit(
            client.post("/evidence", {**body, "payload_digest": file_digest(document) if document else None}), output
        )


@vendor_app.command("retire")
def retire_vendor(vendor: Vendor, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Retire a vendor; refused while a system of theirs is not retired."""
    with terminal.connect() as client:
        terminal.show(client.post(f"/vendors/{vendor}/retire", {"reason": reason}), output, _told)


@vendor_app.command("reopen")
def reopen_vendor(vendor: Vendor, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Take a retired vendor up again."""
    with terminal.connect() as client:
        terminal.show(client.post(f"/vendors/{vendor}/reopen", {"reason": reason}), output, _told)


# --- systems -----------------------------------------------------------------------------------------------------


@system_app.command("list")
def list_systems(
    *,
    vendor: Annotated[str | None, typer.Option(help="Only of this vendor.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List systems by name."""
    with terminal.connect() as client:
        terminal.emit(client.get("/systems", vendor=vendor, limit=limit, cursor=cursor), output, _SYSTEMS)


@system_app.command("show")
def show_system(system: System, output: OutputOption = terminal.Output.table) -> None:
    """Show a system and the use cases that rest on it."""
    with terminal.connect() as client:
        terminal.show(client.get(f"/systems/{system}"), output, _told)


@system_app.command("open")
def open_system(
    *,
    system: System,
    title: Annotated[str, typer.Option(help="What people call it.", show_default=False)],
    kind: Annotated[str, typer.Option(help="own, vendor_supplied or generative.")] = "own",
    vendor: Supplier = None,
    description: Description = None,
    usecase: Annotated[list[str] | None, typer.Option(help="A use case that rests on it; may be said again.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Write a system down."""
    said = {"title": title, "kind": kind, "vendor": vendor, "description": description, "usecases": usecase or []}
    with terminal.connect() as client:
        terminal.show(client.post("/systems", {"slug": system, **said}), output, _told)


@system_app.command("set")
def change_system(
    *,
    system: System,
    title: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    kind: Kind = None,
    vendor: Supplier = None,
    description: Description = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Change fields of a system; an empty text empties a field. Tiers that depend on it are decided anew."""
    changes = _given({"title": title, "kind": kind, "vendor": vendor, "description": description})
    with terminal.connect() as client:
        terminal.show(client.patch(f"/systems/{system}", json=changes), output, _told)


@system_app.command("link")
def link_system(system: System, usecase: UseCase, output: OutputOption = terminal.Output.table) -> None:
    """Say that a use case rests on a system; what the system settles is no longer asked."""
    with terminal.connect() as client:
        terminal.show(client.post(f"/systems/{system}/usecases", {"usecase": usecase}), output, _told)


@system_app.command("unlink")
def unlink_system(system: System, usecase: UseCase, output: OutputOption = terminal.Output.table) -> None:
    """Say that a use case no longer rests on a system; what it alone settled is unknown again."""
    with terminal.connect() as client:
        terminal.show(client.delete(f"/systems/{system}/usecases/{usecase}"), output, _told)


@system_app.command("retire")
def retire_system(system: System, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Retire a system; refused while a use case rests on it."""
    with terminal.connect() as client:
        terminal.show(client.post(f"/systems/{system}/retire", {"reason": reason}), output, _told)


@system_app.command("reopen")
def reopen_system(system: System, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Take a retired system up again."""
    with terminal.connect() as client:
        terminal.show(client.post(f"/systems/{system}/reopen", {"reason": reason}), output, _told)


def _day(given: datetime | None) -> str | None:
    return given.date().isoformat() if given else None


def _given(said: Mapping[str, str | None]) -> dict[str, str | None]:
    """What was said on the command line; an empty text empties a field."""
    return {name: value or None for name, value in said.items() if value is not None}


def _told(found: Mapping[str, Any]) -> dict[str, object]:
    """The lines of an entry: without why it was retired when it was not."""
    return {name: value for name, value in found.items() if not name.startswith("retired_") or found["retired_at"]}
