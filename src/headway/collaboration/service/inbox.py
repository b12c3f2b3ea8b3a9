"""The inbox: what a person was told, read and put away. Reading marks are their own and leave no entry in the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from headway import identity
from headway.collaboration.entities import Notification, Topic
from headway.collaboration.errors import NotificationNotFound
from headway.collaboration.mentions import excerpt
from headway.collaboration.store import comments, notices
from headway.collaboration.tables import NotificationRow
from headway.collaboration.words import fill
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.paging import MAX_LIMIT, Page


def list_inbox(
    session: Session,
    actor: Actor,
    *,
    unread: bool = False,
    archived: bool = False,
    topic: Topic | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Notification]:
    """Read what the actor was told, newest first."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = notices.inbox(
        session,
        actor.ref,
        unread=unread,
        archived=archived,
        topic=topic.value if topic else None,
        before=cursor,
        limit=limit + 1,
    )
    told = notifications_of(session, found[:limit])
    return Page(items=tuple(told), next=found[limit - 1].id if len(found) > limit else None)


def count_unread(session: Session, actor: Actor) -> int:
    """Count what the actor has not read."""
    return notices.count_unread(session, actor.ref)


def mark_notification(
    session: Session, actor: Actor, notification_id: str, *, read: bool | None = None, archived: bool | None = None
) -> Notification:
    """Mark one notification as read or unread, put it away or take it out again; what is None stays."""
    row = notices.get_own(session, actor.ref, notification_id)
    if row is None:
        raise NotificationNotFound(f"you have no notification {notification_id}")
    now = clock.now()
    if read is not None:
        row.read_at = (row.read_at or now) if read else None
    if archived is not None:
        row.archived_at = (row.archived_at or now) if archived else None
    session.flush()
    return notifications_of(session, [row])[0]


def mark_all_read(session: Session, actor: Actor, *, topic: Topic | None = None) -> int:
    """Mark everything as read, of one topic or all; returns how many."""
    return notices.read_all(session, actor.ref, clock.now(), topic.value if topic else None)


def notifications_of(session: Session, rows: Sequence[NotificationRow]) -> list[Notification]:
    """Turn rows into what people see, with the words that comments have now."""
    names = identity.names_of(session, {row.actor for row in rows})
    texts = comments.texts(session, {row.comment for row in rows if row.comment})
    return [
        Notification(
            id=row.id,
            topic=Topic(row.topic),
            type=row.type,
            subject=row.subject,
            actor=row.actor,
            actor_name=names[row.actor],
            message=row.message,
            values=row.values,
            sentence=fill(row.message, row.values),
            excerpt=excerpt(texts.get(row.comment or "", "")),
            at=row.at,
            read_at=row.read_at,
            archived_at=row.archived_at,
        )
        for row in rows
    ]
