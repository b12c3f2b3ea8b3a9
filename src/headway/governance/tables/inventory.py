"""Rows of the AI inventory: use cases, vendors, systems, tier decisions and exceptions from them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.governance.tables.places import SCHEMA, USE_CASE
from headway.kernel.database import Base

RETIRED_WHOLE = "(retired_at is null) = (retired_by is null) and (retired_at is null) = (retired_because is null)"


class UseCaseRow(Base):
    """One entry of the AI inventory; ``digest`` is over what its tier depends on, kept so that SQL can compare it."""

    __tablename__ = "usecases"
    __table_args__ = (
        CheckConstraint(RETIRED_WHOLE, name="retired_by_somebody"),
        SCHEMA,
    )

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text, index=True)
    solution: Mapped[str | None] = mapped_column(Text)
    purpose: Mapped[str | None] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(Text)
    sponsor: Mapped[str | None] = mapped_column(Text)
    success_measure: Mapped[str | None] = mapped_column(Text)
    people_affected: Mapped[str | None] = mapped_column(Text)
    risk: Mapped[dict[str, object]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(Text)
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[str | None] = mapped_column(Text)
    retired_because: Mapped[str | None] = mapped_column(Text)


class VendorRow(Base):
    """Somebody outside who supplies systems."""

    __tablename__ = "vendors"
    __table_args__ = (CheckConstraint(RETIRED_WHOLE, name="retired_by_somebody"), SCHEMA)

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    supplies: Mapped[str | None] = mapped_column(Text)
    contact: Mapped[str | None] = mapped_column(Text)
    contract_ends: Mapped[date | None]
    exit_plan: Mapped[str | None] = mapped_column(Text)
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[str | None] = mapped_column(Text)
    retired_because: Mapped[str | None] = mapped_column(Text)


class SystemRow(Base):
    """Something that does the work of use cases; the constraint ties its kind to a vendor."""

    __tablename__ = "systems"
    __table_args__ = (
        CheckConstraint("kind in ('own', 'vendor_supplied', 'generative')", name="known_kind"),
        CheckConstraint(
            "(kind <> 'own' or vendor is null) and (kind <> 'vendor_supplied' or vendor is not null)",
            name="vendor_fits_kind",
        ),
        CheckConstraint(RETIRED_WHOLE, name="retired_by_somebody"),
        SCHEMA,
    )

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    vendor: Mapped[str | None] = mapped_column(ForeignKey("governance.vendors.slug"), index=True)
    description: Mapped[str | None] = mapped_column(Text)
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[str | None] = mapped_column(Text)
    retired_because: Mapped[str | None] = mapped_column(Text)


class UseCaseSystemRow(Base):
    """A use case rests on a system."""

    __tablename__ = "usecase_systems"
    __table_args__ = (SCHEMA,)

    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE), primary_key=True)
    system: Mapped[str] = mapped_column(ForeignKey("governance.systems.slug"), primary_key=True, index=True)


class TierDecisionRow(Base):
    """A decision about the tier of a use case; the newest counts while the use case stays as it was."""

    __tablename__ = "tier_decisions"
    __table_args__ = (
        CheckConstraint("method <> 'person' or reasons is not null", name="person_gives_reasons"),
        Index("ix_tier_decisions_usecase_id", "usecase", "id"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE))
    usecase_digest: Mapped[str] = mapped_column(Text)
    tier: Mapped[str] = mapped_column(Text)
    rule: Mapped[str | None] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    decider: Mapped[str] = mapped_column(Text)
    reasons: Mapped[str | None] = mapped_column(Text)
    trace: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    facts_needed: Mapped[list[str]] = mapped_column(JSONB)
    pack_id: Mapped[str] = mapped_column(Text)
    pack_version: Mapped[str] = mapped_column(Text)
    pack_digest: Mapped[str] = mapped_column(Text)
    confidence: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime]


class TierExceptionRow(Base):
    """An assessed exception from the tier high, and what became of it. Constraints and a trigger hold whatever the code does."""

    __tablename__ = "tier_exceptions"
    __table_args__ = (
        CheckConstraint("state not in ('accepted', 'ended') or answered_by <> assessed_by", name="two_people"),
        CheckConstraint(
            "assessed_by like 'person:%' and answered_by like 'person:%' and ended_by like 'person:%'",
            name="people_only",
        ),
        CheckConstraint("state in ('assessed', 'accepted', 'refused', 'ended')", name="known_state"),
        CheckConstraint("days between 1 and 365", name="days_in_range"),
        CheckConstraint("ends_at <= answered_at + days * interval '24 hours'", name="at_most_as_assessed"),
        CheckConstraint("(state in ('accepted', 'ended')) = (ends_at is not null)", name="accepted_until"),
        CheckConstraint("(state = 'assessed') = (answered_by is null)", name="answered_by_somebody"),
        CheckConstraint("(state = 'ended') = (ended_by is not null)", name="ended_by_somebody"),
        Index("ix_tier_exceptions_usecase_id", "usecase", "id"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE))
    condition: Mapped[str] = mapped_column(Text)
    reasons: Mapped[str] = mapped_column(Text)
    days: Mapped[int]
    basis: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    assessed_by: Mapped[str] = mapped_column(Text)
    assessed_at: Mapped[datetime]
    answered_by: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    ends_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(Text)
