"""Break-glass: what was asked for, confirmed and found."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import Session

from headway.governance import break_glass
from headway.governance.entities import BreakGlass, BreakGlassStanding, BreakGlassState, ReviewFinding
from headway.governance.tables import BreakGlassRow, UseCaseRow
from headway.kernel import listing
from headway.kernel.listing import Column, Found, Listing, ListQuery
from headway.kernel.settings import ENVIRONMENTS


def add_break_glass(session: Session, values: Mapping[str, object]) -> None:
    """Write a request."""
    session.add(BreakGlassRow(**values))
    session.flush()


def change_break_glass(session: Session, glass_id: str, values: Mapping[str, object]) -> None:
    """Write a confirmation, a rejection or a review."""
    row = session.get_one(BreakGlassRow, glass_id)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def get_break_glass(session: Session, glass_id: str, at: datetime, *, lock: bool = False) -> BreakGlass | None:
    """Read one as it stands at a time; ``lock`` makes others that would answer it wait."""
    row = session.get(BreakGlassRow, glass_id, with_for_update=lock or None, populate_existing=True)
    return _break_glass(row, at) if row else None


def break_glass_of(session: Session, *, usecase: str, at: datetime) -> list[BreakGlass]:
    """Read everything about a use case that is not settled: asked for, in force, or not reviewed; oldest first."""
    query = (
        select(BreakGlassRow)
        .where(BreakGlassRow.usecase == usecase)
        .where(
            BreakGlassRow.state.in_((BreakGlassState.requested.value, BreakGlassState.confirmed.value))
            | (BreakGlassRow.ends_at > at)
        )
        .order_by(BreakGlassRow.id)
    )
    return [_break_glass(row, at) for row in session.scalars(query)]


def break_glass_in_force(session: Session, usecases: Collection[str], at: datetime) -> list[BreakGlass]:
    """Read what lets something of some use cases in at a time."""
    query = select(BreakGlassRow).where(
        BreakGlassRow.usecase.in_(sorted(usecases)), BreakGlassRow.ends_at > at, BreakGlassRow.answered_at <= at
    )
    found = [_break_glass(row, at) for row in session.scalars(query.order_by(BreakGlassRow.id))]
    return [one for one in found if break_glass.is_in_force(one, at)]


def list_break_glass(
    session: Session,
    *,
    usecase: str | None,
    standing: BreakGlassStanding | None,
    before: str | None,
    limit: int,
    at: datetime,
) -> list[BreakGlass]:
    """Read break-glass, newest first."""
    query = select(BreakGlassRow).order_by(BreakGlassRow.id.desc()).limit(limit)
    if usecase is not None:
        query = query.where(BreakGlassRow.usecase == usecase)
    if standing is not None:
        query = query.where(_standing(at) == standing.value)
    if before is not None:
        query = query.where(BreakGlassRow.id < before)
    return [_break_glass(row, at) for row in session.scalars(query)]


def find_break_glass(session: Session, asked: ListQuery, at: datetime) -> Found[BreakGlass]:
    """Read the break-glass asked for, newest first unless another order is wanted."""
    query = select(BreakGlassRow).join(UseCaseRow, UseCaseRow.slug == BreakGlassRow.usecase)
    found = listing.find(session, query, _listing(at), asked)
    return listing.found_as(found, (_break_glass(row[0], at) for row in found.items))


def _listing(at: datetime) -> Listing:
    return Listing(
        columns={
            "id": Column(of=BreakGlassRow.id, is_searched=True),
            "usecase": Column(of=BreakGlassRow.usecase, is_searched=True, filter="exact"),
            "department": Column(of=UseCaseRow.department, filter="exact"),
            "environment": Column(of=BreakGlassRow.environment, filter="exact", choices=ENVIRONMENTS),
            "subject": Column(of=BreakGlassRow.subject, is_searched=True),
            "standing": Column(of=_standing(at), filter="exact", choices=tuple(BreakGlassStanding)),
            "requested_by": Column(of=BreakGlassRow.requested_by, filter="exact"),
            "requested_at": Column(of=BreakGlassRow.requested_at, filter="dates"),
            "ends_at": Column(of=BreakGlassRow.ends_at, filter="dates"),
            "reason": Column(of=BreakGlassRow.reason, is_searched=True, is_sorted=False),
        },
        key=(BreakGlassRow.id,),
        sort="id",
        descending=True,
        department=UseCaseRow.department,
    )


def _standing(at: datetime) -> ColumnElement[str]:
    """Where it stands at a time, as ``break_glass.standing`` says it."""
    is_asked = BreakGlassRow.state == BreakGlassState.requested.value
    return case(
        (is_asked & (BreakGlassRow.requested_at < at - break_glass.CONFIRM), BreakGlassStanding.lapsed.value),
        (is_asked, BreakGlassStanding.requested.value),
        (BreakGlassRow.finding.is_not(None), BreakGlassRow.finding),
        (BreakGlassRow.state == BreakGlassState.rejected.value, BreakGlassStanding.rejected.value),
        (BreakGlassRow.ends_at <= at, BreakGlassStanding.overdue.value),
        else_=BreakGlassStanding.open.value,
    )


def _break_glass(row: BreakGlassRow, at: datetime) -> BreakGlass:
    made = BreakGlass(
        id=row.id,
        usecase=row.usecase,
        environment=row.environment,
        subject=row.subject,
        subject_digest=row.subject_digest,
        reason=row.reason,
        state=BreakGlassState(row.state),
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        answered_by=row.answered_by,
        confirmed_at=row.answered_at if row.ends_at is not None else None,
        answered_at=row.answered_at,
        answer=row.answer,
        ends_at=row.ends_at,
        reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at,
        finding=ReviewFinding(row.finding) if row.finding else None,
        review=row.review,
        standing=BreakGlassStanding.requested,
    )
    return break_glass.placed(made, at)
