"""What intake keeps: the words of all entries, the data they rest on, who joined, and why entries differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.governance.intake import Distinction, Join
from headway.governance.likeness import Words
from headway.governance.tables import DistinctionRow, JoinRow, UseCaseRow

_DATA = text("""
with subjects as (
  select usecase, subject_digest from governance.verdicts
  union select usecase, subject_digest from governance.approvals
)
select distinct s.usecase, e.facts ->> 'product' as product, e.facts ->> 'data_digest' as data_digest
from subjects s
join governance.evidence e on e.subject_digest = s.subject_digest and e.type = 'dataset_card'
""")
"""The data that a use case rests on, by what was released for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an entry says of itself that likeness needs."""

    slug: str
    words: Words
    department: str
    owner: str | None
    solution: str | None
    is_retired: bool


def told(session: Session) -> list[Told]:
    """Read the words of every entry."""
    row = UseCaseRow
    query = select(row.slug, row.title, row.purpose, row.department, row.owner, row.solution, row.retired_at)
    return [
        Told(
            slug=slug,
            words=Words(title=title, purpose=purpose),
            department=department,
            owner=owner,
            solution=solution,
            is_retired=retired is not None,
        )
        for slug, title, purpose, department, owner, solution, retired in session.execute(query.order_by(row.slug))
    ]


def data_of(session: Session) -> dict[str, frozenset[str]]:
    """Read which products and snapshots use cases rest on, by use case."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for usecase, product, snapshot in session.execute(_DATA):
        found[usecase] |= {one for one in (product, snapshot) if one}
    return {usecase: frozenset(data) for usecase, data in found.items()}


def add_distinctions(session: Session, values: list[dict[str, object]]) -> None:
    """Write why an entry is different from others."""
    session.execute(insert(DistinctionRow), values)


def distinctions_of(session: Session, slug: str) -> tuple[Distinction, ...]:
    """Read what an entry differs from, and what differs from it."""
    row = DistinctionRow
    query = select(row).where(or_(row.usecase == slug, row.other == slug)).order_by(row.said_at, row.usecase, row.other)
    return tuple(_distinction(one) for one in session.scalars(query))


def distinctions_among(session: Session, slugs: Collection[str]) -> tuple[Distinction, ...]:
    """Read what some entries were said to differ in from each other."""
    row = DistinctionRow
    query = select(row).where(row.usecase.in_(slugs), row.other.in_(slugs)).order_by(row.usecase, row.other)
    return tuple(_distinction(one) for one in session.scalars(query))


def _distinction(row: DistinctionRow) -> Distinction:
    return Distinction(
        usecase=row.usecase, other=row.other, reason=row.reason, said_by=row.said_by, said_at=row.said_at
    )


def add_join(session: Session, values: Mapping[str, object]) -> bool:
    """Write that somebody joined; False when they did before."""
    statement = insert(JoinRow).values(**values).on_conflict_do_nothing().returning(JoinRow.id)
    return session.scalar(statement) is not None


def joins_of(session: Session, slug: str) -> tuple[Join, ...]:
    """Read who joined a use case, oldest first."""
    query = select(JoinRow).where(JoinRow.usecase == slug).order_by(JoinRow.id)
    return tuple(
        Join(
            id=row.id,
            usecase=row.usecase,
            department=row.department,
            person=row.person,
            what_for=row.what_for,
            joined_at=row.joined_at,
        )
        for row in session.scalars(query)
    )
