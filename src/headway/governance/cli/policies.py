"""``headway policy``: packs and the quorum at the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

policy_app = typer.Typer(help="Read and check policy packs.", no_args_is_help=True)

_QUORUM = ("environment", "needed", "changed_by", "changed_at", "reason")


@policy_app.command("list")
def list_packs(output: OutputOption = terminal.Output.table) -> None:
    """List the packs in force."""
    with terminal.connect() as client:
        terminal.emit(client.get("/packs"), output, ("id", "version", "as_of", "title", "digest"))


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
