"""Profiles of decisions, by deployment, release and day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019_profiles"
down_revision: str | None = "0018_quorum"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "profiles",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("environment", "deployment", "release")),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("decisions", sa.BigInteger(), nullable=False),
        sa.Column("profile", postgresql.JSONB(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("environment", "deployment", "release", "day", name=op.f("pk_profiles")),
        schema="serving",
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("profiles", schema="serving")
