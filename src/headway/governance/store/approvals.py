"""Requests for the yes of others, the votes, and the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from headway.governance import quorum
from headway.governance.entities import Approval, ApprovalState, Vote
from headway.governance.store.quorums import quorums
from headway.governance.tables import ApprovalRow, VoteRow


def add_approval(session: Session, approval: Approval) -> None:
    """Write a request for approval; it has no votes yet."""
    values = {field.name: getattr(approval, field.name) for field in fields(approval) if field.name != "votes"}
    session.add(ApprovalRow(**values))
    session.flush()


def add_vote(session: Session, approval_id: str, vote: Vote) -> None:
    """Write a person's yes."""
    session.add(VoteRow(approval=approval_id, person=vote.person, reason=vote.reason, at=vote.at))
    session.flush()


def get_approval(session: Session, approval_id: str, *, lock: bool = False) -> Approval | None:
    """Read an approval; ``lock`` makes others that would answer it wait."""
    row = session.get(ApprovalRow, approval_id, with_for_update=lock or None, populate_existing=True)
    return approvals_of(session, [row])[0] if row else None


def answer_approval(session: Session, approval_id: str, values: Mapping[str, object]) -> None:
    """Write the answer to a request, or what it still waits for."""
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
    return approvals_of(session, session.scalars(query))


def waiting_approvals(session: Session) -> dict[str, int]:
    """Count the open requests of each use case."""
    query = select(ApprovalRow.usecase, func.count()).where(ApprovalRow.state == ApprovalState.requested)
    return dict(session.execute(query.group_by(ApprovalRow.usecase)).all())


def approvals_of(session: Session, rows: Iterable[ApprovalRow]) -> list[Approval]:
    """Make the entities of rows, each with its votes and how many it needs now."""
    listed = list(rows)
    votes: dict[str, list[Vote]] = {row.id: [] for row in listed}
    if not listed:
        return []
    found = select(VoteRow).where(VoteRow.approval.in_(votes)).order_by(VoteRow.at, VoteRow.person)
    for row in session.scalars(found):
        votes[row.approval].append(Vote(person=row.person, reason=row.reason, at=row.at))
    in_force = {one.environment: one.needed for one in quorums(session)}
    return [_approval(row, in_force[row.environment], votes[row.id]) for row in listed]


def _approval(row: ApprovalRow, in_force: int, votes: Iterable[Vote]) -> Approval:
    state = ApprovalState(row.state)
    return Approval(
        id=row.id,
        subject=row.subject,
        subject_digest=row.subject_digest,
        environment=row.environment,
        usecase=row.usecase,
        pack_digest=row.pack_digest,
        evidence_digest=row.evidence_digest,
        state=state,
        needed=quorum.needed(row.needed, in_force, state),
        votes=tuple(votes),
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        approved_by=row.approved_by,
        rejected_by=row.rejected_by,
        decided_at=row.decided_at,
        reason=row.reason,
    )
