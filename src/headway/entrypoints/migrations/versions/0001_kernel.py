"""Tables of kernel: jobs, their steps, idempotency keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_kernel"
down_revision: str | None = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the schema and its tables."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema kernel")
    _make_jobs()
    _make_steps()
    _make_idempotency_keys()


def _make_jobs() -> None:
    jsonb = postgresql.JSONB
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("payload", jsonb(), nullable=False),
        sa.Column("actor", jsonb(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("result", jsonb(none_as_null=True), nullable=True),
        sa.Column("error", jsonb(none_as_null=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status in ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_jobs_status")
        ),
        sa.CheckConstraint("(status in ('queued', 'running')) = (ended_at is null)", name=op.f("ck_jobs_ended")),
        sa.CheckConstraint("(status = 'failed') = (error is not null)", name=op.f("ck_jobs_error")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        schema="kernel",
    )
    op.create_index(
        "ix_jobs_open",
        "jobs",
        ["id"],
        schema="kernel",
        postgresql_where=sa.text("status in ('queued', 'running')"),
    )


def _make_steps() -> None:
    op.create_table(
        "job_steps",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["kernel.jobs.id"], name=op.f("fk_job_steps_job_id_jobs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "position", name=op.f("pk_job_steps")),
        schema="kernel",
    )


def _make_idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "key", name=op.f("pk_idempotency_keys")),
        schema="kernel",
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"], schema="kernel")


def downgrade() -> None:
    """Drop the schema with its tables."""
    op.execute("drop schema kernel cascade")
