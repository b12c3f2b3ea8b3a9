"""Rows of allocations: what use cases ask for, and the rounds in which means are given."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base
from headway.portfolio.tables import SCHEMA


class ResourceRequestRow(Base):
    """What a use case asks for; never changed, the newest counts."""

    __tablename__ = "resource_requests"
    __table_args__ = (
        CheckConstraint("least(budget, compute_hours, people, risk) >= 0 and months between 1 and 120", name="amounts"),
        CheckConstraint("value_source in ('claim', 'projection')", name="source_known"),
        CheckConstraint("(value_source = 'projection') = (projection is not null)", name="projection_named"),
        Index("ix_resource_requests_usecase", "usecase", "id"),
        {"schema": SCHEMA},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    usecase: Mapped[str]
    budget: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    compute_hours: Mapped[int] = mapped_column(BigInteger)
    people: Mapped[int] = mapped_column(BigInteger)
    months: Mapped[int] = mapped_column(BigInteger)
    value: Mapped[int] = mapped_column(BigInteger)
    value_source: Mapped[str]
    projection: Mapped[str | None]
    risk: Mapped[int] = mapped_column(BigInteger)
    is_must: Mapped[bool]
    reason: Mapped[str]
    requires: Mapped[list]  # type: ignore[type-arg]  # JSONB
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]


class AllocationRow(Base):
    """A round; after it was drafted only its decision is written, once, by a trigger."""

    __tablename__ = "allocations"
    __table_args__ = (
        CheckConstraint("starts < ends", name="has_a_period"),
        CheckConstraint(
            "(choice is null) = (decided_by is null) and (choice is null) = (decided_at is null)", name="decided_whole"
        ),
        CheckConstraint("decided_by is null or decided_by like 'person:%'", name="people_decide"),
        CheckConstraint("decided_by <> drafted_by", name="two_people"),
        {"schema": SCHEMA},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    starts: Mapped[date]
    ends: Mapped[date]
    currency: Mapped[str]
    round: Mapped[dict]  # type: ignore[type-arg]  # JSONB: limits, needs, contention, overlaps, best
    choice: Mapped[dict | None]  # type: ignore[type-arg]  # JSONB: plan, differences
    drafted_by: Mapped[str]
    drafted_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
