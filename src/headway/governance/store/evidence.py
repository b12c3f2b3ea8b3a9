"""Evidence: facts about subjects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import cast

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from headway.governance.entities import (
    Evidence,
)
from headway.governance.tables import (
    EvidenceRow,
    VerdictRow,
)
from headway.kernel.errors import Scalar

ORGANISATION = "organisation:all"
"""The subject of what is proved once for every use case."""


def add_evidence(session: Session, evidence: Evidence) -> None:
    """Write evidence."""
    session.add(EvidenceRow(**asdict(evidence)))
    session.flush()


def evidence_about(
    session: Session,
    *,
    subject_digest: str,
    data_digests: Collection[str],
    beside: Collection[str],
    aged_types: Collection[str],
    organisation_types: Collection[str] = (),
) -> list[Evidence]:
    """Read what may count at a gate: of the exact subject; of its data and of what it rests on only types that age; of the
    whole organisation only types that are written for it.

    Args: beside: references to its use case and the vendors of that.
    """
    aged = EvidenceRow.type.in_(sorted(aged_types))
    query = select(EvidenceRow).where(
        or_(
            EvidenceRow.subject_digest == subject_digest,
            and_(EvidenceRow.subject_digest.in_(sorted(data_digests)), aged),
            and_(EvidenceRow.subject.in_(beside), aged),
            and_(EvidenceRow.subject == ORGANISATION, EvidenceRow.type.in_(sorted(organisation_types))),
        )
    )
    return [evidence_of(row) for row in session.scalars(query.order_by(EvidenceRow.id))]


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
    return [evidence_of(row) for row in session.scalars(query)]


def digests_in_use(session: Session, subject: str, besides: str) -> list[str]:
    """Read the digests of a subject about which others than one producer wrote evidence, or whose evidence a verdict cites."""
    by_others = select(EvidenceRow.subject_digest).where(
        EvidenceRow.subject == subject, EvidenceRow.producer != besides
    )
    ids = func.jsonb_build_array(EvidenceRow.id)
    cites = VerdictRow.controls.op("@>")(func.jsonb_build_array(func.jsonb_build_object("evidence_ids", ids)))
    cited = select(EvidenceRow.subject_digest).where(EvidenceRow.subject == subject, exists().where(cites))
    return list(session.scalars(by_others.union(cited)))


def evidence_of(row: EvidenceRow) -> Evidence:
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
