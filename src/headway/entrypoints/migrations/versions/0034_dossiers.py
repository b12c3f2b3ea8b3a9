"""Dossiers: documents drawn from records and kept for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0034_dossiers"
down_revision: str | None = "0033_projections"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
CHECKS = {
    "state_known": "state in ('running', 'made', 'failed')",
    "about_one": "(kind = 'board_pack') = (usecase is null)",
    "made_with_digest": "(state = 'made') = (digest is not null) and (digest is null) = (made_at is null)",
    "failed_with_error": "(state = 'failed') = (error is not null)",
    "counted": "gaps >= 0 and requirements >= 0",
}
# What was made is what was filed: it is never written over and never taken away; only the making itself may end.
KEEP = """
create function dossiers.keep_dossier() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.state = 'running'
     and (new.id, new.kind, new.department, new.made_by, new.started_at)
       = (old.id, old.kind, old.department, old.made_by, old.started_at)
     and new.usecase is not distinct from old.usecase then
    return new;
  end if;
  raise exception 'dossiers.dossiers: what was made cannot be changed' using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the table and what keeps it."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema dossiers")
    said = ("id", "kind", "title", "department", "state", "made_by")
    later = ("usecase", "job", "digest", "content_digest")
    op.create_table(
        "dossiers",
        *(sa.Column(name, sa.String(), nullable=False) for name in said),
        *(sa.Column(name, sa.String()) for name in later),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("files", "packs")),
        sa.Column("error", JSONB()),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("requirements", "gaps")),
        sa.Column("is_due", sa.Boolean()),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_dossiers"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_dossiers_{name}")) for name, rule in CHECKS.items()),
        schema="dossiers",
    )
    op.create_index("ix_dossiers_usecase_kind", "dossiers", ["usecase", "kind"], schema="dossiers")
    op.execute(KEEP)
    op.execute(
        "create trigger keep_dossier before update or delete on dossiers.dossiers "
        "for each row execute function dossiers.keep_dossier()"
    )


def downgrade() -> None:
    """Take everything away."""
    op.drop_table("dossiers", schema="dossiers")
    op.execute("drop function dossiers.keep_dossier()")
    op.execute("drop schema dossiers")
