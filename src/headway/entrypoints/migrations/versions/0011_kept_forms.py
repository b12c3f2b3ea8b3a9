"""Keep what was filled in when a session had ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_kept_forms"
down_revision: str | None = "0010_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.execute("set local lock_timeout = '10s'")
    op.create_table(
        "kept_forms",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_forms")),
        schema="kernel",
    )
    op.create_index("ix_kept_forms_owner_id", "kept_forms", ["owner", "id"], schema="kernel")


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("kept_forms", schema="kernel")
