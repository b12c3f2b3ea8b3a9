"""Input ports of data products, and their runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0049_input_ports"
down_revision: str | None = "0048_access"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "input_ports",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("id", "product", "department", "product_name", "name", "kind")
        ),
        sa.Column("settings", JSONB(), nullable=False),
        sa.Column("every_minutes", sa.Integer()),
        sa.Column("next_at", MOMENT),
        sa.Column("cursor", sa.Text()),
        sa.Column("seen", JSONB(), nullable=False),
        sa.Column("part", JSONB()),
        sa.Column("last_run", sa.Text()),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_input_ports"),
        sa.UniqueConstraint("product", "name", name="uq_input_ports_product_name"),
        sa.CheckConstraint(
            "kind in ('sql', 'files', 'folder', 'rest', 'upload')", name=op.f("ck_input_ports_kind_known")
        ),
        sa.CheckConstraint("every_minutes > 0", name=op.f("ck_input_ports_rhythm_positive")),
        sa.CheckConstraint("(every_minutes is null) = (next_at is null)", name=op.f("ck_input_ports_rhythm_whole")),
        schema="catalog",
    )
    op.create_index(op.f("ix_input_ports_next_at"), "input_ports", ["next_at"], schema="catalog")
    op.create_table(
        "port_runs",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "port", "product", "port_name", "state")),
        sa.Column("job", sa.Text()),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        *(sa.Column(name, sa.BigInteger()) for name in ("rows_read", "rows", "failed_rows")),
        sa.Column("snapshot", sa.Text()),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("refused", "notes")),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_port_runs"),
        sa.ForeignKeyConstraint(["snapshot"], ["catalog.snapshots.id"], name="fk_port_runs_snapshot_snapshots"),
        sa.CheckConstraint(
            "state in ('running', 'done', 'unchanged', 'failed')", name=op.f("ck_port_runs_state_known")
        ),
        sa.CheckConstraint("(state = 'running') = (ended_at is null)", name=op.f("ck_port_runs_ended_whole")),
        schema="catalog",
    )
    for column in ("port", "product"):
        op.create_index(op.f(f"ix_port_runs_{column}"), "port_runs", [column], schema="catalog")


def downgrade() -> None:
    """Take the tables away."""
    op.drop_table("port_runs", schema="catalog")
    op.drop_table("input_ports", schema="catalog")
