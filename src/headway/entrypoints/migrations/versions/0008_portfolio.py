"""Tables of portfolio."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_portfolio"
down_revision: str | None = "0007_serving"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SCHEMA = "portfolio"


def upgrade() -> None:
    """Make the schema and its tables."""
    op.execute("set local lock_timeout = '10s'")
    op.execute(f"create schema {SCHEMA}")
    op.create_table(
        "pilots",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("solution", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("request", postgresql.JSONB(), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.Column("result", postgresql.JSONB(none_as_null=True)),
        sa.Column("error", postgresql.JSONB(none_as_null=True)),
        sa.Column("report", postgresql.JSONB(none_as_null=True)),
        sa.Column("report_key", sa.String()),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_pilots"),
        sa.CheckConstraint("state in ('running', 'done', 'failed')", name="ck_pilots_state_known"),
        schema=SCHEMA,
    )
    op.create_index("ix_pilots_department", "pilots", ["department"], schema=SCHEMA)


def downgrade() -> None:
    """Drop the schema with its tables."""
    op.execute(f"drop schema {SCHEMA} cascade")
