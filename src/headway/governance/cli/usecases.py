"""``headway usecase``: the inventory of AI use cases at the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from headway.kernel import sending, terminal
from headway.kernel.terminal import OutputOption

usecase_app = typer.Typer(help="Keep the inventory of AI use cases.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(metavar="USECASE", help="Name of the use case.", show_default=False)]
Fact = Annotated[
    list[str] | None,
    typer.Option(
        "--fact",
        metavar="NAME=VALUE",
        help="A risk fact: true, false, unknown, a number, a text; lists as 4a,5b or 4a, or [].",
    ),
]
Product = Annotated[
    list[str] | None,
    typer.Option("--product", metavar="PRODUCT", help="Data that it would use, such as product:sales.leads."),
]
_LISTED = ("slug", "title", "department", "tier", "owner", "updated_at")
_FIELDS = ("title", "department", "solution", "purpose", "owner", "sponsor", "success_measure", "people_affected")


@usecase_app.command("list")
def list_usecases(
    *,
    department: Annotated[str | None, typer.Option(help="Only of this department.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List use cases by name."""
    with terminal.connect() as client:
        page = client.get("/usecases", department=department, limit=limit, cursor=cursor)
    terminal.emit(page, output, _LISTED)


@usecase_app.command("show")
def show_usecase(slug: Slug, output: OutputOption = terminal.Output.table) -> None:
    """Show a use case, its tier, and what is missing."""
    with terminal.connect() as client:
        terminal.show(client.get(f"/usecases/{slug}"), output, _usecase)


@usecase_app.command("open")
def open_usecase(
    *,
    slug: Slug,
    title: Annotated[str, typer.Option(help="What people call it.")],
    department: Annotated[str, typer.Option(help="Department it belongs to.")],
    solution: Annotated[str | None, typer.Option(help="Solution it uses.")] = None,
    purpose: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    owner: Annotated[str | None, typer.Option(help="Person who answers for it.")] = None,
    sponsor: Annotated[str | None, typer.Option(help="Person who stands behind it.")] = None,
    success_measure: Annotated[str | None, typer.Option(help="How success is measured.")] = None,
    people_affected: Annotated[str | None, typer.Option(help="Whom it affects.")] = None,
    fact: Fact = None,
    fill: Annotated[bool, typer.Option("--fill", help="Fill in what the platform knows.")] = False,
    product: Product = None,
    different: Annotated[
        str | None, typer.Option(help="Why it is another one than an entry very like it.", show_default=False)
    ] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Open a use case; leave out what nobody knows yet. Refused when one very like it is there, see 'similar'.

    With --fill, what follows from who you are and from the solution is filled in: 'known' shows it.
    """
    said = (title, department, solution, purpose, owner, sponsor, success_measure, people_affected)
    body: dict[str, Any] = {"slug": slug, **dict(zip(_FIELDS, said, strict=True)), "risk": _facts(fact)}
    body |= {"products": product or [], "different": different}
    with terminal.connect() as client:
        if fill:
            _fill(body, client.get("/intake", solution=solution)["items"])
        terminal.show(client.post("/usecases", json=body), output, _usecase)


def _fill(body: dict[str, Any], known: list[dict[str, Any]]) -> None:
    """Put what is known where nothing was said."""
    for one in known:
        name = one["field"]
        place = body["risk"] if name.startswith("risk.") else body
        key = name.removeprefix("risk.")
        if place.get(key) is None:
            place[key] = one["value"]


@usecase_app.command("known")
def show_known(
    solution: Annotated[str | None, typer.Option(help="Solution it would use.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show what the platform knows of a proposal of yours, with its source; open --fill takes it."""
    with terminal.connect() as client:
        terminal.emit(client.get("/intake", solution=solution), output, ("field", "value", "source"))


@usecase_app.command("set")
def change_usecase(
    *,
    slug: Slug,
    title: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    department: Annotated[str | None, typer.Option(help="Department it belongs to.")] = None,
    solution: Annotated[str | None, typer.Option(help="Solution it uses.")] = None,
    purpose: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    owner: Annotated[str | None, typer.Option(help="Person who answers for it.")] = None,
    sponsor: Annotated[str | None, typer.Option(help="Person who stands behind it.")] = None,
    success_measure: Annotated[str | None, typer.Option(help="How success is measured.")] = None,
    people_affected: Annotated[str | None, typer.Option(help="Whom it affects.")] = None,
    fact: Fact = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Change fields of a use case; an empty text empties a field, NAME=unknown forgets a fact."""
    said = (title, department, solution, purpose, owner, sponsor, success_measure, people_affected)
    changes: dict[str, object] = {n: v or None for n, v in zip(_FIELDS, said, strict=True) if v is not None}
    if fact:
        changes["risk"] = _facts(fact)
    with terminal.connect() as client:
        terminal.show(client.patch(f"/usecases/{slug}", json=changes), output, _usecase)


@usecase_app.command("import")
def import_usecases(
    file: sending.FileArgument, apply: sending.ApplyOption = False, output: OutputOption = terminal.Output.table
) -> None:
    """Show what a file of use cases (Excel, CSV or YAML) would change; with --apply, change it: every row or none."""
    sending.send("/usecases/imports", file, apply=apply, output=output)


@usecase_app.command("export")
def export_usecases(
    to: sending.TargetOption,
    department: Annotated[str | None, typer.Option(help="Only of this department.")] = None,
    language: Annotated[str, typer.Option(help="Language of the headers: en or de.")] = "en",
) -> None:
    """Write the inventory into a workbook, CSV or YAML file that can be changed and imported."""
    told = {} if to.suffix.lower() == ".yaml" else {"language": language}
    sending.fetch("/usecases/export", to, endings=(".xlsx", ".csv", ".yaml"), department=department, **told)


@usecase_app.command("retire")
def retire_usecase(
    slug: Slug,
    reason: Annotated[str, typer.Option(help="Why it is given up.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Retire a use case; nothing new is released for it."""
    with terminal.connect() as client:
        terminal.show(client.post(f"/usecases/{slug}/retire", json={"reason": reason}), output, _usecase)


@usecase_app.command("reopen")
def reopen_usecase(
    slug: Slug,
    reason: Annotated[str, typer.Option(help="Why it is taken up again.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Take a retired use case up again."""
    with terminal.connect() as client:
        terminal.show(client.post(f"/usecases/{slug}/reopen", json={"reason": reason}), output, _usecase)


@usecase_app.command("tier")
def decide_tier(
    *,
    slug: Slug,
    tier: Annotated[
        str | None, typer.Option("--set", help="Decide in person: prohibited, high, transparency, minimal.")
    ] = None,
    reasons: Annotated[str, typer.Option(help="Why you decide so.")] = "",
    output: OutputOption = terminal.Output.table,
) -> None:
    """Let the rules decide the legal tier and print the trace, or decide it in person with reasons."""
    body: dict[str, object] = {} if tier is None else {"tier": tier, "reasons": reasons}
    with terminal.connect() as client:
        decision = client.post(f"/usecases/{slug}/tier", json=body)
    if output is terminal.Output.json:
        terminal.emit(decision, output)
        return
    terminal.emit({n: decision[n] for n in ("usecase", "tier", "rule", "method", "decider", "confidence")}, output)
    terminal.emit(decision["trace"], output, ("rule", "tier", "result", "why", "source"))
    for question in decision["facts_needed"]:
        terminal.say(f"unknown: {question}")


def _usecase(found: Mapping[str, Any]) -> dict[str, object]:
    """The lines of a use case: what is known, a fact a line, and what is missing."""
    return {
        **{name: found[name] for name in ("slug", *_FIELDS, "tier", "opened_by", "opened_at", "updated_at")},
        **{name: found[name] for name in ("retired_at", "retired_because") if found["retired_at"]},
        "systems": [f"{one['slug']} ({one['kind']})" for one in found["systems"]] or "none",
        "risk": [f"{name} = {_told(value)}" for name, value in sorted(found["risk"].items())],
        "known": [
            f"{one['name']} = {_told(one['value'])}, from {', '.join(one['sources'])}" for one in found["derived"]
        ],
        "missing": found["missing"],
    }


def _told(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _facts(given: list[str] | None) -> dict[str, object]:
    facts: dict[str, object] = {}
    for text in given or []:
        name, equals, value = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--fact")
        facts[name.strip()] = _value(value.strip())
    return facts


def _value(text: str) -> object:
    if text in ("unknown", ""):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return [item.strip() for item in text.split(",") if item.strip()] if "," in text else text
