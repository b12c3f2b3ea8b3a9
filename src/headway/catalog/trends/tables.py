"""Figures of snapshots; what was counted is never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base


class FiguresRow(Base):
    """A snapshot in numbers, its parts, and what of it was not expected."""

    __tablename__ = "figures"
    __table_args__ = ({"schema": "catalog"},)

    snapshot_id: Mapped[str] = mapped_column(ForeignKey("catalog.snapshots.id"), primary_key=True)
    product: Mapped[str] = mapped_column(Text, index=True)
    file_digest: Mapped[str] = mapped_column(Text)
    rows: Mapped[int] = mapped_column(BigInteger)
    columns: Mapped[dict[str, object]] = mapped_column(JSONB)
    parts: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    deviations: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    taken_at: Mapped[datetime]
