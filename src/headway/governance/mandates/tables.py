"""Rows of programmes and mandates. Triggers in the migration keep what was drafted and signed as it was written."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "governance"}
MANDATE_RULES = {
    "signed_by_the_sponsor": "signed_by = sponsor",
    "two_people": "drafted_by <> sponsor",
    "people_only": "sponsor like 'person:%' and drafted_by like 'person:%' and withdrawn_by like 'person:%'",
    "begins_before_it_ends": "valid_until >= valid_from",
    "means_count": "budget_minor >= 0 and people >= 0 and people < 'infinity'",
    "known_currency": "currency ~ '^[A-Z]{3}$'",
    "says_enough": "char_length(btrim(purpose)) >= 20",
    "signed_whole": (
        "(signed_by is null) = (signed_at is null) and (signed_by is null) = (envelope is null) "
        "and (signed_by is null) = (key_id is null)"
    ),
    "withdrawn_whole": (
        "(withdrawn_by is null) = (withdrawn_at is null) and (withdrawn_by is null) = (withdrawn_because is null)"
    ),
}


class ProgrammeRow(Base):
    """A programme and its sponsor."""

    __tablename__ = "programmes"
    __table_args__ = (CheckConstraint("sponsor like 'person:%'", name="people_only"), SCHEMA)

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    sponsor: Mapped[str] = mapped_column(Text)
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ProgrammeDepartmentRow(Base):
    """A department that a programme names; no other names it too."""

    __tablename__ = "programme_departments"
    __table_args__ = (SCHEMA,)

    department: Mapped[str] = mapped_column(Text, primary_key=True)
    programme: Mapped[str] = mapped_column(ForeignKey("governance.programmes.slug"), index=True)


class MandateRow(Base):
    """What a sponsor gave a programme, with the envelope that the platform's key signed."""

    __tablename__ = "mandates"
    __table_args__ = (
        *(CheckConstraint(rule, name=name) for name, rule in MANDATE_RULES.items()),
        Index(
            "uq_mandates_draft",
            "programme",
            unique=True,
            postgresql_where=text("signed_at is null and withdrawn_at is null"),
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    programme: Mapped[str] = mapped_column(ForeignKey("governance.programmes.slug"), index=True)
    sponsor: Mapped[str] = mapped_column(Text)
    departments: Mapped[list[str]] = mapped_column(JSONB)
    purpose: Mapped[str] = mapped_column(Text)
    budget_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    people: Mapped[float]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    drafted_by: Mapped[str] = mapped_column(Text)
    drafted_at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(Text)
    signed_by: Mapped[str | None] = mapped_column(Text)
    signed_at: Mapped[datetime | None]
    key_id: Mapped[str | None] = mapped_column(Text)
    envelope: Mapped[bytes | None]
    withdrawn_by: Mapped[str | None] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str | None] = mapped_column(Text)
    told_ending_at: Mapped[datetime | None]
    told_lapsed_at: Mapped[datetime | None]


class AppetiteRow(Base):
    """A version of the organisation's risk appetite."""

    __tablename__ = "appetites"
    __table_args__ = (
        CheckConstraint("confirmed_by <> adopted_by", name="two_people"),
        CheckConstraint("adopted_by like 'person:%' and confirmed_by like 'person:%'", name="people_only"),
        CheckConstraint("(confirmed_by is null) = (confirmed_at is null)", name="confirmed_whole"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    limits: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    adopted_by: Mapped[str] = mapped_column(Text)
    adopted_at: Mapped[datetime]
    confirmed_by: Mapped[str | None] = mapped_column(Text)
    confirmed_at: Mapped[datetime | None]


class StakesRow(Base):
    """What somebody estimated is at stake in a use case; the newest row counts."""

    __tablename__ = "stakes"
    __table_args__ = (CheckConstraint("people >= 0 and money_minor >= 0", name="counts"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey("governance.usecases.slug"), index=True)
    people: Mapped[int | None] = mapped_column(BigInteger)
    money_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(Text)
    said_by: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime]


class DecisionRightsRow(Base):
    """A version of the decision-rights matrix, with the rules it compiles to and the envelope that the platform's key signed."""

    __tablename__ = "decision_rights"
    __table_args__ = (
        CheckConstraint("confirmed_by <> adopted_by", name="two_people"),
        CheckConstraint("adopted_by like 'person:%' and confirmed_by like 'person:%'", name="people_only"),
        CheckConstraint(
            "(confirmed_by is null) = (confirmed_at is null) and (confirmed_by is null) = (envelope is null) "
            "and (confirmed_by is null) = (key_id is null)",
            name="confirmed_whole",
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    rows: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    policies: Mapped[str] = mapped_column(Text)
    adopted_by: Mapped[str] = mapped_column(Text)
    adopted_at: Mapped[datetime]
    confirmed_by: Mapped[str | None] = mapped_column(Text)
    confirmed_at: Mapped[datetime | None]
    key_id: Mapped[str | None] = mapped_column(Text)
    envelope: Mapped[bytes | None]


class RightsDraftRow(Base):
    """The matrix as people work on it; there is one."""

    __tablename__ = "decision_rights_draft"
    __table_args__ = (CheckConstraint("id = 1", name="one"), SCHEMA)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rows: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    changed_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]
