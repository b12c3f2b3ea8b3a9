"""``headway inbox``: what one is told, and how."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from headway.kernel import terminal
from headway.kernel.terminal import OutputOption

inbox_app = typer.Typer(help="See what concerns you, and choose how you are told.", no_args_is_help=True)

NotificationId = Annotated[str, typer.Argument(help="Id of the notification, ntf_...", show_default=False)]
WebhookId = Annotated[str, typer.Argument(help="Id of the webhook, whk_...", show_default=False)]
Organisation = Annotated[bool, typer.Option("--organisation", help="Of the whole organisation, not your own.")]


class Topic(StrEnum):
    """What notifications are about."""

    mention = "mention"
    comment = "comment"
    approval = "approval"
    answer = "answer"
    job = "job"
    task = "task"
    change = "change"


class Pace(StrEnum):
    """Whether and when a message is sent."""

    never = "never"
    now = "now"
    digest = "digest"


@inbox_app.command("list")
def list_inbox(
    *,
    unread: Annotated[bool, typer.Option("--unread", help="Only what you have not read.")] = False,
    archived: Annotated[bool, typer.Option("--archived", help="What you put away.")] = False,
    topic: Annotated[Topic | None, typer.Option(help="Only one topic.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List what you were told."""
    asked = {"unread": str(unread).lower(), "archived": str(archived).lower(), "topic": topic.value if topic else None}
    with terminal.connect() as client:
        page = client.get("/inbox", **asked, limit=limit, cursor=cursor)
    if output is terminal.Output.json:
        terminal.emit(page, output)
        return
    terminal.emit([_line(one) for one in page["items"]], output)


@inbox_app.command("unread")
def count_unread(output: OutputOption = terminal.Output.table) -> None:
    """Count what you have not read."""
    with terminal.connect() as client:
        terminal.emit(client.get("/inbox/unread"), output)


@inbox_app.command("read")
def mark_read(
    notification_id: Annotated[str | None, typer.Argument(help="One notification; without it all.")] = None,
    topic: Annotated[Topic | None, typer.Option(help="All of one topic.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Mark one notification, one topic or everything as read."""
    with terminal.connect() as client:
        if notification_id is not None:
            terminal.emit(client.patch(f"/inbox/{notification_id}", json={"read": True}), output)
        else:
            terminal.emit(client.post("/inbox/read", json={"topic": topic.value if topic else None}), output)


@inbox_app.command("archive")
def archive(
    notification_id: NotificationId,
    back: Annotated[bool, typer.Option("--back", help="Take it out again.")] = False,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Put a notification away."""
    with terminal.connect() as client:
        terminal.emit(client.patch(f"/inbox/{notification_id}", json={"archived": not back}), output)


@inbox_app.command("watch")
def watch(
    subject: Annotated[str, typer.Argument(help="A thing, as usecase:lead-scoring.", show_default=False)],
    stop: Annotated[bool, typer.Option("--stop", help="Watch it no more.")] = False,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Be told what happens to a thing."""
    with terminal.connect() as client:
        terminal.emit(client.put("/watches", json={"subject": subject, "is_watching": not stop}), output)


@inbox_app.command("watching")
def list_watches(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """List what you watch."""
    with terminal.connect() as client:
        terminal.emit(client.get("/watches", limit=limit, cursor=cursor), output, ("subject", "since"))


@inbox_app.command("preferences")
def preferences(
    *,
    language: Annotated[str | None, typer.Option(help="Two letters, as en or de.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="As Europe/Berlin.")] = None,
    quiet_from: Annotated[str | None, typer.Option(help="Start of quiet hours, HH:MM.")] = None,
    quiet_until: Annotated[str | None, typer.Option(help="End of quiet hours, HH:MM.")] = None,
    no_quiet: Annotated[bool, typer.Option("--no-quiet", help="Take the quiet hours away.")] = False,
    digest_at: Annotated[str | None, typer.Option(help="When the daily digest comes, HH:MM.")] = None,
    topic: Annotated[Topic | None, typer.Option(help="The topic to set.")] = None,
    keep: Annotated[bool | None, typer.Option("--inbox/--no-inbox", help="Keep it in the inbox.")] = None,
    email: Annotated[Pace | None, typer.Option(help="Send it by mail.")] = None,
    webhook: Annotated[Pace | None, typer.Option(help="Post it to your webhooks.")] = None,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Show how you are told, or change what you name."""
    said = {
        "language": language,
        "time_zone": time_zone,
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "digest_at": digest_at,
    }
    body: dict[str, object] = {name: value for name, value in said.items() if value is not None}
    if no_quiet:
        body |= {"quiet_from": None, "quiet_until": None}
    with terminal.connect() as client:
        found = client.get("/preferences")
        if topic is not None:
            wishes = {"inbox": keep, "email": email, "webhook": webhook}
            named = {name: value for name, value in wishes.items() if value is not None}
            body["channels"] = {topic.value: {**found["channels"][topic.value], **named}}
        if body:
            found = client.patch("/preferences", json=body)
    terminal.show(found, output, _preferences)


@inbox_app.command("webhooks")
def list_webhooks(organisation: Organisation = False, output: OutputOption = terminal.Output.table) -> None:
    """List where notifications are posted to."""
    with terminal.connect() as client:
        found = client.get("/webhooks", organisation=str(organisation).lower())
    terminal.emit(found, output, ("id", "url", "is_active", "failures", "last_error", "last_sent_at"))


@inbox_app.command("webhook-add")
def add_webhook(
    url: Annotated[str, typer.Argument(help="Address, https://...", show_default=False)],
    organisation: Organisation = False,
    output: OutputOption = terminal.Output.table,
) -> None:
    """Post notifications to an address; prints the secret that signs them, once."""
    with terminal.connect() as client:
        made = client.post("/webhooks", json={"url": url, "organisation": organisation})
    terminal.show(made, output, _webhook)


@inbox_app.command("webhook-renew")
def renew_webhook(webhook_id: WebhookId, output: OutputOption = terminal.Output.table) -> None:
    """Give a webhook a new secret, and let one that was switched off work again."""
    with terminal.connect() as client:
        terminal.show(client.post(f"/webhooks/{webhook_id}/renew"), output, _webhook)


@inbox_app.command("webhook-remove")
def remove_webhook(webhook_id: WebhookId, output: OutputOption = terminal.Output.table) -> None:
    """Post nothing to an address any more."""
    with terminal.connect() as client:
        terminal.emit(client.delete(f"/webhooks/{webhook_id}"), output)


def _line(one: Mapping[str, Any]) -> Mapping[str, object]:
    return {
        "id": one["id"],
        "at": one["at"],
        "read": "" if one["read_at"] is None else "read",
        "topic": one["topic"],
        "what": one["sentence"],
        "subject": one["subject"],
    }


def _preferences(found: Mapping[str, Any]) -> Mapping[str, object]:
    ways = [
        f"{topic}: {'inbox' if one['inbox'] else 'no inbox'}, mail {one['email']}, webhook {one['webhook']}"
        for topic, one in found["channels"].items()
    ]
    return {**{name: value for name, value in found.items() if name != "channels"}, "channels": ways}


def _webhook(made: Mapping[str, Any]) -> Mapping[str, object]:
    return {"id": made["webhook"]["id"], "url": made["webhook"]["url"], "secret": made["secret"]}
