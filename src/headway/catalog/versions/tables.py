"""Rows of deprecations. An entry is never changed; the newest of a version counts."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from headway.catalog.tables import PRODUCT, SCHEMA
from headway.kernel.database import Base


class DeprecationRow(Base):
    """That a version ends, or no longer does."""

    __tablename__ = "deprecations"
    __table_args__ = (SCHEMA,)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT), index=True)
    version: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    ends_on: Mapped[date | None]
    successor: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
