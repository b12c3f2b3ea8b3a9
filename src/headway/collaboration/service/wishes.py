"""How people like to be told, and the webhooks of people and of the organisation."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from headway import ledger
from headway.collaboration.addresses import allowed_of, read_target
from headway.collaboration.entities import Channels, NewWebhook, Preferences, Topic, Webhook
from headway.collaboration.errors import PreferencesInvalid, WebhookNotFound
from headway.collaboration.preferences import faults_of
from headway.collaboration.store import wishes as rows
from headway.collaboration.tables import WebhookRow
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.crypto import Signer
from headway.kernel.errors import Conflict
from headway.kernel.ids import Ref, new_id

ORGANISATION = "department:org"
MOST_WEBHOOKS = 20
_SALT_BYTES = 24


def get_preferences(session: Session, actor: Actor) -> Preferences:
    """Read how the actor likes to be told."""
    return rows.preferences(session, actor.ref)


def change_preferences(
    session: Session,
    actor: Actor,
    *,
    changes: Mapping[str, str | None],
    channels: Mapping[Topic, Channels] | None = None,
) -> Preferences:
    """Change how the actor likes to be told.

    Args: changes: language, time_zone, quiet_from, quiet_until, digest_at; channels: topics not named stay.
    Raises: PreferencesInvalid with every fault.
    """
    before = rows.preferences(session, actor.ref)
    said = {name: value for name, value in changes.items() if value is not None or name.startswith("quiet_")}
    after = replace(before, **said, channels={**before.channels, **(channels or {})})  # type: ignore[arg-type]  # checked below
    if faults := faults_of(after):
        raise PreferencesInvalid("; ".join(fault.message for fault in faults), faults=faults)
    if after != before:
        rows.put_preferences(session, after, clock.now())
        ledger.record(
            session,
            actor=actor,
            type="preferences.changed",
            subject=Ref.parse(actor.ref),
            payload={**said, "topics": sorted(topic.value for topic in channels or {})},
            personal=True,
        )
    return after


def add_webhook(
    session: Session, signer: Signer, actor: Actor, *, url: str, owner: str, allowed: str | None
) -> NewWebhook:
    """Let notifications be posted to an address; the secret that signs them is shown this once.

    Args: owner: the actor, or ORGANISATION for what happens in all of it; allowed: the operator's list of hosts.
    Raises: AddressRefused.
    """
    read_target(url, allowed_of(allowed))
    if len(rows.webhooks(session, [owner])) >= MOST_WEBHOOKS:
        raise Conflict(f"there are {MOST_WEBHOOKS} webhooks already", hint="remove one: headway inbox webhook-remove")
    row = WebhookRow(
        id=new_id("whk"),
        owner=owner,
        url=url,
        salt=base64.b64encode(os.urandom(_SALT_BYTES)).decode(),
        is_active=True,
        created_by=actor.ref,
        created_at=clock.now(),
        failures=0,
    )
    rows.add_webhook(session, row)
    _record(session, actor, "webhook.added", row)
    return NewWebhook(webhook=rows.webhook_of(row), secret=secret_of(signer, row))


def renew_webhook(session: Session, signer: Signer, actor: Actor, webhook_id: str) -> NewWebhook:
    """Give a webhook a new secret and let it work again."""
    row = _need(session, webhook_id)
    row.salt, row.is_active, row.failures = base64.b64encode(os.urandom(_SALT_BYTES)).decode(), True, 0
    session.flush()
    _record(session, actor, "webhook.renewed", row)
    return NewWebhook(webhook=rows.webhook_of(row), secret=secret_of(signer, row))


def remove_webhook(session: Session, actor: Actor, webhook_id: str) -> Webhook:
    """Post nothing to an address any more."""
    row = _need(session, webhook_id)
    removed = rows.webhook_of(row)
    _record(session, actor, "webhook.removed", row)
    rows.remove_webhook(session, webhook_id)
    return removed


def get_webhook(session: Session, webhook_id: str) -> Webhook:
    """Read one webhook; raises WebhookNotFound."""
    return rows.webhook_of(_need(session, webhook_id))


def list_webhooks(session: Session, owner: str) -> tuple[Webhook, ...]:
    """Read the webhooks of a person or of the organisation."""
    return tuple(rows.webhooks(session, [owner]))


def secret_of(signer: Signer, row: WebhookRow) -> str:
    """Make the secret of a webhook of its salt and the platform's key, so that it is stored nowhere.

    Ed25519 signatures are the same for the same message (RFC 8032), so this is too, as long as the key is.
    """
    key = hashlib.sha256(signer.sign(b"headway webhooks 1")).digest()
    made = hmac.new(key, f"{row.id}.{row.salt}".encode(), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(made).decode()


def _need(session: Session, webhook_id: str) -> WebhookRow:
    row = rows.get_webhook(session, webhook_id, lock=True)
    if row is None:
        raise WebhookNotFound(f"there is no webhook {webhook_id}")
    return row


def _record(session: Session, actor: Actor, type_: str, row: WebhookRow) -> None:
    host = row.url.split("/")[2]
    payload = {"owner": row.owner, "host": host}
    ledger.record(session, actor=actor, type=type_, subject=Ref("webhook", row.id), payload=payload, personal=True)
