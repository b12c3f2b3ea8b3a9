"""``headway gate``: ask it, from a terminal or a pipeline, about what starts and what is at work; believe its answer elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from headway.governance.admissions import digest_in
from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

if TYPE_CHECKING:
    from headway_client import Client

gate_app = typer.Typer(help="Ask a gate for its verdict.", no_args_is_help=True)

BLOCKED = 5
PIPELINE = "pre_deploy"
_FOUND = ("state", "usecase", "environment", "control", "since", "suspends_at", "reason")
_REFERENCE = re.compile(r"[a-z][a-z0-9-]*:")
_SHOWN = ("result", "environment", "subject", "subject_digest", "usecase", "verdict", "valid_until")
Subject = Annotated[
    str,
    typer.Argument(
        metavar="SUBJECT",
        help="A use case, kind:name@version, a digest sha256-HEX, image@sha256:HEX, or the path of a bundle or file.",
        show_default=False,
    ),
]


@gate_app.callback()
def gates() -> None:
    """Ask a gate for its verdict."""


@gate_app.command("check")
def check_gate(
    *,
    named: Subject,
    environment: Annotated[str, typer.Option(help="sandbox, pilot or production.")],
    gate: Annotated[str, typer.Option(help="The gate that is asked anew.")] = PIPELINE,
    digest: Annotated[
        str | None, typer.Option(help="Of a use case: what would be released; default: the last one released.")
    ] = None,
    subject: Annotated[str | None, typer.Option(help="Of a use case: its reference, kind:name@version.")] = None,
    to: Annotated[Path | None, typer.Option(dir_okay=False, help="File to write the signed answer to.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Ask whether something may be put to work; exit code 0 for pass and warn, 5 for block.

    A use case is asked about as it stands; everything else needs a verdict that counts now. A refusal is kept in the ledger.
    """
    asked = {"environment": environment, "gate": gate}
    with terminal.connect() as client:
        if _is_usecase(named) and (found := _of_usecase(client, named, asked, digest, subject)) is not None:
            if found["result"] == "block" or to is not None:
                _ask(client, {"subject": found["subject_digest"], **asked}, to)
            _tell_gate(found, output)
            result = found["result"]
        else:
            answer = _ask(client, {**_named(named), **asked}, to)
            _tell(answer, output)
            result = answer["admission"]["result"]
    if result == "block":
        raise typer.Exit(BLOCKED)


@gate_app.command("operate")
def operate(
    *,
    slug: Annotated[str | None, typer.Argument(metavar="USECASE", help="Only this use case.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Ask the operate gate about what is at work; exit code 5 when something is suspended.

    It happens by itself each few minutes. What is lost is warned about, and suspended after its days of grace.
    """
    with terminal.connect() as client:
        run = client.post("/operate", {"usecase": slug})
    if output is terminal.Output.json:
        terminal.emit(run, output)
    else:
        lost = [
            {**control, "environment": one["environment"], "usecase": one["usecase"]}
            for one in run["answers"]
            for control in one["controls"]
            if slug or control["status"] in ("failed", "indeterminate")
        ]
        if lost:
            terminal.emit(lost, output, ("usecase", "environment", "id", "status", "enforce", "reason"))
        if run["findings"]:
            terminal.emit(run["findings"], output, _FOUND)
        terminal.say(f"asked about {run['asked']} at work: {len(run['findings'])} findings stand open")
    if any(one["state"] == "suspended" for one in run["findings"]):
        raise typer.Exit(BLOCKED)


@gate_app.command("findings")
def list_findings(
    *,
    usecase: Annotated[str | None, typer.Option(help="Only of this use case.")] = None,
    environment: Annotated[str | None, typer.Option(help="Only of this environment.")] = None,
    state: Annotated[str | None, typer.Option(help="warned, suspended or cleared; all by itself.")] = None,
    search: Annotated[str, typer.Option(help="Words in them.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="How many to leave out first.")] = 0,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List what the operate gate found, what is suspended first."""
    asked = {"usecase": usecase, "environment": environment, "state": state}
    with terminal.connect() as client:
        found = client.get("/operate/findings", **asked, search=search, limit=limit, offset=offset)
    terminal.emit(found, output, _FOUND)


@gate_app.command("verify")
def verify_answer(
    answer: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A signed answer.", show_default=False)],
    trust: Annotated[
        Path,
        typer.Option(exists=True, dir_okay=False, help="Keys you trust, JSON {key id: base64}.", show_default=False),
    ],
    subject: Annotated[str | None, typer.Option(help="The digest that it must be about.")] = None,
    environment: Annotated[str | None, typer.Option(help="The environment that it must be about.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Verify a signed answer without the platform; exit code 5 when it does not let the subject in here and now."""
    from headway.governance import admissions
    from headway.kernel import clock
    from headway.ledger import read_trust

    found = admissions.opened(read_trust(trust), answer.read_bytes())
    wrong = admissions.objections(found, now=clock.now(), subject=subject, environment=environment)
    told = {
        "allowed": not wrong,
        "subject": found.subject,
        "subject_digest": found.subject_digest,
        "environment": found.environment,
        "verdict": found.verdict,
        "asked_by": found.asked_by,
        "valid_until": clock.iso(found.valid_until),
        "key_id": found.key_id,
        "reasons": [one.reason for one in wrong],
    }
    terminal.emit(told, output)
    if wrong:
        raise typer.Exit(BLOCKED)


@gate_app.command("bind")
def bind_image(
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="The image by digest: name@sha256:HEX.")],
    bundle: Annotated[str, typer.Argument(metavar="BUNDLE", help="The digest of the bundle in it, or its path.")],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Say which bundle an image carries, so that clusters let it in when the bundle is approved. For services only."""
    named = bundle if digest_in(bundle) else _digest_at(bundle)
    with terminal.connect() as client:
        terminal.emit(client.post("/image-bindings", {"image": image, "bundle": named}), output)


def _is_usecase(named: str) -> bool:
    return not (digest_in(named) or _REFERENCE.match(named) or _is_path(named))


def _is_path(named: str) -> bool:
    return named.startswith(".") or "/" in named or "\\" in named or ("." in named and Path(named).is_file())


def _named(named: str) -> Mapping[str, object]:
    """What is asked about: a local artefact by its digest, and what is wrong with it; anything else by its name."""
    if digest_in(named) or _REFERENCE.match(named) or not _is_path(named):
        return {"subject": named}
    from headway.governance.adapters import look_at

    found = look_at(Path(named))
    return {"subject": found.digest, "problems": list(found.problems)}


def _digest_at(path: str) -> str:
    from headway.governance.adapters import look_at
    from headway.kernel.errors import Conflict

    found = look_at(Path(path))
    if found.problems:
        raise Conflict("; ".join(found.problems), hint="build the bundle anew")
    return found.digest


def _of_usecase(client: Client, slug: str, asked: Mapping[str, object], digest: str | None, subject: str | None) -> Any:  # noqa: ANN401  an answer of the API
    """What the gate says of a use case as it stands; None where there is nothing to ask about."""
    from headway_client import NotFound

    try:
        return client.get(f"/usecases/{slug}/gate", subject_digest=digest, subject=subject, **asked)
    except NotFound:
        return None


def _ask(client: Client, asked: Mapping[str, object], to: Path | None) -> Any:  # noqa: ANN401  an answer of the API
    answer = client.post("/admissions", asked)
    if to is not None:
        to.write_text(json.dumps(json.loads(answer["envelope"])), encoding="utf-8")
    return answer


def _tell_gate(found: Mapping[str, Any], output: terminal.Output) -> None:
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit({n: found[n] for n in ("result", "environment", "tier", "subject", "subject_digest")}, output)
    shown = [c for c in found["controls"] if c["status"] != "not_applicable"]
    terminal.emit(shown, output, ("id", "status", "enforce", "title", "reason"))
    if found["exceptions"]:
        until = found["exceptions_until"]
        terminal.say(f"rests on exceptions, until {until} at the latest: {', '.join(found['exceptions'])}")
    for line in found["missing"]:
        terminal.say(f"before production: {line}")


def _tell(answer: Mapping[str, Any], output: terminal.Output) -> None:
    if output is terminal.Output.json:
        terminal.emit(answer, output)
        return
    given = answer["admission"]
    terminal.emit({name: given[name] for name in _SHOWN}, output)
    for one in given["reasons"]:
        terminal.say(f"refused: {one['reason']} ({one['code']})")
    for line in given["missing"]:
        terminal.say(f"before production: {line}")
