"""Rows of packs, who signed them and when they were switched."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.governance.tables.places import SCHEMA
from headway.kernel.database import Base


class PackRow(Base):
    """A published version of a pack, whole, so that old verdicts can always be explained."""

    __tablename__ = "packs"
    __table_args__ = (SCHEMA,)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[str] = mapped_column(Text, primary_key=True)
    digest: Mapped[str] = mapped_column(Text, unique=True)
    body: Mapped[dict[str, object]] = mapped_column(JSONB)
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(Text)


class PackSignatureRow(Base):
    """The signed envelope of a published pack."""

    __tablename__ = "pack_signatures"
    __table_args__ = (SCHEMA,)

    digest: Mapped[str] = mapped_column(ForeignKey("governance.packs.digest"), primary_key=True)
    envelope: Mapped[str] = mapped_column(Text)
    key_id: Mapped[str] = mapped_column(Text)


class PackSwitchRow(Base):
    """A pack switched on or off; the newest row of a pack counts."""

    __tablename__ = "pack_switches"
    __table_args__ = (
        CheckConstraint("length(trim(reason)) > 0", name="reason_given"),
        Index("ix_pack_switches_pack", "pack", "number"),
        SCHEMA,
    )

    number: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    pack: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(ForeignKey("governance.packs.digest"))
    is_on: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
