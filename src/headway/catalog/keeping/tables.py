"""Rows of keeping: how long a product's snapshots are kept, where it is not the default."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from headway.catalog.tables import PRODUCT, SCHEMA
from headway.kernel.database import Base


class RetentionRow(Base):
    """How long snapshots of a product are kept; None is the default."""

    __tablename__ = "retentions"
    __table_args__ = (
        CheckConstraint("keep_days between 1 and 36500", name="keep_days_sane"),
        CheckConstraint("keep_last between 1 and 10000", name="keep_last_sane"),
        CheckConstraint("most_files between 2 and 100000", name="most_files_sane"),
        SCHEMA,
    )

    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT), primary_key=True)
    keep_days: Mapped[int | None]
    keep_last: Mapped[int | None]
    most_files: Mapped[int | None]
    set_by: Mapped[str | None] = mapped_column(Text)
    set_at: Mapped[datetime | None]
    cared_at: Mapped[datetime | None]
