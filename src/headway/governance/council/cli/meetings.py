"""``headway council meeting`` and ``headway council calendar``: when a council meets, and one's own calendar."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

meeting_app = typer.Typer(help="Meet: call, move, agenda, who is there, minutes.", no_args_is_help=True)
calendar_app = typer.Typer(help="Your meetings and due days in a calendar program.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(metavar="COUNCIL", help="Name of the council.", show_default=False)]
MeetingId = Annotated[str, typer.Argument(metavar="MEETING", help="Id of the meeting, cmt_...", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why; kept in your name.", show_default=False)]
Number = Annotated[int, typer.Option("--number", min=1, help="Which writing of the minutes.", show_default=False)]
At = Annotated[str, typer.Option("--at", help="When, as 2027-01-11T09:00+01:00.", show_default=False)]
_SHOWN = ("id", "body", "state", "starts_at", "minutes_long", "place", "chair", "reason")
_MINUTES = ("meeting", "number", "locale", "pdf", "docx", "made_by", "approved_by")


@meeting_app.command("list")
def list_meetings(
    slug: Slug,
    state: Annotated[str | None, typer.Option(help="planned, open, held or cancelled.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List the meetings of a council, the latest first."""
    with terminal.connect() as client:
        found = client.get(f"/councils/{slug}/meetings", state=state, limit=limit, cursor=cursor)
    terminal.emit(found, output, _SHOWN)


@meeting_app.command("show")
def show_meeting(meeting: MeetingId, output: OutputOption = terminal.Output.table) -> None:
    """Show a meeting: its agenda as it is now, who is there, the quorum, its minutes."""
    with terminal.connect() as client:
        found = client.get(f"/meetings/{meeting}")
    if output is terminal.Output.json:
        terminal.emit(found, output)
        return
    about = {name: found["meeting"][name] for name in _SHOWN}
    terminal.emit(about | {name: found[name] for name in ("present", "needed", "has_quorum")}, output)
    for number, one in enumerate(found["agenda"], 1):
        terminal.say(f"{number}. {one['title']} ({one['tier']}, until {one['closes_at']}): {one['item']}")
    for item, why in found["meeting"]["struck"].items():
        terminal.say(f"taken off: {item}: {why}")
    for one in found["meeting"]["attendance"]:
        terminal.say(f"there: {one['person']} for {one['seat'] or 'no seat'}")
    for one in found["meeting"]["minutes"]:
        terminal.say(f"minutes {one['number']}: {one['pdf']}, approved by {one['approved_by'] or 'nobody yet'}")


@meeting_app.command("plan")
def plan_meeting(
    *,
    slug: Slug,
    at: At,
    minutes_long: Annotated[int | None, typer.Option(help="How long; default: as usual.")] = None,
    place: Annotated[str, typer.Option(help="Where, a room or an address.")] = "",
    output: OutputOption = terminal.Output.table,
) -> None:
    """Call a meeting outside of the rhythm."""
    _do("post", f"/councils/{slug}/meetings", {"starts_at": at, "minutes_long": minutes_long, "place": place}, output)


@meeting_app.command("move")
def move_meeting(
    *,
    meeting: MeetingId,
    at: At,
    reason: Reason,
    place: Annotated[str | None, typer.Option(help="Where now; default: where it was.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Move a planned meeting."""
    _do("post", f"/meetings/{meeting}/move", {"starts_at": at, "reason": reason, "place": place}, output)


@meeting_app.command("cancel")
def cancel_meeting(meeting: MeetingId, reason: Reason, output: OutputOption = terminal.Output.table) -> None:
    """Cancel a planned meeting."""
    _do("post", f"/meetings/{meeting}/cancel", {"reason": reason}, output)


@meeting_app.command("agenda")
def set_agenda(
    meeting: MeetingId,
    items: Annotated[list[str], typer.Argument(help="Items that come first, in this order.", show_default=False)],
    output: OutputOption = terminal.Output.table,
) -> None:
    """Put items in front in an order; the others follow by need."""
    _do("put", f"/meetings/{meeting}/agenda", {"items": items}, output)


@meeting_app.command("strike")
def strike_item(
    meeting: MeetingId,
    item: Annotated[str, typer.Argument(help="The item, cit_...", show_default=False)],
    reason: Reason,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Take an item off the agenda; it stays open."""
    _do("post", f"/meetings/{meeting}/strike", {"item": item, "reason": reason}, output)


@meeting_app.command("open")
def open_meeting(meeting: MeetingId, output: OutputOption = terminal.Output.table) -> None:
    """Open a meeting from the chair."""
    _do("post", f"/meetings/{meeting}/open", None, output)


@meeting_app.command("attend")
def attend(
    meeting: MeetingId,
    person: Annotated[str | None, typer.Option(help="Somebody else, noted from the chair.")] = None,
    seat: Annotated[str | None, typer.Option(help="For which seat, where there are several.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Be at an open meeting, or note that somebody is."""
    _do("post", f"/meetings/{meeting}/attendance", {"person": person, "seat": seat}, output)


@meeting_app.command("close")
def close_meeting(meeting: MeetingId, output: OutputOption = terminal.Output.table) -> None:
    """Close a meeting; what was not decided goes on in writing."""
    _do("post", f"/meetings/{meeting}/close", None, output)


@meeting_app.command("minutes")
def make_minutes(
    meeting: MeetingId,
    locale: Annotated[str, typer.Option(help="en or de.")] = "en",
    output: OutputOption = terminal.Output.table,
) -> None:
    """Write the minutes from records, as PDF and as Word file."""
    _do("post", f"/meetings/{meeting}/minutes", {"locale": locale}, output, _MINUTES)


@meeting_app.command("approve")
def approve_minutes(meeting: MeetingId, number: Number, output: OutputOption = terminal.Output.table) -> None:
    """Approve one writing of the minutes, as the chair."""
    _do("post", f"/meetings/{meeting}/minutes/{number}/approve", None, output, _MINUTES)


@meeting_app.command("download")
def download(
    *,
    meeting: MeetingId,
    number: Number,
    file: Annotated[str, typer.Option("--file", help="minutes.pdf or minutes.docx.")] = "minutes.pdf",
    to: Annotated[Path | None, typer.Option("--to", help="Where to; default: the file's name, here.")] = None,
) -> None:
    """Download minutes as they were kept."""
    with terminal.connect() as client:
        data = client.get_bytes(f"/meetings/{meeting}/minutes/{number}/{file}")
    place = to or Path(file)
    place.write_bytes(data)
    terminal.say(f"{place}: {len(data)} bytes")


@calendar_app.command("show")
def show_calendar(output: OutputOption = terminal.Output.table) -> None:
    """Tell whether your calendar has an address, and since when."""
    with terminal.connect() as client:
        terminal.emit(client.get("/calendar"), output)


@calendar_app.command("renew")
def renew_calendar(output: OutputOption = terminal.Output.table) -> None:
    """Make the secret address of your calendar, or a new one; it is told once."""
    with terminal.connect() as client:
        terminal.emit(client.post("/calendar"), output)


@calendar_app.command("end")
def end_calendar(output: OutputOption = terminal.Output.table) -> None:
    """Take the address of your calendar away."""
    with terminal.connect() as client:
        terminal.emit(client.delete("/calendar"), output)


def _do(
    method: str, path: str, body: dict[str, Any] | None, output: terminal.Output, shown: tuple[str, ...] = _SHOWN
) -> None:
    with terminal.connect() as client:
        made = client.put(path, json=body) if method == "put" else client.post(path, json=body)
    terminal.emit(made if output is terminal.Output.json else {name: made[name] for name in shown}, output)
