"""Rows of evidence, approvals, verdicts, refusals and findings at work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.governance.tables.places import SCHEMA, USE_CASE
from headway.kernel.database import Base


class EvidenceRow(Base):
    """Facts about a subject of one digest."""

    __tablename__ = "evidence"
    __table_args__ = (
        Index("ix_evidence_subject_digest_type", "subject_digest", "type"),
        Index("ix_evidence_subject_type", "subject", "type"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    subject_digest: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, object]] = mapped_column(JSONB)
    producer: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    payload_digest: Mapped[str | None] = mapped_column(Text)


class QuorumRow(Base):
    """How many others must say yes in an environment; the migration writes a row for each."""

    __tablename__ = "quorums"
    __table_args__ = (
        CheckConstraint("needed between 1 and 9", name="in_range"),
        CheckConstraint("environment in ('pilot', 'production')", name="above_sandbox"),
        SCHEMA,
    )

    environment: Mapped[str] = mapped_column(Text, primary_key=True)
    needed: Mapped[int]
    changed_by: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)


class ApprovalRow(Base):
    """A request for the yes of others, and the answer. The constraints hold whatever the code above does."""

    __tablename__ = "approvals"
    __table_args__ = (
        CheckConstraint("approved_by <> requested_by", name="two_people"),
        CheckConstraint("requested_by like 'person:%' and approved_by like 'person:%'", name="people_only"),
        CheckConstraint("state in ('requested', 'approved', 'rejected')", name="known_state"),
        CheckConstraint("(state = 'approved') = (approved_by is not null)", name="approved_by_somebody"),
        CheckConstraint("(state = 'rejected') = (rejected_by is not null)", name="rejected_by_somebody"),
        CheckConstraint("needed between 1 and 9", name="needed_in_range"),
        Index("ix_approvals_subject_digest_environment", "subject_digest", "environment"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    subject_digest: Mapped[str] = mapped_column(Text)
    environment: Mapped[str] = mapped_column(Text)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE), index=True)
    pack_digest: Mapped[str] = mapped_column(Text)
    evidence_digest: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(Text)
    rejected_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    needed: Mapped[int] = mapped_column(server_default=text("1"))


class VoteRow(Base):
    """One person's yes. A trigger takes it only while the request is open, and never from who asked."""

    __tablename__ = "votes"
    __table_args__ = (CheckConstraint("person like 'person:%'", name="people_only"), SCHEMA)

    approval: Mapped[str] = mapped_column(ForeignKey("governance.approvals.id"), primary_key=True)
    person: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class VerdictRow(Base):
    """A verdict with the facts it was made of and its signed envelope."""

    __tablename__ = "verdicts"
    __table_args__ = (Index("ix_verdicts_subject_digest_environment", "subject_digest", "environment"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    gate: Mapped[str] = mapped_column(Text)
    environment: Mapped[str] = mapped_column(Text)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE), index=True)
    subject: Mapped[str] = mapped_column(Text)
    subject_digest: Mapped[str] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text)
    tier: Mapped[str] = mapped_column(Text)
    controls: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    missing: Mapped[list[str]] = mapped_column(JSONB)
    approvals: Mapped[list[str]] = mapped_column(JSONB)
    exceptions: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    engines: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    facts: Mapped[dict[str, object]] = mapped_column(JSONB)
    facts_digest: Mapped[str] = mapped_column(Text)
    pack_digests: Mapped[dict[str, str]] = mapped_column(JSONB)
    pack_digest: Mapped[str] = mapped_column(Text)
    issued_by: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime]
    serve_until: Mapped[datetime]
    key_id: Mapped[str] = mapped_column(Text)
    envelope: Mapped[str] = mapped_column(Text)


class RefusalRow(Base):
    """How often the same was refused within one minute; the ledger holds the first at once, the others once it is over."""

    __tablename__ = "refusals"
    __table_args__ = (
        UniqueConstraint(
            "minute", "subject", "environment", "code", name="uq_refusals_minute_subject_environment_code"
        ),
        CheckConstraint("told between 1 and count", name="told_in_range"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    minute: Mapped[datetime]
    subject: Mapped[str] = mapped_column(Text)
    environment: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, object]] = mapped_column(JSONB)
    count: Mapped[int]
    told: Mapped[int]


class RevocationRow(Base):
    """A subject digest that must no longer be served."""

    __tablename__ = "revocations"
    __table_args__ = (SCHEMA,)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    subject_digest: Mapped[str] = mapped_column(Text, unique=True)
    reason: Mapped[str] = mapped_column(Text)
    revoked_by: Mapped[str] = mapped_column(Text)
    revoked_at: Mapped[datetime]


class FindingRow(Base):
    """A control that something at work lost. A trigger keeps what was found, and lets what is cleared be."""

    __tablename__ = "operate_findings"
    __table_args__ = (
        CheckConstraint("state in ('warned', 'suspended', 'cleared')", name="state_known"),
        CheckConstraint("state <> 'suspended' or suspended_at is not null", name="suspended_has_time"),
        CheckConstraint("(state = 'cleared') = (cleared_at is not null)", name="cleared_has_time"),
        CheckConstraint("(state = 'cleared') = (cleared_because is not null)", name="cleared_has_cause"),
        CheckConstraint("suspended_at is null or suspended_at >= suspends_at", name="warned_first"),
        Index(
            "uq_operate_findings_open",
            *("usecase", "environment", "subject_digest", "pack", "control"),
            unique=True,
            postgresql_where=text("state <> 'cleared'"),
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE), index=True)
    environment: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    subject_digest: Mapped[str] = mapped_column(Text)
    pack: Mapped[str] = mapped_column(Text)
    control: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    remedy: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    grace_days: Mapped[int | None]
    suspends_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
    cleared_because: Mapped[str | None] = mapped_column(Text)
    seen_at: Mapped[datetime]
