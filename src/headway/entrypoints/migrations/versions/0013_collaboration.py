"""Tables of collaboration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013_collaboration"
down_revision: str | None = "0012_sign_in_links"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SCHEMA = "collaboration"


def upgrade() -> None:
    """Make the schema and its tables."""
    op.execute("set local lock_timeout = '10s'")
    op.execute(f"create schema {SCHEMA}")
    _make_comments()
    _make_tasks()
    _make_views()
    _make_notifications()
    _make_preferences()
    _make_places()


def downgrade() -> None:
    """Drop the schema with its tables."""
    op.execute(f"drop schema {SCHEMA} cascade")


def _make_comments() -> None:
    op.create_table(
        "comments",
        _text("id"),
        _text("subject"),
        _text("parent", nullable=True),
        _text("author"),
        _text("text"),
        sa.Column("mentions", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("resolved_at", MOMENT, nullable=True),
        _text("resolved_by", nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
        _text("deleted_by", nullable=True),
        sa.CheckConstraint("(deleted_at is null) = (deleted_by is null)", name=op.f("ck_comments_deleted")),
        sa.CheckConstraint("(resolved_at is null) = (resolved_by is null)", name=op.f("ck_comments_resolved")),
        sa.CheckConstraint("parent is null or resolved_at is null", name=op.f("ck_comments_threads_resolved")),
        sa.ForeignKeyConstraint(["parent"], [f"{SCHEMA}.comments.id"], name="fk_comments_parent_comments"),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
        schema=SCHEMA,
    )
    op.create_index("ix_comments_subject_id", "comments", ["subject", "id"], schema=SCHEMA)
    op.create_index("ix_comments_parent", "comments", ["parent"], schema=SCHEMA)
    op.create_table(
        "comment_versions",
        _text("comment_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("text"),
        sa.Column("at", MOMENT, nullable=False),
        _text("event"),
        sa.ForeignKeyConstraint(
            ["comment_id"], [f"{SCHEMA}.comments.id"], name="fk_comment_versions_comment_id_comments"
        ),
        sa.PrimaryKeyConstraint("comment_id", "number", name="pk_comment_versions"),
        schema=SCHEMA,
    )


def _make_tasks() -> None:
    op.create_table(
        "tasks",
        _text("id"),
        _text("title"),
        _text("subject"),
        _text("assignee"),
        sa.Column("due_on", sa.Date(), nullable=True),
        _text("state"),
        _text("note"),
        _text("created_by"),
        sa.Column("created_at", MOMENT, nullable=False),
        _text("ended_by", nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("state in ('open', 'done', 'cancelled')", name=op.f("ck_tasks_state")),
        sa.CheckConstraint("(state = 'open') = (ended_at is null)", name=op.f("ck_tasks_ended")),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        schema=SCHEMA,
    )
    op.create_index("ix_tasks_assignee_id", "tasks", ["assignee", "id"], schema=SCHEMA)
    op.create_index("ix_tasks_subject_id", "tasks", ["subject", "id"], schema=SCHEMA)
    op.create_index("ix_tasks_due_on", "tasks", ["due_on"], schema=SCHEMA, postgresql_where=sa.text("state = 'open'"))


def _make_views() -> None:
    op.create_table(
        "views",
        _text("id"),
        _text("name"),
        _text("page"),
        _text("query"),
        _text("owner"),
        _text("sharing"),
        _text("department", nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("sharing in ('nobody', 'department', 'everybody')", name=op.f("ck_views_sharing")),
        sa.CheckConstraint("(sharing = 'department') = (department is not null)", name=op.f("ck_views_department")),
        sa.PrimaryKeyConstraint("id", name="pk_views"),
        sa.UniqueConstraint("owner", "page", "name", name="uq_views_owner"),
        schema=SCHEMA,
    )
    op.create_index("ix_views_page", "views", ["page"], schema=SCHEMA)
    op.create_table(
        "view_uses",
        _text("person"),
        _text("view_id"),
        _text("page"),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.CheckConstraint("position is not null or is_default", name=op.f("ck_view_uses_used")),
        sa.ForeignKeyConstraint(
            ["view_id"], [f"{SCHEMA}.views.id"], name="fk_view_uses_view_id_views", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person", "view_id", name="pk_view_uses"),
        schema=SCHEMA,
    )
    op.create_index(
        "uq_view_uses_default",
        "view_uses",
        ["person", "page"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("is_default"),
    )


def _make_notifications() -> None:
    op.create_table(
        "notifications",
        _text("id"),
        _text("recipient"),
        _text("dedup"),
        _text("topic"),
        _text("type"),
        _text("subject"),
        _text("actor"),
        _text("message"),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        _text("comment", nullable=True),
        sa.Column("in_inbox", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint("recipient", "dedup", name="uq_notifications_recipient"),
        schema=SCHEMA,
    )
    op.create_index("ix_notifications_recipient_id", "notifications", ["recipient", "id"], schema=SCHEMA)
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["recipient"],
        schema=SCHEMA,
        postgresql_where=sa.text("in_inbox and read_at is null and archived_at is null"),
    )
    op.create_table(
        "deliveries",
        _text("id"),
        _text("notification_id"),
        _text("channel"),
        _text("webhook_id", nullable=True),
        sa.Column("is_digest", sa.Boolean(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        _text("state"),
        _text("batch", nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _text("error", nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.CheckConstraint("channel in ('email', 'webhook')", name=op.f("ck_deliveries_channel")),
        sa.CheckConstraint(
            "state in ('waiting', 'queued', 'sent', 'failed', 'dropped')", name=op.f("ck_deliveries_state")
        ),
        sa.CheckConstraint("(channel = 'webhook') = (webhook_id is not null)", name=op.f("ck_deliveries_webhook")),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            [f"{SCHEMA}.notifications.id"],
            name="fk_deliveries_notification_id_notifications",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        schema=SCHEMA,
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("ix_deliveries_due", "deliveries", ["due_at"], schema=SCHEMA, postgresql_where=waiting)
    op.create_index("ix_deliveries_batch", "deliveries", ["batch"], schema=SCHEMA)
    op.create_index("ix_deliveries_notification_id", "deliveries", ["notification_id"], schema=SCHEMA)


def _make_preferences() -> None:
    op.create_table(
        "preferences",
        _text("person"),
        _text("language"),
        _text("time_zone"),
        _text("quiet_from", nullable=True),
        _text("quiet_until", nullable=True),
        _text("digest_at"),
        sa.Column("channels", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_preferences"),
        schema=SCHEMA,
    )
    op.create_table(
        "webhooks",
        _text("id"),
        _text("owner"),
        _text("url"),
        _text("secret"),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        _text("created_by"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _text("last_error", nullable=True),
        sa.Column("last_sent_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
        schema=SCHEMA,
    )
    op.create_index("ix_webhooks_owner", "webhooks", ["owner"], schema=SCHEMA)
    op.create_table(
        "watches",
        _text("person"),
        _text("subject"),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person", "subject", name="pk_watches"),
        schema=SCHEMA,
    )
    op.create_index("ix_watches_subject", "watches", ["subject"], schema=SCHEMA)


def _make_places() -> None:
    """Make the readers' places. Nobody is told of what happened before this version knew how to tell."""
    op.create_table(
        "places",
        _text("name"),
        sa.Column("leaf", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_places"),
        schema=SCHEMA,
    )
    op.execute(
        f"insert into {SCHEMA}.places (name, leaf, at) "  # noqa: S608  the schema's own name
        "select 'notifications', coalesce(max(index) + 1, 0), now() from ledger.leaves"
    )


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)
