"""Rows that may not enter a product: what its ports do with them, and the quarantine in which they wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0050_quarantine"
down_revision: str | None = "0049_input_ports"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KEEP_BATCH = """
create function catalog.keep_batch() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
     and (new.id, new.product, new.port, new.mode, new.filename, new.file_key, new.file_digest, new.content,
          new.contract_digest, new.rows, new.binding, new.created_by, new.created_at)
       = (old.id, old.product, old.port, old.mode, old.filename, old.file_key, old.file_digest, old.content,
          old.contract_digest, old.rows, old.binding, old.created_by, old.created_at)
     and (old.outcome = 'refused' or (new.outcome, new.entered) = (old.outcome, old.entered)) then
    return new;
  end if;
  raise exception 'catalog.batches: what came in is never changed' using errcode = 'integrity_constraint_violation';
end $$
"""
KEEP_ROW = """
create function catalog.keep_quarantined_row() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.settled_at is null
     and (new.batch, new.row, new.product, new.original) = (old.batch, old.row, old.product, old.original) then
    return new;
  end if;
  raise exception 'catalog.quarantined_rows: what came in and what is settled is never changed'
    using errcode = 'integrity_constraint_violation';
end $$
"""
KEEP_MINIMA = """
create function catalog.keep_minima() returns trigger language plpgsql as $$
begin
  raise exception 'catalog.minima: a version is never changed' using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the tables and what keeps them."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "enforcements",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("product", "port", "mode", "reason", "set_by")),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("product", "port", name="pk_enforcements"),
        sa.ForeignKeyConstraint(["product"], ["catalog.products.slug"], name="fk_enforcements_product_products"),
        sa.CheckConstraint("mode in ('block', 'quarantine', 'warn')", name=op.f("ck_enforcements_mode_known")),
        schema="catalog",
    )
    _batches()
    _rows()
    _figures()
    _minima()
    op.execute(KEEP_BATCH)
    op.execute(KEEP_ROW)
    op.execute(
        "create trigger keep_batch before update or delete on catalog.batches "
        "for each row execute function catalog.keep_batch()"
    )
    op.execute(
        "create trigger keep_quarantined_row before update or delete on catalog.quarantined_rows "
        "for each row execute function catalog.keep_quarantined_row()"
    )


def _batches() -> None:
    op.create_table(
        "batches",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "product", "port", "mode", "outcome")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("filename", "file_key", "file_digest", "content")),
        sa.Column("contract_digest", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("rows", "entered")),
        sa.Column("snapshot_id", sa.Text()),
        sa.Column("binding", JSONB(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
        sa.ForeignKeyConstraint(["product"], ["catalog.products.slug"], name="fk_batches_product_products"),
        sa.ForeignKeyConstraint(["snapshot_id"], ["catalog.snapshots.id"], name="fk_batches_snapshot_id_snapshots"),
        sa.CheckConstraint("rows > 0 and entered between 0 and rows", name=op.f("ck_batches_entered_within_rows")),
        sa.CheckConstraint("outcome in ('refused', 'quarantined')", name=op.f("ck_batches_outcome_known")),
        schema="catalog",
    )
    op.create_index(op.f("ix_batches_product"), "batches", ["product"], schema="catalog")


def _rows() -> None:
    rules = {
        "state_known": "state in ('open', 'fixed', 'replayed', 'dismissed')",
        "settled_whole": "(state in ('replayed', 'dismissed')) = (settled_at is not null)",
        "replayed_into": "(state = 'replayed') = (snapshot_id is not null)",
    }
    op.create_table(
        "quarantined_rows",
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("product", "state")),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("original", "values", "unread", "reasons")),
        *(sa.Column(name, sa.Text()) for name in ("mended_by", "mended_because", "settled_by", "settled_because")),
        *(sa.Column(name, MOMENT) for name in ("mended_at", "settled_at")),
        sa.Column("snapshot_id", sa.Text()),
        sa.PrimaryKeyConstraint("batch", "row", name="pk_quarantined_rows"),
        sa.ForeignKeyConstraint(["batch"], ["catalog.batches.id"], name="fk_quarantined_rows_batch_batches"),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["catalog.snapshots.id"], name="fk_quarantined_rows_snapshot_id_snapshots"
        ),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_quarantined_rows_{name}")) for name, rule in rules.items()),
        schema="catalog",
    )
    op.create_index("ix_quarantined_rows_product_state", "quarantined_rows", ["product", "state"], schema="catalog")


def _figures() -> None:
    op.create_table(
        "figures",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("snapshot_id", "product", "file_digest")),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("columns", "parts", "deviations")),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", name="pk_figures"),
        sa.ForeignKeyConstraint(["snapshot_id"], ["catalog.snapshots.id"], name="fk_figures_snapshot_id_snapshots"),
        schema="catalog",
    )
    op.create_index(op.f("ix_figures_product"), "figures", ["product"], schema="catalog")


def _minima() -> None:
    op.create_table(
        "minima",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("minima", JSONB(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("reason", "set_by")),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_minima"),
        sa.CheckConstraint("set_by like 'person:%'", name=op.f("ck_minima_people_only")),
        schema="catalog",
    )
    op.create_table(
        "criticalities",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("product", "level", "reason", "set_by")),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("product", name="pk_criticalities"),
        sa.ForeignKeyConstraint(["product"], ["catalog.products.slug"], name="fk_criticalities_product_products"),
        sa.CheckConstraint(
            "level in ('low', 'standard', 'high', 'critical')", name=op.f("ck_criticalities_level_known")
        ),
        schema="catalog",
    )
    op.execute(KEEP_MINIMA)
    op.execute(
        "create trigger keep_minima before update or delete on catalog.minima "
        "for each row execute function catalog.keep_minima()"
    )


def downgrade() -> None:
    """Take the tables away."""
    for table in ("criticalities", "minima", "figures", "quarantined_rows", "batches", "enforcements"):
        op.drop_table(table, schema="catalog")
    op.execute("drop function catalog.keep_minima()")
    op.execute("drop function catalog.keep_quarantined_row()")
    op.execute("drop function catalog.keep_batch()")
