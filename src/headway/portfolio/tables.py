"""Rows of the portfolio."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = "portfolio"


class PilotRow(Base):
    """A pilot; ``steps`` holds what each finished step left, so that a step done twice does its work once."""

    __tablename__ = "pilots"
    __table_args__ = (
        CheckConstraint("state in ('running', 'done', 'failed')", name="state_known"),
        Index("ix_pilots_department", "department"),
        {"schema": SCHEMA},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    solution: Mapped[str]
    department: Mapped[str]
    state: Mapped[str]
    job: Mapped[str]
    filename: Mapped[str]
    request: Mapped[dict]  # type: ignore[type-arg]  # JSONB
    steps: Mapped[dict]  # type: ignore[type-arg]  # JSONB
    result: Mapped[dict | None]  # type: ignore[type-arg]  # JSONB
    error: Mapped[dict | None]  # type: ignore[type-arg]  # JSONB
    report: Mapped[dict | None]  # type: ignore[type-arg]  # JSONB
    report_key: Mapped[str | None]
    started_by: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ReplayRow(Base):
    """A replay of a file's past for a use case, and what it tells."""

    __tablename__ = "replays"
    __table_args__ = (
        CheckConstraint("state in ('running', 'done', 'failed')", name="state_known"),
        Index("ix_replays_usecase", "usecase"),
        {"schema": SCHEMA},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    usecase: Mapped[str]
    department: Mapped[str]
    state: Mapped[str]
    job: Mapped[str]
    filename: Mapped[str]
    request: Mapped[dict]  # type: ignore[type-arg]  # JSONB
    report: Mapped[dict | None]  # type: ignore[type-arg]  # JSONB
    error: Mapped[dict | None]  # type: ignore[type-arg]  # JSONB
    started_by: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
