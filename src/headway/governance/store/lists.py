"""The lists of governance that people search, filter and sort: the inventory, and what waits for a second person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, func, select
from sqlalchemy.orm import Session

from headway.governance import inventory
from headway.governance.entities import Approval, ApprovalState, Tier, UseCase
from headway.governance.store import NEWEST, approvals_of, usecase_of, usecases
from headway.governance.tables import ApprovalRow, UseCaseRow
from headway.kernel import listing
from headway.kernel.listing import Beside, Column, Found, Listing, ListQuery
from headway.kernel.settings import ENVIRONMENTS

_COUNTS = NEWEST.c.usecase_digest == UseCaseRow.digest
_TIER = case((_COUNTS, NEWEST.c.tier), else_=Tier.undecided.value)


def _missing() -> ColumnElement[int]:
    """How many lines ``inventory.missing`` tells of a use case."""
    empty = [case((getattr(UseCaseRow, name).is_(None), 1), else_=0) for name in inventory.WORDS]
    decided = and_(_COUNTS, NEWEST.c.tier != Tier.undecided.value)
    lacking = case((decided, 0), (_COUNTS, 1 + func.jsonb_array_length(NEWEST.c.facts_needed)), else_=1)
    return cast(sum(empty[1:], start=empty[0]) + lacking, Integer)


_USECASES: Mapping[str, Column] = {
    "title": Column(of=UseCaseRow.title, is_searched=True, filter="contains"),
    "slug": Column(of=UseCaseRow.slug, is_searched=True, filter="exact"),
    "department": Column(of=UseCaseRow.department, is_searched=True, filter="exact"),
    "solution": Column(of=UseCaseRow.solution, is_searched=True, filter="exact"),
    "purpose": Column(of=UseCaseRow.purpose, is_searched=True, filter="contains", is_sorted=False),
    "owner": Column(of=UseCaseRow.owner, is_searched=True, filter="exact"),
    "sponsor": Column(of=UseCaseRow.sponsor, is_searched=True, filter="exact"),
    "tier": Column(of=_TIER, filter="exact", choices=tuple(Tier)),
    "missing": Column(of=_missing(), filter="numbers"),
    "opened_by": Column(of=UseCaseRow.opened_by, filter="exact"),
    "opened_at": Column(of=UseCaseRow.opened_at, filter="dates"),
    "updated_at": Column(of=UseCaseRow.updated_at, filter="dates"),
    "retired_at": Column(of=UseCaseRow.retired_at, filter="dates"),
    "retired": Column(of=UseCaseRow.retired_at.is_not(None), filter="exact", choices=("true", "false")),
}


def find_usecases(session: Session, asked: ListQuery, beside: Mapping[str, Beside]) -> Found[UseCase]:
    """Read the use cases asked for; ``beside`` adds columns by name, their values by slug."""
    query, offered = _usecases(beside, {asked.sort, *asked.filters})
    found = listing.find(session, query, offered, asked)
    return listing.found_as(found, (usecase_of(*row, trusted=True) for row in found.items))


def count_usecases(session: Session, asked: ListQuery, beside: Mapping[str, Beside], by: str) -> dict[str | None, int]:
    """Count the use cases asked for by the values of a column."""
    query, offered = _usecases(beside, {by, *asked.filters})
    return listing.count_by(session, query, offered, asked, by)


def _usecases(beside: Mapping[str, Beside], needed: Collection[str]) -> tuple[Select[*tuple[Any, ...]], Listing]:
    """The inventory with its columns; of those beside it, only what is ``needed`` is joined."""
    query, columns = usecases(), dict(_USECASES)
    for name, told in beside.items():
        table = listing.beside_table(f"beside_{name}", told.values if name in needed else {})
        if name in needed:
            query = query.outerjoin(table, table.c.key == UseCaseRow.slug)
        value = func.coalesce(table.c.value, told.default)
        columns[name] = Column(of=value, filter="exact", choices=told.choices)
    offered = Listing(columns=columns, key=(UseCaseRow.slug,), sort="title", department=UseCaseRow.department)
    return query, offered


_APPROVALS = Listing(
    columns={
        "id": Column(of=ApprovalRow.id, is_searched=True),
        "subject": Column(of=ApprovalRow.subject, is_searched=True, filter="prefix"),
        "subject_digest": Column(of=ApprovalRow.subject_digest, filter="exact", is_sorted=False),
        "usecase": Column(of=ApprovalRow.usecase, is_searched=True, filter="exact"),
        "department": Column(of=UseCaseRow.department, filter="exact"),
        "environment": Column(of=ApprovalRow.environment, filter="exact", choices=ENVIRONMENTS),
        "state": Column(of=ApprovalRow.state, filter="exact", choices=tuple(ApprovalState)),
        "requested_by": Column(of=ApprovalRow.requested_by, filter="exact"),
        "decided_by": Column(of=func.coalesce(ApprovalRow.approved_by, ApprovalRow.rejected_by), filter="exact"),
        "requested_at": Column(of=ApprovalRow.requested_at, filter="dates"),
        "decided_at": Column(of=ApprovalRow.decided_at, filter="dates"),
        "reason": Column(of=ApprovalRow.reason, is_searched=True, is_sorted=False),
    },
    key=(ApprovalRow.id,),
    sort="id",
    descending=True,
    department=UseCaseRow.department,
)


def find_approvals(session: Session, asked: ListQuery) -> Found[Approval]:
    """Read the approvals asked for, newest first unless another order is wanted."""
    query = select(ApprovalRow).join(UseCaseRow, UseCaseRow.slug == ApprovalRow.usecase)
    found = listing.find(session, query, _APPROVALS, asked)
    return listing.found_as(found, approvals_of(session, (row[0] for row in found.items)))
