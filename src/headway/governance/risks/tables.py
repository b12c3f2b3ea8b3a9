"""Rows of the risk register: estimates are added and never changed; a risk is closed once, a treatment done once (triggers)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "governance"}


class RiskRow(Base):
    """A risk of a use case."""

    __tablename__ = "risks"
    __table_args__ = (
        ForeignKeyConstraint(["usecase"], ["governance.usecases.slug"], name="fk_risks_usecase_usecases"),
        CheckConstraint("opened_by like 'person:%' and closed_by like 'person:%'", name="people_only"),
        CheckConstraint(
            "(closed_by is null) = (closed_at is null) and (closed_by is null) = (closed_because is null)",
            name="closed_by_somebody",
        ),
        Index("ix_risks_usecase", "usecase"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(Text)
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    closed_by: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]
    closed_because: Mapped[str | None] = mapped_column(Text)


class RiskEstimateRow(Base):
    """What somebody thought of a risk at a time."""

    __tablename__ = "risk_estimates"
    __table_args__ = (
        ForeignKeyConstraint(["risk"], ["governance.risks.id"], name="fk_risk_estimates_risk_risks"),
        CheckConstraint("estimated_by like 'person:%'", name="people_only"),
        SCHEMA,
    )

    risk: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    estimate: Mapped[dict[str, Any]] = mapped_column(JSONB)
    estimated_by: Mapped[str] = mapped_column(Text)
    estimated_at: Mapped[datetime]


class RiskTreatmentRow(Base):
    """Something that is done about a risk; the task carries it to whoever does it."""

    __tablename__ = "risk_treatments"
    __table_args__ = (
        ForeignKeyConstraint(["risk"], ["governance.risks.id"], name="fk_risk_treatments_risk_risks"),
        CheckConstraint(
            "owner like 'person:%' and added_by like 'person:%' and done_by like 'person:%'", name="people_only"
        ),
        CheckConstraint("(done_by is null) = (done_at is null)", name="done_by_somebody"),
        Index("ix_risk_treatments_risk", "risk"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    risk: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    effect: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    cost: Mapped[str | None] = mapped_column(Text)
    task: Mapped[str] = mapped_column(Text)
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime]
    done_by: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(Text)
