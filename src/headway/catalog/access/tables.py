"""Rows of requests, grants and uses. An answer is never changed, only withdrawn; a use is never changed at all."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.catalog.tables import PRODUCT, SCHEMA
from headway.kernel.database import Base


class AccessRow(Base):
    """A request for access to a product, and what became of it."""

    __tablename__ = "accesses"
    __table_args__ = (
        CheckConstraint("answered_by not in (requested_by, grantee)", name="two_people"),
        CheckConstraint(
            "(is_approved is null) = (answered_by is null) and (is_approved is null) = (answered_at is null)",
            name="answered_whole",
        ),
        CheckConstraint("requested_by like 'person:%' and answered_by like 'person:%'", name="people_decide"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT), index=True)
    grantee: Mapped[str] = mapped_column(Text, index=True)
    requested_by: Mapped[str] = mapped_column(Text, index=True)
    requested_at: Mapped[datetime]
    purpose: Mapped[str] = mapped_column(Text)
    wanted_until: Mapped[date]
    until: Mapped[date]
    policy: Mapped[dict[str, object]] = mapped_column(JSONB)
    is_approved: Mapped[bool | None]
    answered_by: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    withdrawn_by: Mapped[str | None] = mapped_column(Text)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str | None] = mapped_column(Text)
    told_ending_at: Mapped[datetime | None]
    told_ended_at: Mapped[datetime | None]


class UseRow(Base):
    """One reading of a product."""

    __tablename__ = "data_uses"
    __table_args__ = (CheckConstraint("rows >= 0", name="rows_counted"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT), index=True)
    access: Mapped[str | None] = mapped_column(ForeignKey("catalog.accesses.id"))
    reader: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    way: Mapped[str] = mapped_column(Text)
    columns: Mapped[list[str]] = mapped_column(JSONB)
    rows: Mapped[int] = mapped_column(BigInteger)
    statement_digest: Mapped[str] = mapped_column(Text)
    snapshot: Mapped[str | None] = mapped_column(Text)
