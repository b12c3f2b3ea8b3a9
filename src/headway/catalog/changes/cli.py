"""``headway contract propose`` and what follows: look at a draft, propose it, answer, withdraw; versions and their end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import Output, OutputOption

Slug = Annotated[
    str, typer.Argument(metavar="PRODUCT", help="Name of the product, department.name.", show_default=False)
]
ChangeId = Annotated[str, typer.Argument(metavar="CHANGE", help="Id of the change, chg_...", show_default=False)]
File = Annotated[
    Path, typer.Argument(help="A contract (ODCS, YAML or JSON).", exists=True, dir_okay=False, show_default=False)
]
Product = Annotated[str, typer.Option(help="Name of the product, department.name.", show_default=False)]
Because = Annotated[str, typer.Option("--reason", help="Why.", show_default=False)]
For = Annotated[str | None, typer.Option("--for", help="The person whose answer was handed on to you.")]
_CHANGES = ("kind", "column", "level", "before", "after", "why")
_LISTED = ("id", "product", "version_before", "version", "level", "state", "proposed_by", "answer_by", "effective_at")
_ANSWERS = ("consumer", "accepted", "reason", "answered_by", "delegate")
_VERSIONS = ("version", "state", "made_at", "deprecated_at", "ends_on", "successor", "snapshot_id")
REFUSED = 1
"""Exit code where a draft cannot be proposed."""


def preview(file: File, product: Product, output: OutputOption = Output.table) -> None:
    """Look at a contract as the next one of a product; nothing is kept. Exits with 1 where it cannot be proposed."""
    with terminal.connect() as client:
        found = client.post(f"/products/{product}/contract/check", {"contract": file.read_text(encoding="utf-8")})
    if output is Output.json:
        terminal.emit(found, output)
    else:
        _tell_check(found, output)
    if not found["may_be_proposed"]:
        raise typer.Exit(REFUSED)


def propose(
    file: File,
    *,
    product: Product,
    reason: Because,
    answer_by: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day for consumers to answer, as 2027-12-31.")
    ] = None,
    keep_days: Annotated[int, typer.Option(min=0, max=366, help="How long the old version is read afterwards.")] = 30,
    output: OutputOption = Output.table,
) -> None:
    """Propose a contract: what breaks nobody takes effect at once, what breaks readers is put to every consumer."""
    body = {
        "contract": file.read_text(encoding="utf-8"),
        "reason": reason,
        "answer_by": answer_by.date().isoformat() if answer_by else None,
        "keep_days": keep_days,
    }
    with terminal.connect() as client:
        _emit(client.post(f"/products/{product}/contract/changes", body), output)


def list_changes(slug: Slug, output: OutputOption = Output.table) -> None:
    """List the changes of a product's contract, newest first."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/products/{slug}/contract/changes", limit=1000), output, _LISTED)


def list_asked(output: OutputOption = Output.table) -> None:
    """List the changes that wait for your answer."""
    with terminal.connect() as client:
        terminal.emit(client.get("/contract-changes"), output, _LISTED)


def show_change(change_id: ChangeId, output: OutputOption = Output.table) -> None:
    """Show a change: what it breaks, who is asked, what they say."""
    with terminal.connect() as client:
        _emit(client.get(f"/contract-changes/{change_id}"), output)


def accept(
    change_id: ChangeId,
    reason: Annotated[str, typer.Option(help="A word to the owner.")] = "",
    consumer: For = None,
    output: OutputOption = Output.table,
) -> None:
    """Agree to a change, as one who is asked."""
    with terminal.connect() as client:
        _emit(client.post(f"/contract-changes/{change_id}/accept", {"reason": reason, "consumer": consumer}), output)


def object_to(change_id: ChangeId, reason: Because, consumer: For = None, output: OutputOption = Output.table) -> None:
    """Object to a change with a reason, as one who is asked."""
    with terminal.connect() as client:
        _emit(client.post(f"/contract-changes/{change_id}/object", {"reason": reason, "consumer": consumer}), output)


def hand_on(
    change_id: ChangeId,
    to: Annotated[str, typer.Option(help="Mail address, name or person:ID.", show_default=False)],
    output: OutputOption = Output.table,
) -> None:
    """Let another person give your answer."""
    with terminal.connect() as client:
        _emit(client.post(f"/contract-changes/{change_id}/hand-on", {"to": to}), output)


def withdraw(change_id: ChangeId, reason: Because, output: OutputOption = Output.table) -> None:
    """Take a proposal back, as the owner of the product."""
    with terminal.connect() as client:
        _emit(client.post(f"/contract-changes/{change_id}/withdraw", {"reason": reason}), output)


def list_versions(slug: Slug, output: OutputOption = Output.table) -> None:
    """List the versions of a product with their state and last day."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/products/{slug}/versions"), output, _VERSIONS)


def list_consumers(slug: Slug, output: OutputOption = Output.table) -> None:
    """List what depends on a product: grants, models that learned from it, deployments."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/products/{slug}/consumers"), output, ("kind", "ref", "title", "usecase", "people"))


def deprecate(
    slug: Slug,
    *,
    ends_on: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day it is read, as 2027-12-31.", show_default=False)
    ],
    reason: Because,
    version: Annotated[str | None, typer.Option(help="Only this version; default is the whole product.")] = None,
    successor: Annotated[str | None, typer.Option(help="A version of it, or another product, to read instead.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """Give a version, or the whole product, a last day: readers are warned until then and refused afterwards."""
    body = {
        "ends_on": ends_on.date().isoformat(),
        "reason": reason,
        "version": version,
        "successor": successor,
    }
    with terminal.connect() as client:
        terminal.emit(client.post(f"/products/{slug}/deprecate", body), output)


def reinstate(
    slug: Slug,
    reason: Because,
    version: Annotated[str | None, typer.Option(help="Only this version; default is the whole product.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """Take a deprecation back."""
    with terminal.connect() as client:
        terminal.emit(client.post(f"/products/{slug}/reinstate", {"reason": reason, "version": version}), output)


_CONTRACT: tuple[tuple[str, Callable[..., None]], ...] = (
    ("preview", preview),
    ("propose", propose),
    ("changes", list_changes),
    ("asked", list_asked),
    ("change", show_change),
    ("accept", accept),
    ("object", object_to),
    ("hand-on", hand_on),
    ("withdraw", withdraw),
)
_PRODUCT: tuple[tuple[str, Callable[..., None]], ...] = (
    ("versions", list_versions),
    ("consumers", list_consumers),
    ("deprecate", deprecate),
    ("reinstate", reinstate),
)


def enter(contract_app: typer.Typer, product_app: typer.Typer) -> None:
    """Put these commands under ``contract`` and ``product``."""
    for app, commands in ((contract_app, _CONTRACT), (product_app, _PRODUCT)):
        for name, command in commands:
            app.command(name)(command)


def _tell_check(found: dict[str, Any], output: Output) -> None:
    if found["faults"]:
        terminal.emit(found["faults"], output, ("line", "rule", "message"))
        return
    if found["difference"]["changes"]:
        terminal.emit(found["difference"]["changes"], output, _CHANGES)
    if found["findings"]:
        terminal.emit(found["findings"], output, ("level", "rule", "message", "mend"))
    if found["difference"]["fault"]:
        terminal.say(found["difference"]["fault"])
    score = found["score"]
    if score["why_not"]:
        terminal.say(f"the current rows were not held to it: {score['why_not']}")
    else:
        terminal.say(f"of {score['rows']:,} rows {score['failed_rows']:,} would have faults")
    if found["difference"]["breaking"]:
        terminal.say(f"it breaks its readers: {found['consumers']} people would be asked")


def _emit(change: dict[str, Any], output: Output) -> None:
    if output is Output.json:
        terminal.emit(change, output)
        return
    terminal.emit({key: change[key] for key in (*_LISTED, "reason", "effective_because")}, output)
    terminal.emit(change["changes"], output, _CHANGES)
    if change["answers"]:
        terminal.emit(change["answers"], output, _ANSWERS)
