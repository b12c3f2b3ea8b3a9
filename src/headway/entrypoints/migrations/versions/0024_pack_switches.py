"""Packs are switched on and off by people, and signed. What was in force stays in force."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024_pack_switches"
down_revision: str | None = "0023_replays"
branch_labels = None
depends_on = None

IN_FORCE = """
insert into governance.pack_switches (pack, version, digest, is_on, reason, by, at)
select distinct on (id) id, version, digest, true, 'in force before packs could be switched', 'service:headway', published_at
from governance.packs order by id, published_at desc
"""


def upgrade() -> None:
    """Make the tables; the newest version of each pack published before stays on."""
    op.add_column(
        "packs",
        sa.Column("published_by", sa.Text(), nullable=False, server_default="service:headway"),
        schema="governance",
    )
    op.alter_column("packs", "published_by", server_default=None, schema="governance")
    op.create_table(
        "pack_signatures",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("digest", "envelope", "key_id")),
        sa.PrimaryKeyConstraint("digest", name="pk_pack_signatures"),
        sa.ForeignKeyConstraint(["digest"], ["governance.packs.digest"], name="fk_pack_signatures_digest_packs"),
        schema="governance",
    )
    op.create_table(
        "pack_switches",
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("pack", "version", "digest")),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("reason", "by")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_pack_switches"),
        sa.ForeignKeyConstraint(["digest"], ["governance.packs.digest"], name="fk_pack_switches_digest_packs"),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_pack_switches_reason_given")),
        schema="governance",
    )
    op.create_index("ix_pack_switches_pack", "pack_switches", ["pack", "number"], schema="governance")
    op.execute(IN_FORCE)
    for table in ("pack_signatures", "pack_switches"):
        op.execute(
            f"create trigger append_only before update or delete on governance.{table} "
            "for each row execute function governance.refuse_change()"
        )


def downgrade() -> None:
    """Every published pack counts as before."""
    op.drop_table("pack_switches", schema="governance")
    op.drop_table("pack_signatures", schema="governance")
    op.drop_column("packs", "published_by", schema="governance")
