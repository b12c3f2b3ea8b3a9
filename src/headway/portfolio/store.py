"""All SQL on the portfolio's tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from headway.kernel import listing
from headway.kernel.listing import Column, Found, Listing, ListQuery
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
        can_retry=row.state == "failed" and "product" in row.steps,
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


_USECASE = func.coalesce(PilotRow.steps["usecase"]["usecase"].astext, PilotRow.name)
_PILOTS = Listing(
    columns={
        "id": Column(of=PilotRow.id, is_searched=True),
        "name": Column(of=PilotRow.name, is_searched=True, filter="exact"),
        "usecase": Column(of=_USECASE, is_searched=True, filter="exact"),
        "solution": Column(of=PilotRow.solution, is_searched=True, filter="exact"),
        "department": Column(of=PilotRow.department, is_searched=True, filter="exact"),
        "job": Column(of=PilotRow.job, filter="exact"),
        "filename": Column(of=PilotRow.filename, is_searched=True),
        "state": Column(of=PilotRow.state, filter="exact", choices=tuple(PilotState)),
        "started_by": Column(of=PilotRow.started_by, filter="exact"),
        "started_at": Column(of=PilotRow.started_at, filter="dates"),
        "ended_at": Column(of=PilotRow.ended_at, filter="dates"),
    },
    key=(PilotRow.id,),
    sort="id",
    descending=True,
    department=PilotRow.department,
)


def find_pilots(session: Session, asked: ListQuery) -> Found[Pilot]:
    """The pilots asked for, the newest first unless another order is wanted."""
    found = listing.find(session, select(PilotRow), _PILOTS, asked)
    return listing.found_as(found, (pilot_of(row[0]) for row in found.items))


def piloted(session: Session) -> set[str]:
    """The use cases that a pilot was run for, whatever became of it."""
    return set(session.scalars(select(_USECASE).distinct()))


def running_pilots(session: Session) -> list[PilotRow]:
    """The pilots that have not ended, oldest first."""
    return list(session.scalars(select(PilotRow).where(PilotRow.state == "running").order_by(PilotRow.id)))


def jobs_of_usecase(session: Session, usecase: str) -> set[str]:
    """The jobs that a use case's pilots ran as."""
    return set(session.scalars(select(PilotRow.job).where(_USECASE.in_([usecase]))))


def promising_pilots(session: Session, usecase: str, limit: int) -> list[PilotRow]:
    """The finished pilots of a use case that were given both amounts of money, newest first."""
    query = select(PilotRow).where(
        PilotRow.state == "done",
        _USECASE.in_([usecase]),
        PilotRow.request["value_per_success"].astext.is_not(None),
        PilotRow.request["cost_per_action"].astext.is_not(None),
    )
    return list(session.scalars(query.order_by(PilotRow.id.desc()).limit(limit)))
