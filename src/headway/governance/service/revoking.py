"""Revocations: a subject that must no longer be served anywhere, for good."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import store
from headway.governance.entities import Revocation
from headway.governance.errors import FactsInvalid, SubjectRevoked
from headway.governance.service.evidence import DIGEST
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref, new_id


def revoke(session: Session, actor: Actor, subject_digest: str, reason: str) -> Revocation:
    """Stop a subject for good: no new verdict, and the next snapshots name it. Doing it twice changes nothing."""
    if not DIGEST.fullmatch(subject_digest) or not reason.strip():
        message = "name the digest of the subject and give a reason"
        raise FactsInvalid(message, faults=[Fault(rule="revocation.reason", message=message)])
    made = Revocation(
        id=new_id("rvk"),
        subject_digest=subject_digest,
        reason=reason.strip(),
        revoked_by=actor.ref,
        revoked_at=clock.now(),
    )
    if store.add_revocation(session, made):
        payload = {"subject_digest": subject_digest, "reason": made.reason}
        ledger.record(
            session, actor=actor, type="subject.revoked", subject=Ref("bundle", subject_digest), payload=payload
        )
    return revocations_of(session, [subject_digest])[subject_digest]


def list_revocations(session: Session) -> tuple[Revocation, ...]:
    """Read every revocation, oldest first; snapshots carry their digests."""
    return tuple(store.list_revocations(session))


def revocations_of(session: Session, subject_digests: Collection[str]) -> Mapping[str, Revocation]:
    """Read which of some subjects were revoked, by digest."""
    return {found.subject_digest: found for found in store.list_revocations(session, subject_digests)}


def refuse_revoked(session: Session, subject_digest: str) -> None:
    """Raise SubjectRevoked when a subject was revoked."""
    if subject_digest in revocations_of(session, [subject_digest]):
        raise SubjectRevoked(
            f"{subject_digest} was revoked and cannot be released again",
            hint="train and release another version",
            values={"subject_digest": subject_digest},
        )
