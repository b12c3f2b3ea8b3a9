"""Rows of minima and of products' criticality. Versions are added and never changed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "catalog"}


class MinimaRow(Base):
    """What is asked of products from a day on."""

    __tablename__ = "minima"
    __table_args__ = (CheckConstraint("set_by like 'person:%'", name="people_only"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date]
    minima: Mapped[dict[str, object]] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]


class CriticalityRow(Base):
    """How critical a product is."""

    __tablename__ = "criticalities"
    __table_args__ = (CheckConstraint("level in ('low', 'standard', 'high', 'critical')", name="level_known"), SCHEMA)

    product: Mapped[str] = mapped_column(ForeignKey("catalog.products.slug"), primary_key=True)
    level: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]
