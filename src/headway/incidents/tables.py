"""Rows of incidents: the register, what people said of jurisdictions, clocks, and files of clocks that were published."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = "incidents"
INCIDENT = f"{SCHEMA}.incidents.id"


class IncidentRow(Base):
    """One incident. Who opened it does not close it, whatever the code above says; a closed one is only opened again."""

    __tablename__ = "incidents"
    __table_args__ = (
        CheckConstraint("state in ('open', 'contained', 'corrected', 'closed')", name="state_known"),
        CheckConstraint("severity in ('low', 'medium', 'high', 'critical')", name="severity_known"),
        CheckConstraint("risk_to_persons in ('unlikely', 'likely', 'high')", name="risk_known"),
        CheckConstraint("ended_at >= started_at", name="ends_after_start"),
        CheckConstraint(
            "(state = 'closed') = (closed_by is not null) and (closed_by is null) = (closed_at is null) "
            "and (closed_by is null) = (closed_because is null)",
            name="closed_by_somebody",
        ),
        CheckConstraint("closed_by <> opened_by", name="closed_by_another"),
        CheckConstraint("state <> 'closed' or cause is not null", name="closed_with_cause"),
        CheckConstraint("opened_by like 'person:%' and closed_by like 'person:%'", name="people_only"),
        Index("ix_incidents_department", "department"),
        Index("ix_incidents_usecases", "usecases", postgresql_using="gin"),
        {"schema": SCHEMA},
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text)
    concerns: Mapped[list[str]] = mapped_column(JSONB)
    usecases: Mapped[list[str]] = mapped_column(JSONB)
    severity: Mapped[str | None] = mapped_column(Text)
    harm: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    widespread: Mapped[bool | None]
    personal_data_breach: Mapped[bool | None]
    risk_to_persons: Mapped[str | None] = mapped_column(Text)
    found_by: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime]
    aware_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(Text)
    cause: Mapped[str | None] = mapped_column(Text)
    alert: Mapped[str | None] = mapped_column(Text)
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    contained_at: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]
    closed_because: Mapped[str | None] = mapped_column(Text)


class PlaceRow(Base):
    """What a person said of a jurisdiction, above what the use cases say."""

    __tablename__ = "places"
    __table_args__ = ({"schema": SCHEMA},)

    incident: Mapped[str] = mapped_column(ForeignKey(INCIDENT), primary_key=True)
    jurisdiction: Mapped[str] = mapped_column(Text, primary_key=True)
    is_in: Mapped[bool]
    said_by: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)


class ClockRow(Base):
    """A clock that an incident started. One that was met or judged stays so; what facts stop may start again."""

    __tablename__ = "clocks"
    __table_args__ = (
        CheckConstraint("state in ('running', 'met', 'judged', 'stopped')", name="state_known"),
        CheckConstraint("answer in ('yes', 'unknown', 'no')", name="answer_known"),
        CheckConstraint("state <> 'judged' or settled_by like 'person:%'", name="judged_by_a_person"),
        CheckConstraint(
            "(state in ('met', 'judged')) = (settled_at is not null) and (settled_at is null) = (settled_by is null)",
            name="settled_by_somebody",
        ),
        Index("ix_clocks_running", "until", postgresql_where=text("state = 'running'")),
        {"schema": SCHEMA},
    )

    incident: Mapped[str] = mapped_column(ForeignKey(INCIDENT), primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    set_name: Mapped[str] = mapped_column(Text)
    set_digest: Mapped[str] = mapped_column(Text)
    rule: Mapped[dict[str, object]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    missing: Mapped[list[str]] = mapped_column(JSONB)
    since: Mapped[datetime]
    until: Mapped[datetime]
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]


class AffectedRow(Base):
    """What was counted of an incident at one moment; never changed."""

    __tablename__ = "affected"
    __table_args__ = (Index("ix_affected_incident", "incident"), {"schema": SCHEMA})

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    incident: Mapped[str] = mapped_column(ForeignKey(INCIDENT))
    counted_at: Mapped[datetime]
    counted_by: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, object]] = mapped_column(JSONB)


class StopRow(Base):
    """A deployment that an incident stopped. Who stopped it above the sandbox does not lift that; lifted once, it stays so."""

    __tablename__ = "stops"
    __table_args__ = (
        CheckConstraint(
            "(lifted_at is null) = (lifted_by is null) and (lifted_by is null) = (lifted_because is null) "
            "and (lifted_by is null) = (told is null)",
            name="lifted_by_somebody",
        ),
        CheckConstraint("environment = 'sandbox' or lifted_by <> stopped_by", name="lifted_by_another"),
        CheckConstraint("lifted_by like 'person:%'", name="lifted_by_a_person"),
        {"schema": SCHEMA},
    )

    incident: Mapped[str] = mapped_column(ForeignKey(INCIDENT), primary_key=True)
    deployment_id: Mapped[str] = mapped_column(Text, primary_key=True)
    stopped_at: Mapped[datetime] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(Text)
    deployment: Mapped[str] = mapped_column(Text)
    stopped_by: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    lifted_by: Mapped[str | None] = mapped_column(Text)
    lifted_at: Mapped[datetime | None]
    lifted_because: Mapped[str | None] = mapped_column(Text)
    told: Mapped[str | None] = mapped_column(Text)


class NoticeRow(Base):
    """A draft of a notification, as the records filled it; never changed."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("kind in ('initial', 'follow_up')", name="kind_known"),
        CheckConstraint("made_by like 'person:%'", name="made_by_a_person"),
        Index("uq_notices_number", "incident", "clock", "number", unique=True),
        {"schema": SCHEMA},
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    incident: Mapped[str] = mapped_column(ForeignKey(INCIDENT))
    clock: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, object]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


class SendingRow(Base):
    """That a person sent a notification, as another told it; never changed."""

    __tablename__ = "sendings"
    __table_args__ = (
        CheckConstraint("noted_by like 'person:%'", name="noted_by_a_person"),
        CheckConstraint("(file is null) = (file_digest is null)", name="file_whole"),
        CheckConstraint("sent_at <= noted_at + interval '5 minutes'", name="sent_before_noted"),
        {"schema": SCHEMA},
    )

    notice: Mapped[str] = mapped_column(ForeignKey(f"{SCHEMA}.notices.id"), primary_key=True)
    sent_at: Mapped[datetime]
    recipient: Mapped[str] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(Text)
    file: Mapped[str | None] = mapped_column(Text)
    file_digest: Mapped[str | None] = mapped_column(Text)
    noted_by: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime]


class ClockSetRow(Base):
    """A file of clocks that somebody published; never changed."""

    __tablename__ = "clock_sets"
    __table_args__ = (Index("uq_clock_sets_id_version", "id", "version", unique=True), {"schema": SCHEMA})

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, object]] = mapped_column(JSONB)
    published_by: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]
