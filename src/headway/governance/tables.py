"""Rows of governance. Triggers in the migration keep what was decided as it was written."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "governance"}
USE_CASE = "governance.usecases.slug"
RETIRED_WHOLE = "(retired_at is null) = (retired_by is null) and (retired_at is null) = (retired_because is null)"


class UseCaseRow(Base):
    """One entry of the AI inventory; ``digest`` is over what its tier depends on, kept so that SQL can compare it."""

    __tablename__ = "usecases"
    __table_args__ = (
        CheckConstraint(RETIRED_WHOLE, name="retired_by_somebody"),
        SCHEMA,
    )

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text, index=True)
    solution: Mapped[str | None] = mapped_column(Text)
    purpose: Mapped[str | None] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(Text)
    sponsor: Mapped[str | None] = mapped_column(Text)
    success_measure: Mapped[str | None] = mapped_column(Text)
    people_affected: Mapped[str | None] = mapped_column(Text)
    risk: Mapped[dict[str, object]] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(Text)
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[str | None] = mapped_column(Text)
    retired_because: Mapped[str | None] = mapped_column(Text)


class VendorRow(Base):
    """Somebody outside who supplies systems."""

    __tablename__ = "vendors"
    __table_args__ = (CheckConstraint(RETIRED_WHOLE, name="retired_by_somebody"), SCHEMA)

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    supplies: Mapped[str | None] = mapped_column(Text)
    contact: Mapped[str | None] = mapped_column(Text)
    contract_ends: Mapped[date | None]
    exit_plan: Mapped[str | None] = mapped_column(Text)
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[str | None] = mapped_column(Text)
    retired_because: Mapped[str | None] = mapped_column(Text)


class SystemRow(Base):
    """Something that does the work of use cases; the constraint ties its kind to a vendor."""

    __tablename__ = "systems"
    __table_args__ = (
        CheckConstraint("kind in ('own', 'vendor_supplied', 'generative')", name="known_kind"),
        CheckConstraint(
            "(kind <> 'own' or vendor is null) and (kind <> 'vendor_supplied' or vendor is not null)",
            name="vendor_fits_kind",
        ),
        CheckConstraint(RETIRED_WHOLE, name="retired_by_somebody"),
        SCHEMA,
    )

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    vendor: Mapped[str | None] = mapped_column(ForeignKey("governance.vendors.slug"), index=True)
    description: Mapped[str | None] = mapped_column(Text)
    opened_by: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[str | None] = mapped_column(Text)
    retired_because: Mapped[str | None] = mapped_column(Text)


class UseCaseSystemRow(Base):
    """A use case rests on a system."""

    __tablename__ = "usecase_systems"
    __table_args__ = (SCHEMA,)

    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE), primary_key=True)
    system: Mapped[str] = mapped_column(ForeignKey("governance.systems.slug"), primary_key=True, index=True)


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


class TierDecisionRow(Base):
    """A decision about the tier of a use case; the newest counts while the use case stays as it was."""

    __tablename__ = "tier_decisions"
    __table_args__ = (
        CheckConstraint("method <> 'person' or reasons is not null", name="person_gives_reasons"),
        Index("ix_tier_decisions_usecase_id", "usecase", "id"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE))
    usecase_digest: Mapped[str] = mapped_column(Text)
    tier: Mapped[str] = mapped_column(Text)
    rule: Mapped[str | None] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    decider: Mapped[str] = mapped_column(Text)
    reasons: Mapped[str | None] = mapped_column(Text)
    trace: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    facts_needed: Mapped[list[str]] = mapped_column(JSONB)
    pack_id: Mapped[str] = mapped_column(Text)
    pack_version: Mapped[str] = mapped_column(Text)
    pack_digest: Mapped[str] = mapped_column(Text)
    confidence: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime]


class TierExceptionRow(Base):
    """An assessed exception from the tier high, and what became of it. Constraints and a trigger hold whatever the code does."""

    __tablename__ = "tier_exceptions"
    __table_args__ = (
        CheckConstraint("state not in ('accepted', 'ended') or answered_by <> assessed_by", name="two_people"),
        CheckConstraint(
            "assessed_by like 'person:%' and answered_by like 'person:%' and ended_by like 'person:%'",
            name="people_only",
        ),
        CheckConstraint("state in ('assessed', 'accepted', 'refused', 'ended')", name="known_state"),
        CheckConstraint("days between 1 and 365", name="days_in_range"),
        CheckConstraint("ends_at <= answered_at + days * interval '24 hours'", name="at_most_as_assessed"),
        CheckConstraint("(state in ('accepted', 'ended')) = (ends_at is not null)", name="accepted_until"),
        CheckConstraint("(state = 'assessed') = (answered_by is null)", name="answered_by_somebody"),
        CheckConstraint("(state = 'ended') = (ended_by is not null)", name="ended_by_somebody"),
        Index("ix_tier_exceptions_usecase_id", "usecase", "id"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE))
    condition: Mapped[str] = mapped_column(Text)
    reasons: Mapped[str] = mapped_column(Text)
    days: Mapped[int]
    basis: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    assessed_by: Mapped[str] = mapped_column(Text)
    assessed_at: Mapped[datetime]
    answered_by: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    ends_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(Text)


class EvidenceRow(Base):
    """Facts about a subject of one digest."""

    __tablename__ = "evidence"
    __table_args__ = (
        Index("ix_evidence_subject_digest_type", "subject_digest", "type"),
        Index("ix_evidence_subject_type", "subject", "type"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    subject_digest: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, object]] = mapped_column(JSONB)
    producer: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    payload_digest: Mapped[str | None] = mapped_column(Text)


class QuorumRow(Base):
    """How many others must say yes in an environment; the migration writes a row for each."""

    __tablename__ = "quorums"
    __table_args__ = (
        CheckConstraint("needed between 1 and 9", name="in_range"),
        CheckConstraint("environment in ('pilot', 'production')", name="above_sandbox"),
        SCHEMA,
    )

    environment: Mapped[str] = mapped_column(Text, primary_key=True)
    needed: Mapped[int]
    changed_by: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)


class ApprovalRow(Base):
    """A request for the yes of others, and the answer. The constraints hold whatever the code above does."""

    __tablename__ = "approvals"
    __table_args__ = (
        CheckConstraint("approved_by <> requested_by", name="two_people"),
        CheckConstraint("requested_by like 'person:%' and approved_by like 'person:%'", name="people_only"),
        CheckConstraint("state in ('requested', 'approved', 'rejected')", name="known_state"),
        CheckConstraint("(state = 'approved') = (approved_by is not null)", name="approved_by_somebody"),
        CheckConstraint("(state = 'rejected') = (rejected_by is not null)", name="rejected_by_somebody"),
        CheckConstraint("needed between 1 and 9", name="needed_in_range"),
        Index("ix_approvals_subject_digest_environment", "subject_digest", "environment"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    subject_digest: Mapped[str] = mapped_column(Text)
    environment: Mapped[str] = mapped_column(Text)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE), index=True)
    pack_digest: Mapped[str] = mapped_column(Text)
    evidence_digest: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(Text)
    rejected_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    needed: Mapped[int] = mapped_column(server_default=text("1"))


class VoteRow(Base):
    """One person's yes. A trigger takes it only while the request is open, and never from who asked."""

    __tablename__ = "votes"
    __table_args__ = (CheckConstraint("person like 'person:%'", name="people_only"), SCHEMA)

    approval: Mapped[str] = mapped_column(ForeignKey("governance.approvals.id"), primary_key=True)
    person: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class WaiverRow(Base):
    """A request to excuse a control, and what became of it. Constraints and a trigger hold whatever the code above does."""

    __tablename__ = "waivers"
    __table_args__ = (
        CheckConstraint("state not in ('granted', 'ended') or answered_by <> requested_by", name="two_people"),
        CheckConstraint(
            "requested_by like 'person:%' and answered_by like 'person:%' and ended_by like 'person:%'",
            name="people_only",
        ),
        CheckConstraint("state in ('requested', 'rejected', 'granted', 'ended')", name="known_state"),
        CheckConstraint("environment in ('sandbox', 'pilot', 'production')", name="known_environment"),
        CheckConstraint("days between 1 and 30", name="days_in_range"),
        CheckConstraint(
            "ends_at > answered_at and ends_at <= answered_at + days * interval '24 hours'", name="at_most_as_asked"
        ),
        CheckConstraint("answered_at >= requested_at", name="answered_after"),
        CheckConstraint("ended_at >= answered_at and ended_at < ends_at", name="ended_in_time"),
        CheckConstraint(
            "char_length(btrim(reason)) >= 10 and char_length(btrim(compensation)) >= 10", name="says_enough"
        ),
        CheckConstraint(
            "(state = 'requested') = (answered_by is null) and (answered_by is null) = (answered_at is null) "
            "and (answered_by is null) = (answer is null)",
            name="answered_by_somebody",
        ),
        CheckConstraint("(state in ('granted', 'ended')) = (ends_at is not null)", name="granted_until"),
        CheckConstraint(
            "(state = 'ended') = (ended_by is not null) and (ended_by is null) = (ended_at is null) "
            "and (ended_by is null) = (ended_because is null)",
            name="ended_by_somebody",
        ),
        Index("ix_waivers_usecase_control", "usecase", "control", "environment"),
        Index(
            "uq_waivers_open",
            "usecase",
            "environment",
            "pack",
            "control",
            text("coalesce(subject_digest, '')"),
            unique=True,
            postgresql_where=text("state = 'requested'"),
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE))
    environment: Mapped[str] = mapped_column(Text)
    pack: Mapped[str] = mapped_column(Text)
    control: Mapped[str] = mapped_column(Text)
    subject_digest: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    compensation: Mapped[str] = mapped_column(Text)
    days: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime]
    answered_by: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    ends_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(Text)


class BreakGlassRow(Base):
    """Letting a subject in although its gate blocks. Constraints and a trigger hold whatever the code above does."""

    __tablename__ = "break_glass"
    __table_args__ = (
        CheckConstraint("state not in ('confirmed', 'reviewed') or answered_by <> requested_by", name="two_people"),
        CheckConstraint("reviewed_by <> requested_by and reviewed_by <> answered_by", name="third_person"),
        CheckConstraint(
            "requested_by like 'person:%' and answered_by like 'person:%' and reviewed_by like 'person:%'",
            name="people_only",
        ),
        CheckConstraint("state in ('requested', 'rejected', 'confirmed', 'reviewed')", name="known_state"),
        CheckConstraint("environment in ('sandbox', 'pilot', 'production')", name="known_environment"),
        CheckConstraint("finding in ('justified', 'not_justified')", name="known_finding"),
        CheckConstraint("char_length(btrim(reason)) >= 10", name="says_enough"),
        CheckConstraint(
            "(state = 'requested') = (answered_by is null) and (answered_by is null) = (answered_at is null) "
            "and (answered_by is null) = (answer is null)",
            name="answered_by_somebody",
        ),
        CheckConstraint("(state in ('confirmed', 'reviewed')) = (ends_at is not null)", name="confirmed_until"),
        CheckConstraint(
            "answered_at >= requested_at and (ends_at is null or answered_at <= requested_at + interval '24 hours')",
            name="confirmed_in_time",
        ),
        CheckConstraint("ends_at > answered_at and ends_at <= answered_at + interval '72 hours'", name="three_days"),
        CheckConstraint(
            "(state = 'reviewed') = (reviewed_by is not null) and (reviewed_by is null) = (reviewed_at is null) "
            "and (reviewed_by is null) = (finding is null) and (reviewed_by is null) = (review is null)",
            name="reviewed_by_somebody",
        ),
        Index("ix_break_glass_usecase", "usecase"),
        Index(
            "uq_break_glass_open",
            "usecase",
            "environment",
            "subject_digest",
            unique=True,
            postgresql_where=text("state = 'confirmed'"),
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE))
    environment: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    subject_digest: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime]
    answered_by: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    ends_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(Text)
    reviewed_at: Mapped[datetime | None]
    finding: Mapped[str | None] = mapped_column(Text)
    review: Mapped[str | None] = mapped_column(Text)


class VerdictRow(Base):
    """A verdict with the facts it was made of and its signed envelope."""

    __tablename__ = "verdicts"
    __table_args__ = (Index("ix_verdicts_subject_digest_environment", "subject_digest", "environment"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    gate: Mapped[str] = mapped_column(Text)
    environment: Mapped[str] = mapped_column(Text)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE), index=True)
    subject: Mapped[str] = mapped_column(Text)
    subject_digest: Mapped[str] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text)
    tier: Mapped[str] = mapped_column(Text)
    controls: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    missing: Mapped[list[str]] = mapped_column(JSONB)
    approvals: Mapped[list[str]] = mapped_column(JSONB)
    exceptions: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    engines: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    facts: Mapped[dict[str, object]] = mapped_column(JSONB)
    facts_digest: Mapped[str] = mapped_column(Text)
    pack_digests: Mapped[dict[str, str]] = mapped_column(JSONB)
    pack_digest: Mapped[str] = mapped_column(Text)
    issued_by: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime]
    serve_until: Mapped[datetime]
    key_id: Mapped[str] = mapped_column(Text)
    envelope: Mapped[str] = mapped_column(Text)


class RefusalRow(Base):
    """How often the same was refused within one minute; the ledger holds the first at once, the others once it is over."""

    __tablename__ = "refusals"
    __table_args__ = (
        UniqueConstraint(
            "minute", "subject", "environment", "code", name="uq_refusals_minute_subject_environment_code"
        ),
        CheckConstraint("told between 1 and count", name="told_in_range"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    minute: Mapped[datetime]
    subject: Mapped[str] = mapped_column(Text)
    environment: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, object]] = mapped_column(JSONB)
    count: Mapped[int]
    told: Mapped[int]


class RevocationRow(Base):
    """A subject digest that must no longer be served."""

    __tablename__ = "revocations"
    __table_args__ = (SCHEMA,)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    subject_digest: Mapped[str] = mapped_column(Text, unique=True)
    reason: Mapped[str] = mapped_column(Text)
    revoked_by: Mapped[str] = mapped_column(Text)
    revoked_at: Mapped[datetime]


# --- intake ------------------------------------------------------------------------------------------------------


class DistinctionRow(Base):
    """Why an entry is another one than one very like it, in the words of who opened it."""

    __tablename__ = "distinctions"
    __table_args__ = (CheckConstraint("usecase <> other", name="two_entries"), SCHEMA)

    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE), primary_key=True)
    other: Mapped[str] = mapped_column(ForeignKey(USE_CASE), primary_key=True, index=True)
    reason: Mapped[str] = mapped_column(Text)
    said_by: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime]


class JoinRow(Base):
    """Somebody who uses what a use case gives, instead of opening an entry of their own."""

    __tablename__ = "joins"
    __table_args__ = (UniqueConstraint("usecase", "department", "person"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE))
    department: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    what_for: Mapped[str] = mapped_column(Text)
    joined_at: Mapped[datetime]


class UmbrellaRow(Base):
    """A use case as a pattern under which others register. The constraints hold whatever the code above does."""

    __tablename__ = "umbrellas"
    __table_args__ = (
        CheckConstraint("approved_by <> asked_by", name="two_people"),
        CheckConstraint("asked_by like 'person:%' and approved_by like 'person:%'", name="people_only"),
        CheckConstraint("(approved_by is null) = (approved_at is null)", name="approved_by_somebody"),
        CheckConstraint(
            "(ended_by is null) = (ended_at is null) and (ended_by is null) = (ended_because is null)",
            name="ended_by_somebody",
        ),
        CheckConstraint("tier in ('minimal', 'transparency')", name="low_tier"),
        CheckConstraint("valid_until <= asked_on + 365", name="a_year_at_most"),
        Index("uq_umbrellas_open", "usecase", unique=True, postgresql_where=text("ended_at is null")),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE), index=True)
    conditions: Mapped[str] = mapped_column(Text)
    tier: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[date]
    asked_by: Mapped[str] = mapped_column(Text)
    asked_on: Mapped[date]
    asked_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(Text)
    approved_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(Text)


class RegistrationRow(Base):
    """Somebody under an umbrella. A trigger takes it only while the umbrella is approved and not ended."""

    __tablename__ = "registrations"
    __table_args__ = (UniqueConstraint("umbrella", "department", "person", "what_for"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    umbrella: Mapped[str] = mapped_column(ForeignKey("governance.umbrellas.id"))
    department: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(Text)
    what_for: Mapped[str] = mapped_column(Text)
    registered_at: Mapped[datetime]


class SightingRow(Base):
    """A tool that somebody uses or saw in a department, or a gateway did; one row for each tool and department."""

    __tablename__ = "sightings"
    __table_args__ = (
        UniqueConstraint("tool", "department", postgresql_nulls_not_distinct=True),
        CheckConstraint("state in ('open', 'entry', 'umbrella', 'joined', 'dismissed')", name="known_state"),
        CheckConstraint(
            "(state = 'open') = (settled_by is null) and (settled_by is null) = (settled_at is null)",
            name="settled_by_somebody",
        ),
        CheckConstraint("state <> 'dismissed' or reason is not null", name="dismissed_for_a_reason"),
        CheckConstraint(
            "state not in ('entry', 'joined', 'umbrella') or usecase is not null", name="settled_in_an_entry"
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    tool: Mapped[str] = mapped_column(Text)
    host: Mapped[str | None] = mapped_column(Text)
    department: Mapped[str | None] = mapped_column(Text)
    uses: Mapped[int]
    users: Mapped[int]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    state: Mapped[str] = mapped_column(Text, index=True)
    opened_at: Mapped[datetime]
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    usecase: Mapped[str | None] = mapped_column(ForeignKey(USE_CASE))


class SightingReportRow(Base):
    """What somebody said of a tool. Who it was is for the AI office alone where they wished so."""

    __tablename__ = "sighting_reports"
    __table_args__ = (SCHEMA,)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    sighting: Mapped[str] = mapped_column(ForeignKey("governance.sightings.id"), index=True)
    reporter: Mapped[str] = mapped_column(Text, index=True)
    is_unnamed: Mapped[bool]
    what_for: Mapped[str] = mapped_column(Text)
    reported_at: Mapped[datetime]


class GatewayLogRow(Base):
    """A log of a gateway that was read; its digest, so that it is not counted twice."""

    __tablename__ = "gateway_logs"
    __table_args__ = (SCHEMA,)

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    filename: Mapped[str] = mapped_column(Text)
    lines: Mapped[int]
    read_by: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime]


class FindingRow(Base):
    """A control that something at work lost. A trigger keeps what was found, and lets what is cleared be."""

    __tablename__ = "operate_findings"
    __table_args__ = (
        CheckConstraint("state in ('warned', 'suspended', 'cleared')", name="state_known"),
        CheckConstraint("state <> 'suspended' or suspended_at is not null", name="suspended_has_time"),
        CheckConstraint("(state = 'cleared') = (cleared_at is not null)", name="cleared_has_time"),
        CheckConstraint("(state = 'cleared') = (cleared_because is not null)", name="cleared_has_cause"),
        CheckConstraint("suspended_at is null or suspended_at >= suspends_at", name="warned_first"),
        Index(
            "uq_operate_findings_open",
            *("usecase", "environment", "subject_digest", "pack", "control"),
            unique=True,
            postgresql_where=text("state <> 'cleared'"),
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    usecase: Mapped[str] = mapped_column(ForeignKey(USE_CASE), index=True)
    environment: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    subject_digest: Mapped[str] = mapped_column(Text)
    pack: Mapped[str] = mapped_column(Text)
    control: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    remedy: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    grace_days: Mapped[int | None]
    suspends_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
    cleared_because: Mapped[str | None] = mapped_column(Text)
    seen_at: Mapped[datetime]
