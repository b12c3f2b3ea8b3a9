"""Risk appetite: its versions, and what is at stake in use cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0042_appetite"
down_revision: str | None = "0041_affected"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

KEEP_APPETITE = """
create function governance.keep_appetite() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.confirmed_at is null then
    return new;
  elsif tg_op = 'UPDATE'
     and (new.id, new.version, new.limits, new.reason, new.digest, new.adopted_by, new.adopted_at)
       = (old.id, old.version, old.limits, old.reason, old.digest, old.adopted_by, old.adopted_at)
     and old.confirmed_at is null and new.confirmed_at is not null then
    return new;
  end if;
  raise exception 'governance.appetites: only a confirmation may be added' using errcode = 'integrity_constraint_violation';
end $$
"""
KEEP_STAKES = """
create function governance.keep_stakes() returns trigger language plpgsql as $$
begin
  raise exception 'governance.stakes: an estimate is never changed; make another one'
    using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the tables and what keeps them."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "appetites",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("limits", JSONB(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("reason", "digest", "adopted_by")),
        sa.Column("adopted_at", MOMENT, nullable=False),
        sa.Column("confirmed_by", sa.Text()),
        sa.Column("confirmed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_appetites"),
        sa.UniqueConstraint("version", name="uq_appetites_version"),
        sa.CheckConstraint("confirmed_by <> adopted_by", name=op.f("ck_appetites_two_people")),
        sa.CheckConstraint(
            "adopted_by like 'person:%' and confirmed_by like 'person:%'", name=op.f("ck_appetites_people_only")
        ),
        sa.CheckConstraint(
            "(confirmed_by is null) = (confirmed_at is null)", name=op.f("ck_appetites_confirmed_whole")
        ),
        schema="governance",
    )
    op.create_table(
        "stakes",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "usecase", "said_by")),
        sa.Column("people", sa.BigInteger()),
        sa.Column("money_minor", sa.BigInteger()),
        sa.Column("currency", sa.Text()),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stakes"),
        sa.ForeignKeyConstraint(["usecase"], ["governance.usecases.slug"], name="fk_stakes_usecase_usecases"),
        sa.CheckConstraint("people >= 0 and money_minor >= 0", name=op.f("ck_stakes_counts")),
        schema="governance",
    )
    op.create_index("ix_stakes_usecase", "stakes", ["usecase"], schema="governance")
    op.execute(KEEP_APPETITE)
    op.execute(KEEP_STAKES)
    op.execute(
        "create trigger keep_appetite before insert or update or delete on governance.appetites "
        "for each row execute function governance.keep_appetite()"
    )
    op.execute(
        "create trigger keep_stakes before update or delete on governance.stakes "
        "for each row execute function governance.keep_stakes()"
    )


def downgrade() -> None:
    """Take the tables away."""
    for table in ("appetites", "stakes"):
        op.drop_table(table, schema="governance")
    for name in ("appetite", "stakes"):
        op.execute(f"drop function governance.keep_{name}()")
