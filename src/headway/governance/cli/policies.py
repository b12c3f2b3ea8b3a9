"""``headway policy``: packs and the quorum at the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.errors import Invalid
from headway.kernel.terminal import OutputOption

policy_app = typer.Typer(help="Read and check policy packs.", no_args_is_help=True)

STOPPED = 5
_IMPACT = ("usecase", "what", "before", "after", "reason")
_QUORUM = ("environment", "needed", "changed_by", "changed_at", "reason")


@policy_app.command("list")
def list_packs(
    *,
    published: Annotated[bool, typer.Option("--all", help="Every published version, on or off.")] = False,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List the packs in force."""
    with terminal.connect() as client:
        if published:
            shown = ("id", "version", "is_on", "is_newer", "mode", "controls", "as_of", "title")
            terminal.emit(client.get("/packs/published"), output, shown)
        else:
            terminal.emit(client.get("/packs"), output, ("id", "version", "mode", "as_of", "title", "digest"))


@policy_app.command("show")
def show_pack(
    pack: Annotated[str, typer.Argument(metavar="PACK", help="Name of the pack.", show_default=False)],
    digest: Annotated[str | None, typer.Option(help="A published version by its digest.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show a pack with its rules and controls."""
    with terminal.connect() as client:
        found = client.get(f"/packs/{pack}", digest=digest)
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit({n: found[n] for n in ("id", "version", "title", "as_of", "digest", "note")}, output)
    terminal.emit(found["tier_rules"], output, ("id", "tier", "when", "source", "confidence"))
    terminal.emit(found["controls"], output, ("id", "enforce", "valid_from", "confidence", "title"))


@policy_app.command("quorum")
def show_quorum(output: OutputOption = terminal.Output.table) -> None:
    """Show how many people besides the requester must say yes before an approval counts."""
    with terminal.connect() as client:
        terminal.emit(client.get("/quorums"), output, _QUORUM)


@policy_app.command("set-quorum")
def set_quorum(
    environment: Annotated[str, typer.Argument(help="pilot or production.", show_default=False)],
    needed: Annotated[int, typer.Argument(help="How many people, 1 to 9.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Change how many people must say yes; raising it holds for open requests too, lowering it for new ones only."""
    with terminal.connect() as client:
        made = client.put(f"/quorums/{environment}", json={"needed": needed, "reason": reason})
    terminal.emit({name: made[name] for name in _QUORUM}, output)


@policy_app.command("lint")
def lint_pack(
    file: Annotated[Path, typer.Argument(help="A pack as YAML.", exists=True, dir_okay=False, show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Check a pack file: schema, every expression compiled, nothing that hides an unknown fact."""
    from headway.governance.adapters import read_pack_file

    pack = read_pack_file(file).pack
    found = {"id": pack.id, "version": pack.version, "digest": pack.digest, "controls": len(pack.controls), "faults": 0}
    terminal.emit(found, output)


@policy_app.command("template")
def pack_template(output: OutputOption = terminal.Output.table) -> None:
    """Print a commented starter of the organisation's own pack, as YAML; nothing is put in force."""
    from headway.governance.adapters import read_pack, template

    text = template()
    if output is terminal.Output.json:
        terminal.emit(read_pack(text).body, output)
        return
    typer.echo(text, nl=False)


@policy_app.command("diff")
def diff_pack(
    old: Annotated[
        str, typer.Argument(help="A pack as YAML, or a published one: NAME or NAME@VERSION.", show_default=False)
    ],
    new: Annotated[Path, typer.Argument(help="A pack as YAML.", exists=True, dir_okay=False, show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Tell what a pack changes: what came, what went, what reads differently."""
    from headway.governance.adapters import read_pack_file

    body: dict[str, str | None] = {"new": _text(new)}
    if Path(old).is_file():
        body["old"] = _text(Path(old))
    else:
        name, _, version = old.partition("@")
        if name != read_pack_file(new).pack.id:
            raise Invalid(f"{old} is no file, and {new} is no version of a pack {name!r}")
        body["old_version"] = version or None
    with terminal.connect() as client:
        found = client.post("/packs/diff", body)
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.say(f"{found['old']} to {found['new']}: {len(found['changes'])} changes")
    rows = [row for one in found["changes"] for row in _rows_of(one)]
    terminal.emit(rows, output, ("part", "id", "change", "field", "before", "after"))


@policy_app.command("impact")
def pack_impact(
    new: Annotated[
        str | None,
        typer.Argument(help="A pack that would be switched on: YAML, or a published one, NAME or NAME@VERSION."),
    ] = None,
    without: Annotated[str | None, typer.Option(help="A pack that would be switched off.")] = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to look at; today.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Tell which use cases change with a pack, or on a day, before anything is switched on; exit code 5 when one is stopped."""
    body: dict[str, str | None] = {"on": on.date().isoformat() if on else None, "without": without}
    if new is not None:
        body |= {"pack": _text(Path(new))} if Path(new).is_file() else {"published": new}
    with terminal.connect() as client:
        found = client.post("/packs/impact", body)
    stopped = [
        one["usecase"]
        for one in found["usecases"]
        if any(made["after"] == "block" != made["before"] for made in one["subjects"])
    ]
    if output is terminal.Output.json:
        terminal.emit(found, output)
    else:
        counts = f"{found['looked_at']} use cases and {found['gates_asked']} releases looked at for {found['on']}"
        terminal.say(f"{counts}: {len(found['usecases'])} change, {len(stopped)} would be stopped")
        terminal.emit([row for one in found["usecases"] for row in _changes_of(one)], output, _IMPACT)
    if stopped:
        raise typer.Exit(STOPPED)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read: {error}") from error


def _rows_of(change: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    about = {name: change[name] for name in ("part", "id", "change")}
    for one in change["fields"] or [{"name": None, "before": None, "after": None}]:
        yield {**about, "field": one["name"], "before": one["before"], "after": one["after"]}


def _changes_of(usecase: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for a tier that changes, and for each control of each release that answers differently."""
    slug, before, after = usecase["usecase"], usecase["tier_before"], usecase["tier_after"]
    if before != after or usecase["facts_needed"]:
        why = "needed: " + "; ".join(usecase["facts_needed"]) if usecase["facts_needed"] else "by the rules"
        yield {"usecase": slug, "what": "tier", "before": before, "after": after, "reason": why}
    for one in usecase["subjects"]:
        where = f"{one['subject']} in {one['environment']}"
        yield {"usecase": slug, "what": where, "before": one["before"], "after": one["after"], "reason": "gate"}
        for made in one["controls"]:
            was, will = made["before"] or "not asked", made["after"] or "not asked"
            yield {"usecase": slug, "what": made["id"], "before": was, "after": will, "reason": made["reason"]}
