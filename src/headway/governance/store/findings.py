"""Findings of the operate gate, and the evidence of much that is at work at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Select, case, func, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from headway.governance.entities import Evidence, FindingState, OperateFinding
from headway.governance.store.evidence import evidence_of
from headway.governance.tables import EvidenceRow, FindingRow, RevocationRow, TierDecisionRow, UseCaseRow
from headway.kernel import listing
from headway.kernel.listing import Column, Found, Listing, ListQuery
from headway.kernel.settings import ENVIRONMENTS

Place = tuple[str, str, str]
"""Use case, environment and digest of something at work."""


def lock_findings(session: Session) -> None:
    """Let one run of the operate gate work at a time, until the transaction ends."""
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('operate gate', 0))"))


def newest_evidence(session: Session, digests: Collection[str], types: Collection[str]) -> list[Evidence]:
    """Read the newest evidence of some types about each digest; of what names an environment, the newest in each."""
    environment = EvidenceRow.facts["environment"].astext
    query = (
        select(EvidenceRow)
        .ext(distinct_on(EvidenceRow.subject_digest, EvidenceRow.type, environment))
        .where(EvidenceRow.subject_digest.in_(sorted(digests)), EvidenceRow.type.in_(sorted(types)))
        .order_by(
            EvidenceRow.subject_digest, EvidenceRow.type, environment, EvidenceRow.made_at.desc(), EvidenceRow.id.desc()
        )
    )
    return [evidence_of(row) for row in session.scalars(query)] if digests and types else []


def newest_about(session: Session, subjects: Collection[str], types: Collection[str]) -> list[Evidence]:
    """Read the newest evidence of some types about each of some references."""
    query = (
        select(EvidenceRow)
        .ext(distinct_on(EvidenceRow.subject, EvidenceRow.type))
        .where(EvidenceRow.subject.in_(sorted(subjects)), EvidenceRow.type.in_(sorted(types)))
        .order_by(EvidenceRow.subject, EvidenceRow.type, EvidenceRow.made_at.desc(), EvidenceRow.id.desc())
    )
    return [evidence_of(row) for row in session.scalars(query)] if subjects and types else []


def evidence_of_type(session: Session, digests: Collection[str], type: str) -> list[Evidence]:
    """Read all evidence of one type about some digests, oldest first."""
    query = select(EvidenceRow).where(EvidenceRow.subject_digest.in_(sorted(digests)), EvidenceRow.type == type)
    return [evidence_of(row) for row in session.scalars(query.order_by(EvidenceRow.id))] if digests else []


def newest_marks(session: Session) -> tuple[str, str, str]:
    """The newest ids of evidence, tier decisions and revocations; what comes later is news."""
    marks = session.execute(
        select(
            select(func.max(EvidenceRow.id)).scalar_subquery(),
            select(func.max(TierDecisionRow.id)).scalar_subquery(),
            select(func.max(RevocationRow.id)).scalar_subquery(),
        )
    ).one()
    return cast("tuple[str, str, str]", tuple(mark or "" for mark in marks))


def news_since(session: Session, marks: tuple[str, str, str]) -> tuple[set[str], set[str]]:
    """Which digests and which use cases something was written about after some marks."""
    evidence = session.execute(select(EvidenceRow.subject_digest, EvidenceRow.subject).where(EvidenceRow.id > marks[0]))
    digests, usecases = set(), set()
    for digest, subject in evidence:
        digests.add(digest)
        if subject.startswith("usecase:"):
            usecases.add(subject.removeprefix("usecase:"))
    usecases |= set(session.scalars(select(TierDecisionRow.usecase).where(TierDecisionRow.id > marks[1])))
    digests |= set(session.scalars(select(RevocationRow.subject_digest).where(RevocationRow.id > marks[2])))
    return digests, usecases


def open_findings(session: Session, usecases: Collection[str] | None = None) -> list[OperateFinding]:
    """Read what stands open, of all use cases or some, oldest first."""
    query = select(FindingRow).where(FindingRow.state != "cleared").order_by(FindingRow.id)
    return [_finding(row) for row in session.scalars(_within(query, usecases))]


def gone_findings(
    session: Session, since: datetime, usecases: Collection[str] | None = None
) -> dict[tuple[Place, str, str], datetime]:
    """Since when findings were there that ended with what they were about, not before a time; by place, pack and control."""
    query = (
        select(FindingRow)
        .where(FindingRow.cleared_because == "gone", FindingRow.cleared_at >= since)
        .order_by(FindingRow.id)
    )
    return {
        ((row.usecase, row.environment, row.subject_digest), row.pack, row.control): row.since
        for row in session.scalars(_within(query, usecases))
    }


def _within(query: Select[FindingRow], usecases: Collection[str] | None) -> Select[FindingRow]:
    return query if usecases is None else query.where(FindingRow.usecase.in_(sorted(usecases)))


def add_finding(session: Session, finding: OperateFinding) -> None:
    """Write a finding."""
    session.add(FindingRow(**{name: getattr(finding, name) for name in _FIELDS}))
    session.flush()


def change_finding(session: Session, finding_id: str, values: Mapping[str, object]) -> None:
    """Write how a finding stands now."""
    session.execute(update(FindingRow).where(FindingRow.id == finding_id).values(**values))


def see_findings(session: Session, ids: Collection[str], at: datetime) -> None:
    """Note that a run found some again."""
    session.execute(update(FindingRow).where(FindingRow.id.in_(sorted(ids))).values(seen_at=at))


def findings_by_id(session: Session, ids: Iterable[str]) -> list[OperateFinding]:
    """Read findings by their ids."""
    query = select(FindingRow).where(FindingRow.id.in_(sorted(ids))).execution_options(populate_existing=True)
    return [_finding(row) for row in session.scalars(query.order_by(FindingRow.id))]


_ORDER = case((FindingRow.state == "suspended", 0), (FindingRow.state == "warned", 1), else_=2)
_LISTING = Listing(
    columns={
        "id": Column(of=FindingRow.id, is_searched=True),
        "usecase": Column(of=FindingRow.usecase, is_searched=True, filter="exact"),
        "department": Column(of=UseCaseRow.department, is_searched=True, filter="exact"),
        "environment": Column(of=FindingRow.environment, filter="exact", choices=ENVIRONMENTS),
        "subject": Column(of=FindingRow.subject, is_searched=True, filter="prefix"),
        "subject_digest": Column(of=FindingRow.subject_digest, filter="exact", is_sorted=False),
        "pack": Column(of=FindingRow.pack, filter="exact"),
        "control": Column(of=FindingRow.control, is_searched=True, filter="exact"),
        "title": Column(of=FindingRow.title, is_searched=True, filter="contains"),
        "state": Column(of=FindingRow.state, filter="exact", choices=tuple(FindingState)),
        "urgency": Column(of=_ORDER, filter="numbers"),
        "since": Column(of=FindingRow.since, filter="dates"),
        "suspends_at": Column(of=FindingRow.suspends_at, filter="dates"),
        "cleared_at": Column(of=FindingRow.cleared_at, filter="dates"),
    },
    key=(FindingRow.id,),
    sort="urgency",
    department=UseCaseRow.department,
)


def find_findings(session: Session, asked: ListQuery) -> Found[OperateFinding]:
    """Read the findings asked for, what is suspended first unless another order is wanted."""
    query: Select[Any] = select(FindingRow).join(UseCaseRow, UseCaseRow.slug == FindingRow.usecase)
    found = listing.find(session, query, _LISTING, asked)
    return listing.found_as(found, (_finding(row[0]) for row in found.items))


_FIELDS = tuple(column.name for column in FindingRow.__table__.columns)


def _finding(row: FindingRow) -> OperateFinding:
    kept: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
    kept["state"] = FindingState(row.state)
    kept["cleared_because"] = cast('Literal["passed", "gone"] | None', row.cleared_because)
    return OperateFinding(**kept)
