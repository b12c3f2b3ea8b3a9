"""Rows of descriptors."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.catalog.tables import PRODUCT, SCHEMA
from headway.kernel.database import Base


class DescriptorRow(Base):
    """What people say of a product; the ledger holds what they said before."""

    __tablename__ = "product_descriptors"
    __table_args__ = (SCHEMA,)

    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT), primary_key=True)
    said: Mapped[dict[str, object]] = mapped_column(JSONB)
    levels: Mapped[dict[str, object]] = mapped_column(JSONB)
    updated_by: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]
