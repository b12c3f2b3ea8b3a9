"""``headway deployment``, ``headway decision`` and ``headway outcomes``: serving at the terminal."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Annotated

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

deployment_app = typer.Typer(help="Deploy releases and grant their use.", no_args_is_help=True)
decision_app = typer.Typer(help="Look up decisions and their chain of evidence.", no_args_is_help=True)
outcomes_app = typer.Typer(help="Bring in what came of decisions.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="DEPLOYMENT", help="Name of the deployment.", show_default=False)]
Environment = Annotated[str, typer.Option(help="sandbox, pilot or production.")]
Reason = Annotated[str, typer.Option(help="Why; it goes into the ledger.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many.")]
Cursor = Annotated[str | None, typer.Option(help="Go on where the page before ended.")]
_LISTED = ("name", "environment", "state", "usecase", "version", "expires_at", "url")
_DECISIONS = ("id", "at", "deployment", "arm", "score", "band", "action", "principal")
_GRANTS = ("id", "deployment", "environment", "scope", "principal", "expires_at", "revoked_at")


@deployment_app.command("list")
def list_deployments(
    *,
    environment: Annotated[str | None, typer.Option(help="Only of this environment.")] = None,
    usecase: Annotated[str | None, typer.Option(help="Only of this use case.")] = None,
    department: Annotated[str | None, typer.Option(help="Only of this department.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List deployments, newest first."""
    with terminal.connect() as client:
        page = client.get(
            "/deployments",
            environment=environment,
            usecase=usecase,
            department=department,
            limit=limit,
            cursor=cursor,
        )
    terminal.emit(page, output, _LISTED)


@deployment_app.command("show")
def show_deployment(
    name: Name, environment: Environment = "sandbox", output: OutputOption = terminal.Output.table
) -> None:
    """Show a deployment."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/deployments/{name}", environment=environment), output)


@deployment_app.command("create")
def create_deployment(
    *,
    name: Name,
    usecase: Annotated[str, typer.Option(help="Use case it decides for.")],
    version: Annotated[str, typer.Option(help="Released version, model:NAME@N.")],
    environment: Environment = "sandbox",
    holdout_share: Annotated[float, typer.Option(min=0, max=0.99, help="Part of the subjects that is held out.")] = 0.1,
    subject: Annotated[str | None, typer.Option(help="Field of a record that names its subject.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Deploy a released version, or put it in place of the one that serves under this name."""
    body = {
        "name": name,
        "usecase": usecase,
        "version": version,
        "environment": environment,
        "holdout_share": holdout_share,
        "subject_field": subject,
    }
    with terminal.connect() as client:
        terminal.emit(client.post("/deployments", json=body), output)


@deployment_app.command("suspend")
def suspend(
    name: Name, reason: Reason, environment: Environment = "sandbox", output: OutputOption = terminal.Output.table
) -> None:
    """Stop a deployment from deciding; nodes follow within seconds."""
    _change("suspend", name, environment, reason, output)


@deployment_app.command("kill")
def kill(
    reason: Reason,
    usecase: Annotated[str | None, typer.Option(help="Everything of this use case.")] = None,
    department: Annotated[str | None, typer.Option(help="Everything in this department and those below it.")] = None,
    vendor: Annotated[str | None, typer.Option(help="Everything that rests on this vendor's systems.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """The kill switch: stop all that a use case, a department or a vendor has at work; nodes follow within seconds."""
    scope = {"usecase": usecase, "department": department, "vendor": vendor}
    with terminal.connect() as client:
        made = client.post("/kill-switch", {**scope, "reason": reason})
    if output is terminal.Output.json:
        terminal.emit(made, output)
        return
    terminal.emit(made["deployments"], output, ("name", "environment", "state", "usecase", "version"))
    terminal.say(f"{len(made['deployments'])} stopped for {made['scope']}")


@deployment_app.command("resume")
def resume(
    name: Name, reason: Reason, environment: Environment = "sandbox", output: OutputOption = terminal.Output.table
) -> None:
    """Let a suspended deployment decide again."""
    _change("resume", name, environment, reason, output)


@deployment_app.command("retire")
def retire(
    name: Name, reason: Reason, environment: Environment = "sandbox", output: OutputOption = terminal.Output.table
) -> None:
    """End a deployment for good and free its name."""
    _change("retire", name, environment, reason, output)


@deployment_app.command("limit")
def set_limit(
    name: Name,
    per_day: Annotated[int, typer.Option(min=0, help="Decisions a day at most; 0 lifts the limit.")],
    environment: Environment = "sandbox",
    output: OutputOption = terminal.Output.table,
) -> None:
    """Set how many decisions a day a deployment makes at most."""
    body = {"environment": environment, "decisions_per_day": per_day or None}
    with terminal.connect() as client:
        terminal.emit(client.post(f"/deployments/{name}/limits", json=body), output)


@deployment_app.command("grant")
def give_grant(
    *,
    name: Name,
    principal: Annotated[
        str | None, typer.Option("--to", help="Who gets it: service:NAME or person:ID; yourself when left out.")
    ] = None,
    scope: Annotated[list[str] | None, typer.Option(help="decide or outcome; both when left out.")] = None,
    token_hash: Annotated[str | None, typer.Option(help="Of a token there is; else a new one is made.")] = None,
    expires: Annotated[
        str | None, typer.Option(help="Last moment, as 2027-01-31T00:00:00Z; 90 days when left out.")
    ] = None,
    environment: Environment = "sandbox",
    output: OutputOption = terminal.Output.table,
) -> None:
    """Let somebody use a deployment; a new token is shown this once."""
    body: dict[str, object] = {"deployment": name, "environment": environment, "principal": principal}
    body |= {
        key: value for key, value in (("scopes", scope), ("token_hash", token_hash), ("expires_at", expires)) if value
    }
    with terminal.connect() as client:
        made = client.post("/grants", json=body)
    if output is terminal.Output.json:
        terminal.emit(made, output)
        return
    terminal.emit(made["grants"], output, _GRANTS)
    if made["token"]:
        terminal.say("the token, shown this once:")
        terminal.emit(made["token"], output)


@deployment_app.command("grants")
def list_grants(
    *,
    name: Annotated[str | None, typer.Argument(metavar="DEPLOYMENT", help="Only of this deployment.")] = None,
    environment: Annotated[str | None, typer.Option(help="Only of this environment.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List grants, newest first."""
    with terminal.connect() as client:
        page = client.get("/grants", deployment=name, environment=environment, limit=limit, cursor=cursor)
    terminal.emit(page, output, _GRANTS)


@deployment_app.command("revoke")
def revoke_grant(
    grant: Annotated[str, typer.Argument(metavar="GRANT", help="Id of the grant.")],
    reason: Reason,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Take a grant back; nodes follow within seconds."""
    with terminal.connect() as client:
        terminal.emit(client.post(f"/grants/{grant}/revoke", json={"reason": reason}), output)


@deployment_app.command("figures")
def show_figures(
    name: Name,
    environment: Environment = "sandbox",
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days up to today.")] = 30,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Count what a deployment decided over the last days."""
    with terminal.connect() as client:
        found = client.get(f"/deployments/{name}/figures", environment=environment, days=days)
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit(found["arms"], output, ("arm", "decisions", "mean_score"))
    terminal.emit(found["actions"], output, ("band", "action", "decisions"))


@deployment_app.command("try")
def try_deployment(
    *,
    name: Name,
    field: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A field of the record; may be repeated.")
    ] = None,
    environment: Environment = "sandbox",
    output: OutputOption = terminal.Output.table,
) -> None:
    """Ask for one decision in your own name; without --set, list the fields there are."""
    with terminal.connect() as client:
        fields = client.get(f"/deployments/{name}/fields", environment=environment)["items"]
        if not field:
            terminal.emit(fields, output, ("name", "type", "is_required", "choices", "minimum", "maximum", "example"))
            return
        body = {"environment": environment, "record": _record(fields, field)}
        made = client.post(f"/deployments/{name}/try", json=body)
    if output is terminal.Output.json:
        terminal.emit(made, output)
        return
    terminal.emit({key: value for key, value in made.items() if key != "reasons"}, output)
    terminal.emit(made["reasons"], output, ("label", "value", "contribution"))


def _record(fields: list[dict[str, object]], told: list[str]) -> dict[str, object]:
    """Make a record of FIELD=VALUE; numbers, true and false as what they are where the field is one."""
    kinds = {str(field["name"]): str(field["type"]) for field in fields}
    record: dict[str, object] = {}
    for pair in told:
        name, _, text = pair.partition("=")
        record[name] = text
        if kinds.get(name) in ("number", "integer", "boolean"):
            with contextlib.suppress(ValueError):
                record[name] = json.loads(text)
    return record


@decision_app.command("list")
def list_decisions(
    *,
    deployment: Annotated[str | None, typer.Option(help="Only of this deployment.")] = None,
    environment: Annotated[str | None, typer.Option(help="Only of this environment.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List decisions that were taken in, newest first."""
    with terminal.connect() as client:
        page = client.get("/decisions", deployment=deployment, environment=environment, limit=limit, cursor=cursor)
    terminal.emit(page, output, _DECISIONS)


@decision_app.command("show")
def show_decision(
    decision: Annotated[
        str, typer.Argument(metavar="DECISION", help="Id of the decision, dec_...", show_default=False)
    ],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show every link from who asked to the ledger's proofs, each checked anew."""
    with terminal.connect() as client:
        chain = client.get(f"/decisions/{decision}")
    if output is terminal.Output.json:
        terminal.emit(chain, output)
        return
    marks = {True: "ok", False: "BROKEN", None: "waits"}
    rows = [{**one, "": marks[one["verified"]], "at": (one["at"] or "")[:19]} for one in chain["links"]]
    terminal.emit(rows, output, ("", "kind", "ref", "at", "note"))
    state = "every link holds" if chain["verified"] else "the chain is BROKEN"
    terminal.say(
        state if chain["complete"] else f"{state}; some proofs wait for the next checkpoint, ask again in seconds"
    )
    if not chain["verified"]:
        raise typer.Exit(5)


@decision_app.command("input")
def show_input(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="Id of the decision.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show what was asked about whom, and the reasons given."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/decisions/{decision}/input"), output)


@decision_app.command("outcomes")
def show_outcomes(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="Id of the decision.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show what came of a decision."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/decisions/{decision}/outcomes"), output, ("name", "outcome", "at", "source"))


@outcomes_app.callback()
def outcomes() -> None:
    """Bring in what came of decisions."""  # a callback keeps the verb where a noun has only one


@outcomes_app.command("import")
def import_outcomes(
    *,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="CSV or Parquet: decision or subject, outcome, at.", show_default=False
        ),
    ],
    deployment: Annotated[str | None, typer.Option(help="Needed when rows name subjects.")] = None,
    environment: Annotated[str | None, typer.Option(help="Needed when rows name subjects.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Take in a file of outcomes; all rows, or none when one has a fault."""
    with terminal.connect() as client:
        made = client.post(
            "/outcomes", files={"file": file}, data={"deployment": deployment, "environment": environment}
        )
    terminal.emit(made, output)


def _change(verb: str, name: str, environment: str, reason: str, output: terminal.Output) -> None:
    with terminal.connect() as client:
        terminal.emit(
            client.post(f"/deployments/{name}/{verb}", json={"environment": environment, "reason": reason}), output
        )
