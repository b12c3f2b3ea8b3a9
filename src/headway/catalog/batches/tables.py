"""Rows of ports, batches and quarantined rows. What came in is never changed; what was settled stays settled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "catalog"}
PRODUCT = "catalog.products.slug"


class EnforcementRow(Base):
    """What a port of a product does with bad rows."""

    __tablename__ = "enforcements"
    __table_args__ = (CheckConstraint("mode in ('block', 'quarantine', 'warn')", name="mode_known"), SCHEMA)

    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT), primary_key=True)
    port: Mapped[str] = mapped_column(Text, primary_key=True)
    mode: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]


class BatchRow(Base):
    """A file some of whose rows did not enter."""

    __tablename__ = "batches"
    __table_args__ = (
        CheckConstraint("rows > 0 and entered between 0 and rows", name="entered_within_rows"),
        CheckConstraint("outcome in ('refused', 'quarantined')", name="outcome_known"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT), index=True)
    port: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    filename: Mapped[str] = mapped_column(Text)
    file_key: Mapped[str] = mapped_column(Text)
    file_digest: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    contract_digest: Mapped[str] = mapped_column(Text)
    rows: Mapped[int] = mapped_column(BigInteger)
    entered: Mapped[int] = mapped_column(BigInteger)
    snapshot_id: Mapped[str | None] = mapped_column(ForeignKey("catalog.snapshots.id"))
    binding: Mapped[list[str]] = mapped_column(JSONB)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class QuarantineRow(Base):
    """A row that was set aside."""

    __tablename__ = "quarantined_rows"
    __table_args__ = (
        CheckConstraint("state in ('open', 'fixed', 'replayed', 'dismissed')", name="state_known"),
        CheckConstraint("(state in ('replayed', 'dismissed')) = (settled_at is not null)", name="settled_whole"),
        CheckConstraint("(state = 'replayed') = (snapshot_id is not null)", name="replayed_into"),
        Index("ix_quarantined_rows_product_state", "product", "state"),
        SCHEMA,
    )

    batch: Mapped[str] = mapped_column(ForeignKey("catalog.batches.id"), primary_key=True)
    row: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    product: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    original: Mapped[dict[str, object]] = mapped_column(JSONB)
    values: Mapped[dict[str, object]] = mapped_column(JSONB)
    unread: Mapped[list[str]] = mapped_column(JSONB)
    reasons: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    mended_by: Mapped[str | None] = mapped_column(Text)
    mended_at: Mapped[datetime | None]
    mended_because: Mapped[str | None] = mapped_column(Text)
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None]
    settled_because: Mapped[str | None] = mapped_column(Text)
    snapshot_id: Mapped[str | None] = mapped_column(ForeignKey("catalog.snapshots.id"))
