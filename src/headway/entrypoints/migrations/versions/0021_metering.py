"""What jobs and decisions take, counted as they run, and the rates that it is priced by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021_metering"
down_revision: str | None = "0020_monitoring"
branch_labels = None
depends_on = None

KEEP_RATES = """
create function value.keep_rates() returns trigger language plpgsql as $$
begin
  raise exception 'value.rates: rates are added and never changed'
    using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the tables. What ran before was not metered and counts as nothing."""
    op.execute("set local lock_timeout = '5s'")
    seconds = sa.Column("cpu_seconds", sa.Float(), nullable=False, server_default=sa.text("0"))
    op.add_column("job_steps", seconds, schema="kernel")
    op.create_table(
        "usage",
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("deployment", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("decisions", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "deployment", "day", name="pk_usage"),
        schema="serving",
    )
    op.execute("create schema if not exists value")
    op.create_table(
        "rates",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("cpu_hour", "thousand_decisions", "month", "set_by")),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rates"),
        sa.CheckConstraint("set_by like 'person:%'", name=op.f("ck_rates_people_only")),
        schema="value",
    )
    op.execute(KEEP_RATES)
    op.execute(
        "create trigger keep_rates before update or delete on value.rates "
        "for each row execute function value.keep_rates()"
    )


def downgrade() -> None:
    """Forget what was metered."""
    op.drop_table("rates", schema="value")
    op.execute("drop function value.keep_rates()")
    op.execute("drop schema value")
    op.drop_table("usage", schema="serving")
    op.drop_column("job_steps", "cpu_seconds", schema="kernel")
