"""``headway policy``: packs published, switched, and held against the proofs there are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headway.governance.cli.policies import policy_app
from headway.kernel import terminal
from headway.kernel.errors import Invalid
from headway.kernel.terminal import OutputOption

PackName = Annotated[str, typer.Argument(metavar="PACK", help="Name of the pack.", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)]
Others = Annotated[list[str] | None, typer.Option("--pack", help="Also this pack, though it is off.")]
_SWITCHED = ("id", "version", "is_on", "mode", "controls", "digest")
_CONTROL = ("pack", "id", "status", "lacking", "title", "reason")


@policy_app.command("publish")
def publish_pack(
    file: Annotated[Path, typer.Argument(help="A pack as YAML.", exists=True, dir_okay=False, show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Publish a version of an own pack: checked whole, signed, never to change; it is off until it is switched on."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} cannot be read: {error}") from error
    with terminal.connect() as client:
        made = client.post("/packs", {"pack": text})
    terminal.emit({name: made[name] for name in _SWITCHED}, output)


@policy_app.command("on")
def switch_on(
    pack: Annotated[str, typer.Argument(metavar="PACK", help="NAME or NAME@VERSION.", show_default=False)],
    reason: Reason,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Switch a pack on: from now on gates ask it. 'headway policy impact PACK' tells before what that changes."""
    name, _, version = pack.partition("@")
    _switch(name, {"is_on": True, "reason": reason, "version": version or None}, output)


@policy_app.command("off")
def switch_off(pack: PackName, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Switch a pack off: gates ask it no more. Verdicts made before keep their version."""
    _switch(pack, {"is_on": False, "reason": reason}, output)


def _switch(pack: str, body: dict[str, object], output: terminal.Output) -> None:
    with terminal.connect() as client:
        made = client.post(f"/packs/{pack}/switch", body)
    terminal.emit({name: made[name] for name in _SWITCHED}, output)


@policy_app.command("envelope")
def write_envelope(
    pack: PackName,
    to: Annotated[Path, typer.Option("--to", dir_okay=False, help="File to write.", show_default=False)],
    digest: Annotated[str | None, typer.Option(help="A published version by its digest.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Write a published pack in its signed DSSE envelope to a file, which verifies without this system."""
    with terminal.connect() as client:
        data = client.get_bytes(f"/packs/{pack}/envelope", digest=digest)
    to.write_bytes(data)
    terminal.emit({"path": str(to), "bytes": len(data)}, output)


@policy_app.command("crosswalk")
def show_crosswalk(pack: Others = None, output: OutputOption = terminal.Output.table) -> None:
    """Tell which controls of which packs each kind of evidence helps to close."""
    with terminal.connect() as client:
        found = client.get("/packs/crosswalk", pack=pack)
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    rows = [
        {
            **row,
            "packs": len(row["controls"]),
            "controls": "; ".join(f"{p}: {', '.join(c)}" for p, c in row["controls"].items()),
        }
        for row in found["items"]
    ]
    terminal.emit(rows, output, ("evidence", "producer", "packs", "controls"))


@policy_app.command("uses")
def show_uses(
    field: Annotated[str | None, typer.Argument(metavar="FIELD", help="A field, or FORM.FIELD; all by itself.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Tell what uses each field that people fill in: which rules and controls read it, and what else."""
    with terminal.connect() as client:
        found = client.get("/packs/uses", field=field)
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    rows = [
        {
            **one,
            "asked_by": ", ".join(one["asked_by"]),
            "uses": ", ".join(f"{use['kind']} {use['where']}" for use in one["uses"]),
        }
        for one in found["items"]
    ]
    terminal.emit(rows, output, ("form", "field", "asked_by", "uses"))


@policy_app.command("coverage")
def cover_usecase(
    *,
    usecase: Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)],
    environment: Annotated[str, typer.Option(help="sandbox, pilot or production.")] = "production",
    digest: Annotated[str | None, typer.Option(help="Digest of what would be released; the last one released.")] = None,
    pack: Others = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Tell how far each pack is shown for a use case: which controls are closed, and by which proofs."""
    with terminal.connect() as client:
        found = client.get(f"/usecases/{usecase}/coverage", environment=environment, subject_digest=digest, pack=pack)
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit(found["packs"], output, ("pack", "version", "mode", "is_on", "applies", "passed", "upcoming"))
    open_ones = [
        {**one, "pack": part["pack"], "lacking": ", ".join(one["lacking"])}
        for part in found["packs"]
        for one in part["controls"]
        if one["status"] in ("failed", "indeterminate")
    ]
    terminal.emit(open_ones, output, _CONTROL)
