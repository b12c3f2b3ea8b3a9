"""Rows of monitoring: what was judged of each day, what became known of it, and alerts."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = "monitoring"


class DayRow(Base):
    """The figures of one day of a release in a deployment; ``places`` is the part that charts are drawn from."""

    __tablename__ = "days"
    __table_args__ = ({"schema": SCHEMA},)

    environment: Mapped[str] = mapped_column(primary_key=True)
    deployment: Mapped[str] = mapped_column(primary_key=True)
    release: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    decisions: Mapped[int] = mapped_column(BigInteger)
    is_whole: Mapped[bool]
    figures: Mapped[dict[str, object]] = mapped_column(JSONB)
    places: Mapped[dict[str, object]] = mapped_column(JSONB)
    judged_at: Mapped[datetime]


class OutcomesRow(Base):
    """What became known of the decisions that a release made on one day."""

    __tablename__ = "outcomes"
    __table_args__ = ({"schema": SCHEMA},)

    environment: Mapped[str] = mapped_column(primary_key=True)
    deployment: Mapped[str] = mapped_column(primary_key=True)
    release: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    decided: Mapped[int] = mapped_column(BigInteger)
    known: Mapped[int] = mapped_column(BigInteger)
    counts: Mapped[dict[str, object]] = mapped_column(JSONB)


class AlertRow(Base):
    """An alert. One kind runs once for a release; a closed one is followed until it is over."""

    __tablename__ = "alerts"
    __table_args__ = (
        CheckConstraint("state in ('open', 'acknowledged', 'closed')", name="state_known"),
        CheckConstraint("severity in ('warning', 'serious')", name="severity_known"),
        CheckConstraint(
            "kind in ('inputs', 'scores', 'missing', 'unseen', 'performance', 'concept')", name="kind_known"
        ),
        CheckConstraint("(state = 'closed') = (closed_at is not null)", name="closed_has_time"),
        Index("ix_alerts_place", "environment", "deployment", "release"),
        Index(
            "uq_alerts_running",
            "environment",
            "deployment",
            "release",
            "kind",
            unique=True,
            postgresql_where=text("state <> 'closed'"),
        ),
        {"schema": SCHEMA},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    environment: Mapped[str]
    deployment: Mapped[str]
    release: Mapped[str]
    usecase: Mapped[str]
    version: Mapped[str]
    kind: Mapped[str]
    severity: Mapped[str]
    state: Mapped[str]
    since: Mapped[date]
    noticed_on: Mapped[date]
    last_seen: Mapped[date]
    quiet_days: Mapped[int]
    quiet_on: Mapped[date | None]
    is_over: Mapped[bool]
    columns: Mapped[list[str]] = mapped_column(JSONB)
    evidence: Mapped[dict[str, object]] = mapped_column(JSONB)
    opened_at: Mapped[datetime]
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_because: Mapped[str | None]
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    closed_because: Mapped[str | None]
