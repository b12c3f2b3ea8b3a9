"""All SQL of projections: rows inside, entities out."""

from __future__ import annotations

from datetime import date

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from headway.value.projections.entities import Assumptions, DiscountRate, Projected, Projection
from headway.value.projections.tables import DiscountRateRow, ProjectionRow

RATE_FIELDS = ("id", "valid_from", "percent", "set_by", "set_at", "reason")


def add_discount_rate(session: Session, rate: DiscountRate) -> None:
    """Write a discount rate."""
    session.add(DiscountRateRow(**{name: getattr(rate, name) for name in RATE_FIELDS}))
    session.flush()


def list_discount_rates(session: Session) -> list[DiscountRate]:
    """Read all rates, those of the latest day first, of one day those set last first."""
    order = DiscountRateRow.valid_from.desc(), DiscountRateRow.id.desc()
    return [_rate(row) for row in session.scalars(select(DiscountRateRow).order_by(*order))]


def rate_on(session: Session, day: date) -> DiscountRate | None:
    """Read the rate in force on a day; None when nobody had set one by then."""
    return next((one for one in list_discount_rates(session) if one.valid_from <= day), None)


def next_number(session: Session, usecase: str) -> int:
    """Say which projection of a use case the next one is."""
    query = select(func.coalesce(func.max(ProjectionRow.number), 0)).where(ProjectionRow.usecase == usecase)
    return session.scalars(query).one() + 1


def add_projection(session: Session, made: Projection) -> None:
    """Write a projection."""
    session.add(
        ProjectionRow(
            id=made.id,
            usecase=made.usecase,
            number=made.number,
            title=made.title,
            assumptions=msgspec.to_builtins(made.assumptions),
            discount_rate=made.discount_rate,
            percent=made.percent,
            result=msgspec.to_builtins(made.result),
            digest=made.digest,
            made_by=made.made_by,
            made_at=made.made_at,
            evidence=made.evidence,
        )
    )
    session.flush()


def get_projection(session: Session, projection_id: str) -> Projection | None:
    """Read a projection."""
    row = session.get(ProjectionRow, projection_id)
    return _projection(row) if row else None


def list_projections(session: Session, usecase: str, limit: int) -> list[Projection]:
    """Read the projections of a use case, newest first."""
    query = select(ProjectionRow).where(ProjectionRow.usecase == usecase).order_by(ProjectionRow.number.desc())
    return [_projection(row) for row in session.scalars(query.limit(limit))]


def _rate(row: DiscountRateRow) -> DiscountRate:
    return DiscountRate(
        id=row.id,
        valid_from=row.valid_from,
        percent=row.percent,
        set_by=row.set_by,
        set_at=row.set_at,
        reason=row.reason,
    )


def _projection(row: ProjectionRow) -> Projection:
    return Projection(
        id=row.id,
        usecase=row.usecase,
        number=row.number,
        title=row.title,
        assumptions=msgspec.convert(row.assumptions, Assumptions),
        discount_rate=row.discount_rate,
        percent=row.percent,
        result=msgspec.convert(row.result, Projected),
        digest=row.digest,
        made_by=row.made_by,
        made_at=row.made_at,
        evidence=row.evidence,
    )
