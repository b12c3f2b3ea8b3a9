"""Rows of scaling."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = "scaling"


class PlanRow(Base):
    """A plan; ``steps`` holds what each finished step left, so that a step done twice does its work once."""

    __tablename__ = "plans"
    __table_args__ = (
        CheckConstraint("state in ('running', 'done', 'failed')", name="state_known"),
        Index("ix_plans_department", "department"),
        Index("ix_plans_usecase", "usecase"),
        {"schema": SCHEMA},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    usecase: Mapped[str]
    department: Mapped[str]
    version: Mapped[str]
    state: Mapped[str]
    job: Mapped[str]
    filename: Mapped[str]
    request: Mapped[dict]  # type: ignore[type-arg]  # JSONB
    steps: Mapped[dict]  # type: ignore[type-arg]  # JSONB
    result: Mapped[dict | None]  # type: ignore[type-arg]  # JSONB
    digest: Mapped[str | None]
    check: Mapped[dict | None]  # type: ignore[type-arg]  # JSONB
    error: Mapped[dict | None]  # type: ignore[type-arg]  # JSONB
    started_by: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LabelRow(Base):
    """Labels that came at once. ``told`` holds pairs of row and outcome, in the order in which they count."""

    __tablename__ = "label_batches"
    __table_args__ = ({"schema": SCHEMA},)

    plan: Mapped[str] = mapped_column(ForeignKey(f"{SCHEMA}.plans.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    filename: Mapped[str]
    file_digest: Mapped[str]
    rows: Mapped[int]
    unknown: Mapped[int]
    repeated: Mapped[int]
    told: Mapped[list]  # type: ignore[type-arg]  # JSONB
    state: Mapped[str]
    brought_by: Mapped[str]
    at: Mapped[datetime]
