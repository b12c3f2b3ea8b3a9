"""Rows of the kernel: durable jobs with their steps, and answers kept for idempotency keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "kernel"}


class JobRow(Base):
    """A job as people see it. DBOS drives it under the same id; this row is what we tell and what it is told to do."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("status in ('queued', 'running', 'done', 'failed', 'cancelled')", name="status"),
        CheckConstraint("(status in ('queued', 'running')) = (ended_at is null)", name="ended"),
        CheckConstraint("(status = 'failed') = (error is not null)", name="error"),
        Index("ix_jobs_ended_at", "ended_at"),
        Index("ix_jobs_open", "id", postgresql_where=text("status in ('queued', 'running')")),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actor: Mapped[dict[str, Any]] = mapped_column(JSONB)
    done: Mapped[int]
    total: Mapped[int]
    message: Mapped[str] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class StepRow(Base):
    """A step of a job that has been begun; its result lies with DBOS."""

    __tablename__ = "job_steps"
    __table_args__ = (SCHEMA,)

    job_id: Mapped[str] = mapped_column(ForeignKey("kernel.jobs.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    cpu_seconds: Mapped[float] = mapped_column(server_default=text("0"))


class IdempotencyRow(Base):
    """The answer to a request that named an idempotency key; without a status while the request runs."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at"), SCHEMA)

    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    request: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    status: Mapped[int | None]
    answer: Mapped[bytes | None]


class KeptFormRow(Base):
    """What somebody had filled in on a page when their session had ended; kept a day, for them alone."""

    __tablename__ = "kept_forms"
    __table_args__ = (Index("ix_kept_forms_owner_id", "owner", "id"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    owner: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    back: Mapped[str] = mapped_column(Text)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]


class StagedFileRow(Base):
    """A file that somebody sent to be looked at before it changes anything; the bytes lie in object storage."""

    __tablename__ = "staged_files"
    __table_args__ = (
        CheckConstraint("(applied_at is null) = (summary is null)", name="applied_with_summary"),
        Index("ix_staged_files_expires_at", "expires_at"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)
    filename: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
