"""Vendors, systems, and which use cases rest on which system."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025_systems"
down_revision: str | None = "0028_waivers"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
RETIRED_WHOLE = "(retired_at is null) = (retired_by is null) and (retired_at is null) = (retired_because is null)"


def upgrade() -> None:
    """Make the tables."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "vendors",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("slug", "name")),
        *(sa.Column(name, sa.Text()) for name in ("supplies", "contact")),
        sa.Column("contract_ends", sa.Date()),
        sa.Column("exit_plan", sa.Text()),
        *_life(),
        sa.PrimaryKeyConstraint("slug", name="pk_vendors"),
        sa.CheckConstraint(RETIRED_WHOLE, name=op.f("ck_vendors_retired_by_somebody")),
        schema="governance",
    )
    op.create_table(
        "systems",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("slug", "title", "kind")),
        *(sa.Column(name, sa.Text()) for name in ("vendor", "description")),
        *_life(),
        sa.PrimaryKeyConstraint("slug", name="pk_systems"),
        sa.ForeignKeyConstraint(["vendor"], ["governance.vendors.slug"], name="fk_systems_vendor_vendors"),
        sa.CheckConstraint("kind in ('own', 'vendor_supplied', 'generative')", name=op.f("ck_systems_known_kind")),
        sa.CheckConstraint(
            "(kind <> 'own' or vendor is null) and (kind <> 'vendor_supplied' or vendor is not null)",
            name=op.f("ck_systems_vendor_fits_kind"),
        ),
        sa.CheckConstraint(RETIRED_WHOLE, name=op.f("ck_systems_retired_by_somebody")),
        schema="governance",
    )
    op.create_index("ix_systems_vendor", "systems", ["vendor"], schema="governance")
    op.create_table(
        "usecase_systems",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("usecase", "system")),
        sa.PrimaryKeyConstraint("usecase", "system", name="pk_usecase_systems"),
        sa.ForeignKeyConstraint(["usecase"], ["governance.usecases.slug"], name="fk_usecase_systems_usecase_usecases"),
        sa.ForeignKeyConstraint(["system"], ["governance.systems.slug"], name="fk_usecase_systems_system_systems"),
        schema="governance",
    )
    op.create_index("ix_usecase_systems_system", "usecase_systems", ["system"], schema="governance")


def downgrade() -> None:
    """Forget systems and vendors."""
    for table in ("usecase_systems", "systems", "vendors"):
        op.drop_table(table, schema="governance")


def _life() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT),
        sa.Column("retired_by", sa.Text()),
        sa.Column("retired_because", sa.Text()),
    )
