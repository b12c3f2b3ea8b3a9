"""Repairs that stewards accept, their labels, how snapshots came to be, and how long they are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0052_repairs"
down_revision: str | None = "0051_odps"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
PRODUCT = "catalog.products.slug"
SNAPSHOT = "catalog.snapshots.id"
ACT = {
    "known_kind": "kind in ('accepted', 'refused', 'undone')",
    "cells_counted": "cells > 0",
    "makes_snapshot": "(snapshot is not null) = (kind in ('accepted', 'undone'))",
    "undoes_one": "(undoes is not null) = (kind = 'undone')",
    "people_decide": "made_by like 'person:%'",
}
KEPT = {
    "keep_days_sane": "keep_days between 1 and 36500",
    "keep_last_sane": "keep_last between 1 and 10000",
    "most_files_sane": "most_files between 2 and 100000",
}
KEEP_ACT = """
create function catalog.keep_repair_act() returns trigger language plpgsql as $$
begin
  raise exception 'catalog.repair_acts: what was decided is never changed' using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the tables and what keeps them."""
    op.execute("set local lock_timeout = '5s'")
    op.add_column("snapshots", sa.Column("mode", sa.Text(), nullable=False, server_default="replace"), schema="catalog")
    op.alter_column("snapshots", "mode", server_default=None, schema="catalog")
    op.add_column("snapshots", sa.Column("parent", sa.Text()), schema="catalog")
    op.add_column("snapshots", sa.Column("expired_at", MOMENT), schema="catalog")
    op.create_foreign_key(
        op.f("fk_snapshots_parent_snapshots"),
        "snapshots",
        "snapshots",
        ["parent"],
        ["id"],
        source_schema="catalog",
        referent_schema="catalog",
    )
    op.create_check_constraint(
        op.f("ck_snapshots_known_mode"),
        "snapshots",
        "mode in ('replace', 'append', 'upsert', 'repair', 'undo')",
        schema="catalog",
    )
    op.add_column("data_uses", sa.Column("snapshot", sa.Text()), schema="catalog")
    _currents()
    _repairs()
    _keeping()


def _currents() -> None:
    op.create_table(
        "currents",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_currents"),
        sa.ForeignKeyConstraint(["product"], [PRODUCT], name="fk_currents_product_products"),
        sa.ForeignKeyConstraint(["snapshot"], [SNAPSHOT], name="fk_currents_snapshot_snapshots"),
        schema="catalog",
    )
    op.create_index(op.f("ix_currents_product"), "currents", ["product"], schema="catalog")
    op.execute(
        "insert into catalog.currents (product, snapshot, since) "
        "select product, id, created_at from catalog.snapshots order by created_at, id"
    )
    op.execute(
        "insert into catalog.currents (product, snapshot, since) "
        "select slug, snapshot_id, updated_at from catalog.products p where snapshot_id is not null and snapshot_id <> "
        "(select c.snapshot from catalog.currents c where c.product = p.slug order by c.id desc limit 1)"
    )


def _repairs() -> None:
    op.create_table(
        "cleaning_runs",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("id", "product", "snapshot", "labels", "findings_key")
        ),
        sa.Column("cells", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cleaning_runs"),
        sa.ForeignKeyConstraint(["product"], [PRODUCT], name="fk_cleaning_runs_product_products"),
        sa.ForeignKeyConstraint(["snapshot"], [SNAPSHOT], name="fk_cleaning_runs_snapshot_snapshots"),
        sa.UniqueConstraint("snapshot", "labels", name="uq_cleaning_runs_snapshot_labels"),
        schema="catalog",
    )
    op.create_table(
        "repair_acts",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "product", "kind", "base")),
        sa.Column("snapshot", sa.Text()),
        sa.Column("undoes", sa.Text()),
        sa.Column("cells", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("cells_key", "cells_digest", "reason", "made_by")),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_repair_acts"),
        sa.ForeignKeyConstraint(["product"], [PRODUCT], name="fk_repair_acts_product_products"),
        sa.ForeignKeyConstraint(["base"], [SNAPSHOT], name="fk_repair_acts_base_snapshots"),
        sa.ForeignKeyConstraint(["snapshot"], [SNAPSHOT], name="fk_repair_acts_snapshot_snapshots"),
        sa.ForeignKeyConstraint(["undoes"], ["catalog.repair_acts.id"], name="fk_repair_acts_undoes_repair_acts"),
        sa.UniqueConstraint("undoes", name="uq_repair_acts_undoes"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_repair_acts_{name}")) for name, rule in ACT.items()),
        schema="catalog",
    )
    op.create_index(op.f("ix_repair_acts_product"), "repair_acts", ["product"], schema="catalog")
    op.create_table(
        "refusals",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("product", "key", "act")),
        sa.PrimaryKeyConstraint("product", "key", name="pk_refusals"),
        sa.ForeignKeyConstraint(["act"], ["catalog.repair_acts.id"], name="fk_refusals_act_repair_acts"),
        schema="catalog",
    )
    op.create_table(
        "labels",
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("row_digest", sa.Text(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("wrong", JSONB(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("product", "row_digest", name="pk_labels"),
        sa.ForeignKeyConstraint(["product"], [PRODUCT], name="fk_labels_product_products"),
        sa.CheckConstraint("row > 0", name=op.f("ck_labels_row_counted")),
        schema="catalog",
    )
    op.execute(KEEP_ACT)
    op.execute(
        "create trigger keep_repair_act before update or delete on catalog.repair_acts "
        "for each row execute function catalog.keep_repair_act()"
    )


def _keeping() -> None:
    op.create_table(
        "retentions",
        sa.Column("product", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer()) for name in ("keep_days", "keep_last", "most_files")),
        sa.Column("set_by", sa.Text()),
        *(sa.Column(name, MOMENT) for name in ("set_at", "cared_at")),
        sa.PrimaryKeyConstraint("product", name="pk_retentions"),
        sa.ForeignKeyConstraint(["product"], [PRODUCT], name="fk_retentions_product_products"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_retentions_{name}")) for name, rule in KEPT.items()),
        schema="catalog",
    )


def downgrade() -> None:
    """Take the tables away."""
    for name in ("retentions", "labels", "refusals", "repair_acts", "cleaning_runs", "currents"):
        op.drop_table(name, schema="catalog")
    op.execute("drop function catalog.keep_repair_act()")
    op.drop_column("data_uses", "snapshot", schema="catalog")
    for name in ("expired_at", "parent", "mode"):
        op.drop_column("snapshots", name, schema="catalog")
