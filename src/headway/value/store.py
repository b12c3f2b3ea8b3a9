"""All SQL of value: rows inside, entities out."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from headway.value.entities import Rates
from headway.value.tables import RatesRow


def add_rates(session: Session, rates: Rates) -> None:
    """Write rates."""
    session.add(
        RatesRow(
            id=rates.id,
            valid_from=rates.valid_from,
            cpu_hour=rates.cpu_hour,
            thousand_decisions=rates.thousand_decisions,
            month=rates.month,
            set_by=rates.set_by,
            set_at=rates.set_at,
            reason=rates.reason,
        )
    )
    session.flush()


def list_rates(session: Session) -> list[Rates]:
    """Read all rates, those of the latest day first, of one day those set last first."""
    return [
        Rates(
            id=row.id,
            valid_from=row.valid_from,
            cpu_hour=row.cpu_hour,
            thousand_decisions=row.thousand_decisions,
            month=row.month,
            set_by=row.set_by,
            set_at=row.set_at,
            reason=row.reason,
        )
        for row in session.scalars(select(RatesRow).order_by(RatesRow.valid_from.desc(), RatesRow.id.desc()))
    ]
