"""``headway council``: bodies, seats, votes and conditions, at the terminal."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

council_app = typer.Typer(help="Decide cases of high risk together: seats, votes, conditions.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(metavar="COUNCIL", help="Name of the council.", show_default=False)]
ItemId = Annotated[str, typer.Argument(metavar="ITEM", help="Id of the item, cit_...", show_default=False)]
ConditionId = Annotated[str, typer.Argument(metavar="CONDITION", help="Its id, cco_...", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)]
SeatOption = Annotated[str, typer.Option(help="As legal, privacy or risk.", show_default=False)]
_BODIES = ("slug", "title", "department", "seats", "quorum", "chair", "days")
_ITEMS = ("id", "state", "lane", "usecase", "environment", "requested_by", "opened_at", "closes_at", "why")
_CONDITIONS = ("id", "usecase", "text", "owner", "due_at", "met_at", "accepted_at")


@council_app.command("list")
def list_councils(output: OutputOption = terminal.Output.table) -> None:
    """List the councils."""
    with terminal.connect() as client:
        terminal.emit(client.get("/councils"), output, _BODIES)


@council_app.command("show")
def show_council(slug: Slug, output: OutputOption = terminal.Output.table) -> None:
    """Show a council with who sits in its seats."""
    with terminal.connect() as client:
        _body(client.get(f"/councils/{slug}"), output)


@council_app.command("set")
def set_council(
    *,
    slug: Slug,
    title: Annotated[str, typer.Option(help="What people call it.", show_default=False)],
    seat: Annotated[list[str], typer.Option(help="A seat; once for each.", show_default=False)],
    quorum: Annotated[int, typer.Option(help="Seats that must vote.", show_default=False)],
    department: Annotated[str | None, typer.Option(help="Only for it and below; default: everywhere.")] = None,
    required: Annotated[list[str] | None, typer.Option(help="A seat without which nothing is decided.")] = None,
    review: Annotated[list[str] | None, typer.Option(help="A seat, or owner, whose review is due.")] = None,
    chair: Annotated[str | None, typer.Option(help="The seat whose holder is in the chair.")] = None,
    tie: Annotated[str, typer.Option(help="chair or rejected: what a tie is.")] = "rejected",
    days: Annotated[int, typer.Option(help="Days to vote.")] = 10,
    every_weeks: Annotated[int | None, typer.Option(min=1, max=26, help="It meets every so many weeks.")] = None,
    first_meeting: Annotated[str | None, typer.Option(help="When it first meets, as 2027-01-11T09:00+01:00.")] = None,
    zone: Annotated[str, typer.Option(help="The time zone of its meetings.")] = "UTC",
    minutes_long: Annotated[int, typer.Option(help="How long a meeting lasts, in minutes.")] = 60,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Set up a council, or write its rules anew."""
    body = {
        "title": title,
        "department": department,
        "seats": seat,
        "quorum": quorum,
        "required": required or [],
        "reviews": ["owner"] if review is None else review,
        "chair": chair,
        "tie": tie,
        "days": days,
        "every_weeks": every_weeks,
        "first_meeting": first_meeting,
        "zone": zone,
        "minutes_long": minutes_long,
    }
    with terminal.connect() as client:
        _body(client.put(f"/councils/{slug}", json=body), output)


@council_app.command("end")
def end_council(slug: Slug, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Dissolve a council before which nothing is undecided."""
    with terminal.connect() as client:
        _body(client.post(f"/councils/{slug}/end", json={"reason": reason}), output)


@council_app.command("seat")
def seat_member(
    *,
    slug: Slug,
    seat: Annotated[str, typer.Argument(help="The seat.", show_default=False)],
    person: Annotated[str, typer.Argument(help="A reference, mail address or name.", show_default=False)],
    deputy: Annotated[bool, typer.Option("--deputy", help="As a deputy.")] = False,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Put somebody into a seat; a holder who was in it leaves it."""
    body = {"seat": seat, "person": person, "kind": "deputy" if deputy else "holder"}
    with terminal.connect() as client:
        _body(client.post(f"/councils/{slug}/seats", json=body), output)


@council_app.command("unseat")
def unseat_member(
    slug: Slug,
    seat: Annotated[str, typer.Argument(help="The seat.", show_default=False)],
    person: Annotated[str, typer.Argument(help="A reference, mail address or name.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Take somebody out of a seat."""
    with terminal.connect() as client:
        _body(client.post(f"/councils/{slug}/seats/leave", json={"seat": seat, "person": person}), output)


@council_app.command("delegate")
def delegate(
    *,
    slug: Slug,
    seat: SeatOption,
    to: Annotated[str, typer.Option(help="A reference, mail address or name.", show_default=False)],
    until: Annotated[str, typer.Option(help="As 2027-01-31T18:00Z.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Hand your vote on for a while."""
    with terminal.connect() as client:
        made = client.post(f"/councils/{slug}/delegations", json={"seat": seat, "taker": to, "until": until})
    _body(made, output)


@council_app.command("undelegate")
def end_delegation(
    slug: Slug,
    delegation: Annotated[str, typer.Argument(help="Its id, cdl_...", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """End a delegation before its time."""
    with terminal.connect() as client:
        _body(client.post(f"/councils/{slug}/delegations/{delegation}/end"), output)


@council_app.command("queue")
def list_items(
    *,
    council: Annotated[str | None, typer.Option(help="Only of this council.")] = None,
    usecase: Annotated[str | None, typer.Option(help="Only of this use case.")] = None,
    state: Annotated[str | None, typer.Option(help="open, escalated, approved, rejected or lapsed.")] = None,
    lane: Annotated[str | None, typer.Option(help="automatic or council.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List what is or was before the council, newest first."""
    with terminal.connect() as client:
        found = client.get(
            "/council-items", council=council, usecase=usecase, state=state, lane=lane, limit=limit, cursor=cursor
        )
    terminal.emit(found, output, _ITEMS)


@council_app.command("figures")
def show_figures(
    council: Annotated[str | None, typer.Option(help="Only of this council.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Tell what waits and how long, and how much rules decided without people."""
    with terminal.connect() as client:
        terminal.emit(client.get("/councils/figures", council=council), output)


@council_app.command("lanes")
def show_lanes(output: OutputOption = terminal.Output.table) -> None:
    """Tell how much intake of minimal risk rules decided without people and why, and how long all else has waited."""
    with terminal.connect() as client:
        found = client.get("/councils/lanes")
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit({name: found[name] for name in ("by_rules", "by_people", "share")}, output)
    for one in found["patterns"]:
        terminal.say(f"{one['registrations']} under {one['title']}: {'; '.join(one['why'])}")
    for one in found["others"]:
        terminal.say(f"{one['days']} days: {one['title']} ({one['lane']}), {one['ref']}")


@council_app.command("item")
def show_item(item: ItemId, output: OutputOption = terminal.Output.table) -> None:
    """Show an item: how it stands, what is missing, who can mend it."""
    with terminal.connect() as client:
        found = client.get(f"/council-items/{item}")
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit({name: found["item"][name] for name in _ITEMS} | found["tally"], output)
    for one in found["item"]["votes"]:
        terminal.say(f"{one['seat']}: {one['choice']}, {one['person']} as {one['capacity']}: {one['reason']}")
    for line in found["mend"]:
        terminal.say(line)


@council_app.command("story")
def retell_item(item: ItemId, output: OutputOption = terminal.Output.table) -> None:
    """Retell an item from the ledger alone."""
    with terminal.connect() as client:
        found = client.get(f"/council-items/{item}/story")
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    for line in found["lines"]:
        terminal.say(line)


@council_app.command("recuse")
def recuse(item: ItemId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Step back from an item for a conflict of interest."""
    _do(f"/council-items/{item}/recusals", {"reason": reason}, output)


@council_app.command("review")
def review(
    *,
    item: ItemId,
    part: Annotated[str, typer.Option(help="Your seat, or owner.", show_default=False)],
    text: Annotated[str, typer.Option(help="What the others should know.", show_default=False)],
    against: Annotated[bool, typer.Option("--against", help="You do not support it.")] = False,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Review an item for your seat, or as the owner of the use case."""
    _do(f"/council-items/{item}/reviews", {"part": part, "supports": not against, "text": text}, output)


@council_app.command("condition")
def propose_condition(
    *,
    item: ItemId,
    text: Annotated[str, typer.Option(help="What must be done.", show_default=False)],
    owner: Annotated[str, typer.Option(help="Who does it: a reference, mail address or name.", show_default=False)],
    days: Annotated[int, typer.Option(help="Days after the decision.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Propose a condition, before the first vote."""
    body = {"text": text, "owner": owner, "days": days}
    _do(f"/council-items/{item}/conditions", body, output, _CONDITIONS)


@council_app.command("vote")
def vote(
    *,
    item: ItemId,
    choice: Annotated[str, typer.Argument(help="yes, no or abstain.", show_default=False)],
    reason: Reason,
    seat: Annotated[str | None, typer.Option(help="For which seat, when you can vote for several.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Cast the vote of your seat; the last one needed decides."""
    _do(f"/council-items/{item}/votes", {"choice": choice, "reason": reason, "seat": seat}, output)


@council_app.command("close")
def close_vote(item: ItemId, output: OutputOption = terminal.Output.table) -> None:
    """Close a vote that is certain, as the chair."""
    _do(f"/council-items/{item}/close", None, output)


@council_app.command("extend")
def extend(
    item: ItemId,
    days: Annotated[int, typer.Option(help="Days more.", show_default=False)],
    reason: Reason,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Give an escalated item more time, as its sponsor."""
    _do(f"/council-items/{item}/extension", {"days": days, "reason": reason}, output)


@council_app.command("give-up")
def take_back(item: ItemId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Give an escalated item up, as its sponsor."""
    _do(f"/council-items/{item}/give-up", {"reason": reason}, output)


@council_app.command("conditions")
def list_conditions(
    usecase: Annotated[str | None, typer.Option(help="Only of this use case.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List conditions that nobody has accepted as met, the first that is due first."""
    with terminal.connect() as client:
        terminal.emit(client.get("/council-conditions", usecase=usecase), output, _CONDITIONS)


@council_app.command("met")
def meet_condition(
    condition: ConditionId,
    evidence: Annotated[str, typer.Option(help="What shows it.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show that a condition of yours is met."""
    _do(f"/council-conditions/{condition}/met", {"evidence": evidence}, output, _CONDITIONS)


@council_app.command("give")
def give_condition(
    condition: ConditionId,
    owner: Annotated[
        str, typer.Argument(help="Who meets it now: a reference, mail address or name.", show_default=False)
    ],
    reason: Reason,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Give a condition to somebody else, as a member: who had it left, or cannot meet it."""
    _do(f"/council-conditions/{condition}/give", {"owner": owner, "reason": reason}, output, _CONDITIONS)


@council_app.command("accept")
def accept_condition(condition: ConditionId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Accept what was shown for a condition, as another member."""
    _do(f"/council-conditions/{condition}/accept", {"reason": reason}, output, _CONDITIONS)


@council_app.command("return")
def return_condition(condition: ConditionId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Say that what was shown for a condition is not enough."""
    _do(f"/council-conditions/{condition}/return", {"reason": reason}, output, _CONDITIONS)


def _do(path: str, body: dict[str, object] | None, output: terminal.Output, shown: tuple[str, ...] = _ITEMS) -> None:
    with terminal.connect() as client:
        made = client.post(path, json=body)
    terminal.emit(made if output is terminal.Output.json else {name: made[name] for name in shown}, output)


def _body(found: dict[str, Any], output: terminal.Output) -> None:
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    terminal.emit(
        {
            name: found[name]
            for name in (*_BODIES, "required", "reviews", "tie", "every_weeks", "first_meeting", "zone")
        },
        output,
    )
    if found["high_risk_lacks"]:
        terminal.say(f"high risk is decided here without the part of {', '.join(found['high_risk_lacks'])}")
    for one in found["members"]:
        if one["until"] is None:
            terminal.say(f"{one['seat']}: {one['person']} ({one['kind']})")
    for one in found["delegations"]:
        terminal.say(f"{one['seat']}: {one['giver']} lets {one['taker']} vote until {one['until']} ({one['id']})")
