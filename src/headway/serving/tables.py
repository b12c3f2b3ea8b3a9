"""Rows of serving in PostgreSQL; decisions and outcomes themselves live in Iceberg tables."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = "serving"


class DeploymentRow(Base):
    """A deployment; retired ones keep their row, and their name may be used again."""

    __tablename__ = "deployments"
    __table_args__ = (
        CheckConstraint("state in ('active', 'suspended', 'retired')", name="state_known"),
        CheckConstraint("environment in ('sandbox', 'pilot', 'production')", name="environment_known"),
        CheckConstraint("environment <> 'sandbox' or expires_at is not null", name="sandbox_expires"),
        Index(
            "uq_deployments_live_name", "environment", "name", unique=True, postgresql_where=text("state <> 'retired'")
        ),
        Index("ix_deployments_usecase", "usecase"),
        {"schema": SCHEMA},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    environment: Mapped[str]
    usecase: Mapped[str]
    version: Mapped[str]
    release: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    salt: Mapped[str]
    arms: Mapped[list]  # type: ignore[type-arg]  # JSONB
    subject_field: Mapped[str | None]
    bands: Mapped[list]  # type: ignore[type-arg]  # JSONB
    daily_limit: Mapped[int | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    held: Mapped[str | None]  # why the operate gate holds it, whatever its own state
    kept: Mapped[list] = mapped_column(default=list, server_default=text("'[]'"))  # type: ignore[type-arg]  # JSONB, who keeps it stopped
    released_at: Mapped[datetime]  # when its release was put to work


class GrantRow(Base):
    """A grant; a revoked one keeps its row."""

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint("scope in ('decide', 'outcome')", name="scope_known"),
        UniqueConstraint("deployment_id", "token_hash", "scope"),
        Index("ix_grants_token_hash", "token_hash"),
        {"schema": SCHEMA},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    deployment_id: Mapped[str] = mapped_column(ForeignKey(f"{SCHEMA}.deployments.id"))
    token_hash: Mapped[str]
    scope: Mapped[str]
    principal: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class PublicationRow(Base):
    """The last snapshot of an environment; its row lock lets one publisher work at a time."""

    __tablename__ = "publications"
    __table_args__ = ({"schema": SCHEMA},)

    environment: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger)
    content_digest: Mapped[str]
    published_at: Mapped[datetime | None]
    fresh_until: Mapped[datetime | None]


class SegmentRow(Base):
    """A sealed segment on its way into the tables: the half of exactly-once that PostgreSQL keeps."""

    __tablename__ = "segments"
    __table_args__ = (
        CheckConstraint("state in ('writing', 'taken', 'refused')", name="state_known"),
        Index("ix_segments_unfinished", "batch", postgresql_where=text("state = 'writing'")),
        Index("ix_segments_place", "environment", "node", "segment"),
        {"schema": SCHEMA},
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    environment: Mapped[str]
    node: Mapped[str]
    segment: Mapped[str]
    batch: Mapped[str]
    state: Mapped[str]
    records: Mapped[int]
    head: Mapped[str | None]
    digest: Mapped[str | None]
    event: Mapped[str | None]
    reason: Mapped[str | None]
    found_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]


class ProfileRow(Base):
    """The profile of what one release decided in one deployment on one day (UTC); grows as segments are taken in."""

    __tablename__ = "profiles"
    __table_args__ = ({"schema": SCHEMA},)

    environment: Mapped[str] = mapped_column(primary_key=True)
    deployment: Mapped[str] = mapped_column(primary_key=True)
    release: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    decisions: Mapped[int] = mapped_column(BigInteger)
    profile: Mapped[dict[str, object]] = mapped_column(JSONB)
    changed_at: Mapped[datetime]


class OutcomeImportRow(Base):
    """A file of outcomes that was taken in."""

    __tablename__ = "outcome_imports"
    __table_args__ = ({"schema": SCHEMA},)

    id: Mapped[str] = mapped_column(primary_key=True)
    file_digest: Mapped[str]
    filename: Mapped[str]
    rows: Mapped[int]
    added: Mapped[int]
    known: Mapped[int]
    pending: Mapped[int]
    imported_by: Mapped[str]
    imported_at: Mapped[datetime]


class UsageRow(Base):
    """How many decisions nodes logged of a deployment's name on a day; written with the segment that holds them."""

    __tablename__ = "usage"
    __table_args__ = ({"schema": SCHEMA},)

    environment: Mapped[str] = mapped_column(primary_key=True)
    deployment: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    decisions: Mapped[int] = mapped_column(BigInteger)
