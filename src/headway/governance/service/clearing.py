"""Clearances: a person says why a column that looked suspicious may stay in the model."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway.governance import clearances
from headway.governance.entities import Evidence
from headway.governance.errors import FactsInvalid
from headway.governance.service.evidence import attest, list_evidence
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref


def clear_suspect(
    session: Session, actor: Actor, *, subject: Ref, subject_digest: str, column: str, reason: str
) -> Evidence:
    """Clear one suspicious column of one exact subject, for good and in the person's name.

    Approvals that were asked for before no longer count, since the evidence changed.
    Raises: FactsInvalid: the newest leakage report does not name the column as open, or the reason is too short;
    EvidenceRefused: no person clears it.
    """
    newest = list_evidence(session, subject_digest=subject_digest, type=clearances.REPORT, limit=1).items
    named = clearances.open_columns(newest[0].facts) if newest else ()
    faults = []
    if column not in named:
        told = f"open are: {', '.join(named)}" if named else "the leakage report of this version names no open column"
        faults.append(
            Fault(rule="clearance.column", column="column", value=column[:200], message=f"{column[:200]}: {told}")
        )
    if not clearances.is_reason(reason):
        message = f"give a reason of at least {clearances.MIN_REASON} characters"
        faults.append(Fault(rule="clearance.reason", column="reason", message=message))
    if faults:
        raise FactsInvalid("; ".join(fault.message for fault in faults), faults=faults)
    return attest(
        session,
        actor,
        type=clearances.CLEARANCE,
        subject=subject,
        subject_digest=subject_digest,
        facts={"column": column, "reason": reason.strip()},
    )
