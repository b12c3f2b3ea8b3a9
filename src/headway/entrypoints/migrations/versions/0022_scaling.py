"""Tables of scaling."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022_scaling"
down_revision: str | None = "0021_metering"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SCHEMA = "scaling"


def upgrade() -> None:
    """Make the schema and its tables."""
    op.execute("set local lock_timeout = '10s'")
    op.execute(f"create schema {SCHEMA}")
    _make_plans()
    op.create_table(
        "label_batches",
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("file_digest", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("rows", "unknown", "repeated")),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("brought_by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("plan", "number", name="pk_label_batches"),
        sa.ForeignKeyConstraint(["plan"], [f"{SCHEMA}.plans.id"], name="fk_label_batches_plan_plans"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    """Drop the schema with its tables."""
    op.execute(f"drop schema {SCHEMA} cascade")


def _make_plans() -> None:
    needed = ("id", "usecase", "department", "version", "state", "job", "filename")
    op.create_table(
        "plans",
        *(sa.Column(name, sa.String(), nullable=False) for name in needed),
        *(sa.Column(name, postgresql.JSONB(), nullable=False) for name in ("request", "steps")),
        sa.Column("result", postgresql.JSONB(none_as_null=True)),
        sa.Column("digest", sa.String()),
        *(sa.Column(name, postgresql.JSONB(none_as_null=True)) for name in ("check", "error")),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
        sa.CheckConstraint("state in ('running', 'done', 'failed')", name="ck_plans_state_known"),
        schema=SCHEMA,
    )
    for column in ("department", "usecase"):
        op.create_index(f"ix_plans_{column}", "plans", [column], schema=SCHEMA)
