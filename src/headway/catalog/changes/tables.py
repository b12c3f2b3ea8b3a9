"""Rows of changes of contracts and of their answers. What was said is never changed; triggers keep it so."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.catalog.tables import PRODUCT, SCHEMA
from headway.kernel.database import Base


class ContractChangeRow(Base):
    """A proposed version of a contract, and what became of it."""

    __tablename__ = "contract_changes"
    __table_args__ = (
        CheckConstraint("level in ('note', 'compatible', 'breaking')", name="known_level"),
        CheckConstraint("level <> 'breaking' or answer_by is not null", name="breaking_has_a_day"),
        CheckConstraint("keep_days between 0 and 366", name="old_version_stays"),
        CheckConstraint("effective_at is null or withdrawn_at is null", name="ends_once"),
        CheckConstraint("(effective_at is null) = (effective_because is null)", name="effective_whole"),
        CheckConstraint(
            "(withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_because is null)",
            name="withdrawn_whole",
        ),
        Index(
            "uq_contract_changes_one_open",
            "product",
            unique=True,
            postgresql_where=text("effective_at is null and withdrawn_at is null"),
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT), index=True)
    version_before: Mapped[str] = mapped_column(Text)
    digest_before: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    changes: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    contract: Mapped[dict[str, object]] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime]
    answer_by: Mapped[date | None]
    keep_days: Mapped[int]
    effective_at: Mapped[datetime | None]
    effective_because: Mapped[str | None] = mapped_column(Text)
    withdrawn_by: Mapped[str | None] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str | None] = mapped_column(Text)


class ContractAnswerRow(Base):
    """What one consumer is asked, and said."""

    __tablename__ = "contract_answers"
    __table_args__ = (
        CheckConstraint(
            "consumer like 'person:%' and (answered_by is null or answered_by like 'person:%')", name="people_answer"
        ),
        CheckConstraint(
            "answered_by is null or answered_by = consumer or answered_by is not distinct from delegate",
            name="answered_for_oneself",
        ),
        CheckConstraint(
            "(accepted is null) = (answered_by is null) and (accepted is null) = (answered_at is null)",
            name="answered_whole",
        ),
        CheckConstraint(
            "accepted is distinct from false or length(trim(coalesce(reason, ''))) >= 10", name="objection_has_a_reason"
        ),
        CheckConstraint(
            "delegate is null or (delegate <> consumer and delegate like 'person:%')", name="handed_to_another"
        ),
        SCHEMA,
    )

    change: Mapped[str] = mapped_column(ForeignKey("catalog.contract_changes.id"), primary_key=True)
    consumer: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    because: Mapped[list[str]] = mapped_column(JSONB)
    delegate: Mapped[str | None] = mapped_column(Text)
    accepted: Mapped[bool | None]
    reason: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
