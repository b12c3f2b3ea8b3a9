"""``headway model``: train, inspect and release models."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from headway.kernel import terminal

if TYPE_CHECKING:
    from headway_client import Client

app = typer.Typer(help="Train, inspect and release models.", no_args_is_help=True)
Version = Annotated[str, typer.Argument(help="A version, for example model:lead-scoring@3.", show_default=False)]
ReleaseId = Annotated[str, typer.Argument(help="Id of a release, for example rel_01k...", show_default=False)]
_NOT_PASSED = ("failed", "indeterminate")
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the ledger.", show_default=False)]


@app.command("train")
def train(
    *,
    product: Annotated[str, typer.Argument(help="Data product, for example sales.leads.", show_default=False)],
    label: Annotated[str | None, typer.Option(help="Column to predict; default is the contract's.")] = None,
    positive: Annotated[str | None, typer.Option(help="Value of the label that counts as success.")] = None,
    usecase: Annotated[str | None, typer.Option(help="Use case that the model is for.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the model; default is the use case's or product's.")] = None,
    time: Annotated[str | None, typer.Option(help="Column that orders the rows in time.")] = None,
    ordered: Annotated[bool, typer.Option("--ordered", help="The rows stand in order of time.")] = False,
    no_order_because: Annotated[str | None, typer.Option(help="Why the rows have no order in time.")] = None,
    subject: Annotated[str | None, typer.Option(help="Column that names the one decided about.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Column to leave out; may be given again.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random.", min=0)] = None,
    output: terminal.OutputOption = terminal.Output.table,
) -> None:
    """Train a model on a data product and wait for it."""
    wish = {
        "product": product,
        "label": label,
        "positive": positive,
        "usecase": usecase,
        "name": name,
        "time": time,
        "ordered": ordered,
        "split_reason": no_order_because,
        "subject": subject,
        "exclude": exclude or [],
        "seed": seed,
    }
    with terminal.connect() as client:
        job = client.post("/runs", json={key: value for key, value in wish.items() if value is not None})
        result = client.wait(job["job"])
    for warning in result.get("warnings", []):
        terminal.say(f"! {warning}")
    terminal.emit(result, output)


@app.command("list")
def list_models(
    usecase: Annotated[str | None, typer.Option(help="Only models of this use case.")] = None,
    department: Annotated[str | None, typer.Option(help="Only of this department.")] = None,
    limit: Annotated[int, typer.Option(help="How many, by name.", min=1, max=1000)] = 50,
    output: terminal.OutputOption = terminal.Output.table,
) -> None:
    """List models."""
    with terminal.connect() as client:
        found = client.get("/models", usecase=usecase, department=department, limit=limit)
    terminal.emit(found, output, ["name", "usecase", "versions", "latest", "aliases", "created_at"])


@app.command("show")
def show(
    version: Annotated[
        str, typer.Argument(help="A model or version: lead-scoring or model:lead-scoring@3.", show_default=False)
    ],
    output: terminal.OutputOption = terminal.Output.table,
) -> None:
    """Show a version with all its figures; without a number the newest."""
    with terminal.connect() as client:
        name, number = _resolve(client, version)
        terminal.show(client.get(f"/models/{name}/versions/{number}"), output, _version)


@app.command("versions")
def versions(
    name: Annotated[str, typer.Argument(help="A model.", show_default=False)],
    output: terminal.OutputOption = terminal.Output.table,
) -> None:
    """List the versions of a model, newest first."""
    with terminal.connect() as client:
        found = client.get(f"/models/{_name(name)}/versions")
    terminal.emit(found, output, ["ref", "learner", "run", "created_at"])


@app.command("card")
def card(version: Version, output: terminal.OutputOption = terminal.Output.table) -> None:
    """Print the model card: Markdown, or its facts as JSON."""
    with terminal.connect() as client:
        name, number = _resolve(client, version)
        path = f"/models/{name}/versions/{number}"
        if output is terminal.Output.json:
            terminal.emit(client.get(path)["report"], output)
        else:
            sys.stdout.write(client.get_bytes(f"{path}/card").decode())


@app.command("alias")
def alias(
    version: Version,
    name: Annotated[str, typer.Argument(help="The alias, for example champion.", show_default=False)],
    output: terminal.OutputOption = terminal.Output.table,
) -> None:
    """Point an alias at a version; it names a version and releases nothing."""
    with terminal.connect() as client:
        model, number = _resolve(client, version)
        terminal.emit(client.put(f"/models/{model}/aliases/{name}", json={"version": int(number)}), output)


@app.command("clear")
def clear(
    version: Version,
    column: Annotated[str, typer.Option(help="The suspicious column that may stay.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)],
    output: terminal.OutputOption = terminal.Output.table,
) -> None:
    """Clear a suspicious column of a version with a reason; approvals asked for before no longer count."""
    with terminal.connect() as client:
        name, number = _resolve(client, version)
        body = {"column": column, "reason": reason}
        made = client.post(f"/models/{name}/versions/{number}/clearances", json=body)
    terminal.show(made, output, _clearance)


@app.command("release")
def release(
    version: Version,
    environment: Annotated[str, typer.Option(help="sandbox, pilot or production.")] = "sandbox",
    usecase: Annotated[str | None, typer.Option(help="Use case, when the version was trained for none.")] = None,
    output: terminal.OutputOption = terminal.Output.table,
) -> None:
    """Ask for a release; above the sandbox a second person must approve it."""
    with terminal.connect() as client:
        name, number = _resolve(client, version)
        body = {"version": f"model:{name}@{number}", "environment": environment, "usecase": usecase}
        made = client.post("/releases", json={key: value for key, value in body.items() if value is not None})
    if made["status"] == "requested":
        terminal.say(f"asked for; another person approves it with: headway model approve {made['id']} --reason ...")
    terminal.show(made, output, _release)


@app.command("releases")
def list_releases(
    *,
    model: Annotated[str | None, typer.Option(help="Only releases of this model.")] = None,
    environment: Annotated[str | None, typer.Option(help="Only releases into this environment.")] = None,
    status: Annotated[str | None, typer.Option(help="requested, approved, rejected or released.")] = None,
    department: Annotated[str | None, typer.Option(help="Only of this department.")] = None,
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1, max=1000)] = 50,
    output: terminal.OutputOption = terminal.Output.table,
) -> None:
    """List releases, newest first."""
    with terminal.connect() as client:
        found = client.get(
            "/releases", model=model, environment=environment, status=status, department=department, limit=limit
        )
    terminal.emit(found, output, ["id", "version", "environment", "status", "requested_by", "decided_by", "created_at"])


@app.command("approve")
def approve(release_id: ReleaseId, reason: Reason, output: terminal.OutputOption = terminal.Output.table) -> None:
    """Approve a release that somebody else asked for."""
    with terminal.connect() as client:
        made = client.post(f"/releases/{release_id}/approvals", json={"reason": reason})
        approval = client.get(f"/approvals/{made['approval']}") if made["status"] == "requested" else None
    if approval:
        terminal.say(f"your yes is kept; {len(approval['votes'])} of {approval['needed']} needed are there")
    if made["status"] == "approved":
        terminal.say("approved, but the gate still blocks it; 'headway gate check' says why")
    terminal.show(made, output, _release)


@app.command("reject")
def reject(release_id: ReleaseId, reason: Reason, output: terminal.OutputOption = terminal.Output.table) -> None:
    """Reject a release, or take your own request back."""
    with terminal.connect() as client:
        terminal.show(client.post(f"/releases/{release_id}/rejection", json={"reason": reason}), output, _release)


@app.command("revoke")
def revoke(release_id: ReleaseId, reason: Reason, output: terminal.OutputOption = terminal.Output.table) -> None:
    """Stop a released version for good, in every environment; another version must be trained."""
    with terminal.connect() as client:
        terminal.show(client.post(f"/releases/{release_id}/revocation", json={"reason": reason}), output, _release)


def _release(made: Mapping[str, Any]) -> dict[str, object]:
    """The lines of a release; its verdict as result and environment."""
    verdict = made["verdict"]
    names = (
        "id",
        "version",
        "environment",
        "usecase",
        "status",
        "requested_by",
        "decided_by",
        "break_glass",
        "reason",
        "released_at",
    )
    lines: dict[str, object] = {name: made[name] for name in names}
    if verdict is not None:
        open_ones = [f"{c['id']}: {c['reason']}" for c in verdict["controls"] if c["status"] in _NOT_PASSED]
        lines["verdict"] = f"{verdict['result']} in {verdict['environment']}, until {verdict['serve_until']}"
        lines |= {"not passed": open_ones} if open_ones else {}
        waived = [f"{c['id']}: {c['reason']}" for c in verdict["controls"] if c["status"] == "waived"]
        lines |= {"waived": waived} if waived else {}
    if made["revoked_at"] is not None:
        lines["revoked"] = f"{made['revoked_at']} by {made['revoked_by']}: {made['revoked_because']}"
    return lines


def _version(made: Mapping[str, Any]) -> dict[str, object]:
    """The lines of a version: what it is, how good, and what to look at."""
    report = made["report"]
    metrics, label = report["metrics"], report["label"]
    return {
        **{name: made[name] for name in ("ref", "usecase", "learner", "digest", "run", "made_by", "created_at")},
        "predicts": f"{label['column']} = {label['positive']} (rate {label['rate']:.4f})",
        "data": f"{report['data']['product'] or 'a file'}, {report['data']['rows']:,} rows",
        "features": str(len(report["features"])),
        "split": f"{report['split']['kind']}, {metrics['n_test']:,} test rows",
        **{name: _figure(metrics, name) for name in ("roc_auc", "average_precision", "log_loss", "ece", "lift_10")},
        "believable": "yes" if report["believable"] else "no",
        "suspects": [f"{one['column']} ({one['severity']}): {one['reason']}" for one in report["suspects"]],
        "warnings": report["warnings"],
    }


def _figure(metrics: Mapping[str, Any], name: str) -> str:
    value, interval = metrics[name], metrics["intervals"].get(name)
    if value is None:
        return "-"
    return f"{value:.4f}" + (f" ({interval[0]:.4f} to {interval[1]:.4f})" if interval else "")


def _clearance(made: Mapping[str, Any]) -> dict[str, object]:
    return {"version": made["subject"], **made["facts"], "by": made["producer"], "evidence": made["id"]}


def _name(text: str) -> str:
    return text.removeprefix("model:").partition("@")[0]


def _resolve(client: Client, text: str) -> tuple[str, str]:
    """Name and number of a version; the newest when none is given."""
    name, _, number = text.removeprefix("model:").partition("@")
    if number:
        return name, number
    latest = client.get(f"/models/{name}")["latest"]
    return name, str(latest)
