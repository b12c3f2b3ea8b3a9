"""Places of those who read jobs and due days; webhooks keep a salt instead of a secret."""

from __future__ import annotations

from alembic import op

revision = "0016_notifications"
down_revision: str | None = "0015_identity_providers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the places, rename the column, let ended jobs be found by time."""
    op.execute("set local lock_timeout = '10s'")
    op.execute("alter table collaboration.webhooks rename column secret to salt")
    op.execute(
        "insert into collaboration.places (name, leaf, at) values ('jobs', 0, now()), ('reminders', 0, 'epoch'::timestamptz)"
    )
    op.create_index("ix_jobs_ended_at", "jobs", ["ended_at"], schema="kernel")


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_jobs_ended_at", "jobs", schema="kernel")
    op.execute("delete from collaboration.places where name in ('jobs', 'reminders')")
    op.execute("alter table collaboration.webhooks rename column salt to secret")
