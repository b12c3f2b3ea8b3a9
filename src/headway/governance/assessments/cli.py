"""``headway assessment``: what people must judge about a use case, at the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.errors import Invalid
from headway.kernel.terminal import OutputOption

app = typer.Typer(help="Answer, submit and sign assessments of use cases; say who holds a seat.", no_args_is_help=True)
UseCase = Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)]
Id = Annotated[str, typer.Argument(help="Id of the assessment.", show_default=False)]
Remark = Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)]
_ALL = ("usecase", "department", "template", "seat", "standing", "assessment", "since", "assessors")
_NEEDS = ("template", "seat", "standing", "is_due", "why", "newest", "asked")
_ONE = ("id", "usecase", "template", "number", "state", "submitted_by", "signed_by", "remark", "evidence")
_TEMPLATES = ("id", "version", "seat", "title", "evidence", "is_own", "questions")
_SEATS = ("id", "seat", "person", "department", "appointed_by", "appointed_at")


@app.command("due")
def list_needs(slug: UseCase, output: OutputOption = terminal.Output.table) -> None:
    """Tell which assessments a use case needs, why, and where each stands."""
    with terminal.connect() as client:
        found = client.get(f"/usecases/{slug}/assessments")
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    rows = [
        {**one, "newest": (one["newest"] or {}).get("id"), "asked": f"{len(one['asked'])}, {len(one['known'])} known"}
        for one in found["items"]
    ]
    terminal.emit(rows, output, _NEEDS)


@app.command("all")
def find_needs(
    *,
    department: Annotated[str | None, typer.Option(help="Only of this department.")] = None,
    template: Annotated[str | None, typer.Option(help="Only of this template.")] = None,
    seat: Annotated[str | None, typer.Option(help="Only of this seat.")] = None,
    standing: Annotated[
        str | None, typer.Option(help="due, opened, submitted, signed, returned, outdated or not_due.")
    ] = None,
    assessor: Annotated[str | None, typer.Option(help="Only those of a seat of this person, person:...")] = None,
    search: Annotated[str, typer.Option(help="Words of the use case or the assessment.")] = "",
    sort: Annotated[str, typer.Option(help="standing, usecase, department, title, seat or since.")] = "standing",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="How many to leave out first.")] = 0,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List the assessments of all use cases that you may read, what people must act on first."""
    asked = {"department": department, "template": template, "seat": seat, "standing": standing, "assessor": assessor}
    with terminal.connect() as client:
        found = client.get("/assessment-needs", **asked, search=search, sort=sort, limit=limit, offset=offset)
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit(found["items"], output, _ALL)
    terminal.say(", ".join(f"{number} {name.replace('_', ' ')}" for name, number in sorted(found["standings"].items())))


@app.command("open")
def open_assessment(
    slug: UseCase,
    template: Annotated[str, typer.Argument(help="Name of the template.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Begin an assessment."""
    with terminal.connect() as client:
        _emit(client.post(f"/usecases/{slug}/assessments", json={"template": template}), output)


@app.command("show")
def show_assessment(assessment: Id, output: OutputOption = terminal.Output.table) -> None:
    """Show an assessment with its answers and what the platform knows."""
    with terminal.connect() as client:
        found = client.get(f"/assessments/{assessment}")
    _emit(found, output)
    if output is not terminal.Output.json:
        rows = [{"question": name, "answer": value, "from": "people"} for name, value in found["answers"].items()]
        rows += [
            {"question": name, "answer": one["value"], "from": one["source"]} for name, one in found["known"].items()
        ]
        terminal.emit(rows, output, ("question", "answer", "from"))


@app.command("answer")
def answer(
    assessment: Id,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="YAML file of answers by question.", show_default=False)
    ],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Answer questions from a file; only who holds the seat may."""
    import yaml

    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Invalid(f"{file} cannot be read: {error}") from error
    if not isinstance(told, dict):
        raise Invalid(f"{file} holds no answers by question")
    with terminal.connect() as client:
        _emit(client.post(f"/assessments/{assessment}/answers", json={"answers": told}), output)


@app.command("submit")
def submit(assessment: Id, output: OutputOption = terminal.Output.table) -> None:
    """Submit it as it is answered; it never changes from here on."""
    with terminal.connect() as client:
        _emit(client.post(f"/assessments/{assessment}/submit"), output)


@app.command("sign")
def sign(assessment: Id, remark: Remark, output: OutputOption = terminal.Output.table) -> None:
    """Sign what another submitted; it becomes evidence."""
    with terminal.connect() as client:
        _emit(client.post(f"/assessments/{assessment}/sign", json={"remark": remark}), output)


@app.command("return")
def give_back(assessment: Id, remark: Remark, output: OutputOption = terminal.Output.table) -> None:
    """Give back what another submitted, with a reason."""
    with terminal.connect() as client:
        _emit(client.post(f"/assessments/{assessment}/return", json={"remark": remark}), output)


@app.command("templates")
def list_templates(output: OutputOption = terminal.Output.table) -> None:
    """List the templates in force, those of the product and your own."""
    with terminal.connect() as client:
        found = client.get("/assessment-templates")["items"]
    if output is not terminal.Output.json:
        found = [{**one, "questions": len(one["questions"])} for one in found]
    terminal.emit(found, output, _TEMPLATES)


@app.command("template")
def show_template(
    name: Annotated[str, typer.Argument(help="Name of a template of your own.", show_default=False)],
) -> None:
    """Print a template of your own as it was written."""
    with terminal.connect() as client:
        typer.echo(client.get(f"/assessment-templates/{name}/source")["text"], nl=False)


@app.command("publish")
def publish_template(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="YAML file of a template.", show_default=False)
    ],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Publish a template of your own, or a higher version of one."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} cannot be read: {error}") from error
    with terminal.connect() as client:
        _emit_template(client.post("/assessment-templates", json={"text": text}), output)


@app.command("retire")
def retire_template(
    name: Annotated[str, typer.Argument(help="Name of a template of your own.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Take a template of your own out of force; what was answered under it stays."""
    with terminal.connect() as client:
        _emit_template(client.post(f"/assessment-templates/{name}/retire", json={"reason": reason}), output)


@app.command("seats")
def list_assessors(output: OutputOption = terminal.Output.table) -> None:
    """List who holds which seat."""
    with terminal.connect() as client:
        terminal.emit(client.get("/assessors"), output, _SEATS)


@app.command("appoint")
def appoint(
    *,
    seat: Annotated[str, typer.Argument(help="risk, legal, privacy, security, hr or finance.", show_default=False)],
    person: Annotated[str, typer.Argument(help="Name, mail address or reference.", show_default=False)],
    department: Annotated[str | None, typer.Option(help="Only for this department and those below it.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Give a person a seat."""
    with terminal.connect() as client:
        made = client.post("/assessors", json={"seat": seat, "person": person, "department": department})
    terminal.emit({name: made[name] for name in _SEATS}, output)


@app.command("dismiss")
def dismiss(
    assessor: Annotated[str, typer.Argument(help="Id that 'headway assessment seats' tells.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """End what a person holds."""
    with terminal.connect() as client:
        made = client.post(f"/assessors/{assessor}/end")
    terminal.emit({name: made[name] for name in _SEATS}, output)


def _emit_template(found: dict[str, Any], output: terminal.Output) -> None:
    one = found["template"]
    told = {
        **{name: one[name] for name in ("id", "version", "seat", "title", "digest")},
        "retired_at": found["retired_at"],
    }
    terminal.emit(found if output is terminal.Output.json else told, output)


def _emit(found: dict[str, Any], output: terminal.Output) -> None:
    terminal.emit(found if output is terminal.Output.json else {name: found[name] for name in _ONE}, output)
