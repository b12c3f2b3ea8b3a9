"""What was counted of the decisions that incidents touched; kept as it was counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0041_affected"
down_revision: str | None = "0040_allocation"
branch_labels = None
depends_on = None

KEEP = """
create function incidents.keep_affected() returns trigger language plpgsql as $$
begin
  raise exception 'incidents.affected: what was counted is never changed' using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the table and what keeps it."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "affected",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "incident", "counted_by")),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_affected"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.incidents.id"], name="fk_affected_incident_incidents"),
        schema="incidents",
    )
    op.create_index("ix_affected_incident", "affected", ["incident"], schema="incidents")
    op.execute(KEEP)
    op.execute(
        "create trigger keep_affected before update or delete on incidents.affected "
        "for each row execute function incidents.keep_affected()"
    )


def downgrade() -> None:
    """Forget what was counted."""
    op.drop_table("affected", schema="incidents")
    op.execute("drop function incidents.keep_affected()")
