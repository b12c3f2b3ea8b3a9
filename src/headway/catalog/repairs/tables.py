"""Rows of repairs. What was decided is never changed; the cells of an act lie in object storage, as the lake's rows do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.catalog.tables import PRODUCT, SCHEMA
from headway.kernel.database import Base

_SNAPSHOT = "catalog.snapshots.id"
_ACT = "catalog.repair_acts.id"


class CleaningRunRow(Base):
    """That a snapshot was looked through with some labels; what was found lies in object storage."""

    __tablename__ = "cleaning_runs"
    __table_args__ = (UniqueConstraint("snapshot", "labels"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT))
    snapshot: Mapped[str] = mapped_column(ForeignKey(_SNAPSHOT))
    labels: Mapped[str] = mapped_column(Text)
    findings_key: Mapped[str] = mapped_column(Text)
    cells: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


class ActRow(Base):
    """One decision of a steward about suggestions."""

    __tablename__ = "repair_acts"
    __table_args__ = (
        CheckConstraint("kind in ('accepted', 'refused', 'undone')", name="known_kind"),
        CheckConstraint("cells > 0", name="cells_counted"),
        CheckConstraint("(snapshot is not null) = (kind in ('accepted', 'undone'))", name="makes_snapshot"),
        CheckConstraint("(undoes is not null) = (kind = 'undone')", name="undoes_one"),
        CheckConstraint("made_by like 'person:%'", name="people_decide"),
        UniqueConstraint("undoes"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT), index=True)
    kind: Mapped[str] = mapped_column(Text)
    base: Mapped[str] = mapped_column(ForeignKey(_SNAPSHOT))
    snapshot: Mapped[str | None] = mapped_column(ForeignKey(_SNAPSHOT))
    undoes: Mapped[str | None] = mapped_column(ForeignKey(_ACT))
    cells: Mapped[int] = mapped_column(BigInteger)
    cells_key: Mapped[str] = mapped_column(Text)
    cells_digest: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


class RefusalRow(Base):
    """A suggestion that is not made again, by the digest of what it says."""

    __tablename__ = "refusals"
    __table_args__ = (SCHEMA,)

    product: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    act: Mapped[str] = mapped_column(ForeignKey(_ACT))


class LabelRow(Base):
    """What a steward said of a row, by the digest of its values: it counts while the row is as it was."""

    __tablename__ = "labels"
    __table_args__ = (CheckConstraint("row > 0", name="row_counted"), SCHEMA)

    product: Mapped[str] = mapped_column(ForeignKey(PRODUCT), primary_key=True)
    row_digest: Mapped[str] = mapped_column(Text, primary_key=True)
    row: Mapped[int] = mapped_column(BigInteger)
    wrong: Mapped[dict[str, list[str | None]]] = mapped_column(JSONB)  # the right value in a list, empty where unknown
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
