"""What was judged of each day of a deployment, and alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020_monitoring"
down_revision: str | None = "0019_profiles"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
PLACE = ("environment", "deployment", "release")


def upgrade() -> None:
    """Make the tables."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema monitoring")
    _days()
    _alerts()


def downgrade() -> None:
    """Drop them."""
    op.execute("drop schema monitoring cascade")


def _place() -> tuple[sa.Column[str], ...]:
    return tuple(sa.Column(name, sa.String(), nullable=False) for name in PLACE)


def _days() -> None:
    op.create_table(
        "days",
        *_place(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("decisions", sa.BigInteger(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("places", postgresql.JSONB(), nullable=False),
        sa.Column("judged_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint(*PLACE, "day", name=op.f("pk_days")),
        schema="monitoring",
    )
    op.create_table(
        "outcomes",
        *_place(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("decided", sa.BigInteger(), nullable=False),
        sa.Column("known", sa.BigInteger(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint(*PLACE, "day", name=op.f("pk_outcomes")),
        schema="monitoring",
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(), nullable=False),
        *_place(),
        sa.Column("usecase", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("noticed_on", sa.Date(), nullable=False),
        sa.Column("last_seen", sa.Date(), nullable=False),
        sa.Column("quiet_days", sa.Integer(), nullable=False),
        sa.Column("quiet_on", sa.Date()),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("acknowledged_by", sa.String()),
        sa.Column("acknowledged_at", MOMENT),
        sa.Column("acknowledged_because", sa.String()),
        sa.Column("closed_by", sa.String()),
        sa.Column("closed_at", MOMENT),
        sa.Column("closed_because", sa.String()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.CheckConstraint("state in ('open', 'acknowledged', 'closed')", name=op.f("ck_alerts_state_known")),
        sa.CheckConstraint("severity in ('warning', 'serious')", name=op.f("ck_alerts_severity_known")),
        sa.CheckConstraint(
            "kind in ('inputs', 'scores', 'missing', 'unseen', 'performance', 'concept')",
            name=op.f("ck_alerts_kind_known"),
        ),
        sa.CheckConstraint("(state = 'closed') = (closed_at is not null)", name=op.f("ck_alerts_closed_has_time")),
        schema="monitoring",
    )
    op.create_index("ix_alerts_place", "alerts", list(PLACE), schema="monitoring")
    op.create_index(
        "uq_alerts_running",
        "alerts",
        [*PLACE, "kind"],
        unique=True,
        schema="monitoring",
        postgresql_where=sa.text("state <> 'closed'"),
    )
