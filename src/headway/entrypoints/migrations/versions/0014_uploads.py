"""Keep what is known of files that wait for a pilot or a product."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014_uploads"
down_revision: str | None = "0013_collaboration"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.execute("set local lock_timeout = '10s'")
    op.create_table(
        "uploads",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("preview", postgresql.JSONB(), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("digest", "department", name=op.f("uq_uploads_digest_department")),
        schema="catalog",
    )
    op.create_index(op.f("ix_uploads_file_key"), "uploads", ["file_key"], schema="catalog")
    op.create_index(op.f("ix_uploads_kept_until"), "uploads", ["kept_until"], schema="catalog")


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("uploads", schema="catalog")
