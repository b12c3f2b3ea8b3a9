"""SQL on what incidents stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from headway.incidents.entities import Stop
from headway.incidents.tables import StopRow
from headway.kernel.settings import Environment


def add(session: Session, values: Mapping[str, object]) -> None:
    """Write that a deployment was stopped."""
    session.add(StopRow(**values))
    session.flush()


def unlifted(session: Session, incident: str) -> list[StopRow]:
    """The stops of an incident that nobody has lifted, locked, in one order."""
    query = select(StopRow).where(StopRow.incident == incident, StopRow.lifted_at.is_(None))
    return list(session.scalars(query.order_by(StopRow.environment, StopRow.deployment).with_for_update()))


def stops_of(session: Session, incident: str) -> list[Stop]:
    """Everything that an incident stopped, in the order in which it did."""
    query = select(StopRow).where(StopRow.incident == incident)
    query = query.order_by(StopRow.stopped_at, StopRow.environment, StopRow.deployment)
    return [stop_of(row) for row in session.scalars(query)]


def stop_of(row: StopRow) -> Stop:
    """Make the entity of a row."""
    return Stop(
        incident=row.incident,
        deployment_id=row.deployment_id,
        environment=cast(Environment, row.environment),
        deployment=row.deployment,
        stopped_by=row.stopped_by,
        stopped_at=row.stopped_at,
        reason=row.reason,
        lifted_by=row.lifted_by,
        lifted_at=row.lifted_at,
        lifted_because=row.lifted_because,
        told=row.told,
    )
