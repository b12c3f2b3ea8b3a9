"""Approvals: the yes of as many others as the quorum asks for, bound to the exact subject, packs and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import council, mandates, quorum, store
from headway.governance.entities import Approval, ApprovalState, Gate, Vote
from headway.governance.errors import (
    AlreadyVoted,
    ApprovalDecided,
    ApprovalDrift,
    ApprovalUnknown,
    FactsInvalid,
    SamePerson,
)
from headway.governance.service.evidence import DIGEST, record_proof
from headway.governance.service.gating import Basis, gather
from headway.governance.service.passing import note_passed, refuse_at_gate
from headway.governance.service.people import need_person
from headway.governance.service.retiring import refuse_retired
from headway.governance.service.revoking import refuse_revoked
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref, new_id
from headway.kernel.paging import MAX_LIMIT, Page

MOST_LOOKED_AT = 1000
BEFORE_APPROVAL: tuple[Gate, ...] = ("intake", "design")
"""Gates that are passed before anybody is asked to approve."""


def request_approval(
    session: Session, actor: Actor, *, subject: Ref, subject_digest: str, environment: str, usecase: str
) -> Approval:
    """Ask for the yes of others to this subject as it stands now; an open request of the same is given again.

    The gates ``BEFORE_APPROVAL`` are passed first, so that nobody is asked about what has to be settled before. What is the
    council's to decide comes before it.

    Raises: Denied when no person asks, since a service could hide who does; SubjectRevoked; UseCaseRetired; GateBlocked;
    mandates.StepUnheld: the decision rights give the decision to nobody else.
    """
    need_person(actor, "ask for an approval")
    if environment not in quorum.VOTED_IN or not DIGEST.fullmatch(subject_digest):
        message = f"approvals are for {' and '.join(quorum.VOTED_IN)} and need the digest of the subject"
        raise FactsInvalid(message, faults=[Fault(rule="approval.subject", message=message)])
    refuse_revoked(session, subject_digest)
    refuse_retired(session, usecase)
    need_own_digest(session, subject, subject_digest, usecase)
    now = clock.now()
    basis = gather(session, subject_digest=subject_digest, usecase=usecase, at=now)
    approval = Approval(
        id=new_id("apr"),
        subject=str(subject),
        subject_digest=subject_digest,
        environment=environment,
        usecase=usecase,
        pack_digest=basis.pack_digest,
        evidence_digest=basis.evidence_digest(environment, now),
        state=ApprovalState.requested,
        needed=store.get_quorum(session, environment).needed,
        votes=(),
        requested_by=actor.ref,
        requested_at=now,
        approved_by=None,
        rejected_by=None,
        decided_at=None,
        reason=None,
    )
    if same := _open_request(session, approval):
        council.open_item(session, actor, same)
        return same
    found = [
        refuse_at_gate(
            session,
            gate=gate,
            usecase=usecase,
            environment=environment,
            subject=subject,
            subject_digest=subject_digest,
        )
        for gate in BEFORE_APPROVAL
    ]
    for one in found:
        note_passed(session, actor, one)
    mandates.refuse_unheld(session, actor, environment, basis.use_case)
    store.add_approval(session, approval)
    _tell(session, actor, "approval.requested", approval, None)
    council.open_item(session, actor, approval)
    return approval


def need_own_digest(session: Session, subject: Ref, subject_digest: str, usecase: str) -> None:
    """Refuse a digest under the name or use case of something else: who approves would read the wrong label."""
    evidence = store.list_evidence(
        session, subject=None, subject_digest=subject_digest, type=None, before=None, limit=MOST_LOOKED_AT
    )
    names = {one.subject for one in evidence}
    verdicts = store.list_verdicts(
        session, usecase=None, subject_digest=subject_digest, environment=None, before=None, limit=MOST_LOOKED_AT
    )
    cases = {one.usecase for one in verdicts}
    faults = []
    if names and str(subject) not in names:
        told = f"this digest is of {', '.join(sorted(names))}, not of {subject}"
        faults.append(Fault(rule="approval.subject", column="subject", value=str(subject), message=told))
    if cases and usecase not in cases:
        told = f"this digest belongs to the use case {', '.join(sorted(cases))}, not to {usecase}"
        faults.append(Fault(rule="approval.usecase", column="usecase", value=usecase, message=told))
    if faults:
        raise FactsInvalid("; ".join(fault.message for fault in faults), faults=faults)


def approve(session: Session, actor: Actor, approval_id: str, reason: str) -> Approval:
    """Say yes; the approval counts once as many others as the quorum asks for have. Each yes is kept for good.

    Refused to whoever asked, to whoever said yes before, when evidence, packs, tier or use case changed since, and when it
    is the council's to give.

    Returns: the approval; its state stays ``requested`` while votes are missing.
    Raises: ApprovalUnknown, ApprovalDecided, SamePerson, AlreadyVoted, SubjectRevoked, UseCaseRetired, ApprovalDrift;
    FactsInvalid without a reason.
    """
    approval = _open(session, approval_id, reason)
    need_person(actor, "approve")
    _refuse_voter(actor, approval)
    council.refuse_alone(session, approval)
    refuse_revoked(session, approval.subject_digest)
    refuse_retired(session, approval.usecase)
    now = clock.now()
    basis = gather(session, subject_digest=approval.subject_digest, usecase=approval.usecase, at=now)
    _refuse_drift(approval, _changed(approval, basis, now))
    return _vote(session, actor, approval, reason.strip())


def _refuse_voter(actor: Actor, approval: Approval) -> None:
    if actor.ref == approval.requested_by:
        raise SamePerson(
            f"{actor.ref} asked for {approval.id} and cannot approve it",
            hint="another person with the right to approve must do it",
            values={"rule": "governance.two_people", "approval": approval.id},
        )
    if any(vote.person == actor.ref for vote in approval.votes):
        raise AlreadyVoted(
            f"{actor.ref} said yes to {approval.id} before; a yes counts once",
            hint=f"{quorum.missing(approval)} more must come from other people",
            values={"approval": approval.id},
        )


def _vote(session: Session, actor: Actor, approval: Approval, reason: str) -> Approval:
    """Keep a yes, and close the approval when it was the last one needed."""
    in_force = store.get_quorum(session, approval.environment, lock="share").needed
    store.answer_approval(session, approval.id, {"needed": max(approval.needed, in_force)})
    store.add_vote(session, approval.id, Vote(person=actor.ref, reason=reason, at=clock.now()))
    voted = get_approval(session, approval.id)
    _tell(session, actor, "approval.voted", voted, reason)
    if not quorum.is_reached(voted.votes, voted.requested_by, voted.needed):
        return voted
    return _answer(session, actor, voted, ApprovalState.approved, reason)


def carry(session: Session, actor: Actor, approval_id: str, votes: Sequence[Vote], reason: str) -> Approval:
    """Give an approval with the votes that were cast in the council; the council's own step, asked of by nobody else.

    Raises: ApprovalUnknown, ApprovalDecided, SubjectRevoked, UseCaseRetired.
    """
    approval = _open(session, approval_id, reason)
    refuse_revoked(session, approval.subject_digest)
    refuse_retired(session, approval.usecase)
    in_force = store.get_quorum(session, approval.environment, lock="share").needed
    store.answer_approval(session, approval.id, {"needed": max(approval.needed, in_force)})
    for vote in votes:
        store.add_vote(session, approval.id, vote)
    voted = get_approval(session, approval.id)
    return _answer(session, actor, voted, ApprovalState.approved, reason, by=votes[-1].person)


def turn_down(session: Session, actor: Actor, approval_id: str, reason: str) -> Approval:
    """Reject an approval as the council decided, or because it can no longer be given; the council's own step."""
    return _answer(session, actor, _open(session, approval_id, reason), ApprovalState.rejected, reason)


def changed_since(session: Session, approval: Approval) -> tuple[str, ...]:
    """Name what changed after an approval was asked for, because of which nobody can give it any more; empty if nothing."""
    at = clock.now()
    basis = gather(session, subject_digest=approval.subject_digest, usecase=approval.usecase, at=at)
    return _changed(approval, basis, at)


def reject(session: Session, actor: Actor, approval_id: str, reason: str) -> Approval:
    """Say no, or take back an own request. One no is enough, however many said yes before."""
    approval = _open(session, approval_id, reason)
    need_person(actor, "reject")
    council.note_taken_back(session, actor, approval)
    return _answer(session, actor, approval, ApprovalState.rejected, reason)


def get_approval(session: Session, approval_id: str) -> Approval:
    """Read an approval; raises ApprovalUnknown."""
    found = store.get_approval(session, approval_id)
    if found is None:
        raise ApprovalUnknown(f"no approval {approval_id}", values={"approval": approval_id})
    return found


def list_approvals(
    session: Session,
    *,
    usecase: str | None = None,
    subject_digest: str | None = None,
    environment: str | None = None,
    state: ApprovalState | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Approval]:
    """Read approvals, newest first."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_approvals(
        session,
        usecase=usecase,
        subject_digest=subject_digest,
        environment=environment,
        state=state,
        before=cursor,
        limit=limit + 1,
    )
    return Page(items=tuple(found[:limit]), next=found[limit - 1].id if len(found) > limit else None)


def _open_request(session: Session, wanted: Approval) -> Approval | None:
    open_ones = store.list_approvals(
        session,
        subject_digest=wanted.subject_digest,
        environment=wanted.environment,
        usecase=wanted.usecase,
        state=ApprovalState.requested,
    )
    for found in open_ones:
        same_basis = (found.pack_digest, found.evidence_digest) == (wanted.pack_digest, wanted.evidence_digest)
        if same_basis and found.requested_by == wanted.requested_by:
            return found
    return None


def _open(session: Session, approval_id: str, reason: str) -> Approval:
    if not reason.strip():
        raise FactsInvalid(
            "give a reason", faults=[Fault(rule="approval.reason", column="reason", message="give a reason")]
        )
    found = store.get_approval(session, approval_id, lock=True)
    if found is None:
        raise ApprovalUnknown(f"no approval {approval_id}", values={"approval": approval_id})
    if found.state is not ApprovalState.requested:
        raise ApprovalDecided(f"{approval_id} was {found.state.value} before", values={"approval": approval_id})
    return found


def _changed(approval: Approval, basis: Basis, at: datetime) -> tuple[str, ...]:
    packs = ("packs",) if approval.pack_digest != basis.pack_digest else ()
    is_same = approval.evidence_digest == basis.evidence_digest(approval.environment, at)
    return packs if is_same else (*packs, "evidence, waivers, tier or use case")


def _refuse_drift(approval: Approval, changed: tuple[str, ...]) -> None:
    if changed:
        raise ApprovalDrift(
            f"{' and '.join(changed)} changed after {approval.id} was asked for",
            hint="ask for approval again; what was looked at is no longer what would be released",
            values={"approval": approval.id, "subject_digest": approval.subject_digest},
        )


def _answer(
    session: Session, actor: Actor, approval: Approval, state: ApprovalState, reason: str, *, by: str | None = None
) -> Approval:
    who = "approved_by" if state is ApprovalState.approved else "rejected_by"
    values = {"state": state, who: by or actor.ref, "decided_at": clock.now(), "reason": reason.strip()}
    store.answer_approval(session, approval.id, values)
    _tell(session, actor, f"approval.{state.value}", approval, reason.strip())
    answered = get_approval(session, approval.id)
    if state is ApprovalState.approved:
        _prove(session, answered)
    return answered


def _prove(session: Session, approval: Approval) -> None:
    """Write down as evidence that it was given; no part of what an approval is bound to (``operating.RENEWED``)."""
    record_proof(
        session,
        type="approval_record",
        subject=Ref.parse(approval.subject),
        subject_digest=approval.subject_digest,
        facts={
            "votes": len(approval.votes),
            "quorum": approval.needed,
            "environment": approval.environment,
            "approval": approval.id,
        },
        producer=SYSTEM,
    )


def _tell(session: Session, actor: Actor, type: str, approval: Approval, reason: str | None) -> None:
    payload = {
        "approval": approval.id,
        "subject_digest": approval.subject_digest,
        "environment": approval.environment,
        "usecase": approval.usecase,
        "pack_digest": approval.pack_digest,
        "evidence_digest": approval.evidence_digest,
        "requested_by": approval.requested_by,
        "needed": approval.needed,
        "votes": len(approval.votes),
        "reason": reason,
    }
    ledger.record(session, actor=actor, type=type, subject=Ref.parse(approval.subject), payload=payload)
