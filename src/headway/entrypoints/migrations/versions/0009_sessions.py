"""Sessions get a table of their own; those that were tokens end, so people sign in once more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_sessions"
down_revision: str | None = "0008_portfolio"
branch_labels = None
depends_on = None

SCHEMA = "identity"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table; end the sessions of before."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["identity.people.id"], name="fk_sessions_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("hash", name="uq_sessions_hash"),
        schema=SCHEMA,
    )
    op.create_index("ix_sessions_person_id_id", "sessions", ["person_id", "id"], schema=SCHEMA)
    op.execute("update identity.tokens set revoked_at = now() where kind = 'session' and revoked_at is null")


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("sessions", schema=SCHEMA)
