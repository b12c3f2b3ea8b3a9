"""What is to be read before an item is decided: its use case, what would be released, approvals, assessments and evidence."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from headway.governance import assessments
from headway.governance.council.entities import Item
from headway.governance.council.meeting import Paper
from headway.governance.entities import Evidence
from headway.governance.service import approving, evidence, usecases
from headway.kernel.paging import MAX_LIMIT

MOST = 40


def papers_of(session: Session, item: Item) -> tuple[Paper, ...]:
    """Name the records that an item rests on, each with its reference."""
    case = usecases.get_usecase(session, item.usecase)
    found = [Paper(kind="usecase", ref=f"usecase:{case.slug}", title=case.title)]
    if not item.subject.startswith("usecase:"):
        found.append(Paper(kind="subject", ref=item.subject, title=item.subject.partition(":")[2]))
    if item.approval:
        found.append(Paper(kind="approval", ref=f"approval:{item.approval}", title=item.approval))
        digest = approving.get_approval(session, item.approval).subject_digest
        found += _proofs(evidence.list_evidence(session, subject_digest=digest, limit=MAX_LIMIT).items)
    found += _proofs(evidence.list_evidence(session, subject=usecases.ref(case.slug), limit=MAX_LIMIT).items)
    found += [
        Paper(kind="assessment", ref=f"assessment:{one.id}", title=one.template)
        for one in assessments.list_assessments(session, case.slug)
    ]
    return tuple(found[:MOST])


def _proofs(known: Sequence[Evidence]) -> list[Paper]:
    """The newest evidence of each type, projections of what it brings among it. Args: known: the newest first."""
    newest: dict[str, str] = {}
    for one in known:
        newest.setdefault(one.type, one.id)
    return [Paper(kind="evidence", ref=f"evidence:{newest[type]}", title=type) for type in sorted(newest)]
