"""SQL on notifications, their deliveries, and how far readers have come."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.collaboration.tables import DeliveryRow, NotificationRow, PlaceRow

UNREAD = (NotificationRow.in_inbox, NotificationRow.read_at.is_(None), NotificationRow.archived_at.is_(None))


@dataclass(frozen=True, slots=True)
class Place:
    """How far a reader has come."""

    leaf: int
    at: datetime


def take_place(session: Session, name: str) -> Place | None:
    """Read a reader's place and hold it until the transaction ends; None when another holds it."""
    query = select(PlaceRow).where(PlaceRow.name == name).with_for_update(skip_locked=True)
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    return Place(row.leaf, row.at) if row else None


def move_place(session: Session, name: str, *, leaf: int, at: datetime) -> None:
    """Write a reader's place."""
    session.execute(update(PlaceRow).where(PlaceRow.name == name).values(leaf=leaf, at=at))


def add_notification(session: Session, values: Mapping[str, object]) -> bool:
    """Write a notification; False when this person was told the same before."""
    made = insert(NotificationRow).values(dict(values)).on_conflict_do_nothing(constraint="uq_notifications_recipient")
    return session.scalar(made.returning(NotificationRow.id)) is not None


def add_delivery(session: Session, values: Mapping[str, object]) -> None:
    """Write a notification's way by one channel."""
    session.execute(insert(DeliveryRow).values(state="waiting", attempts=0, **dict(values)))


def told_before(session: Session, marks: Collection[str]) -> set[tuple[str, str]]:
    """Of some marks, which recipient was told already."""
    query = select(NotificationRow.recipient, NotificationRow.dedup).where(NotificationRow.dedup.in_(marks))
    return {(row.recipient, row.dedup) for row in session.execute(query)}


def inbox(
    session: Session,
    recipient: str,
    *,
    unread: bool,
    archived: bool,
    topic: str | None,
    before: str | None,
    limit: int,
) -> list[NotificationRow]:
    """Read a person's inbox, newest first."""
    query = select(NotificationRow).where(NotificationRow.recipient == recipient, NotificationRow.in_inbox)
    query = query.where(NotificationRow.archived_at.is_not(None) if archived else NotificationRow.archived_at.is_(None))
    if unread:
        query = query.where(NotificationRow.read_at.is_(None))
    if topic is not None:
        query = query.where(NotificationRow.topic == topic)
    if before is not None:
        query = query.where(NotificationRow.id < before)
    return list(session.scalars(query.order_by(NotificationRow.id.desc()).limit(limit)))


def count_unread(session: Session, recipient: str) -> int:
    """Count what a person has not read."""
    query = select(func.count()).select_from(NotificationRow).where(NotificationRow.recipient == recipient, *UNREAD)
    return session.scalar(query) or 0


def get_own(session: Session, recipient: str, notification_id: str) -> NotificationRow | None:
    """Read one notification of a person."""
    row = session.get(NotificationRow, notification_id, with_for_update=True, populate_existing=True)
    return row if row is not None and row.recipient == recipient else None


def read_all(session: Session, recipient: str, at: datetime, topic: str | None) -> int:
    """Mark everything a person has not read; returns how many."""
    query = update(NotificationRow).where(NotificationRow.recipient == recipient, *UNREAD)
    if topic is not None:
        query = query.where(NotificationRow.topic == topic)
    return len(session.scalars(query.values(read_at=at).returning(NotificationRow.id)).all())


def take_due(session: Session, now: datetime, limit: int) -> list[tuple[DeliveryRow, str]]:
    """Take deliveries that are due, with their recipients; those another transaction holds are left to it."""
    query = (
        select(DeliveryRow, NotificationRow.recipient)
        .join(NotificationRow, NotificationRow.id == DeliveryRow.notification_id)
        .where(DeliveryRow.state == "waiting", DeliveryRow.due_at <= now)
        .order_by(DeliveryRow.due_at, DeliveryRow.id)
        .limit(limit)
        .with_for_update(of=DeliveryRow, skip_locked=True)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def queue_batch(session: Session, delivery_ids: Sequence[str], batch: str) -> None:
    """Put deliveries into one message."""
    session.execute(update(DeliveryRow).where(DeliveryRow.id.in_(delivery_ids)).values(state="queued", batch=batch))


def batch(session: Session, name: str) -> list[tuple[DeliveryRow, NotificationRow]]:
    """Read what one message carries, oldest first."""
    query = (
        select(DeliveryRow, NotificationRow)
        .join(NotificationRow, NotificationRow.id == DeliveryRow.notification_id)
        .where(DeliveryRow.batch == name, DeliveryRow.state == "queued")
        .order_by(NotificationRow.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def settle(
    session: Session,
    delivery_ids: Collection[str],
    *,
    state: str,
    error: str | None,
    at: datetime,
    due_at: datetime | None = None,
) -> None:
    """Write how an attempt ended: sent, failed, dropped, or waiting again until ``due_at``."""
    values: dict[str, object] = {"state": state, "error": error}
    if state != "dropped":
        values["attempts"] = DeliveryRow.attempts + 1
    if state == "sent":
        values["sent_at"] = at
    if due_at is not None:
        values["due_at"] = due_at
    session.execute(update(DeliveryRow).where(DeliveryRow.id.in_(delivery_ids)).values(values))
