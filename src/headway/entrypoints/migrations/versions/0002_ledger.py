"""Tables of ledger, and the triggers that keep them append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_ledger"
down_revision: str | None = "0001_kernel"
branch_labels = None
depends_on = None

APPEND_ONLY = ("events", "leaves", "nodes", "checkpoints")

REFUSE_CHANGE = """
create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'ledger.% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'integrity_constraint_violation';
end $$
"""

ALLOW_ERASURE_ONLY = """
create function ledger.allow_erasure_only() returns trigger language plpgsql as $$
begin
  if new.event_id = old.event_id and new.is_personal and old.is_personal
     and new.salt is null and new.payload is null then
    return new;
  end if;
  raise exception 'ledger.payloads: only erasure of personal data is allowed'
    using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the schema and its tables."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema ledger")
    _make_events()
    _make_tree()
    op.execute(REFUSE_CHANGE)
    op.execute(ALLOW_ERASURE_ONLY)
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger append_only before update or delete on ledger.{table} "
            "for each row execute function ledger.refuse_change()"
        )
        _refuse_truncate(table)
    op.execute(
        "create trigger erasure_only before update on ledger.payloads "
        "for each row execute function ledger.allow_erasure_only()"
    )
    op.execute(
        "create trigger append_only before delete on ledger.payloads "
        "for each row execute function ledger.refuse_change()"
    )
    _refuse_truncate("payloads")


def downgrade() -> None:
    """Drop the schema with its tables."""
    op.execute("drop schema ledger cascade")


def _refuse_truncate(table: str) -> None:
    op.execute(
        f"create trigger no_truncate before truncate on ledger.{table} "
        "for each statement execute function ledger.refuse_change()"
    )


def _make_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        schema="ledger",
    )
    op.create_index("ix_events_subject_id", "events", ["subject", "id"], schema="ledger")
    op.create_index("ix_events_type_id", "events", ["type", "id"], schema="ledger")
    op.create_table(
        "payloads",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("is_personal", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(salt is null) = (payload is null)", name=op.f("ck_payloads_erased_whole")),
        sa.CheckConstraint("is_personal or payload is not null", name=op.f("ck_payloads_only_personal_erased")),
        sa.ForeignKeyConstraint(["event_id"], ["ledger.events.id"], name="fk_payloads_event_id_events"),
        sa.PrimaryKeyConstraint("event_id", name="pk_payloads"),
        schema="ledger",
    )
    op.create_table(
        "waiting",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["ledger.events.id"], name="fk_waiting_event_id_events"),
        sa.PrimaryKeyConstraint("position", name="pk_waiting"),
        sa.UniqueConstraint("event_id", name="uq_waiting_event_id"),
        schema="ledger",
    )


def _make_tree() -> None:
    op.create_table(
        "leaves",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["ledger.events.id"], name="fk_leaves_event_id_events"),
        sa.PrimaryKeyConstraint("index", name="pk_leaves"),
        sa.UniqueConstraint("event_id", name="uq_leaves_event_id"),
        schema="ledger",
    )
    op.create_table(
        "nodes",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name="pk_nodes"),
        schema="ledger",
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoints"),
        schema="ledger",
    )
