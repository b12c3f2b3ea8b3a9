"""``headway mandate``: programmes, and the mandates that their sponsors sign."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

mandate_app = typer.Typer(help="Keep programmes and the mandates that sponsors sign.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(metavar="PROGRAMME", help="Name of the programme.", show_default=False)]
MandateId = Annotated[str, typer.Argument(metavar="MANDATE", help="Id of the mandate, mdt_...", show_default=False)]
Places = Annotated[
    list[str] | None, typer.Option("--department", help="Department it covers, with all below; repeat for more.")
]
_LISTED = ("slug", "title", "state", "ends_on", "sponsor", "departments", "closed")
_MANDATE = (
    "id", "programme", "state", "sponsor", "departments", "purpose", "budget_minor", "currency", "people", "valid_from",
    "valid_until", "drafted_by", "digest", "signed_by", "signed_at", "withdrawn_by", "withdrawn_because",
)  # fmt: skip


@mandate_app.command("programmes")
def list_programmes(output: OutputOption = terminal.Output.table) -> None:
    """List programmes, each as its mandates stand today."""
    with terminal.connect() as client:
        terminal.emit(client.get("/programmes"), output, _LISTED)


@mandate_app.command("open")
def open_programme(
    slug: Slug,
    *,
    title: Annotated[str, typer.Option(help="What people call it.", show_default=False)],
    sponsor: Annotated[str, typer.Option(help="Who answers for its means: person:ID.", show_default=False)],
    department: Places = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Open a programme; its departments take nothing in until its sponsor has signed a mandate."""
    body = {"slug": slug, "title": title, "sponsor": sponsor, "departments": department or []}
    with terminal.connect() as client:
        _programme(client.post("/programmes", json=body), output)


@mandate_app.command("change")
def change_programme(
    slug: Slug,
    *,
    title: Annotated[str | None, typer.Option(help="Another title.")] = None,
    sponsor: Annotated[str | None, typer.Option(help="Another sponsor: person:ID.")] = None,
    department: Places = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Change a programme; departments that are named are all that it covers from now on."""
    body = {"title": title, "sponsor": sponsor, "departments": department}
    with terminal.connect() as client:
        said = {name: value for name, value in body.items() if value is not None}
        _programme(client.patch(f"/programmes/{slug}", json=said), output)


@mandate_app.command("list")
def list_mandates(slug: Slug, output: OutputOption = terminal.Output.table) -> None:
    """List all mandates of a programme, newest first."""
    with terminal.connect() as client:
        listed = ("id", "state", "budget_minor", "currency", "people", "valid_from", "valid_until", "signed_by")
        terminal.emit(client.get(f"/programmes/{slug}/mandates"), output, listed)


@mandate_app.command("show")
def show_mandate(mandate_id: MandateId, output: OutputOption = terminal.Output.table) -> None:
    """Show a mandate; what a sponsor reads before signing."""
    with terminal.connect() as client:
        _mandate(client.get(f"/mandates/{mandate_id}"), output)


@mandate_app.command("draft")
def draft_mandate(
    slug: Slug,
    *,
    purpose: Annotated[str, typer.Option(help="What the means are for.", show_default=False)],
    budget_minor: Annotated[
        int, typer.Option(min=0, help="Budget in the smallest unit of the currency, as cents.", show_default=False)
    ],
    people: Annotated[float, typer.Option(min=0, help="People in full-time equivalents.", show_default=False)],
    until: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Its last day, as 2027-12-31.", show_default=False)
    ],
    begins: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="Its first day.", show_default=False)
    ],
    currency: Annotated[str, typer.Option(help="Three letters.")] = "EUR",
    output: OutputOption = terminal.Output.table,
) -> None:
    """Draft a mandate; it counts once the sponsor has signed it."""
    body = {
        "purpose": purpose,
        "budget_minor": budget_minor,
        "currency": currency,
        "people": people,
        "valid_from": begins.date().isoformat(),
        "valid_until": until.date().isoformat(),
    }
    with terminal.connect() as client:
        made = client.post(f"/programmes/{slug}/mandates", json=body)
    if output is terminal.Output.table:
        terminal.say(
            f"drafted; {made['sponsor']} signs it: headway mandate sign {made['id']} --digest {made['digest']}"
        )
    _mandate(made, output)


@mandate_app.command("sign")
def sign_mandate(
    mandate_id: MandateId,
    *,
    digest: Annotated[str, typer.Option(help="Digest of what you read ('mandate show').", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Sign a mandate as the sponsor whom it names; it is sealed with the platform's key."""
    with terminal.connect() as client:
        _mandate(client.post(f"/mandates/{mandate_id}/sign", json={"digest": digest}), output)


@mandate_app.command("withdraw")
def withdraw_mandate(
    mandate_id: MandateId,
    *,
    reason: Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Withdraw a mandate, or take a draft back: what rests on it takes in nothing new."""
    with terminal.connect() as client:
        _mandate(client.post(f"/mandates/{mandate_id}/withdraw", json={"reason": reason}), output)


@mandate_app.command("intake")
def show_intake(
    department: Annotated[str, typer.Argument(help="Short name of a department.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Say whether a department takes in what is new, and if not why and who can mend it."""
    with terminal.connect() as client:
        terminal.emit(client.get(f"/intake/{department}"), output)


def _programme(found: dict[str, Any], output: terminal.Output) -> None:
    terminal.emit(found if output is terminal.Output.json else {name: found[name] for name in _LISTED}, output)


def _mandate(found: dict[str, Any], output: terminal.Output) -> None:
    terminal.emit(found if output is terminal.Output.json else {name: found[name] for name in _MANDATE}, output)
