"""What use cases are expected to bring and to cost, at a discount rate that finance sets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033_projections"
down_revision: str | None = "0032_engines"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
# Added and never changed. A projection rests on a rate that finance set, on one that held on its day, and on no other.
KEEP = """
create function value.keep_projections() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if not exists (select 1 from value.discount_rates r where r.id = new.discount_rate and r.percent = new.percent
                   and r.valid_from <= (new.made_at at time zone 'UTC')::date) then
      raise exception 'value.projections: the discount rate is not one that finance set'
        using errcode = 'integrity_constraint_violation';
    end if;
    return new;
  end if;
  raise exception 'value.%: added and never changed', tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the tables."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "discount_rates",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("percent", "set_by", "reason")),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_discount_rates"),
        sa.CheckConstraint("set_by like 'person:%'", name=op.f("ck_discount_rates_people_only")),
        sa.CheckConstraint("percent::numeric between 0 and 50", name=op.f("ck_discount_rates_percent_in_range")),
        schema="value",
    )
    texts = ("id", "usecase", "title", "discount_rate", "percent", "digest", "made_by")
    op.create_table(
        "projections",
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("assumptions", "result")),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("evidence", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_projections"),
        sa.UniqueConstraint("usecase", "number", name="uq_projections_usecase_number"),
        sa.CheckConstraint("made_by like 'person:%'", name=op.f("ck_projections_people_only")),
        schema="value",
    )
    op.execute(KEEP)
    op.execute(
        "create trigger keep_projections before insert or update or delete on value.projections "
        "for each row execute function value.keep_projections()"
    )
    op.execute(
        "create trigger keep_discount_rates before update or delete on value.discount_rates "
        "for each row execute function value.keep_projections()"
    )


def downgrade() -> None:
    """Forget projections and rates."""
    op.drop_table("projections", schema="value")
    op.drop_table("discount_rates", schema="value")
    op.execute("drop function value.keep_projections()")
