"""Rows of the catalog. What a snapshot, a contract version or a quality run says is never changed afterwards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "catalog"}
PRODUCT = "catalog.products.slug"


class ProductRow(Base):
    """A data product and what is current of it."""

    __tablename__ = "products"
    __table_args__ = (SCHEMA,)

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text, index=True)
    contract_digest: Mapped[str] = mapped_column(Text)
    snapshot_id: Mapped[str | None] = mapped_column(Text)
    registered_by: Mapped[str] = mapped_column(Text)
    steward: Mapped[str | None] = mapped_column(Text)
    next_contract: Mapped[str | None] = mapped_column(Text)  # digest; the next file is held to it
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ContractRow(Base):
    """A version of a product's contract."""

    __tablename__ = "contracts"
    __table_args__ = (UniqueConstraint("product", "version"), SCHEMA)

    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT), primary_key=True)
    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, object]] = mapped_column(JSONB)
    made_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class SnapshotRow(Base):
    """The rows of one registered file, kept in the lake under a tag."""

    __tablename__ = "snapshots"
    __table_args__ = (
        UniqueConstraint("product", "digest"),
        CheckConstraint("rows > 0", name="has_rows"),
        CheckConstraint("mode in ('replace', 'append', 'upsert', 'repair', 'undo')", name="known_mode"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT))
    digest: Mapped[str] = mapped_column(Text)
    lake_table: Mapped[str] = mapped_column(Text)
    iceberg_snapshot_id: Mapped[int] = mapped_column(BigInteger)
    tag: Mapped[str] = mapped_column(Text)
    file_key: Mapped[str] = mapped_column(Text)
    file_digest: Mapped[str] = mapped_column(Text)
    filename: Mapped[str] = mapped_column(Text)
    file_kind: Mapped[str] = mapped_column(Text)
    rows: Mapped[int] = mapped_column(BigInteger)
    notes: Mapped[list[str]] = mapped_column(JSONB)
    mode: Mapped[str] = mapped_column(Text)
    parent: Mapped[str | None] = mapped_column(ForeignKey("catalog.snapshots.id"))
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    expired_at: Mapped[datetime | None]


class CurrentRow(Base):
    """Since when a snapshot is its product's current one; the newest counts."""

    __tablename__ = "currents"
    __table_args__ = (SCHEMA,)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT), index=True)
    snapshot: Mapped[str] = mapped_column(ForeignKey("catalog.snapshots.id"))
    since: Mapped[datetime]


class QualityRunRow(Base):
    """What a contract check of a snapshot found; all faults lie in object storage, the first here."""

    __tablename__ = "quality_runs"
    __table_args__ = (
        UniqueConstraint("snapshot_id", "contract_digest"),
        CheckConstraint("failed_rows between 0 and rows", name="failed_within_rows"),
        CheckConstraint("score between 0 and 1", name="score_is_share"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT), index=True)
    snapshot_id: Mapped[str] = mapped_column(ForeignKey("catalog.snapshots.id"))
    contract_digest: Mapped[str] = mapped_column(Text)
    rows: Mapped[int] = mapped_column(BigInteger)
    failed_rows: Mapped[int] = mapped_column(BigInteger)
    score: Mapped[float]
    passed: Mapped[bool]
    rules: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    faults: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    fault_count: Mapped[int] = mapped_column(BigInteger)
    faults_key: Mapped[str | None] = mapped_column(Text)
    skipped: Mapped[list[str]] = mapped_column(JSONB)
    checked_at: Mapped[datetime]


class UploadRow(Base):
    """A file that waits in object storage for what a person makes of it."""

    __tablename__ = "uploads"
    __table_args__ = (UniqueConstraint("digest", "department"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    department: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    file_key: Mapped[str] = mapped_column(Text, index=True)
    preview: Mapped[dict[str, object]] = mapped_column(JSONB)
    uploaded_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    kept_until: Mapped[datetime] = mapped_column(index=True)
