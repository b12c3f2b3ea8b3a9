"""All SQL on the portfolio's tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from headway.portfolio.entities import Pilot, PilotState
from headway.portfolio.errors import UnknownPilot
from headway.portfolio.tables import PilotRow


def pilot_of(row: PilotRow) -> Pilot:
    """Make the entity of a row."""
    return Pilot(
        id=row.id,
        name=row.name,
        solution=row.solution,
        department=row.department,
        state=PilotState(row.state),
        job=row.job,
        filename=row.filename,
        request=row.request,
        result=row.result,
        error=row.error,
        started_by=row.started_by,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def need_pilot(session: Session, pilot_id: str, *, lock: bool = False) -> PilotRow:
    """A pilot's row; raises UnknownPilot."""
    query = select(PilotRow).where(PilotRow.id == pilot_id)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise UnknownPilot(f"no pilot {pilot_id!r}", hint="see 'headway pilots list'")
    return row


def add_pilot(session: Session, row: PilotRow) -> None:
    """Note a pilot."""
    session.add(row)
    session.flush()


def put_step(session: Session, row: PilotRow, name: str, left: Mapping[str, Any]) -> None:
    """Keep what a step left."""
    row.steps = {**row.steps, name: dict(left)}
    session.flush()


def list_pilots(session: Session, *, department: str | None, limit: int, before: str | None) -> list[Pilot]:
    """Pilots, newest first."""
    query = select(PilotRow).order_by(PilotRow.id.desc()).limit(limit)
    if department:
        query = query.where(PilotRow.department == department)
    if before:
        query = query.where(PilotRow.id < before)
    return [pilot_of(row) for row in session.scalars(query)]


def running_pilots(session: Session) -> list[PilotRow]:
    """The pilots that have not ended, oldest first."""
    return list(session.scalars(select(PilotRow).where(PilotRow.state == "running").order_by(PilotRow.id)))
