"""Refusals of gates, counted by the minute."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0029_refusals"
down_revision: str | None = "0027_operate"
branch_labels = None
depends_on = None

SCHEMA = "governance"


def upgrade() -> None:
    """Make the table."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "refusals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("subject", "environment", "code", "actor")),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refusals"),
        sa.UniqueConstraint(
            "minute", "subject", "environment", "code", name="uq_refusals_minute_subject_environment_code"
        ),
        sa.CheckConstraint("told between 1 and count", name=op.f("ck_refusals_told_in_range")),
        schema=SCHEMA,
    )


def downgrade() -> None:
    """Forget the counts; the ledger keeps what it was told."""
    op.drop_table("refusals", schema=SCHEMA)
