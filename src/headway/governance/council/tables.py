"""Rows of the council. Triggers in the migration keep ballots as they were cast, and let no decision past the rules."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "governance"}
BODY = "governance.council_bodies.slug"
ITEM = "governance.council_items.id"
MEETING = "governance.council_meetings.id"


class BodyRow(Base):
    """A council. ``seats``, ``required`` and ``reviews`` are lists of words; its rules count for items opened afterwards."""

    __tablename__ = "council_bodies"
    __table_args__ = (
        CheckConstraint("quorum >= 2", name="quorum_of_two"),
        CheckConstraint("tie in ('chair', 'rejected')", name="known_tie"),
        CheckConstraint("days between 1 and 60", name="days_in_range"),
        CheckConstraint("every_weeks between 1 and 26", name="weeks_in_range"),
        CheckConstraint("(every_weeks is null) = (first_meeting is null)", name="rhythm_whole"),
        CheckConstraint("minutes_long between 15 and 480", name="minutes_in_range"),
        Index(
            "uq_council_bodies_department",
            text("coalesce(department, '')"),
            unique=True,
            postgresql_where=text("ended_at is null"),
        ),
        SCHEMA,
    )

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    department: Mapped[str | None] = mapped_column(Text)
    seats: Mapped[list[str]] = mapped_column(JSONB)
    quorum: Mapped[int]
    required: Mapped[list[str]] = mapped_column(JSONB)
    reviews: Mapped[list[str]] = mapped_column(JSONB)
    tie: Mapped[str] = mapped_column(Text)
    chair: Mapped[str | None] = mapped_column(Text)
    days: Mapped[int]
    every_weeks: Mapped[int | None]
    first_meeting: Mapped[datetime | None]
    zone: Mapped[str] = mapped_column(Text)
    minutes_long: Mapped[int]
    changed_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class MemberRow(Base):
    """Somebody in a seat. A seat has one holder at a time."""

    __tablename__ = "council_members"
    __table_args__ = (
        CheckConstraint("kind in ('holder', 'deputy')", name="known_kind"),
        CheckConstraint("person like 'person:%'", name="people_only"),
        CheckConstraint("until >= since", name="ends_after"),
        Index(
            "uq_council_members_holder",
            "body",
            "seat",
            unique=True,
            postgresql_where=text("kind = 'holder' and until is null"),
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    body: Mapped[str] = mapped_column(ForeignKey(BODY), index=True)
    seat: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class DelegationRow(Base):
    """The vote of a seat, handed on for a while; ``until`` moves to the day on which it was ended early."""

    __tablename__ = "council_delegations"
    __table_args__ = (
        CheckConstraint("giver <> taker", name="two_people"),
        CheckConstraint("giver like 'person:%' and taker like 'person:%'", name="people_only"),
        CheckConstraint("until >= since and until <= since + interval '90 days'", name="ends_in_time"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    body: Mapped[str] = mapped_column(ForeignKey(BODY), index=True)
    seat: Mapped[str] = mapped_column(Text)
    giver: Mapped[str] = mapped_column(Text)
    taker: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    until: Mapped[datetime]


class ItemRow(Base):
    """A case before the council, with the rules by which it is decided."""

    __tablename__ = "council_items"
    __table_args__ = (
        CheckConstraint("lane in ('automatic', 'reviewer', 'council')", name="known_lane"),
        CheckConstraint("state in ('open', 'escalated', 'approved', 'rejected', 'lapsed')", name="known_state"),
        CheckConstraint("(state in ('open', 'escalated')) = (decided_at is null)", name="decided_once"),
        CheckConstraint("(decided_at is null) = (decided_by is null)", name="decided_by_somebody"),
        CheckConstraint("closes_at >= opened_at", name="closes_after"),
        CheckConstraint("meeting is null or decided_at is not null", name="decided_in_meeting"),
        CheckConstraint("requested_by like 'person:%'", name="people_ask"),
        CheckConstraint(
            "lane <> 'automatic' or (approval is null and state = 'approved')", name="rules_decide_no_approval"
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    body: Mapped[str] = mapped_column(ForeignKey(BODY), index=True)
    lane: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, index=True)
    approval: Mapped[str | None] = mapped_column(ForeignKey("governance.approvals.id"), unique=True)
    subject: Mapped[str] = mapped_column(Text)
    usecase: Mapped[str] = mapped_column(ForeignKey("governance.usecases.slug"), index=True)
    environment: Mapped[str | None] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    rules: Mapped[dict[str, object]] = mapped_column(JSONB)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(Text)
    why: Mapped[list[str]] = mapped_column(JSONB)
    meeting: Mapped[str | None] = mapped_column(ForeignKey(MEETING))


class RecusalRow(Base):
    """Somebody who takes no part in an item; never taken back."""

    __tablename__ = "council_recusals"
    __table_args__ = (SCHEMA,)

    item: Mapped[str] = mapped_column(ForeignKey(ITEM), primary_key=True)
    person: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    is_automatic: Mapped[bool]
    at: Mapped[datetime]


class ReviewRow(Base):
    """What a seat or the owner said before the vote; written once."""

    __tablename__ = "council_reviews"
    __table_args__ = (CheckConstraint("person like 'person:%'", name="people_only"), SCHEMA)

    item: Mapped[str] = mapped_column(ForeignKey(ITEM), primary_key=True)
    part: Mapped[str] = mapped_column(Text, primary_key=True)
    person: Mapped[str] = mapped_column(Text)
    supports: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class SeatVoteRow(Base):
    """The vote of a seat. A trigger takes it once a seat and once a person, in time, and from nobody who takes no part."""

    __tablename__ = "council_votes"
    __table_args__ = (
        UniqueConstraint("item", "person"),
        CheckConstraint("person like 'person:%'", name="people_only"),
        CheckConstraint("choice in ('yes', 'no', 'abstain')", name="known_choice"),
        CheckConstraint("capacity in ('holder', 'delegate', 'deputy')", name="known_capacity"),
        CheckConstraint("length(trim(reason)) > 0", name="reason_given"),
        SCHEMA,
    )

    item: Mapped[str] = mapped_column(ForeignKey(ITEM), primary_key=True)
    seat: Mapped[str] = mapped_column(Text, primary_key=True)
    person: Mapped[str] = mapped_column(Text)
    capacity: Mapped[str] = mapped_column(Text)
    choice: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    meeting: Mapped[str | None] = mapped_column(ForeignKey(MEETING))


class ConditionRow(Base):
    """What must be done when the item is approved; proposed before the first vote, never by a trigger's leave after it."""

    __tablename__ = "council_conditions"
    __table_args__ = (
        CheckConstraint("days between 0 and 365", name="days_in_range"),
        CheckConstraint("owner like 'person:%' and accepted_by <> met_by", name="two_people"),
        CheckConstraint(
            "(met_at is null) = (met_by is null) and (met_at is null) = (evidence is null)", name="met_whole"
        ),
        CheckConstraint("(accepted_at is null) = (accepted_by is null)", name="accepted_by_somebody"),
        CheckConstraint("accepted_at is null or met_at is not null", name="met_first"),
        CheckConstraint("met_at is null or due_at is not null", name="decided_first"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    item: Mapped[str] = mapped_column(ForeignKey(ITEM), index=True)
    text: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)
    days: Mapped[int]
    proposed_by: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    met_by: Mapped[str | None] = mapped_column(Text)
    met_at: Mapped[datetime | None]
    evidence: Mapped[str | None] = mapped_column(Text)
    accepted_by: Mapped[str | None] = mapped_column(Text)
    accepted_at: Mapped[datetime | None]


class MeetingRow(Base):
    """A meeting of a body. ``slot``: the time of the rhythm for which it was planned; none for a single one. ``agenda``: items in
    their order, as the chair set it and, once it is open, as it is. ``seats``: those of the body when it was opened.
    """

    __tablename__ = "council_meetings"
    __table_args__ = (
        UniqueConstraint("body", "slot"),
        CheckConstraint("state in ('planned', 'open', 'held', 'cancelled')", name="known_state"),
        CheckConstraint("minutes_long between 15 and 480", name="minutes_in_range"),
        CheckConstraint(
            "(opened_at is not null) = (state in ('open', 'held')) and (opened_at is null) = (chair is null) "
            "and (opened_at is null) = (quorum is null)",
            name="opened_by_chair",
        ),
        CheckConstraint(
            "(closed_at is not null) = (state = 'held') and (closed_at is null) = (closed_by is null)",
            name="closed_by_somebody",
        ),
        CheckConstraint("state <> 'cancelled' or reason is not null", name="cancelled_with_reason"),
        CheckConstraint("closed_at >= opened_at", name="closes_after"),
        Index("uq_council_meetings_open", "body", unique=True, postgresql_where=text("state = 'open'")),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    body: Mapped[str] = mapped_column(ForeignKey(BODY))
    slot: Mapped[datetime | None]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    minutes_long: Mapped[int]
    place: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    sequence: Mapped[int]
    agenda: Mapped[list[str]] = mapped_column(JSONB)
    struck: Mapped[dict[str, str]] = mapped_column(JSONB)
    reason: Mapped[str | None] = mapped_column(Text)
    chair: Mapped[str | None] = mapped_column(Text)
    seats: Mapped[list[str]] = mapped_column(JSONB)
    quorum: Mapped[int | None]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime]


class AttendanceRow(Base):
    """Somebody who is at a meeting, for a seat or as a guest; written once, while it is open."""

    __tablename__ = "council_attendance"
    __table_args__ = (
        UniqueConstraint("meeting", "seat"),
        CheckConstraint("person like 'person:%'", name="people_only"),
        CheckConstraint("(seat is null) = (capacity is null)", name="seat_whole"),
        CheckConstraint("capacity in ('holder', 'delegate', 'deputy')", name="known_capacity"),
        SCHEMA,
    )

    meeting: Mapped[str] = mapped_column(ForeignKey(MEETING), primary_key=True)
    person: Mapped[str] = mapped_column(Text, primary_key=True)
    seat: Mapped[str | None] = mapped_column(Text)
    capacity: Mapped[str | None] = mapped_column(Text)
    noted_by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class MinutesRow(Base):
    """The minutes of a meeting as files, by their digests. They may be made anew until a number is approved; never after."""

    __tablename__ = "council_minutes"
    __table_args__ = (
        CheckConstraint("(approved_at is null) = (approved_by is null)", name="approved_by_somebody"),
        CheckConstraint("approved_by like 'person:%'", name="people_approve"),
        CheckConstraint("number >= 1", name="counted_from_one"),
        Index("uq_council_minutes_approved", "meeting", unique=True, postgresql_where=text("approved_at is not null")),
        SCHEMA,
    )

    meeting: Mapped[str] = mapped_column(ForeignKey(MEETING), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    locale: Mapped[str] = mapped_column(Text)
    pdf: Mapped[str] = mapped_column(Text)
    docx: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(Text)
    approved_at: Mapped[datetime | None]


class CalendarRow(Base):
    """The digest of the secret in the address of somebody's calendar; a new one replaces it."""

    __tablename__ = "council_calendars"
    __table_args__ = (CheckConstraint("person like 'person:%'", name="people_only"), SCHEMA)

    person: Mapped[str] = mapped_column(Text, primary_key=True)
    secret_digest: Mapped[str] = mapped_column(Text, unique=True)
    made_at: Mapped[datetime]


class ReminderRow(Base):
    """What people were reminded of, so that they are reminded once."""

    __tablename__ = "council_reminders"
    __table_args__ = (SCHEMA,)

    mark: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime]
