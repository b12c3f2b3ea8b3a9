"""Board packs: dossiers about the whole organisation and one quarter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043_board_packs"
down_revision: str | None = "0042_appetite"
branch_labels = None
depends_on = None

CHECKS = {
    "of_a_quarter": "(kind = 'board_pack') = (quarter is not null)",
    "quarter_written": "quarter ~ '^20[0-9]{2}-Q[1-4]$'",
}
KEEP = """
create or replace function dossiers.keep_dossier() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.state = 'running'
     and (new.id, new.kind, new.department, new.made_by, new.started_at)
       = (old.id, old.kind, old.department, old.made_by, old.started_at)
     and {about} then
    return new;
  end if;
  raise exception 'dossiers.dossiers: what was made cannot be changed' using errcode = 'integrity_constraint_violation';
end $$
"""
USECASE = "new.usecase is not distinct from old.usecase"


def upgrade() -> None:
    """Add the quarter, which no board pack is without and nothing else has."""
    op.execute("set local lock_timeout = '5s'")
    op.add_column("dossiers", sa.Column("quarter", sa.String()), schema="dossiers")
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_dossiers_{name}"), "dossiers", rule, schema="dossiers")
    op.execute(KEEP.format(about=f"{USECASE} and new.quarter is not distinct from old.quarter"))


def downgrade() -> None:
    """Take the quarter away, and with it the board packs."""
    op.execute(KEEP.format(about=USECASE))
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_dossiers_{name}"), "dossiers", schema="dossiers")
    op.drop_column("dossiers", "quarter", schema="dossiers")
