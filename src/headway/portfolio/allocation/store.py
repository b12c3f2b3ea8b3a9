"""All SQL on the tables of allocations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from headway.portfolio.allocation.entities import (
    Allocation,
    AllocationState,
    Contention,
    Difference,
    Limits,
    Need,
    Overlap,
    Plan,
    ResourceRequest,
    ValueSource,
)
from headway.portfolio.allocation.tables import AllocationRow, ResourceRequestRow
from headway.portfolio.errors import UnknownAllocation


def add_request(session: Session, request: ResourceRequest) -> None:
    """Write what a use case asks for."""
    values = msgspec.to_builtins(request, builtin_types=(type(request.requested_at),))
    values.pop("department")
    session.add(ResourceRequestRow(**{**values, "requires": list(request.requires)}))
    session.flush()


def requests_of(session: Session, usecase: str, department: str) -> tuple[ResourceRequest, ...]:
    """Read what a use case asked for, the newest first."""
    row = ResourceRequestRow
    query = select(row).where(row.usecase == usecase).order_by(row.id.desc())
    return tuple(_request(one, department) for one in session.scalars(query))


def newest_requests(session: Session, departments: Mapping[str, str]) -> tuple[ResourceRequest, ...]:
    """Read the newest request of each use case named, by name."""
    row = ResourceRequestRow
    newest = select(func.max(row.id)).where(row.usecase.in_(departments)).group_by(row.usecase)
    query = select(row).where(row.id.in_(newest)).order_by(row.usecase)
    return tuple(_request(one, departments[one.usecase]) for one in session.scalars(query))


def _request(row: ResourceRequestRow, department: str) -> ResourceRequest:
    names = [
        name for name in ResourceRequest.__dataclass_fields__ if name not in ("department", "requires", "value_source")
    ]
    values: dict[str, Any] = {name: getattr(row, name) for name in names}
    return ResourceRequest(
        **values, department=department, requires=tuple(row.requires), value_source=ValueSource(row.value_source)
    )


class _Round(msgspec.Struct, frozen=True, kw_only=True):
    """What a round is drafted with, as it lies in the database."""

    limits: Limits
    needs: tuple[Need, ...]
    contention: tuple[Contention, ...]
    overlaps: tuple[Overlap, ...]
    best: Plan


class _Choice(msgspec.Struct, frozen=True, kw_only=True):
    plan: Plan
    differences: tuple[Difference, ...]


def add_allocation(session: Session, made: Allocation) -> None:
    """Write a round."""
    kept = _Round(
        limits=made.limits, needs=made.needs, contention=made.contention, overlaps=made.overlaps, best=made.best
    )
    names = ("id", "title", "starts", "ends", "currency", "drafted_by", "drafted_at")
    values = {name: getattr(made, name) for name in names}
    session.add(AllocationRow(**values, round=msgspec.to_builtins(kept)))
    session.flush()


def decide(session: Session, made: Allocation, plan: Plan) -> None:
    """Write what people chose."""
    row = session.get_one(AllocationRow, made.id)
    row.choice = msgspec.to_builtins(_Choice(plan=plan, differences=made.differences))
    row.decided_by, row.decided_at = made.decided_by, made.decided_at
    session.flush()


def get_allocation(session: Session, allocation_id: str, *, lock: bool = False) -> Allocation:
    """Read a round; raises UnknownAllocation."""
    query = select(AllocationRow).where(AllocationRow.id == allocation_id)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise UnknownAllocation(f"no allocation {allocation_id!r}", hint="see 'headway allocation list'")
    return _allocation(row)


def list_allocations(session: Session, *, limit: int, before: str | None) -> list[Allocation]:
    """Read rounds, the newest first."""
    query = select(AllocationRow).order_by(AllocationRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AllocationRow.id < before)
    return [_allocation(row) for row in session.scalars(query)]


def decided_with(session: Session, usecases: Collection[str]) -> list[Allocation]:
    """Read the decided rounds that some use cases were in, the newest first."""
    query = select(AllocationRow).where(AllocationRow.decided_at.is_not(None)).order_by(AllocationRow.id.desc())
    found = [_allocation(row) for row in session.scalars(query)]
    return [one for one in found if any(need.usecase in usecases for need in one.needs)]


def _allocation(row: AllocationRow) -> Allocation:
    kept = msgspec.convert(row.round, _Round)
    choice = msgspec.convert(row.choice, _Choice) if row.choice is not None else None
    return Allocation(
        id=row.id,
        title=row.title,
        state=AllocationState.decided if choice else AllocationState.drafted,
        starts=row.starts,
        ends=row.ends,
        currency=row.currency,
        limits=kept.limits,
        needs=kept.needs,
        contention=kept.contention,
        overlaps=kept.overlaps,
        best=kept.best,
        choice=choice.plan if choice else None,
        differences=choice.differences if choice else (),
        cost_of_difference=kept.best.used.value - choice.plan.used.value if choice else None,
        drafted_by=row.drafted_by,
        drafted_at=row.drafted_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
