"""SQL on preferences and webhooks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.collaboration.entities import Channels, Pace, Preferences, Topic, Webhook
from headway.collaboration.preferences import defaults
from headway.collaboration.tables import PreferencesRow, WebhookRow


def preferences(session: Session, person: str) -> Preferences:
    """Read how a person likes to be told; the defaults where they chose nothing."""
    return preferences_of(session, [person])[person]


def preferences_of(session: Session, people: Collection[str]) -> Mapping[str, Preferences]:
    """Read how some people like to be told."""
    rows = session.scalars(select(PreferencesRow).where(PreferencesRow.person.in_(people)))
    chosen = {row.person: _preferences(row) for row in rows}
    return {person: chosen.get(person) or defaults(person) for person in people}


def put_preferences(session: Session, wishes: Preferences, at: datetime) -> None:
    """Write how a person likes to be told."""
    values = {
        "language": wishes.language,
        "time_zone": wishes.time_zone,
        "quiet_from": wishes.quiet_from,
        "quiet_until": wishes.quiet_until,
        "digest_at": wishes.digest_at,
        "channels": {
            topic.value: {"inbox": one.inbox, "email": one.email.value, "webhook": one.webhook.value}
            for topic, one in wishes.channels.items()
        },
        "updated_at": at,
    }
    made = insert(PreferencesRow).values(person=wishes.person, **values)
    session.execute(made.on_conflict_do_update(index_elements=["person"], set_=values))


def add_webhook(session: Session, row: WebhookRow) -> None:
    """Write a webhook."""
    session.add(row)
    session.flush()


def get_webhook(session: Session, webhook_id: str, *, lock: bool = False) -> WebhookRow | None:
    """Read one webhook."""
    return session.get(WebhookRow, webhook_id, with_for_update=lock, populate_existing=True)


def remove_webhook(session: Session, webhook_id: str) -> None:
    """Remove a webhook."""
    session.execute(delete(WebhookRow).where(WebhookRow.id == webhook_id))


def webhooks(session: Session, owners: Collection[str], *, active: bool = False) -> list[Webhook]:
    """Read the webhooks of some owners, oldest first."""
    query = select(WebhookRow).where(WebhookRow.owner.in_(owners)).order_by(WebhookRow.id)
    return [webhook_of(row) for row in session.scalars(query.where(WebhookRow.is_active) if active else query)]


def note_sent(session: Session, webhook_id: str, at: datetime) -> None:
    """Note that a webhook took a message."""
    values = {"failures": 0, "last_error": None, "last_sent_at": at}
    session.execute(update(WebhookRow).where(WebhookRow.id == webhook_id).values(values))


def note_failed(session: Session, webhook_id: str, error: str, *, is_gone: bool) -> None:
    """Note that a webhook did not take a message; one whose receiver says that it is gone gets none any more."""
    values: dict[str, object] = {"failures": WebhookRow.failures + 1, "last_error": error}
    if is_gone:
        values["is_active"] = False
    session.execute(update(WebhookRow).where(WebhookRow.id == webhook_id).values(values))


def webhook_of(row: WebhookRow) -> Webhook:
    """A webhook without its salt."""
    return Webhook(
        id=row.id,
        owner=row.owner,
        url=row.url,
        is_active=row.is_active,
        created_by=row.created_by,
        created_at=row.created_at,
        failures=row.failures,
        last_error=row.last_error,
        last_sent_at=row.last_sent_at,
    )


def _preferences(row: PreferencesRow) -> Preferences:
    channels = dict(defaults(row.person).channels)
    for name, held in row.channels.items():
        channels[Topic(name)] = Channels(
            inbox=bool(held["inbox"]), email=Pace(held["email"]), webhook=Pace(held["webhook"])
        )
    return Preferences(
        person=row.person,
        language=row.language,
        time_zone=row.time_zone,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        digest_at=row.digest_at,
        channels=channels,
    )
