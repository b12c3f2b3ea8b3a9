"""Rows of input ports and their runs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.catalog.tables import SCHEMA
from headway.kernel.database import Base


class PortRow(Base):
    """An input port of a product, which the first run makes where there is none."""

    __tablename__ = "input_ports"
    __table_args__ = (
        UniqueConstraint("product", "name"),
        CheckConstraint("kind in ('sql', 'files', 'folder', 'rest', 'upload')", name="kind_known"),
        CheckConstraint("every_minutes > 0", name="rhythm_positive"),
        CheckConstraint("(every_minutes is null) = (next_at is null)", name="rhythm_whole"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text)
    product_name: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    settings: Mapped[dict[str, str]] = mapped_column(JSONB)
    every_minutes: Mapped[int | None]
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    cursor: Mapped[str | None] = mapped_column(Text)
    seen: Mapped[dict[str, str]] = mapped_column(JSONB)
    part: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    last_run: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class RunRow(Base):
    """One reading of a source; it outlives the port."""

    __tablename__ = "port_runs"
    __table_args__ = (
        CheckConstraint("state in ('running', 'done', 'unchanged', 'failed')", name="state_known"),
        CheckConstraint("(state = 'running') = (ended_at is null)", name="ended_whole"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    port: Mapped[str] = mapped_column(Text, index=True)
    product: Mapped[str] = mapped_column(Text, index=True)
    port_name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    job: Mapped[str | None] = mapped_column(Text)
    started_by: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    rows_read: Mapped[int | None] = mapped_column(BigInteger)
    rows: Mapped[int | None] = mapped_column(BigInteger)
    failed_rows: Mapped[int | None] = mapped_column(BigInteger)
    snapshot: Mapped[str | None] = mapped_column(ForeignKey("catalog.snapshots.id"))
    refused: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    notes: Mapped[list[str]] = mapped_column(JSONB)
    error: Mapped[str | None] = mapped_column(Text)
