"""Requests for a second person's yes, and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from headway.governance.entities import (
    Approval,
    ApprovalState,
)
from headway.governance.tables import (
    ApprovalRow,
)


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
