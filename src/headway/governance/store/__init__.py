"""All SQL of governance: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import cast

from sqlalchemy import Select, and_, func, or_, select, text, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.governance import inventory
from headway.governance.entities import (
    Approval,
    ApprovalState,
    Confidence,
    ControlResult,
    Enforce,
    Evidence,
    FactValue,
    Result,
    Revocation,
    Status,
    Tier,
    TierDecision,
    TraceStep,
    UseCase,
    VerdictRecord,
)
from headway.governance.tables import (
    ApprovalRow,
    EvidenceRow,
    PackRow,
    RevocationRow,
    TierDecisionRow,
    UseCaseRow,
    VerdictRow,
)
from headway.kernel.canonical import sha256
from headway.kernel.errors import Scalar

USE_CASE_FIELDS = (
    "title",
    "department",
    "solution",
    "purpose",
    "owner",
    "sponsor",
    "success_measure",
    "people_affected",
)


# --- use cases and tiers -----------------------------------------------------------------------------------------


def add_usecase(session: Session, values: Mapping[str, object]) -> bool:
    """Write a use case; False when the name is taken."""
    said = cast("Mapping[str, str | None]", values)
    kept = {**values, "digest": inventory.material_digest(said, cast("Mapping[str, FactValue]", values["risk"]))}
    statement = insert(UseCaseRow).values(**kept).on_conflict_do_nothing().returning(UseCaseRow.slug)
    return session.scalar(statement) is not None


def lock_usecase(session: Session, slug: str) -> None:
    """Make others that would change this use case wait."""
    session.execute(select(UseCaseRow.slug).where(UseCaseRow.slug == slug).with_for_update())


def hold_usecase(session: Session, slug: str) -> None:
    """Make others that would change this use case wait; others that only hold it do not."""
    session.execute(select(UseCaseRow.slug).where(UseCaseRow.slug == slug).with_for_update(read=True))


def change_usecase(session: Session, slug: str, values: Mapping[str, object]) -> None:
    """Write changed fields of a use case."""
    row = session.get_one(UseCaseRow, slug)
    for name, value in values.items():
        setattr(row, name, value)
    row.digest = _digest(row)
    session.flush()


def get_usecase(session: Session, slug: str) -> UseCase | None:
    """Read a use case with the tier that counts."""
    row = session.execute(usecases().where(UseCaseRow.slug == slug)).one_or_none()
    return usecase_of(*row) if row else None


def list_usecases(session: Session, *, department: str | None, after: str | None, limit: int) -> list[UseCase]:
    """Read use cases by name, those after ``after``."""
    query = usecases().order_by(UseCaseRow.slug).limit(limit)
    if department is not None:
        query = query.where(UseCaseRow.department == department)
    if after is not None:
        query = query.where(UseCaseRow.slug > after)
    return [usecase_of(*row) for row in session.execute(query)]


def every_usecase(session: Session) -> list[UseCase]:
    """Read the whole inventory, with tiers."""
    return [usecase_of(*row, trusted=True) for row in session.execute(usecases().order_by(UseCaseRow.slug))]


def lock_inventory(session: Session) -> None:
    """Let nobody else write a use case until this transaction ends; reading goes on."""
    session.execute(text("lock table governance.usecases in share row exclusive mode"))


def usecase_names(session: Session, department: str) -> list[str]:
    """Read the names of a department's use cases."""
    return list(session.scalars(select(UseCaseRow.slug).where(UseCaseRow.department == department)))


def usecase_departments(session: Session) -> dict[str, str]:
    """Read the department of every use case, by its name."""
    rows = session.execute(select(UseCaseRow.slug, UseCaseRow.department)).all()
    return {row.slug: row.department for row in rows}


def retired_usecases(session: Session) -> list[str]:
    """Read the names of the use cases that are retired."""
    return list(session.scalars(select(UseCaseRow.slug).where(UseCaseRow.retired_at.is_not(None))))


NEWEST = (
    select(TierDecisionRow.tier, TierDecisionRow.usecase_digest, TierDecisionRow.facts_needed)
    .where(TierDecisionRow.usecase == UseCaseRow.slug)
    .order_by(TierDecisionRow.id.desc())
    .limit(1)
    .lateral("newest")
)
"""The newest tier decision of a use case, without the trace of its rules."""


def usecases() -> Select[UseCaseRow, str | None, str | None, list[str] | None]:
    """Select use cases beside what their newest tier decision says; rows for ``usecase_of``."""
    query = select(UseCaseRow, NEWEST.c.tier, NEWEST.c.usecase_digest, NEWEST.c.facts_needed).outerjoin(NEWEST, true())
    return query.execution_options(populate_existing=True)


def usecase_of(
    row: UseCaseRow, decided: str | None, decided_of: str | None, needed: list[str] | None, *, trusted: bool = False
) -> UseCase:
    """Make the entity of a row; a decision about another state of the use case does not count.

    Args: trusted: take the digest as kept. Lists do; what a gate looks at is hashed anew.
    """
    said: dict[str, str | None] = {name: getattr(row, name) for name in USE_CASE_FIELDS}
    current = row.digest if trusted else _digest(row)
    counts = decided_of == current
    tier = Tier(decided) if decided is not None and counts else Tier.undecided
    return UseCase(
        slug=row.slug,
        title=row.title,
        department=row.department,
        solution=row.solution,
        purpose=row.purpose,
        owner=row.owner,
        sponsor=row.sponsor,
        success_measure=row.success_measure,
        people_affected=row.people_affected,
        risk=cast("Mapping[str, FactValue]", dict(row.risk)),
        digest=current,
        tier=tier,
        missing=inventory.missing(said, tier, needed or () if counts else ()),
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        retired_at=row.retired_at,
        retired_by=row.retired_by,
        retired_because=row.retired_because,
    )


def _digest(row: UseCaseRow) -> str:
    said: dict[str, str | None] = {name: getattr(row, name) for name in inventory.MATERIAL}
    return inventory.material_digest(said, cast("Mapping[str, FactValue]", row.risk))


def add_decision(session: Session, decision: TierDecision) -> None:
    """Write a tier decision."""
    values = asdict(decision)
    values |= {"trace": [asdict(step) for step in decision.trace], "facts_needed": list(decision.facts_needed)}
    session.add(TierDecisionRow(**values))
    session.flush()


def newest_decision(session: Session, usecase: str) -> TierDecision | None:
    """Read the newest tier decision of a use case, whether or not it still counts."""
    found = list_decisions(session, usecase, limit=1)
    return found[0] if found else None


def list_decisions(session: Session, usecase: str, *, limit: int) -> list[TierDecision]:
    """Read tier decisions, newest first."""
    query = (
        select(TierDecisionRow)
        .where(TierDecisionRow.usecase == usecase)
        .order_by(TierDecisionRow.id.desc())
        .limit(limit)
    )
    return [_decision(row) for row in session.scalars(query)]


def _decision(row: TierDecisionRow) -> TierDecision:
    return TierDecision(
        id=row.id,
        usecase=row.usecase,
        usecase_digest=row.usecase_digest,
        tier=Tier(row.tier),
        rule=row.rule,
        method="person" if row.method == "person" else "rules",
        decider=row.decider,
        reasons=row.reasons,
        trace=tuple(_step(step) for step in row.trace),
        facts_needed=tuple(row.facts_needed),
        pack_id=row.pack_id,
        pack_version=row.pack_version,
        pack_digest=row.pack_digest,
        confidence=cast(Confidence | None, row.confidence),
        decided_at=row.decided_at,
    )


def _step(step: Mapping[str, object]) -> TraceStep:
    return TraceStep(**{**step, "tier": Tier(step["tier"])})  # type: ignore[arg-type]  # written from a TraceStep


# --- packs -------------------------------------------------------------------------------------------------------


def publish_pack(session: Session, *, id: str, version: str, digest: str, body: object, at: datetime) -> bool:
    """Write a pack's version unless it is there; tells whether it was written."""
    values = {"id": id, "version": version, "digest": digest, "body": body, "published_at": at}
    return session.scalar(insert(PackRow).values(**values).on_conflict_do_nothing().returning(PackRow.id)) is not None


def pack_digests(session: Session) -> dict[tuple[str, str], str]:
    """Read the digests of all published versions."""
    rows = session.execute(select(PackRow.id, PackRow.version, PackRow.digest))
    return {(id_, version): digest for id_, version, digest in rows}


def pack_body(session: Session, digest: str) -> Mapping[str, object] | None:
    """Read the whole text of a published pack."""
    return session.scalar(select(PackRow.body).where(PackRow.digest == digest))


# --- evidence ----------------------------------------------------------------------------------------------------


def add_evidence(session: Session, evidence: Evidence) -> None:
    """Write evidence."""
    session.add(EvidenceRow(**asdict(evidence)))
    session.flush()


def evidence_about(
    session: Session, *, subject_digest: str, data_digests: Collection[str], usecase: str, aged_types: Collection[str]
) -> list[Evidence]:
    """Read what may count at a gate: of the exact subject; of its data and its use case only types that age."""
    aged = EvidenceRow.type.in_(sorted(aged_types))
    query = select(EvidenceRow).where(
        or_(
            EvidenceRow.subject_digest == subject_digest,
            and_(EvidenceRow.subject_digest.in_(sorted(data_digests)), aged),
            and_(EvidenceRow.subject == usecase, aged),
        )
    )
    return [_evidence(row) for row in session.scalars(query.order_by(EvidenceRow.id))]


def list_evidence(
    session: Session,
    *,
    subject: str | None,
    subject_digest: str | None,
    type: str | None,
    before: str | None,
    limit: int,
) -> list[Evidence]:
    """Read evidence, newest first."""
    query = select(EvidenceRow).order_by(EvidenceRow.id.desc()).limit(limit)
    for column, value in (
        (EvidenceRow.subject, subject),
        (EvidenceRow.subject_digest, subject_digest),
        (EvidenceRow.type, type),
    ):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(EvidenceRow.id < before)
    return [_evidence(row) for row in session.scalars(query)]


def _evidence(row: EvidenceRow) -> Evidence:
    return Evidence(
        id=row.id,
        type=row.type,
        subject=row.subject,
        subject_digest=row.subject_digest,
        facts=cast(Mapping[str, Scalar], dict(row.facts)),
        producer=row.producer,
        made_at=row.made_at,
        payload_digest=row.payload_digest,
    )


# --- approvals and revocations -----------------------------------------------------------------------------------


def add_approval(session: Session, approval: Approval) -> None:
    """Write a request for approval."""
    session.add(ApprovalRow(**asdict(approval)))
    session.flush()


def get_approval(session: Session, approval_id: str, *, lock: bool = False) -> Approval | None:
    """Read an approval; ``lock`` makes others that would answer it wait."""
    row = session.get(ApprovalRow, approval_id, with_for_update=lock or None, populate_existing=True)
    return approval_of(row) if row else None


def answer_approval(session: Session, approval_id: str, values: Mapping[str, object]) -> None:
    """Write the answer to a request."""
    row = session.get_one(ApprovalRow, approval_id)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def list_approvals(
    session: Session,
    *,
    subject_digest: str | None = None,
    environment: str | None = None,
    usecase: str | None = None,
    state: ApprovalState | None = None,
    before: str | None = None,
    limit: int = 1000,
) -> list[Approval]:
    """Read approvals, newest first."""
    query = select(ApprovalRow).order_by(ApprovalRow.id.desc()).limit(limit)
    for column, value in (
        (ApprovalRow.subject_digest, subject_digest),
        (ApprovalRow.environment, environment),
        (ApprovalRow.usecase, usecase),
        (ApprovalRow.state, state),
    ):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(ApprovalRow.id < before)
    return [approval_of(row) for row in session.scalars(query)]


def waiting_approvals(session: Session) -> dict[str, int]:
    """Count the open requests of each use case."""
    query = select(ApprovalRow.usecase, func.count()).where(ApprovalRow.state == ApprovalState.requested)
    return dict(session.execute(query.group_by(ApprovalRow.usecase)).all())


def approval_of(row: ApprovalRow) -> Approval:
    """Make the entity of a row."""
    return Approval(
        id=row.id,
        subject=row.subject,
        subject_digest=row.subject_digest,
        environment=row.environment,
        usecase=row.usecase,
        pack_digest=row.pack_digest,
        evidence_digest=row.evidence_digest,
        state=ApprovalState(row.state),
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        approved_by=row.approved_by,
        rejected_by=row.rejected_by,
        decided_at=row.decided_at,
        reason=row.reason,
    )


def add_revocation(session: Session, revocation: Revocation) -> bool:
    """Write a revocation; False when the subject was revoked before."""
    statement = insert(RevocationRow).values(**asdict(revocation)).on_conflict_do_nothing()
    return session.scalar(statement.returning(RevocationRow.id)) is not None


def list_revocations(session: Session, subject_digests: Collection[str] | None = None) -> list[Revocation]:
    """Read revocations, oldest first."""
    query = select(RevocationRow).order_by(RevocationRow.id)
    if subject_digests is not None:
        query = query.where(RevocationRow.subject_digest.in_(sorted(subject_digests)))
    return [
        Revocation(
            id=r.id, subject_digest=r.subject_digest, reason=r.reason, revoked_by=r.revoked_by, revoked_at=r.revoked_at
        )
        for r in session.scalars(query)
    ]


# --- verdicts ----------------------------------------------------------------------------------------------------


def add_verdict(session: Session, values: Mapping[str, object]) -> None:
    """Write a verdict and its envelope."""
    session.add(VerdictRow(**values))
    session.flush()


def get_verdict(session: Session, verdict_id: str) -> VerdictRecord | None:
    """Read a verdict."""
    row = session.execute(_verdicts().where(VerdictRow.id == verdict_id)).one_or_none()
    return _verdict(row[0], row[1]) if row else None


def list_verdicts(
    session: Session,
    *,
    usecase: str | None,
    subject_digest: str | None,
    environment: str | None,
    before: str | None,
    limit: int,
) -> list[VerdictRecord]:
    """Read verdicts, newest first."""
    query = _verdicts().order_by(VerdictRow.id.desc()).limit(limit)
    for column, value in (
        (VerdictRow.usecase, usecase),
        (VerdictRow.subject_digest, subject_digest),
        (VerdictRow.environment, environment),
    ):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(VerdictRow.id < before)
    return [_verdict(row, revoked_at) for row, revoked_at in session.execute(query)]


def envelope(session: Session, verdict_id: str) -> bytes | None:
    """Read the signed envelope of a verdict."""
    text = session.scalar(select(VerdictRow.envelope).where(VerdictRow.id == verdict_id))
    return text.encode() if text is not None else None


def _verdicts() -> Select[VerdictRow, datetime | None]:
    query = select(VerdictRow, RevocationRow.revoked_at).outerjoin(
        RevocationRow, RevocationRow.subject_digest == VerdictRow.subject_digest
    )
    return cast("Select[VerdictRow, datetime | None]", query)


def _verdict(row: VerdictRow, revoked_at: datetime | None) -> VerdictRecord:
    return VerdictRecord(
        id=row.id,
        gate=row.gate,
        environment=row.environment,
        usecase=row.usecase,
        subject=row.subject,
        subject_digest=row.subject_digest,
        result=cast(Result, row.result),
        tier=Tier(row.tier),
        controls=tuple(_control(control) for control in row.controls),
        missing=tuple(row.missing),
        approvals=tuple(row.approvals),
        facts=dict(row.facts),
        facts_digest=row.facts_digest,
        pack_digests=dict(row.pack_digests),
        pack_digest=row.pack_digest,
        issued_by=row.issued_by,
        issued_at=row.issued_at,
        serve_until=row.serve_until,
        key_id=row.key_id,
        envelope_digest=sha256(row.envelope.encode()),
        revoked_at=revoked_at,
    )


def control_values(control: ControlResult) -> dict[str, object]:
    """Write a control's result as JSON holds it."""
    day = control.valid_from
    return {
        **asdict(control),
        "evidence_ids": list(control.evidence_ids),
        "valid_from": day.isoformat() if day else None,
    }


def _control(values: Mapping[str, object]) -> ControlResult:
    day = values["valid_from"]
    return ControlResult(
        id=str(values["id"]),
        title=str(values["title"]),
        pack=str(values["pack"]),
        source=str(values["source"]),
        status=Status(str(values["status"])),
        enforce=cast(Enforce, values["enforce"]),
        evidence_ids=tuple(cast(list[str], values["evidence_ids"])),
        reason=str(values["reason"]),
        confidence=cast(Confidence, values["confidence"]),
        valid_from=date.fromisoformat(day) if isinstance(day, str) else None,
    )
