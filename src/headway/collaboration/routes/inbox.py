"""The inbox, preferences and webhooks over HTTP: everybody keeps their own, the AI office those of the organisation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field

from headway.collaboration import service
from headway.collaboration.addresses import MAX_URL
from headway.collaboration.entities import Channels, NewWebhook, Notification, Pace, Preferences, Topic, Webhook
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

inbox = APIRouter(prefix="/inbox", tags=["inbox"])
preferences = APIRouter(prefix="/preferences", tags=["inbox"])
webhooks = APIRouter(prefix="/webhooks", tags=["inbox"])
routers = (inbox, preferences, webhooks)

Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
ORGANISATION = Resource(kind="webhook", id="organisation")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Mark(_Body):
    """What a notification is to you; left out stays."""

    read: bool | None = None
    archived: bool | None = None


class WhichTopic(_Body):
    """Everything, or one topic."""

    topic: Topic | None = None


class Unread(BaseModel):
    """How much you have not read."""

    unread: int


class Wishes(_Body):
    """How you like to be told; left out stays. Quiet hours are taken away with null."""

    language: str | None = Field(default=None, max_length=2)
    time_zone: str | None = Field(default=None, max_length=100)
    quiet_from: Clock | None = None
    quiet_until: Clock | None = None
    digest_at: Clock | None = None
    channels: dict[Topic, TopicWishes] = Field(default_factory=dict)


class TopicWishes(_Body):
    """How you like to be told of one topic."""

    inbox: bool
    email: Pace
    webhook: Pace


class NewAddress(_Body):
    """Where notifications are posted to: yours, or what happens in the whole organisation."""

    url: str = Field(min_length=1, max_length=MAX_URL)
    organisation: bool = False


def _own(actor: Actor) -> Resource:
    return Resource(kind="inbox", id="mine", attributes={"owner": actor.ref})


@inbox.get("")
def list_inbox(
    *,
    tx: Tx,
    actor: CurrentActor,
    permit: Permit,
    unread: bool = False,
    archived: bool = False,
    topic: Topic | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    cursor: str | None = None,
) -> Page[Notification]:
    """List what you were told, newest first."""
    permit("inbox:read", _own(actor))
    return service.list_inbox(tx, actor, unread=unread, archived=archived, topic=topic, limit=limit, cursor=cursor)


@inbox.get("/unread")
def count_unread(tx: Tx, actor: CurrentActor, permit: Permit) -> Unread:
    """Count what you have not read."""
    permit("inbox:read", _own(actor))
    return Unread(unread=service.count_unread(tx, actor))


@inbox.post("/read")
def mark_all_read(body: WhichTopic, tx: Tx, actor: CurrentActor, permit: Permit) -> Unread:
    """Mark everything as read, or one topic; answers what is left unread."""
    permit("inbox:update", _own(actor))
    service.mark_all_read(tx, actor, topic=body.topic)
    return Unread(unread=service.count_unread(tx, actor))


@inbox.patch("/{notification_id}")
def mark_notification(notification_id: str, body: Mark, tx: Tx, actor: CurrentActor, permit: Permit) -> Notification:
    """Mark a notification as read or unread, put it away or take it out again."""
    permit("inbox:update", _own(actor))
    return service.mark_notification(tx, actor, notification_id, read=body.read, archived=body.archived)


@preferences.get("")
def show_preferences(tx: Tx, actor: CurrentActor, permit: Permit) -> Preferences:
    """Show how you like to be told."""
    permit("inbox:read", _own(actor))
    return service.get_preferences(tx, actor)


@preferences.patch("")
def change_preferences(body: Wishes, tx: Tx, actor: CurrentActor, permit: Permit) -> Preferences:
    """Change how you like to be told."""
    permit("inbox:update", _own(actor))
    channels = {
        topic: Channels(inbox=one.inbox, email=one.email, webhook=one.webhook) for topic, one in body.channels.items()
    }
    changes = body.model_dump(exclude_unset=True, exclude={"channels"})
    return service.change_preferences(tx, actor, changes=changes, channels=channels)


@webhooks.get("")
def list_webhooks(tx: Tx, actor: CurrentActor, permit: Permit, organisation: bool = False) -> Page[Webhook]:
    """List your webhooks, or those of the organisation."""
    if organisation:
        permit("webhook:manage", ORGANISATION)
    else:
        permit("inbox:read", _own(actor))
    owner = service.ORGANISATION if organisation else actor.ref
    return Page(items=service.list_webhooks(tx, owner), next=None)


@webhooks.post("", status_code=status.HTTP_201_CREATED)
def add_webhook(body: NewAddress, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> NewWebhook:
    """Add a webhook; the secret that signs what is posted is in this answer and nowhere else."""
    if body.organisation:
        permit("webhook:manage", ORGANISATION)
    else:
        permit("inbox:update", _own(actor))
    return service.add_webhook(
        tx,
        here.signer,
        actor,
        url=body.url,
        owner=service.ORGANISATION if body.organisation else actor.ref,
        allowed=here.settings.webhook_hosts,
    )


@webhooks.post("/{webhook_id}/renew")
def renew_webhook(webhook_id: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> NewWebhook:
    """Give a webhook a new secret, and let one that was switched off work again."""
    _permit_owner(service.get_webhook(tx, webhook_id), permit)
    return service.renew_webhook(tx, here.signer, actor, webhook_id)


@webhooks.delete("/{webhook_id}")
def remove_webhook(webhook_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> Webhook:
    """Remove a webhook."""
    _permit_owner(service.get_webhook(tx, webhook_id), permit)
    return service.remove_webhook(tx, actor, webhook_id)


def _permit_owner(found: Webhook, permit: Permit) -> None:
    if found.owner == service.ORGANISATION:
        permit("webhook:manage", ORGANISATION)
    else:
        permit("inbox:update", Resource(kind="webhook", id=found.id, attributes={"owner": found.owner}))
