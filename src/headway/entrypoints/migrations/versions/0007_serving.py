"""Tables of serving."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007_serving"
down_revision: str | None = "0006_registry"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SCHEMA = "serving"


def upgrade() -> None:
    """Make the schema and its tables."""
    op.execute("set local lock_timeout = '10s'")
    op.execute(f"create schema {SCHEMA}")
    _deployments()
    _grants()
    _publications()
    _intake()


def _deployments() -> None:
    op.create_table(
        "deployments",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("usecase", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("arms", postgresql.JSONB(), nullable=False),
        sa.Column("subject_field", sa.String()),
        sa.Column("bands", postgresql.JSONB(), nullable=False),
        sa.Column("daily_limit", sa.Integer()),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_deployments"),
        sa.CheckConstraint("state in ('active', 'suspended', 'retired')", name="ck_deployments_state_known"),
        sa.CheckConstraint(
            "environment in ('sandbox', 'pilot', 'production')", name="ck_deployments_environment_known"
        ),
        sa.CheckConstraint("environment <> 'sandbox' or expires_at is not null", name="ck_deployments_sandbox_expires"),
        schema=SCHEMA,
    )
    op.create_index(
        "uq_deployments_live_name",
        "deployments",
        ["environment", "name"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("state <> 'retired'"),
    )
    op.create_index("ix_deployments_usecase", "deployments", ["usecase"], schema=SCHEMA)


def _grants() -> None:
    op.create_table(
        "grants",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("deployment_id", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("principal", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
        sa.ForeignKeyConstraint(
            ["deployment_id"], [f"{SCHEMA}.deployments.id"], name="fk_grants_deployment_id_deployments"
        ),
        sa.UniqueConstraint("deployment_id", "token_hash", "scope", name="uq_grants_deployment_id_token_hash_scope"),
        sa.CheckConstraint("scope in ('decide', 'outcome')", name="ck_grants_scope_known"),
        schema=SCHEMA,
    )
    op.create_index("ix_grants_token_hash", "grants", ["token_hash"], schema=SCHEMA)


def _publications() -> None:
    op.create_table(
        "publications",
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.Column("published_at", MOMENT),
        sa.Column("fresh_until", MOMENT),
        sa.PrimaryKeyConstraint("environment", name="pk_publications"),
        schema=SCHEMA,
    )


def _intake() -> None:
    op.create_table(
        "segments",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("head", sa.String()),
        sa.Column("digest", sa.String()),
        sa.Column("event", sa.String()),
        sa.Column("reason", sa.String()),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT),
        sa.PrimaryKeyConstraint("key", name="pk_segments"),
        sa.CheckConstraint("state in ('writing', 'taken', 'refused')", name="ck_segments_state_known"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_segments_unfinished", "segments", ["batch"], schema=SCHEMA, postgresql_where=sa.text("state = 'writing'")
    )
    op.create_index("ix_segments_place", "segments", ["environment", "node", "segment"], schema=SCHEMA)
    op.create_table(
        "outcome_imports",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("file_digest", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("imported_by", sa.String(), nullable=False),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outcome_imports"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    """Drop the schema with its tables."""
    op.execute(f"drop schema {SCHEMA} cascade")
