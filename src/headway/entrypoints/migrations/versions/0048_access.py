"""Access to data products: requests and grants, and who read what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0048_access"
down_revision: str | None = "0048_condition_owner"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ANSWERED = {
    "two_people": "answered_by not in (requested_by, grantee)",
    "answered_whole": (
        "(is_approved is null) = (answered_by is null) and (is_approved is null) = (answered_at is null)"
    ),
    "people_decide": "requested_by like 'person:%' and answered_by like 'person:%'",
}
KEEP_ANSWER = """
create function catalog.keep_access() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
     and (new.id, new.product, new.grantee, new.requested_by, new.requested_at, new.purpose, new.wanted_until)
       = (old.id, old.product, old.grantee, old.requested_by, old.requested_at, old.purpose, old.wanted_until)
     and (old.is_approved is null
          or (new.is_approved, new.answered_by, new.answered_at, new.until, new.policy)
             = (old.is_approved, old.answered_by, old.answered_at, old.until, old.policy))
     and (old.withdrawn_at is null or (new.withdrawn_at, new.withdrawn_by) = (old.withdrawn_at, old.withdrawn_by)) then
    return new;
  end if;
  raise exception 'catalog.accesses: what was asked, answered or withdrawn is never changed'
    using errcode = 'integrity_constraint_violation';
end $$
"""
KEEP_USE = """
create function catalog.keep_data_use() returns trigger language plpgsql as $$
begin
  raise exception 'catalog.data_uses: a use is never changed' using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the tables and what keeps them."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "accesses",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "product", "grantee", "requested_by")),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("wanted_until", "until")),
        sa.Column("policy", JSONB(), nullable=False),
        sa.Column("is_approved", sa.Boolean()),
        *(sa.Column(name, sa.Text()) for name in ("answered_by", "answer", "withdrawn_by", "withdrawn_because")),
        *(sa.Column(name, MOMENT) for name in ("answered_at", "withdrawn_at", "told_ending_at", "told_ended_at")),
        sa.PrimaryKeyConstraint("id", name="pk_accesses"),
        sa.ForeignKeyConstraint(["product"], ["catalog.products.slug"], name="fk_accesses_product_products"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_accesses_{name}")) for name, rule in ANSWERED.items()),
        schema="catalog",
    )
    op.create_table(
        "data_uses",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "product")),
        sa.Column("access", sa.Text()),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("columns", JSONB(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("statement_digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_data_uses"),
        sa.ForeignKeyConstraint(["product"], ["catalog.products.slug"], name="fk_data_uses_product_products"),
        sa.ForeignKeyConstraint(["access"], ["catalog.accesses.id"], name="fk_data_uses_access_accesses"),
        sa.CheckConstraint("rows >= 0", name=op.f("ck_data_uses_rows_counted")),
        schema="catalog",
    )
    for column in ("product", "grantee", "requested_by"):
        op.create_index(op.f(f"ix_accesses_{column}"), "accesses", [column], schema="catalog")
    op.create_index(op.f("ix_data_uses_product"), "data_uses", ["product"], schema="catalog")
    op.execute(KEEP_ANSWER)
    op.execute(KEEP_USE)
    op.execute(
        "create trigger keep_access before update or delete on catalog.accesses "
        "for each row execute function catalog.keep_access()"
    )
    op.execute(
        "create trigger keep_data_use before update or delete on catalog.data_uses "
        "for each row execute function catalog.keep_data_use()"
    )


def downgrade() -> None:
    """Take the tables away."""
    op.drop_table("data_uses", schema="catalog")
    op.drop_table("accesses", schema="catalog")
    op.execute("drop function catalog.keep_access()")
    op.execute("drop function catalog.keep_data_use()")
