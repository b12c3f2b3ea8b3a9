"""``headway demo``: a simulated company to look at, the spine on a small generated file, and the simulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from headway.entrypoints.cli import company, simulator
from headway.kernel.errors import Unavailable
from headway.kernel.settings import Settings
from headway.portfolio.cli import follow

if TYPE_CHECKING:
    from headway_client import Client, Node
    from headway_client.answers.serving import Decision

START_SECONDS = 90.0
RECORDS = 5
FORM: dict[str, object] = {
    "solution": "sales.lead-scoring",
    "department": "sales",
    "label": "converted",
    "time": "created_at",
    "subject": "lead_id",
    "value_per_success": "120 EUR",
    "cost_per_action": "4 EUR",
}


app = typer.Typer(add_completion=False)
app.command("generate")(simulator.generate)
app.command("spec")(simulator.spec)
app.command("wipe")(company.wipe)


@app.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    *,
    seed: Annotated[
        int, typer.Option(help="Seed of the company: the same one and last day make the same company.")
    ] = 7,
    until: Annotated[
        datetime | None,
        typer.Option(
            help="First day that is not simulated; today without it.", formats=["%Y-%m-%d"], show_default=False
        ),
    ] = None,
    scale: Annotated[float, typer.Option(help="Leads in proportion to the whole company.", min=0.3, max=5.0)] = 1.0,
    usecases: Annotated[int, typer.Option(help="Use cases to open.", min=6, max=40)] = 40,
    every: Annotated[int, typer.Option(help="Days of leads about which is decided at once.", min=1, max=28)] = 1,
) -> None:
    """Show a simulated company: built on the first call, found on later ones, with links to sign in by."""
    if context.invoked_subcommand is None:
        wanted = company.Wanted(
            seed=seed, until=until.date() if until else None, scale=scale, usecases=usecases, every=every
        )
        company.show(wanted)


@app.command("spine")
def spine(
    rows: Annotated[int, typer.Option(help="Leads in the generated file.", min=1000, max=1_000_000)] = 6000,
    seed: Annotated[int, typer.Option(help="Seed of the generator.")] = 7,
) -> None:
    """Take a generated file of leads through the whole spine and leave the node up."""
    _spine(rows, seed)


def _spine(rows: int, seed: int) -> None:
    from headway.solutions.sales import lead_scoring
    from headway_client import Node

    settings = Settings.load()
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    client = reach(settings)
    path = settings.home / "demo" / "leads.csv"
    path.parent.mkdir(exist_ok=True, mode=0o700)
    lead_scoring.write_example(path, rows=rows, seed=seed)
    _step("1", f"a file of {rows} generated leads", str(path))
    with client:
        result = _pilot(client, path)
        with Node(f"http://{settings.node_host}:{settings.node_port}", result["deployment"]["token"]) as node:
            decisions = _decide(
                node, str(result["deployment"]["name"]), lead_scoring.example_records(RECORDS, seed=seed + 1)
            )
        _chain(client, decisions[0].decision)
    _farewell(settings, result)


def reach(settings: Settings) -> Client:
    """Reach the platform of this home, starting it in the background when it does not run."""
    from headway.entrypoints.cli.connection import running_client

    found = running_client(settings)
    if found is not None:
        return found
    log = settings.home / "logs" / "up.log"
    log.parent.mkdir(exist_ok=True, mode=0o700)
    with log.open("ab") as stream:
        command = [sys.executable, "-m", "headway.entrypoints.cli", "up"]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, start_new_session=True, env=os.environ
        )
    deadline = time.monotonic() + START_SECONDS
    while found is None:
        if process.poll() is not None or time.monotonic() > deadline:
            raise Unavailable("the platform did not start", hint=f"read {log}")
        time.sleep(0.2)
        found = running_client(settings)
    return found


def _pilot(client: Client, path: Path) -> dict[str, Any]:
    """Run the pilot as a newcomer would, then once more without the column that Headway warned of."""
    _step("2", "a pilot: contract, checks, training, gate, release, deployment", "")
    first = follow(client, path, dict(FORM))
    for suspect in first["suspects"]:
        _say(f"     suspicious: {suspect['column']}: {suspect['reason']}")
    _say(f"     ROC AUC {first['metrics']['roc_auc']:.3f} with it, which nobody should believe")
    _step("3", "the same pilot without what is known only afterwards", "")
    result = follow(client, path, {**FORM, "exclude": [s["column"] for s in first["suspects"]]})
    _tell(result)
    return result


def _tell(result: Mapping[str, Any]) -> None:
    quality, metrics, verdict = result["quality"], result["metrics"], result["verdict"]
    low, high = metrics["intervals"]["roc_auc"]
    for name, text in {
        "contract": f"{result['product']}: {result['rows']} rows, {quality['failed_rows']} with faults",
        "split": f"by {result['split']['kind']}, {metrics['n_test']} rows to test on",
        "model": f"{result['model']['name']} {result['model']['version']} ({result['model']['learner']})",
        "ROC AUC": f"{metrics['roc_auc']:.3f} (95 % interval {low:.3f} to {high:.3f})",
        "tier": str(result["tier"]),
        "verdict": f"{verdict['result']} for the {verdict['environment']}",
        "report": f"headway pilots report {result['pilot']}",
    }.items():
        _say(f"     {name:<9} {text}")
    for missing in verdict["missing"]:
        _say(f"     missing before production: {missing}")


def _decide(node: Node, deployment: str, records: Sequence[Mapping[str, object]]) -> list[Decision]:
    """Ask the node as soon as it has pulled the release; a snapshot reaches it within seconds."""
    from headway_client import HeadwayError

    deadline = time.monotonic() + 20
    while True:
        try:
            answers = node.decide(deployment, records)
            break
        except HeadwayError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
    _step("4", f"{len(answers)} decisions from the node", "")
    for answer in answers:
        score = "held out" if answer.score is None else f"score {answer.score:.3f}, band {answer.band}"
        reasons = ", ".join(f"{reason.feature}={reason.value}" for reason in answer.reasons[:3])
        _say(f"     {answer.decision}  {score}, {answer.action}" + (f"  because {reasons}" if reasons else ""))
    return answers


def _chain(client: Client, decision: str) -> None:
    """Print the chain of one decision once its log segment has been sealed and taken in."""
    from headway_client import HeadwayError

    deadline = time.monotonic() + 60
    while True:
        try:
            chain = client.decisions.show(decision)
            if chain.complete:
                break
        except HeadwayError:
            if time.monotonic() > deadline:
                raise
        if time.monotonic() > deadline:
            break
        time.sleep(0.5)
    _step("5", f"the chain of evidence of {decision}", "")
    for link in chain.links:
        mark = {True: "ok    ", False: "BROKEN", None: "waits "}[link.verified]
        _say(f"     {mark} {link.kind:<10} {_short(link.ref):<52} {link.note}")
    _say("     every link holds" if chain.verified else "     the chain is broken")


def _short(reference: str) -> str:
    """Cut the digest of a reference to what tells it apart."""
    name, mark, digest = reference.partition("sha256-")
    return name + mark + digest[:12] if mark else reference


def _farewell(settings: Settings, result: Mapping[str, Any]) -> None:
    deployment = result["deployment"]
    _step("6", "the node stays up", str(deployment["url"]))
    _say(f"     try:  curl -s {deployment['url']} -H 'Authorization: Bearer {deployment['token']}' \\")
    _say("             -H 'Content-Type: application/json' -d @" + str(_example(settings)))
    _say("     stop: make down (or 'headway down' with the same HEADWAY_HOME)")


def _example(settings: Settings) -> Path:
    from headway.solutions.sales import lead_scoring

    path = settings.home / "demo" / "lead.json"
    path.write_text(json.dumps(lead_scoring.example_records(1, seed=99)[0], indent=1))
    return path


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _step(number: str, title: str, detail: str) -> None:
    _say(f"\n  {number}. {title}" + (f": {detail}" if detail else ""))
