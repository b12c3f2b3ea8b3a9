"""All SQL of the risk register: rows inside, plain values and entities out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from headway.governance.risks.entities import Estimate, Treatment
from headway.governance.risks.tables import RiskEstimateRow, RiskRow, RiskTreatmentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A risk as it is kept: its newest estimate, and what is done about it."""

    id: str
    usecase: str
    opened_by: str
    opened_at: datetime
    closed_by: str | None
    closed_at: datetime | None
    closed_because: str | None
    version: int
    estimate: Estimate
    estimated_by: str
    estimated_at: datetime
    treatments: tuple[Treatment, ...]


def add_risk(session: Session, risk_id: str, *, usecase: str, by: str, at: datetime) -> None:
    """Write a risk."""
    session.add(RiskRow(id=risk_id, usecase=usecase, opened_by=by, opened_at=at))
    session.flush()


def add_estimate(session: Session, risk_id: str, version: int, estimate: Estimate, *, by: str, at: datetime) -> None:
    """Write what somebody thinks of a risk now."""
    told = msgspec.to_builtins(estimate)
    session.add(RiskEstimateRow(risk=risk_id, version=version, estimate=told, estimated_by=by, estimated_at=at))
    session.flush()


def add_treatment(session: Session, one: Treatment, task: str) -> None:
    """Write what is to be done, with the task that carries it."""
    names = ("id", "risk", "action", "effect", "owner", "due_on", "cost", "added_by", "added_at")
    session.add(RiskTreatmentRow(**{name: getattr(one, name) for name in names}, task=task))
    session.flush()


def close_risk(session: Session, risk_id: str, *, by: str, at: datetime, because: str) -> None:
    """Close a risk."""
    values = {"closed_by": by, "closed_at": at, "closed_because": because}
    session.execute(update(RiskRow).where(RiskRow.id == risk_id).values(**values))
    session.expire_all()


def end_treatment(session: Session, treatment_id: str, *, by: str, at: datetime, note: str) -> str:
    """Mark a treatment as done; returns its task."""
    values = {"done_by": by, "done_at": at, "note": note}
    session.execute(update(RiskTreatmentRow).where(RiskTreatmentRow.id == treatment_id).values(**values))
    session.expire_all()
    return session.scalars(select(RiskTreatmentRow.task).where(RiskTreatmentRow.id == treatment_id)).one()


def get_treatment(session: Session, treatment_id: str, today: date) -> Treatment | None:
    """Read one treatment."""
    row = session.get(RiskTreatmentRow, treatment_id)
    return _treatment(row, today) if row else None


def get_risk(session: Session, risk_id: str, today: date) -> Kept | None:
    """Read one risk."""
    row = session.get(RiskRow, risk_id)
    return _kept(session, [row], today)[0] if row else None


def list_risks(session: Session, usecase: str, today: date) -> list[Kept]:
    """Read the risks of a use case, oldest first."""
    rows = session.scalars(select(RiskRow).where(RiskRow.usecase == usecase).order_by(RiskRow.id))
    return _kept(session, list(rows), today)


def every_risk(session: Session, today: date) -> list[Kept]:
    """Read the risks of all use cases, oldest first."""
    return _kept(session, list(session.scalars(select(RiskRow).order_by(RiskRow.id))), today)


def list_estimates(session: Session, risk_id: str) -> list[tuple[int, Estimate, str, datetime]]:
    """Read all estimates of a risk, newest first."""
    query = select(RiskEstimateRow).where(RiskEstimateRow.risk == risk_id).order_by(RiskEstimateRow.version.desc())
    return [
        (row.version, msgspec.convert(row.estimate, Estimate), row.estimated_by, row.estimated_at)
        for row in session.scalars(query)
    ]


def _kept(session: Session, rows: Sequence[RiskRow], today: date) -> list[Kept]:
    ids = [row.id for row in rows]
    found = (
        select(RiskEstimateRow)
        .where(RiskEstimateRow.risk.in_(ids))
        .ext(distinct_on(RiskEstimateRow.risk))
        .order_by(RiskEstimateRow.risk, RiskEstimateRow.version.desc())
    )
    estimates = {one.risk: one for one in session.scalars(found)}
    treatments: dict[str, list[Treatment]] = {}
    for row in session.scalars(
        select(RiskTreatmentRow).where(RiskTreatmentRow.risk.in_(ids)).order_by(RiskTreatmentRow.id)
    ):
        treatments.setdefault(row.risk, []).append(_treatment(row, today))
    return [_one(row, estimates, tuple(treatments.get(row.id, ()))) for row in rows]


def _one(row: RiskRow, estimates: Mapping[str, RiskEstimateRow], treatments: tuple[Treatment, ...]) -> Kept:
    newest = estimates[row.id]
    return Kept(
        id=row.id,
        usecase=row.usecase,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        closed_because=row.closed_because,
        version=newest.version,
        estimate=msgspec.convert(newest.estimate, Estimate),
        estimated_by=newest.estimated_by,
        estimated_at=newest.estimated_at,
        treatments=treatments,
    )


def _treatment(row: RiskTreatmentRow, today: date) -> Treatment:
    return Treatment(
        id=row.id,
        risk=row.risk,
        action=row.action,
        effect=row.effect,
        owner=row.owner,
        due_on=row.due_on,
        cost=row.cost,
        added_by=row.added_by,
        added_at=row.added_at,
        done_by=row.done_by,
        done_at=row.done_at,
        note=row.note,
        is_overdue=row.done_at is None and row.due_on < today,
    )
