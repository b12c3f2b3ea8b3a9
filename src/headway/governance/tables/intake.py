"""Rows of intake: twins told apart or joined, umbrellas, what was seen at work without a name here."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from headway.governance.tables.places import SCHEMA, USE_CASE
from headway.kernel.database import Base


class DistinctionRow(Base):
    """Why an entry is another one than one very like it, in the words of who opened it."""

    __tablename__ = "distinctions"
    __table_args__ = (CheckConstraint("usecase <> other", name="two_entries"), SCHEMA)

    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE), primary_key=True)
    other: Mapped[str] = mapped_column(ForeignKey(USE_CASE), primary_key=True, index=True)
    reason: Mapped[str] = mapped_column(Text)
    said_by: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime]


class JoinRow(Base):
    """Somebody who uses what a use case gives, instead of opening an entry of their own."""

    __tablename__ = "joins"
    __table_args__ = (UniqueConstraint("usecase", "department", "person"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE))
    department: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    what_for: Mapped[str] = mapped_column(Text)
    joined_at: Mapped[datetime]


class UmbrellaRow(Base):
    """A use case as a pattern under which others register. The constraints hold whatever the code above does."""

    __tablename__ = "umbrellas"
    __table_args__ = (
        CheckConstraint("approved_by <> asked_by", name="two_people"),
        CheckConstraint("asked_by like 'person:%' and approved_by like 'person:%'", name="people_only"),
        CheckConstraint("(approved_by is null) = (approved_at is null)", name="approved_by_somebody"),
        CheckConstraint(
            "(ended_by is null) = (ended_at is null) and (ended_by is null) = (ended_because is null)",
            name="ended_by_somebody",
        ),
        CheckConstraint("tier in ('minimal', 'transparency')", name="low_tier"),
        CheckConstraint("valid_until <= asked_on + 365", name="a_year_at_most"),
        Index("uq_umbrellas_open", "usecase", unique=True, postgresql_where=text("ended_at is null")),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE), index=True)
    conditions: Mapped[str] = mapped_column(Text)
    tier: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[date]
    asked_by: Mapped[str] = mapped_column(Text)
    asked_on: Mapped[date]
    asked_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(Text)
    approved_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(Text)


class RegistrationRow(Base):
    """Somebody under an umbrella. A trigger takes it only while the umbrella is approved and not ended."""

    __tablename__ = "registrations"
    __table_args__ = (UniqueConstraint("umbrella", "department", "person", "what_for"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    umbrella: Mapped[str] = mapped_column(ForeignKey("governance.umbrellas.id"))
    department: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    what_for: Mapped[str] = mapped_column(Text)
    registered_at: Mapped[datetime]


class SightingRow(Base):
    """A tool that somebody uses or saw in a department, or a gateway did; one row for each tool and department."""

    __tablename__ = "sightings"
    __table_args__ = (
        UniqueConstraint("tool", "department", postgresql_nulls_not_distinct=True),
        CheckConstraint("state in ('open', 'entry', 'umbrella', 'joined', 'dismissed')", name="known_state"),
        CheckConstraint(
            "(state = 'open') = (settled_by is null) and (settled_by is null) = (settled_at is null)",
            name="settled_by_somebody",
        ),
        CheckConstraint("state <> 'dismissed' or reason is not null", name="dismissed_for_a_reason"),
        CheckConstraint(
            "state not in ('entry', 'joined', 'umbrella') or usecase is not null", name="settled_in_an_entry"
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    tool: Mapped[str] = mapped_column(Text)
    host: Mapped[str | None] = mapped_column(Text)
    department: Mapped[str | None] = mapped_column(Text)
    uses: Mapped[int]
    users: Mapped[int]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    state: Mapped[str] = mapped_column(Text, index=True)
    opened_at: Mapped[datetime]
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    usecase: Mapped[str | None] = mapped_column(ForeignKey(USE_CASE))


class SightingReportRow(Base):
    """What somebody said of a tool. Who it was is for the AI office alone where they wished so."""

    __tablename__ = "sighting_reports"
    __table_args__ = (SCHEMA,)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    sighting: Mapped[str] = mapped_column(ForeignKey("governance.sightings.id"), index=True)
    reporter: Mapped[str] = mapped_column(Text, index=True)
    is_unnamed: Mapped[bool]
    what_for: Mapped[str] = mapped_column(Text)
    reported_at: Mapped[datetime]


class GatewayLogRow(Base):
    """A log of a gateway that was read; its digest, so that it is not counted twice."""

    __tablename__ = "gateway_logs"
    __table_args__ = (SCHEMA,)

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    filename: Mapped[str] = mapped_column(Text)
    lines: Mapped[int]
    read_by: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime]
