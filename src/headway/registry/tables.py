"""Rows of the registry. Versions are append-only; a trigger in the migration keeps them as they were registered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "registry"}
MODEL = "registry.models.name"


class ModelRow(Base):
    """A name under which versions are kept."""

    __tablename__ = "models"
    __table_args__ = (SCHEMA,)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str | None] = mapped_column(Text, index=True)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class VersionRow(Base):
    """One immutable version; ``artefact`` is its digest without the version number, equal for equal trainings."""

    __tablename__ = "versions"
    __table_args__ = (
        UniqueConstraint("model", "artefact", name="uq_versions_model_artefact"),
        UniqueConstraint("digest", name="uq_versions_digest"),
        CheckConstraint("version >= 1", name="counts_from_one"),
        SCHEMA,
    )

    model: Mapped[str] = mapped_column(ForeignKey(MODEL), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(Text)
    artefact: Mapped[str] = mapped_column(Text)
    learner: Mapped[str] = mapped_column(Text)
    run: Mapped[str] = mapped_column(Text)
    usecase: Mapped[str | None] = mapped_column(Text, index=True)
    report: Mapped[dict[str, object]] = mapped_column(JSONB)
    evidence: Mapped[list[str]] = mapped_column(JSONB)
    made_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class RunRow(Base):
    """A training run and the version it made (or made again)."""

    __tablename__ = "runs"
    __table_args__ = (
        ForeignKeyConstraint(
            ["model", "version"],
            ["registry.versions.model", "registry.versions.version"],
            name="fk_runs_version_versions",
        ),
        Index("ix_runs_model_version", "model", "version"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    model: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    usecase: Mapped[str | None] = mapped_column(Text, index=True)
    product: Mapped[str | None] = mapped_column(Text, index=True)
    snapshot: Mapped[str | None] = mapped_column(Text)
    learner: Mapped[str] = mapped_column(Text)
    settings: Mapped[dict[str, object]] = mapped_column(JSONB)
    metrics: Mapped[dict[str, object]] = mapped_column(JSONB)
    digests: Mapped[dict[str, object]] = mapped_column(JSONB)
    job: Mapped[str | None] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class AliasRow(Base):
    """A moving name of a version, such as ``champion``."""

    __tablename__ = "aliases"
    __table_args__ = (
        ForeignKeyConstraint(
            ["model", "version"],
            ["registry.versions.model", "registry.versions.version"],
            name="fk_aliases_version_versions",
        ),
        SCHEMA,
    )

    model: Mapped[str] = mapped_column(Text, primary_key=True)
    alias: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int]
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]


class ReleaseRow(Base):
    """The way of one version into one environment. The constraints hold whatever the code above does."""

    __tablename__ = "releases"
    __table_args__ = (
        ForeignKeyConstraint(
            ["model", "version"],
            ["registry.versions.model", "registry.versions.version"],
            name="fk_releases_version_versions",
        ),
        CheckConstraint("environment in ('sandbox', 'pilot', 'production')", name="known_environment"),
        CheckConstraint("status in ('requested', 'approved', 'rejected', 'released')", name="known_status"),
        CheckConstraint(
            "environment = 'sandbox' or status not in ('approved', 'released') "
            "or ((approval is not null or break_glass is not null) and decided_by is not null and decided_by <> requested_by)",
            name="two_people",
        ),
        CheckConstraint("(status = 'released') = (verdict is not null)", name="released_with_verdict"),
        Index(
            "uq_releases_open",
            "model",
            "version",
            "environment",
            "usecase",
            unique=True,
            postgresql_where=text("status in ('requested', 'approved')"),
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    model: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(Text, index=True)
    environment: Mapped[str] = mapped_column(Text)
    usecase: Mapped[str] = mapped_column(Text, index=True)
    status: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(Text)
    approval: Mapped[str | None] = mapped_column(Text)
    break_glass: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    verdict: Mapped[dict[str, object] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
