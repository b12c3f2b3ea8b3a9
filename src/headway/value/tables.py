"""Rows of value: what computing costs, from a day on."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "value"}


class RatesRow(Base):
    """Prices that somebody set; rows are added and never changed. Of one day the newest row holds."""

    __tablename__ = "rates"
    __table_args__ = (CheckConstraint("set_by like 'person:%'", name="people_only"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date]
    cpu_hour: Mapped[str] = mapped_column(Text)
    thousand_decisions: Mapped[str] = mapped_column(Text)
    month: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
