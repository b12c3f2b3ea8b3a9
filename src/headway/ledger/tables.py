"""Rows of the ledger. Triggers in the migration refuse to change or delete what the tree covers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "ledger"}


class EventRow(Base):
    """One recorded fact, written in the transaction that made it true."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_subject_id", "subject", "id"),
        Index("ix_events_type_id", "type", "id"),
        Index("ix_events_actor_id", "actor", "id"),
        Index("ix_events_at", "at", postgresql_using="brin"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    commitment: Mapped[bytes] = mapped_column(LargeBinary)


class PayloadRow(Base):
    """Salt and canonical JSON of an event's payload; both are gone after erasure."""

    __tablename__ = "payloads"
    __table_args__ = (
        CheckConstraint("(salt is null) = (payload is null)", name="erased_whole"),
        CheckConstraint("is_personal or payload is not null", name="only_personal_erased"),
        SCHEMA,
    )

    event_id: Mapped[str] = mapped_column(ForeignKey("ledger.events.id"), primary_key=True)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    payload: Mapped[str | None] = mapped_column(Text)
    is_personal: Mapped[bool]


class WaitingRow(Base):
    """An event that no checkpoint covers yet; the sequencer takes these in order."""

    __tablename__ = "waiting"
    __table_args__ = (SCHEMA,)

    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("ledger.events.id"), unique=True)


class LeafRow(Base):
    """The place of an event in the tree, and its leaf hash."""

    __tablename__ = "leaves"
    __table_args__ = (SCHEMA,)

    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[str] = mapped_column(ForeignKey("ledger.events.id"), unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class NodeRow(Base):
    """The hash of a complete subtree of level 1 and above."""

    __tablename__ = "nodes"
    __table_args__ = (SCHEMA,)

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class CheckpointRow(Base):
    """A signed tree head; the same note lies in object storage."""

    __tablename__ = "checkpoints"
    __table_args__ = (SCHEMA,)

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    key_id: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
