"""Tables of identity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_identity"
down_revision: str | None = "0002_ledger"
branch_labels = None
depends_on = None

SCHEMA = "identity"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the schema and its tables."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema identity")
    _make_departments_and_people()
    op.execute("insert into identity.departments (slug, name, created_at) values ('org', 'Organisation', now())")
    _make_roles()
    _make_tokens()
    _make_codes()


def downgrade() -> None:
    """Drop the schema with its tables."""
    op.execute("drop schema identity cascade")


def _make_departments_and_people() -> None:
    op.create_table(
        "departments",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("(parent is null) = (slug = 'org')", name=op.f("ck_departments_one_root")),
        sa.CheckConstraint("parent <> slug", name=op.f("ck_departments_not_own_parent")),
        sa.ForeignKeyConstraint(["parent"], ["identity.departments.slug"], name="fk_departments_parent_departments"),
        sa.PrimaryKeyConstraint("slug", name="pk_departments"),
        schema=SCHEMA,
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("email", name="uq_people_email"),
        schema=SCHEMA,
    )


def _make_roles() -> None:
    op.create_table(
        "roles",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("granted_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["department"], ["identity.departments.slug"], name="fk_roles_department_departments"),
        sa.PrimaryKeyConstraint("id", name="pk_roles"),
        schema=SCHEMA,
    )
    op.create_index(
        "uq_roles_held",
        "roles",
        ["principal", "role", sa.text("coalesce(department, '')")],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("revoked_at is null"),
    )


def _make_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.Column("last_used_at", TIME, nullable=True),
        sa.CheckConstraint("kind in ('api', 'session')", name=op.f("ck_tokens_kind")),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
        schema=SCHEMA,
    )
    op.create_index("ix_tokens_owner_id", "tokens", ["owner", "id"], schema=SCHEMA)


def _make_codes() -> None:
    op.create_table(
        "codes",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column("used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["identity.people.id"], name="fk_codes_person_id_people"),
        sa.PrimaryKeyConstraint("hash", name="pk_codes"),
        schema=SCHEMA,
    )
    op.create_table(
        "failures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_failures"),
        schema=SCHEMA,
    )
    op.create_index("ix_failures_key_at", "failures", ["key", "at"], schema=SCHEMA)
