"""Tables of catalog, and those of the lake's Iceberg catalog.

The tables in schema ``lake`` are the ones that pyiceberg 0.12 would make on first use. They are made here, because two
processes that both use the lake for the first time would race.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005_catalog"
down_revision: str | None = "0004_governance"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the schemas and their tables."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema catalog")
    _make_products()
    _make_snapshots()
    _make_quality_runs()
    op.execute("create schema lake")
    _make_lake()


def downgrade() -> None:
    """Drop the schemas with their tables."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop schema lake cascade")
    op.execute("drop schema catalog cascade")


def _make_products() -> None:
    op.create_table(
        "products",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("contract_digest", sa.Text(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=True),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_products"),
        schema="catalog",
    )
    op.create_index("ix_products_department", "products", ["department"], schema="catalog")
    op.create_table(
        "contracts",
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("product", "digest", name="pk_contracts"),
        sa.UniqueConstraint("product", "version", name="uq_contracts_product_version"),
        sa.ForeignKeyConstraint(["product"], ["catalog.products.slug"], name="fk_contracts_product_products"),
        schema="catalog",
    )


def _make_snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("lake_table", sa.Text(), nullable=False),
        sa.Column("iceberg_snapshot_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("file_digest", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("file_kind", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("notes", JSONB(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_snapshots"),
        sa.UniqueConstraint("product", "digest", name="uq_snapshots_product_digest"),
        sa.CheckConstraint("rows > 0", name="ck_snapshots_has_rows"),
        sa.ForeignKeyConstraint(["product"], ["catalog.products.slug"], name="fk_snapshots_product_products"),
        schema="catalog",
    )


def _make_quality_runs() -> None:
    op.create_table(
        "quality_runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("snapshot_id", sa.Text(), nullable=False),
        sa.Column("contract_digest", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("failed_rows", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("rules", JSONB(), nullable=False),
        sa.Column("faults", JSONB(), nullable=False),
        sa.Column("fault_count", sa.BigInteger(), nullable=False),
        sa.Column("faults_key", sa.Text(), nullable=True),
        sa.Column("skipped", JSONB(), nullable=False),
        sa.Column("checked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quality_runs"),
        sa.UniqueConstraint("snapshot_id", "contract_digest", name="uq_quality_runs_snapshot_id_contract_digest"),
        sa.CheckConstraint("failed_rows between 0 and rows", name="ck_quality_runs_failed_within_rows"),
        sa.CheckConstraint("score between 0 and 1", name="ck_quality_runs_score_is_share"),
        sa.ForeignKeyConstraint(["product"], ["catalog.products.slug"], name="fk_quality_runs_product_products"),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["catalog.snapshots.id"], name="fk_quality_runs_snapshot_id_snapshots"
        ),
        schema="catalog",
    )
    op.create_index("ix_quality_runs_product", "quality_runs", ["product"], schema="catalog")


def _make_lake() -> None:
    """As pyiceberg.catalog.sql (IcebergTables, IcebergNamespaceProperties) defines them."""
    op.create_table(
        "iceberg_tables",
        sa.Column("catalog_name", sa.String(255), nullable=False),
        sa.Column("table_namespace", sa.String(255), nullable=False),
        sa.Column("table_name", sa.String(255), nullable=False),
        sa.Column("metadata_location", sa.String(1000), nullable=True),
        sa.Column("previous_metadata_location", sa.String(1000), nullable=True),
        sa.Column("iceberg_type", sa.String(5), nullable=True),
        sa.PrimaryKeyConstraint("catalog_name", "table_namespace", "table_name", name="iceberg_tables_pkey"),
        schema="lake",
    )
    op.create_table(
        "iceberg_namespace_properties",
        sa.Column("catalog_name", sa.String(255), nullable=False),
        sa.Column("namespace", sa.String(255), nullable=False),
        sa.Column("property_key", sa.String(255), nullable=False),
        sa.Column("property_value", sa.String(1000), nullable=False),
        sa.PrimaryKeyConstraint("catalog_name", "namespace", "property_key", name="iceberg_namespace_properties_pkey"),
        schema="lake",
    )
