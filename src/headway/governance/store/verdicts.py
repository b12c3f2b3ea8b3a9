"""Verdicts of gates, and revocations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import cast

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.governance.entities import (
    Confidence,
    ControlResult,
    Enforce,
    Result,
    Revocation,
    Status,
    Tier,
    VerdictRecord,
)
from headway.governance.tables import (
    EvidenceRow,
    RevocationRow,
    VerdictRow,
)
from headway.kernel.canonical import sha256


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


def served_verdicts(session: Session, at: datetime) -> list[VerdictRecord]:
    """Read what may be served at a time: the newest verdict of each use case in each environment, unless it blocks, is over
    or its subject was revoked.
    """
    newest = (
        select(func.max(VerdictRow.id))
        .where(VerdictRow.gate == "pre_deploy")
        .group_by(VerdictRow.usecase, VerdictRow.environment)
    )
    query = (
        _verdicts()
        .where(VerdictRow.id.in_(newest), VerdictRow.serve_until > at, VerdictRow.result != "block")
        .where(RevocationRow.id.is_(None))
        .order_by(VerdictRow.usecase, VerdictRow.environment)
    )
    return [_verdict(row, revoked_at) for row, revoked_at in session.execute(query)]


def digests_of(session: Session, subject: str) -> list[str]:
    """Name the digests that a reference stood for in verdicts; where there are none, in what jobs found out about it."""
    judged = select(VerdictRow.subject_digest).where(VerdictRow.subject == subject).distinct()
    if found := list(session.scalars(judged.limit(2))):
        return found
    told = select(EvidenceRow.subject_digest).where(EvidenceRow.subject == subject)
    return list(session.scalars(told.where(EvidenceRow.producer.like("service:%")).distinct().limit(2)))


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
        exceptions=tuple(row.exceptions),
        engines=dict(row.engines),
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
