"""Rows of waivers and of break-glass."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from headway.governance.tables.places import SCHEMA, USE_CASE
from headway.kernel.database import Base


class WaiverRow(Base):
    """A request to excuse a control, and what became of it. Constraints and a trigger hold whatever the code above does."""

    __tablename__ = "waivers"
    __table_args__ = (
        CheckConstraint("state not in ('granted', 'ended') or answered_by <> requested_by", name="two_people"),
        CheckConstraint(
            "requested_by like 'person:%' and answered_by like 'person:%' and ended_by like 'person:%'",
            name="people_only",
        ),
        CheckConstraint("state in ('requested', 'rejected', 'granted', 'ended')", name="known_state"),
        CheckConstraint("environment in ('sandbox', 'pilot', 'production')", name="known_environment"),
        CheckConstraint("days between 1 and 30", name="days_in_range"),
        CheckConstraint(
            "ends_at > answered_at and ends_at <= answered_at + days * interval '24 hours'", name="at_most_as_asked"
        ),
        CheckConstraint("answered_at >= requested_at", name="answered_after"),
        CheckConstraint("ended_at >= answered_at and ended_at < ends_at", name="ended_in_time"),
        CheckConstraint(
            "char_length(btrim(reason)) >= 10 and char_length(btrim(compensation)) >= 10", name="says_enough"
        ),
        CheckConstraint(
            "(state = 'requested') = (answered_by is null) and (answered_by is null) = (answered_at is null) "
            "and (answered_by is null) = (answer is null)",
            name="answered_by_somebody",
        ),
        CheckConstraint("(state in ('granted', 'ended')) = (ends_at is not null)", name="granted_until"),
        CheckConstraint(
            "(state = 'ended') = (ended_by is not null) and (ended_by is null) = (ended_at is null) "
            "and (ended_by is null) = (ended_because is null)",
            name="ended_by_somebody",
        ),
        Index("ix_waivers_usecase_control", "usecase", "control", "environment"),
        Index(
            "uq_waivers_open",
            "usecase",
            "environment",
            "pack",
            "control",
            text("coalesce(subject_digest, '')"),
            unique=True,
            postgresql_where=text("state = 'requested'"),
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE))
    environment: Mapped[str] = mapped_column(Text)
    pack: Mapped[str] = mapped_column(Text)
    control: Mapped[str] = mapped_column(Text)
    subject_digest: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    compensation: Mapped[str] = mapped_column(Text)
    days: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime]
    answered_by: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    ends_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(Text)


class BreakGlassRow(Base):
    """Letting a subject in although its gate blocks. Constraints and a trigger hold whatever the code above does."""

    __tablename__ = "break_glass"
    __table_args__ = (
        CheckConstraint("state not in ('confirmed', 'reviewed') or answered_by <> requested_by", name="two_people"),
        CheckConstraint("reviewed_by <> requested_by and reviewed_by <> answered_by", name="third_person"),
        CheckConstraint(
            "requested_by like 'person:%' and answered_by like 'person:%' and reviewed_by like 'person:%'",
            name="people_only",
        ),
        CheckConstraint("state in ('requested', 'rejected', 'confirmed', 'reviewed')", name="known_state"),
        CheckConstraint("environment in ('sandbox', 'pilot', 'production')", name="known_environment"),
        CheckConstraint("finding in ('justified', 'not_justified')", name="known_finding"),
        CheckConstraint("char_length(btrim(reason)) >= 10", name="says_enough"),
        CheckConstraint(
            "(state = 'requested') = (answered_by is null) and (answered_by is null) = (answered_at is null) "
            "and (answered_by is null) = (answer is null)",
            name="answered_by_somebody",
        ),
        CheckConstraint("(state in ('confirmed', 'reviewed')) = (ends_at is not null)", name="confirmed_until"),
        CheckConstraint(
            "answered_at >= requested_at and (ends_at is null or answered_at <= requested_at + interval '24 hours')",
            name="confirmed_in_time",
        ),
        CheckConstraint("ends_at > answered_at and ends_at <= answered_at + interval '72 hours'", name="three_days"),
        CheckConstraint(
            "(state = 'reviewed') = (reviewed_by is not null) and (reviewed_by is null) = (reviewed_at is null) "
            "and (reviewed_by is null) = (finding is null) and (reviewed_by is null) = (review is null)",
            name="reviewed_by_somebody",
        ),
        Index("ix_break_glass_usecase", "usecase"),
        Index(
            "uq_break_glass_open",
            "usecase",
            "environment",
            "subject_digest",
            unique=True,
            postgresql_where=text("state = 'confirmed'"),
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE))
    environment: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    subject_digest: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime]
    answered_by: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    ends_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(Text)
    reviewed_at: Mapped[datetime | None]
    finding: Mapped[str | None] = mapped_column(Text)
    review: Mapped[str | None] = mapped_column(Text)
