"""Rows of dossiers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base


class DossierRow(Base):
    """A dossier; once it is made a trigger lets nothing of it change, and none goes away."""

    __tablename__ = "dossiers"
    __table_args__ = (
        CheckConstraint("state in ('running', 'made', 'failed')", name="state_known"),
        CheckConstraint("(kind = 'board_pack') = (usecase is null)", name="about_one"),
        CheckConstraint("(kind = 'board_pack') = (quarter is not null)", name="of_a_quarter"),
        CheckConstraint("quarter ~ '^20[0-9]{2}-Q[1-4]$'", name="quarter_written"),
        CheckConstraint(
            "(state = 'made') = (digest is not null) and (digest is null) = (made_at is null)", name="made_with_digest"
        ),
        CheckConstraint("(state = 'failed') = (error is not null)", name="failed_with_error"),
        CheckConstraint("gaps >= 0 and requirements >= 0", name="counted"),
        Index("ix_dossiers_usecase_kind", "usecase", "kind"),
        {"schema": "dossiers"},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    usecase: Mapped[str | None]
    quarter: Mapped[str | None]
    department: Mapped[str]
    state: Mapped[str]
    job: Mapped[str | None]
    files: Mapped[list[Any]] = mapped_column(JSONB)
    requirements: Mapped[int]
    gaps: Mapped[int]
    is_due: Mapped[bool | None]
    digest: Mapped[str | None]
    content_digest: Mapped[str | None]
    packs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    made_by: Mapped[str]
    started_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
