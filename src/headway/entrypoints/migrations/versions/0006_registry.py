"""Tables of the registry, and the trigger that keeps versions as they were registered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006_registry"
down_revision: str | None = "0005_catalog"
branch_labels = None
depends_on = None

REFUSE_CHANGE = """
create function registry.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'registry.% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'integrity_constraint_violation';
end $$
"""
# A release moves forward only; what was asked for never changes.
KEEP_RELEASES = """
create function registry.keep_release() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.status in ('requested', 'approved')
     and (new.id, new.model, new.version, new.digest, new.environment, new.usecase, new.requested_by, new.created_at)
       = (old.id, old.model, old.version, old.digest, old.environment, old.usecase, old.requested_by, old.created_at)
     and (old.approval is null or new.approval = old.approval) then
    return new;
  end if;
  raise exception 'registry.releases: a closed release cannot change, an open one only moves forward'
    using errcode = 'integrity_constraint_violation';
end $$
"""
VERSION_KEY = ["registry.versions.model", "registry.versions.version"]


def upgrade() -> None:
    """Make the schema and its tables."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema registry")
    _make_models()
    _make_runs()
    _make_releases()
    op.execute(REFUSE_CHANGE)
    op.execute(KEEP_RELEASES)
    for table in ("versions", "runs"):
        op.execute(
            f"create trigger append_only before update or delete on registry.{table} "
            "for each row execute function registry.refuse_change()"
        )
    op.execute(
        "create trigger forward_only before update or delete on registry.releases "
        "for each row execute function registry.keep_release()"
    )


def _make_models() -> None:
    op.create_table(
        "models",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("usecase", sa.Text),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        schema="registry",
    )
    op.create_index("ix_models_usecase", "models", ["usecase"], schema="registry")
    op.create_table(
        "versions",
        sa.Column("model", sa.Text, sa.ForeignKey("registry.models.name", name="fk_versions_model_models")),
        sa.Column("version", sa.Integer, autoincrement=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("artefact", sa.Text, nullable=False),
        sa.Column("learner", sa.Text, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("usecase", sa.Text),
        sa.Column("report", JSONB, nullable=False),
        sa.Column("evidence", JSONB, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("model", "version", name="pk_versions"),
        sa.UniqueConstraint("model", "artefact", name="uq_versions_model_artefact"),
        sa.UniqueConstraint("digest", name="uq_versions_digest"),
        sa.CheckConstraint("version >= 1", name=op.f("ck_versions_counts_from_one")),
        schema="registry",
    )
    op.create_table(
        "aliases",
        sa.Column("model", sa.Text),
        sa.Column("alias", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("model", "alias", name="pk_aliases"),
        sa.ForeignKeyConstraint(["model", "version"], VERSION_KEY, name="fk_aliases_version_versions"),
        schema="registry",
    )


def _make_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("usecase", sa.Text),
        sa.Column("product", sa.Text),
        sa.Column("snapshot", sa.Text),
        sa.Column("learner", sa.Text, nullable=False),
        sa.Column("settings", JSONB, nullable=False),
        sa.Column("metrics", JSONB, nullable=False),
        sa.Column("digests", JSONB, nullable=False),
        sa.Column("job", sa.Text),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["model", "version"], VERSION_KEY, name="fk_runs_version_versions"),
        schema="registry",
    )
    op.create_index("ix_runs_usecase", "runs", ["usecase"], schema="registry")
    op.create_index("ix_runs_product", "runs", ["product"], schema="registry")
    op.create_index("ix_runs_model_version", "runs", ["model", "version"], schema="registry")


def _make_releases() -> None:
    op.create_table(
        "releases",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("usecase", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("approval", sa.Text),
        sa.Column("decided_by", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("verdict", JSONB(none_as_null=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("released_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["model", "version"], VERSION_KEY, name="fk_releases_version_versions"),
        sa.CheckConstraint(
            "environment in ('sandbox', 'pilot', 'production')", name=op.f("ck_releases_known_environment")
        ),
        sa.CheckConstraint(
            "status in ('requested', 'approved', 'rejected', 'released')", name=op.f("ck_releases_known_status")
        ),
        sa.CheckConstraint(
            "environment = 'sandbox' or status not in ('approved', 'released') "
            "or (approval is not null and decided_by is not null and decided_by <> requested_by)",
            name=op.f("ck_releases_two_people"),
        ),
        sa.CheckConstraint(
            "(status = 'released') = (verdict is not null)", name=op.f("ck_releases_released_with_verdict")
        ),
        schema="registry",
    )
    op.create_index("ix_releases_digest", "releases", ["digest"], schema="registry")
    op.create_index(
        "uq_releases_open",
        "releases",
        ["model", "version", "environment", "usecase"],
        unique=True,
        schema="registry",
        postgresql_where=sa.text("status in ('requested', 'approved')"),
    )


def downgrade() -> None:
    """Drop the schema with its tables."""
    op.execute("drop schema registry cascade")
