"""Files that wait to be looked at before they change anything."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017_staged_files"
down_revision: str | None = "0016_notifications"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "staged_files",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "kind", "owner", "filename", "digest")),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("applied_at", MOMENT),
        sa.Column("summary", JSONB()),
        sa.PrimaryKeyConstraint("id", name="pk_staged_files"),
        sa.CheckConstraint(
            "(applied_at is null) = (summary is null)", name=op.f("ck_staged_files_applied_with_summary")
        ),
        schema="kernel",
    )
    op.create_index("ix_staged_files_expires_at", "staged_files", ["expires_at"], schema="kernel")


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("staged_files", schema="kernel")
