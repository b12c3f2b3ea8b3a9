"""Rows of assessments; the answers of what was submitted, and what was signed, never change (triggers)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "governance"}


class TemplateRow(Base):
    """A version of a template of one's own. Rows are added; all versions of a name are retired together, once."""

    __tablename__ = "assessment_templates"
    __table_args__ = (
        CheckConstraint("published_by like 'person:%' and retired_by like 'person:%'", name="people_only"),
        CheckConstraint(
            "(retired_by is null) = (retired_at is null) and (retired_by is null) = (retired_because is null)",
            name="retired_by_somebody",
        ),
        UniqueConstraint("name", "version", name="uq_assessment_templates_version"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    source: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(Text)
    published_by: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]
    retired_by: Mapped[str | None] = mapped_column(Text)
    retired_at: Mapped[datetime | None]
    retired_because: Mapped[str | None] = mapped_column(Text)


class AssessorRow(Base):
    """A person on a seat. Rows are added, and ended once."""

    __tablename__ = "assessors"
    __table_args__ = (
        CheckConstraint("person like 'person:%'", name="people_only"),
        CheckConstraint("(ended_by is null) = (ended_at is null)", name="ended_by_somebody"),
        Index(
            "uq_assessors_seat",
            "seat",
            "person",
            text("coalesce(department, '')"),
            unique=True,
            postgresql_where=text("ended_at is null"),
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    seat: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    department: Mapped[str | None] = mapped_column(Text)
    appointed_by: Mapped[str] = mapped_column(Text)
    appointed_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]


class AssessmentRow(Base):
    """An assessment from its opening to its signature; each step is written once."""

    __tablename__ = "assessments"
    __table_args__ = (
        ForeignKeyConstraint(["usecase"], ["governance.usecases.slug"], name="fk_assessments_usecase_usecases"),
        CheckConstraint("state in ('opened', 'submitted', 'signed', 'returned')", name="known_state"),
        CheckConstraint(
            "opened_by like 'person:%' and submitted_by like 'person:%' and signed_by like 'person:%'",
            name="people_only",
        ),
        CheckConstraint("signed_by <> submitted_by", name="two_people"),
        CheckConstraint(
            "(state = 'opened') = (submitted_by is null) and (submitted_by is null) = (submitted_at is null) "
            "and (submitted_by is null) = (facts_digest is null) and (submitted_by is null) = (answers_digest is null)",
            name="submitted_by_somebody",
        ),
        CheckConstraint(
            "(state in ('signed', 'returned')) = (signed_by is not null) and (signed_by is null) = (signed_at is null)",
            name="signed_by_somebody",
        ),
        Index("uq_assessments_number", "usecase", "template", "number", unique=True),
        Index(
            "uq_assessments_open",
            "usecase",
            "template",
            unique=True,
            postgresql_where=text("state in ('opened', 'submitted')"),
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(Text)
    template: Mapped[str] = mapped_column(Text)
    template_version: Mapped[str] = mapped_column(Text)
    template_digest: Mapped[str] = mapped_column(Text)
    seat: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    known: Mapped[dict[str, Any]] = mapped_column(JSONB)
    facts_digest: Mapped[str | None] = mapped_column(Text)
    submitted_by: Mapped[str | None] = mapped_column(Text)
    submitted_at: Mapped[datetime | None]
    answers_digest: Mapped[str | None] = mapped_column(Text)
    signed_by: Mapped[str | None] = mapped_column(Text)
    signed_at: Mapped[datetime | None]
    remark: Mapped[str | None] = mapped_column(Text)
    evidence: Mapped[str | None] = mapped_column(Text)
    task: Mapped[str | None] = mapped_column(Text)


class AnswerRow(Base):
    """An answer as it was given; of one question the newest counts. None is added once the assessment is submitted."""

    __tablename__ = "assessment_answers"
    __table_args__ = (
        ForeignKeyConstraint(["assessment"], ["governance.assessments.id"], name="fk_assessment_answers_assessment"),
        Index("ix_assessment_answers_assessment", "assessment", "question"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    assessment: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    value: Mapped[Any] = mapped_column(JSONB)
    answered_by: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime]
