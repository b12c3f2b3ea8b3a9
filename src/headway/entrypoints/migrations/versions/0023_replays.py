"""Replays of a past time, and what they tell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023_replays"
down_revision: str | None = "0022_scaling"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "replays",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("id", "usecase", "department", "state", "job", "filename")
        ),
        sa.Column("request", JSONB(), nullable=False),
        sa.Column("report", JSONB()),
        sa.Column("error", JSONB()),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_replays"),
        sa.CheckConstraint("state in ('running', 'done', 'failed')", name=op.f("ck_replays_state_known")),
        schema="portfolio",
    )
    op.create_index("ix_replays_usecase", "replays", ["usecase"], schema="portfolio")


def downgrade() -> None:
    """Forget replays."""
    op.drop_table("replays", schema="portfolio")
