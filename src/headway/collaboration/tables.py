"""Rows of collaboration. Things are named by plain references; people by ``person:ID``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "collaboration"}


class CommentRow(Base):
    """A comment as it reads now; a deleted one stays as a tombstone without text."""

    __tablename__ = "comments"
    __table_args__ = (
        CheckConstraint("(deleted_at is null) = (deleted_by is null)", name="deleted"),
        CheckConstraint("(resolved_at is null) = (resolved_by is null)", name="resolved"),
        CheckConstraint("parent is null or resolved_at is null", name="threads_resolved"),
        Index("ix_comments_subject_id", "subject", "id"),
        Index("ix_comments_parent", "parent"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    parent: Mapped[str | None] = mapped_column(ForeignKey("collaboration.comments.id"))
    author: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[str]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    edits: Mapped[int]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(Text)
    deleted_at: Mapped[datetime | None]
    deleted_by: Mapped[str | None] = mapped_column(Text)


class CommentVersionRow(Base):
    """One wording of a comment, and the ledger event that holds it."""

    __tablename__ = "comment_versions"
    __table_args__ = (SCHEMA,)

    comment_id: Mapped[str] = mapped_column(ForeignKey("collaboration.comments.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(Text)


class TaskRow(Base):
    """Something a person is to do."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("state in ('open', 'done', 'cancelled')", name="state"),
        CheckConstraint("(state = 'open') = (ended_at is null)", name="ended"),
        Index("ix_tasks_assignee_id", "assignee", "id"),
        Index("ix_tasks_subject_id", "subject", "id"),
        Index("ix_tasks_due_on", "due_on", postgresql_where=text("state = 'open'")),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    assignee: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]


class ViewRow(Base):
    """A saved view of a page."""

    __tablename__ = "views"
    __table_args__ = (
        CheckConstraint("sharing in ('nobody', 'department', 'everybody')", name="sharing"),
        CheckConstraint("(sharing = 'department') = (department is not null)", name="department"),
        UniqueConstraint("owner", "page", "name", name="uq_views_owner"),
        Index("ix_views_page", "page"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    page: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)
    sharing: Mapped[str] = mapped_column(Text)
    department: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ViewUseRow(Base):
    """What a view is to one person: pinned at a place, or the one their page opens with."""

    __tablename__ = "view_uses"
    __table_args__ = (
        CheckConstraint("position is not null or is_default", name="used"),
        Index("uq_view_uses_default", "person", "page", unique=True, postgresql_where=text("is_default")),
        SCHEMA,
    )

    person: Mapped[str] = mapped_column(Text, primary_key=True)
    view_id: Mapped[str] = mapped_column(ForeignKey("collaboration.views.id", ondelete="CASCADE"), primary_key=True)
    page: Mapped[str] = mapped_column(Text)
    position: Mapped[int | None]
    is_default: Mapped[bool]


class WatchRow(Base):
    """A person who wants to hear about a thing."""

    __tablename__ = "watches"
    __table_args__ = (Index("ix_watches_subject", "subject"), SCHEMA)

    person: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    since: Mapped[datetime]


class NotificationRow(Base):
    """What one person is told of one event; ``dedup`` is the same for events that tell the same."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("recipient", "dedup", name="uq_notifications_recipient"),
        Index("ix_notifications_recipient_id", "recipient", "id"),
        Index(
            "ix_notifications_unread",
            "recipient",
            postgresql_where=text("in_inbox and read_at is null and archived_at is null"),
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    recipient: Mapped[str] = mapped_column(Text)
    dedup: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    comment: Mapped[str | None] = mapped_column(Text)
    in_inbox: Mapped[bool]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]


class DeliveryRow(Base):
    """One notification on its way by mail or webhook. ``batch`` names the message that carries it."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("channel in ('email', 'webhook')", name="channel"),
        CheckConstraint("state in ('waiting', 'queued', 'sent', 'failed', 'dropped')", name="state"),
        CheckConstraint("(channel = 'webhook') = (webhook_id is not null)", name="webhook"),
        Index("ix_deliveries_due", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_deliveries_batch", "batch"),
        Index("ix_deliveries_notification_id", "notification_id"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    notification_id: Mapped[str] = mapped_column(ForeignKey("collaboration.notifications.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(Text)
    webhook_id: Mapped[str | None] = mapped_column(Text)
    is_digest: Mapped[bool]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(Text)
    batch: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int]
    error: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None]


class PreferencesRow(Base):
    """What a person chose; who chose nothing has no row."""

    __tablename__ = "preferences"
    __table_args__ = (SCHEMA,)

    person: Mapped[str] = mapped_column(Text, primary_key=True)
    language: Mapped[str] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(Text)
    quiet_from: Mapped[str | None] = mapped_column(Text)
    quiet_until: Mapped[str | None] = mapped_column(Text)
    digest_at: Mapped[str] = mapped_column(Text)
    channels: Mapped[dict[str, Any]] = mapped_column(JSONB)
    updated_at: Mapped[datetime]


class WebhookRow(Base):
    """An address that notifications are posted to. Its secret is made of the salt and the platform's key when needed."""

    __tablename__ = "webhooks"
    __table_args__ = (Index("ix_webhooks_owner", "owner"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    owner: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    salt: Mapped[str] = mapped_column(Text)
    is_active: Mapped[bool]
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    failures: Mapped[int]
    last_error: Mapped[str | None] = mapped_column(Text)
    last_sent_at: Mapped[datetime | None]


class PlaceRow(Base):
    """How far a reader of the ledger or of jobs has come."""

    __tablename__ = "places"
    __table_args__ = (SCHEMA,)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    leaf: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
