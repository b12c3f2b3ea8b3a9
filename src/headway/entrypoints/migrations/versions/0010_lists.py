"""Lists: a use case knows the digest its tier must match and when it was retired; indexes for what lists narrow by."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from headway.kernel.canonical import digest

revision = "0010_lists"
down_revision: str | None = "0009_sessions"
branch_labels = None
depends_on = None

MATERIAL = ("department", "solution", "purpose", "people_affected")
INDEXES = (
    ("governance", "approvals", "ix_approvals_usecase", ["usecase"]),
    ("registry", "releases", "ix_releases_usecase", ["usecase"]),
    ("registry", "versions", "ix_versions_usecase", ["usecase"]),
    ("ledger", "events", "ix_events_actor_id", ["actor", "id"]),
)


def upgrade() -> None:
    """Add, fill, enforce."""
    op.execute("set local lock_timeout = '10s'")
    moment = sa.DateTime(timezone=True)
    op.add_column("usecases", sa.Column("digest", sa.Text()), schema="governance")
    op.add_column("usecases", sa.Column("retired_at", moment), schema="governance")
    op.add_column("usecases", sa.Column("retired_by", sa.Text()), schema="governance")
    op.add_column("usecases", sa.Column("retired_because", sa.Text()), schema="governance")
    _fill_digests()
    op.alter_column("usecases", "digest", nullable=False, schema="governance")
    op.create_check_constraint(
        op.f("ck_usecases_retired_by_somebody"),
        "usecases",
        "(retired_at is null) = (retired_by is null) and (retired_at is null) = (retired_because is null)",
        schema="governance",
    )
    for schema, table, name, columns in INDEXES:
        op.create_index(name, table, columns, schema=schema)
    op.create_index("ix_events_at", "events", ["at"], schema="ledger", postgresql_using="brin")


def downgrade() -> None:
    """Take the columns and indexes away."""
    op.drop_index("ix_events_at", "events", schema="ledger")
    for schema, table, name, _ in reversed(INDEXES):
        op.drop_index(name, table, schema=schema)
    op.drop_constraint(op.f("ck_usecases_retired_by_somebody"), "usecases", schema="governance")
    for column in ("retired_because", "retired_by", "retired_at", "digest"):
        op.drop_column("usecases", column, schema="governance")


def _fill_digests() -> None:
    usecases = sa.table(
        "usecases",
        *(sa.column(name, sa.Text()) for name in ("slug", "digest", *MATERIAL)),
        sa.column("risk", JSONB()),
        schema="governance",
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(usecases)).mappings().all():
        filled = usecases.update().where(usecases.c.slug == row["slug"]).values(digest=_digest(dict(row)))
        connection.execute(filled)


def _digest(row: Mapping[str, object]) -> str:
    """As governance hashed a use case when this migration was written."""
    risk = row["risk"]
    known = {name: value for name, value in risk.items() if value is not None} if isinstance(risk, dict) else {}
    return digest({**{name: row[name] for name in MATERIAL}, "risk": known})
