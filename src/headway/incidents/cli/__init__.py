"""``headway incident``: the register of incidents, their clocks and deadlines, at the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from headway.incidents.cli import notices
from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

app = typer.Typer(help="Report, follow and close incidents, and see what is due.", no_args_is_help=True)

app.registered_commands += notices.app.registered_commands

IncidentId = Annotated[str, typer.Argument(metavar="INCIDENT", help="Id of the incident, inc_...", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)]
About = Annotated[
    list[str] | None,
    typer.Option(
        "--about",
        help="What it concerns, as often as needed: usecase:NAME, deployment:ENVIRONMENT/NAME, model:NAME@N, run:ID, "
        "snapshot:ID, product:NAME, column:PRODUCT/NAME, contract:DIGEST, release:ID, vendor:NAME, decision:ID.",
    ),
]
HarmOption = Annotated[
    list[str] | None,
    typer.Option(
        help="death, health, critical_infrastructure, fundamental_rights or property_or_environment; 'none' for none."
    ),
]
Yes = Annotated[str | None, typer.Option(help="yes or no; left out: nobody knows.")]
Moment = Annotated[str | None, typer.Option(help="As 2026-03-31T14:05:00Z.")]
_LISTED = ("id", "title", "department", "state", "severity", "next_due", "running", "late", "opened_at")
_SHOWN = (
    "id", "title", "state", "severity", "department", "what", "concerns", "usecases", "harm", "widespread",
    "personal_data_breach", "risk_to_persons", "found_by", "found_at", "aware_at", "started_at", "ended_at", "cause",
    "opened_by", "opened_at", "closed_by", "closed_because",
)  # fmt: skip
_CLOCKS = ("id", "jurisdiction", "title", "state", "answer", "until", "is_late", "confidence", "why")
_STOPS = ("environment", "deployment", "stopped_at", "reason", "lifted_at", "told")
_PLACES = ("jurisdiction", "answer", "sources", "said_by", "reason")
_DUE = ("due", "is_late", "incident", "name", "jurisdiction", "what", "title")
_RULES = ("id", "jurisdiction", "amount", "unit", "starts", "met_by", "valid_from", "confidence", "source", "title")


@app.command("report")
def report_incident(  # one option for each thing that may be known
    *,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="In a few words.", show_default=False)],
    what: Annotated[str, typer.Option(help="What happened.", show_default=False)],
    about: About = None,
    department: Annotated[str | None, typer.Option(help="Whose it is; default: that of the use case.")] = None,
    severity: Annotated[str | None, typer.Option(help="low, medium, high or critical.")] = None,
    harm: HarmOption = None,
    widespread: Yes = None,
    breach: Annotated[str | None, typer.Option(help="Whether personal data was breached: yes or no.")] = None,
    risk: Annotated[str | None, typer.Option(help="Of a breach to persons: unlikely, likely or high.")] = None,
    aware: Moment = None,
    started: Moment = None,
    ended: Moment = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Report an incident; every clock that may apply starts, until what is known rules it out."""
    told = _told(severity, harm, widespread, breach, risk)
    body = {"title": title, "what": what, "concerns": about or [], "department": department, **told}
    moments = {"aware_at": aware, "started_at": started, "ended_at": ended}
    with terminal.connect() as client:
        made = client.post("/incidents", json={**body, **moments})
        _show(client.get(f"/incidents/{made['id']}"), output)


@app.command("list")
def list_incidents(
    *,
    state: Annotated[str | None, typer.Option(help="open, contained, corrected or closed.")] = None,
    severity: Annotated[str | None, typer.Option(help="low, medium, high or critical.")] = None,
    department: Annotated[str | None, typer.Option(help="Only of this department.")] = None,
    usecase: Annotated[str | None, typer.Option(help="Only those that touch this use case.")] = None,
    late: Annotated[bool, typer.Option("--late", help="Only those with a clock that has passed.")] = False,
    sort: Annotated[str, typer.Option(help="A column, as next_due; - in front turns the order.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="How many to leave out at the start.")] = 0,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List incidents, newest first."""
    asked: dict[str, Any] = {"state": state, "severity": severity, "department": department, "usecase": usecase}
    with terminal.connect() as client:
        found = client.get("/incidents", **asked, late=late or None, sort=sort, limit=limit, offset=offset)
    terminal.emit(found, output, _LISTED)


@app.command("show")
def show_incident(incident: IncidentId, output: OutputOption = terminal.Output.table) -> None:
    """Show an incident with its jurisdictions and clocks."""
    with terminal.connect() as client:
        _show(client.get(f"/incidents/{incident}"), output)


@app.command("update")
def update_incident(  # one option for each thing that may be known
    incident: IncidentId,
    *,
    title: Annotated[str | None, typer.Option(help="In a few words.")] = None,
    what: Annotated[str | None, typer.Option(help="What happened.")] = None,
    about: About = None,
    severity: Annotated[str | None, typer.Option(help="low, medium, high or critical.")] = None,
    harm: HarmOption = None,
    widespread: Yes = None,
    breach: Annotated[str | None, typer.Option(help="Whether personal data was breached: yes or no.")] = None,
    risk: Annotated[str | None, typer.Option(help="Of a breach to persons: unlikely, likely or high.")] = None,
    aware: Moment = None,
    started: Moment = None,
    ended: Moment = None,
    cause: Annotated[str | None, typer.Option(help="Why it happened.")] = None,
    reason: Annotated[str, typer.Option(help="Why you tell it otherwise.")] = "",
    output: OutputOption = terminal.Output.table,
) -> None:
    """Tell more of an incident; its clocks follow. --about names everything it concerns anew."""
    told = {**_told(severity, harm, widespread, breach, risk), "title": title, "what": what, "concerns": about}
    told |= {"aware_at": aware, "started_at": started, "ended_at": ended, "cause": cause}
    body = {name: value for name, value in told.items() if value is not None}
    with terminal.connect() as client:
        client.patch(f"/incidents/{incident}", json={**body, "reason": reason})
        _show(client.get(f"/incidents/{incident}"), output)


@app.command("place")
def place_incident(
    incident: IncidentId,
    jurisdiction: Annotated[str, typer.Argument(metavar="JURISDICTION", help="As EU or US-CO.", show_default=False)],
    *,
    is_in: Annotated[bool, typer.Option("--in/--not-in", help="Whether it is in it.", show_default=False)],
    reason: Reason,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Say whether an incident is in a jurisdiction, above what its use cases say."""
    body = {"jurisdiction": jurisdiction, "is_in": is_in, "reason": reason}
    with terminal.connect() as client:
        client.post(f"/incidents/{incident}/jurisdictions", json=body)
        _show(client.get(f"/incidents/{incident}"), output)


@app.command("judge")
def judge_clock(
    incident: IncidentId,
    clock: Annotated[str, typer.Argument(metavar="CLOCK", help="As GDPR-33.", show_default=False)],
    *,
    reason: Reason,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Judge a clock not due, with a reason; it stays so."""
    with terminal.connect() as client:
        found = client.post(f"/incidents/{incident}/clocks/{clock}/judge", json={"reason": reason})
    terminal.emit(found, output)


@app.command("contained")
def mark_contained(incident: IncidentId, *, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Note that an incident does no more harm."""
    _move(incident, "contained", reason, output)


@app.command("corrected")
def mark_corrected(incident: IncidentId, *, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Note that the causes of an incident are mended."""
    _move(incident, "corrected", reason, output)


@app.command("affected")
def count_affected(
    incident: IncidentId,
    *,
    to: Annotated[Path | None, typer.Option(help="Write the list of decisions here, .csv, .xlsx or .parquet.")] = None,
    subjects: Annotated[bool, typer.Option("--subjects", help="With whom they are about: personal data.")] = False,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Find and count every decision that an incident touched; with --to, write the list of them."""
    with terminal.connect() as client:
        made = client.wait(client.post(f"/incidents/{incident}/affected")["job"])
        if to is not None:
            format = to.suffix.removeprefix(".")
            path = f"/incidents/{incident}/affected/list"
            to.write_bytes(client.get_bytes(path, format=format, subjects=subjects or None))
            terminal.say(f"written: {to}")
    if output is terminal.Output.json:
        terminal.emit(made, output)
        return
    found = made["found"]
    terminal.emit(
        {name: found[name] for name in ("decisions", "subjects", "without_subject", "first", "last", "beside")}, output
    )
    terminal.emit(found["counts"], output, ("kind", "value", "decisions", "subjects"))
    for one in made["reached"]:
        terminal.say(" → ".join([*one["way"], one["ref"]]))


@app.command("contain")
def contain(
    incident: IncidentId,
    *,
    reason: Annotated[str | None, typer.Option(help="Why; left out, it is only shown what would be stopped.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Stop everything at work that an incident reaches; without --reason, show what would be stopped."""
    with terminal.connect() as client:
        path = f"/incidents/{incident}/containment"
        found = client.get(path) if reason is None else client.post(path, json={"reason": reason})
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.say(
        ("would stop" if reason is None else "stopped") + f": {len(found['stops'])}; stays: {len(found['stays'])}"
    )
    terminal.emit([*found["stops"], *found["stays"]], output, ("environment", "deployment", "version", "state", "why"))


@app.command("close")
def close_incident(incident: IncidentId, *, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Close an incident that somebody else opened."""
    _move(incident, "close", reason, output)


@app.command("reopen")
def reopen_incident(incident: IncidentId, *, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Open an incident again."""
    _move(incident, "reopen", reason, output)


@app.command("deadlines")
def list_deadlines(
    department: Annotated[str | None, typer.Option(help="Only of this department.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List what is due, the first first."""
    with terminal.connect() as client:
        terminal.emit(client.get("/incidents/deadlines", department=department), output, _DUE)


@app.command("clocks")
def list_clocks(output: OutputOption = terminal.Output.table) -> None:
    """Show the clocks that incidents may start, each with its source."""
    with terminal.connect() as client:
        found = client.get("/incidents/clocks")
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit([rule for kept in found["items"] for rule in kept["clocks"]], output, _RULES)


@app.command("publish-clocks")
def publish_clocks(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of clocks, YAML.", exists=True, dir_okay=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Publish a file of clocks; open incidents are asked anew."""
    with terminal.connect() as client:
        made = client.post("/incidents/clocks", json={"text": file.read_text(encoding="utf-8")})
    terminal.show(
        made, output, lambda whole: {name: whole[name] for name in ("id", "version", "digest", "published_by")}
    )


def _told(
    severity: str | None, harm: list[str] | None, widespread: str | None, breach: str | None, risk: str | None
) -> dict[str, Any]:
    return {
        "severity": severity,
        "harm": None if not harm else [one for one in harm if one != "none"],
        "widespread": _yes(widespread),
        "personal_data_breach": _yes(breach),
        "risk_to_persons": risk,
    }


def _yes(text: str | None) -> bool | None:
    if text in (None, "yes", "no"):
        return None if text is None else text == "yes"
    raise typer.BadParameter(f"write yes or no, not {text!r}")


def _move(incident: str, verb: str, reason: str, output: terminal.Output) -> None:
    with terminal.connect() as client:
        client.post(f"/incidents/{incident}/{verb}", json={"reason": reason})
        _show(client.get(f"/incidents/{incident}"), output)


def _show(found: dict[str, Any], output: terminal.Output) -> None:
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit({name: found["incident"][name] for name in _SHOWN}, output)
    terminal.emit(found["places"], output, _PLACES)
    terminal.emit(found["clocks"], output, _CLOCKS)
    terminal.emit(found["stops"], output, _STOPS)
    for line in found["before_closing"]:
        terminal.say(f"before it is closed: {line}")
