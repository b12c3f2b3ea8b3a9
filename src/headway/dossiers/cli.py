"""``headway dossier``: documents drawn from records, at the terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

app = typer.Typer(help="Make documents from records, for law, supervisors and boards.", no_args_is_help=True)
_STANDINGS = ("kind", "owed", "gaps", "requirements", "newest", "outdated")
_DOSSIERS = ("id", "kind", "usecase", "quarter", "state", "gaps", "requirements", "made_by", "started_at")
_SHOWN = (
    "id",
    "kind",
    "title",
    "usecase",
    "quarter",
    "state",
    "gaps",
    "requirements",
    "digest",
    "content_digest",
    "made_at",
)
_AUDIT = ("rate", "source", "people", "unknown", "min_impact_ratio", "min_cell", "p_value")
UseCase = Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)]
DossierId = Annotated[str, typer.Argument(metavar="DOSSIER", help="Id of the document, dsr_...", show_default=False)]
Kind = Annotated[str, typer.Option(help="annex_iv, dpia, fria, ll144_summary or model_risk.", show_default=False)]


@app.command("status")
def show_status(
    usecase: UseCase,
    gaps: Annotated[str | None, typer.Option("--gaps", help="Tell the gaps of this kind.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Tell which documents a use case owes, what is missing in them now, and which of those made are outdated."""
    with terminal.connect() as client:
        found = client.get(f"/usecases/{usecase}/dossiers")["items"]
    if gaps:
        chosen: list[dict[str, Any]] = next((one["gaps"] for one in found if one["kind"] == gaps), [])
        terminal.emit(chosen, output, ("requirement", "source", "what", "mend"))
        return
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit([_told(one) for one in found], output, _STANDINGS)


@app.command("make")
def make_dossier(
    usecase: UseCase,
    kind: Kind,
    to: Annotated[Path | None, typer.Option("--to", help="Write the PDF here at once.", dir_okay=False)] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Make a document about a use case from the records as they are now; it is kept for ever."""
    with terminal.connect() as client:
        made = client.post(f"/usecases/{usecase}/dossiers", json={"kind": kind})
        if to is not None:
            to.write_bytes(client.get_bytes(f"/dossiers/{made['id']}/files/document.pdf"))
    _show(made, output)


@app.command("audit-bundle")
def make_bundle(
    usecase: UseCase,
    to: Annotated[Path | None, typer.Option("--to", help="Write the zip here.", dir_okay=False)] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Make an auditor's bundle: everything recorded of a use case, with proofs and a program that checks them offline."""
    with terminal.connect() as client:
        started = client.post(f"/usecases/{usecase}/audit-bundle")
        client.wait(started["job"])
        if to is not None:
            to.write_bytes(client.get_bytes(f"/dossiers/{started['dossier']}/files/bundle.zip"))
            terminal.say(
                f"check it anywhere: unzip verify.py from it, then python verify.py {to.name} --trust KEYS.json"
            )
        _show(client.get(f"/dossiers/{started['dossier']}"), output)


@app.command("board-pack")
def make_board_pack(
    quarter: Annotated[str, typer.Argument(metavar="QUARTER", help="Written like 2026-Q3.", show_default=False)],
    to: Annotated[Path | None, typer.Option("--to", help="Write the PDF here.", dir_okay=False)] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Make the board pack of a quarter: portfolio, value, means, control, risks, incidents and the council's work."""
    with terminal.connect() as client:
        started = client.post("/board-packs", json={"quarter": quarter})
        client.wait(started["job"])
        if to is not None:
            to.write_bytes(client.get_bytes(f"/dossiers/{started['dossier']}/files/document.pdf"))
        _show(client.get(f"/dossiers/{started['dossier']}"), output)


@app.command("bias-audit")
def audit_bias(
    usecase: UseCase,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, a row for each person.", exists=True, dir_okay=False)
    ],
    *,
    sex: Annotated[str, typer.Option(help="Column that tells the sex.", show_default=False)],
    race: Annotated[str, typer.Option(help="Column that tells race or ethnicity.", show_default=False)],
    chosen: Annotated[str | None, typer.Option(help="Column that tells who was selected.")] = None,
    positive: Annotated[str | None, typer.Option(help="Its value for those who were.")] = None,
    score: Annotated[str | None, typer.Option(help="Column of the score, where people are scored.")] = None,
    source: Annotated[str, typer.Option(help="own, pooled or test: whose history it is, or test data.")] = "own",
    reason: Annotated[str | None, typer.Option(help="Why it is not the own history.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Count a bias audit (New York City, Local Law 144) from a file, and bring it as evidence; the file is not kept."""
    told = {"sex": sex, "race": race, "chosen": chosen, "positive": positive, "score": score, "source": source}
    form = {name: value for name, value in {**told, "reason": reason}.items() if value is not None}
    with terminal.connect() as client:
        found = client.post(f"/usecases/{usecase}/bias-audits", files={"file": file}, data=form)
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    audit = found["audit"]
    terminal.emit({"evidence": found["evidence"], **{name: audit[name] for name in _AUDIT}}, output)
    for category, groups in audit["groups"].items():
        terminal.say(category)
        terminal.emit(groups, output, ("group", "people", "chosen"))


@app.command("oscal")
def write_oscal(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A use case, or a pack for catalog.", show_default=False)],
    kind: Annotated[str, typer.Option(help="catalog, component-definition or assessment-results.", show_default=False)],
    to: Annotated[Path, typer.Option("--to", help="JSON file to write.", dir_okay=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Write a pack or a use case as OSCAL 1.1.2, for tools that read it."""
    path = f"/packs/{name}/oscal" if kind == "catalog" else f"/usecases/{name}/oscal/{kind}"
    with terminal.connect() as client:
        found = client.get(path)
    data = json.dumps(found, indent=1, ensure_ascii=False).encode()
    to.write_bytes(data)
    terminal.emit({"path": str(to), "bytes": len(data)}, output)


@app.command("list")
def list_dossiers(
    *,
    usecase: Annotated[str | None, typer.Option(help="Only of this use case.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List the documents that were made, newest first."""
    with terminal.connect() as client:
        found = client.get("/dossiers", usecase=usecase, kind=kind, limit=limit, cursor=cursor)
        terminal.emit(found, output, _DOSSIERS)


@app.command("show")
def show_dossier(dossier_id: DossierId, output: OutputOption = terminal.Output.table) -> None:
    """Show a document that was made: its files, digests and gaps."""
    with terminal.connect() as client:
        _show(client.get(f"/dossiers/{dossier_id}"), output)


@app.command("compare")
def compare_dossier(dossier_id: DossierId, output: OutputOption = terminal.Output.table) -> None:
    """Tell whether a document that was made still says what the records say now, and where it does not."""
    with terminal.connect() as client:
        found = client.get(f"/dossiers/{dossier_id}/comparison")
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    told = (
        f"outdated: {', '.join(found['changed'])} read differently now"
        if found["is_outdated"]
        else "as the records are now"
    )
    sys.stdout.write(f"{told}\n")


@app.command("download")
def download_dossier(
    dossier_id: DossierId,
    to: Annotated[
        Path, typer.Option("--to", help="File to write; its ending .pdf, .docx, .md or .json chooses which.")
    ],
    name: Annotated[str | None, typer.Option(help="Name of the file, where the ending does not say it.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Download a file of a document that was made."""
    chosen = name or f"document{to.suffix}"
    with terminal.connect() as client:
        data = client.get_bytes(f"/dossiers/{dossier_id}/files/{chosen}")
    to.write_bytes(data)
    terminal.emit({"path": str(to), "bytes": len(data)}, output)


def _told(one: dict[str, Any]) -> dict[str, Any]:
    newest = one["newest"]
    owed = {True: "yes", False: "no", None: "not known"}[one["due"]["is_due"]]
    return {
        "kind": one["kind"],
        "owed": owed,
        "gaps": len(one["gaps"]),
        "requirements": one["requirements"],
        "newest": newest["id"] if newest else "–",
        "outdated": {True: "yes", False: "no", None: "–"}[one["is_outdated"]],
    }


def _show(found: dict[str, Any], output: terminal.Output) -> None:
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit({name: found[name] for name in _SHOWN}, output)
    terminal.emit(found["files"], output, ("name", "bytes", "digest"))
