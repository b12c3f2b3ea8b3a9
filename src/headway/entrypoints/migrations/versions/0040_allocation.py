"""Means that use cases ask for, and the rounds in which they are given."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0040_allocation"
down_revision: str | None = "0039_risks"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
REQUEST_CHECKS = {
    "amounts": "least(budget, compute_hours, people, risk) >= 0 and months between 1 and 120",
    "source_known": "value_source in ('claim', 'projection')",
    "projection_named": "(value_source = 'projection') = (projection is not null)",
}
ROUND_CHECKS = {
    "has_a_period": "starts < ends",
    "decided_whole": "(choice is null) = (decided_by is null) and (choice is null) = (decided_at is null)",
    "people_decide": "decided_by is null or decided_by like 'person:%'",
    "two_people": "decided_by <> drafted_by",
}
# A request is never changed; a round is decided once, by writing its choice, and never changed otherwise.
KEEP = """
create function portfolio.keep_allocation() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and tg_table_name = 'allocations' then
    if (new.id, new.title, new.starts, new.ends, new.currency, new.round, new.drafted_by, new.drafted_at)
       = (old.id, old.title, old.starts, old.ends, old.currency, old.round, old.drafted_by, old.drafted_at)
       and old.choice is null and new.choice is not null then
      return new;
    end if;
  end if;
  raise exception 'portfolio.%: only the one decision of a round may be written', tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the tables and what keeps them."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "resource_requests",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("id", "usecase", "currency", "value_source", "reason")
        ),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("projection", sa.String()),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("budget", "compute_hours", "people", "months", "value", "risk")
        ),
        sa.Column("is_must", sa.Boolean(), nullable=False),
        sa.Column("requires", JSONB(), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resource_requests"),
        *(sa.CheckConstraint(text, name=f"ck_resource_requests_{name}") for name, text in REQUEST_CHECKS.items()),
        schema="portfolio",
    )
    op.create_index("ix_resource_requests_usecase", "resource_requests", ["usecase", "id"], schema="portfolio")
    op.create_table(
        "allocations",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "title", "currency", "drafted_by")),
        sa.Column("decided_by", sa.String()),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("starts", "ends")),
        sa.Column("round", JSONB(), nullable=False),
        sa.Column("choice", JSONB()),
        sa.Column("drafted_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_allocations"),
        *(sa.CheckConstraint(text, name=f"ck_allocations_{name}") for name, text in ROUND_CHECKS.items()),
        schema="portfolio",
    )
    op.execute(KEEP)
    for table in ("resource_requests", "allocations"):
        op.execute(
            f"create trigger keep_allocation before update or delete on portfolio.{table} "
            "for each row execute function portfolio.keep_allocation()"
        )


def downgrade() -> None:
    """Forget rounds and requests."""
    op.drop_table("allocations", schema="portfolio")
    op.drop_table("resource_requests", schema="portfolio")
    op.execute("drop function portfolio.keep_allocation()")
