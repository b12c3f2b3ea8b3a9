"""Rows of projections and of finance's discount rate; both are added and never changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "value"}


class DiscountRateRow(Base):
    """What finance asks of money from a day on. Of one day the newest row holds."""

    __tablename__ = "discount_rates"
    __table_args__ = (
        CheckConstraint("set_by like 'person:%'", name="people_only"),
        CheckConstraint("percent::numeric between 0 and 50", name="percent_in_range"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date]
    percent: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)


class ProjectionRow(Base):
    """A projection with everything it was made of; its rate is one that finance set, by a trigger too."""

    __tablename__ = "projections"
    __table_args__ = (
        UniqueConstraint("usecase", "number", name="uq_projections_usecase_number"),
        CheckConstraint("made_by like 'person:%'", name="people_only"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    assumptions: Mapped[dict[str, Any]] = mapped_column(JSONB)
    discount_rate: Mapped[str] = mapped_column(Text)
    percent: Mapped[str] = mapped_column(Text)
    result: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    evidence: Mapped[str | None] = mapped_column(Text)
