"""SQL on what was counted of incidents; kept as it was counted."""

from __future__ import annotations

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from headway.incidents.entities import Affected
from headway.incidents.tables import AffectedRow


def add(session: Session, made: Affected) -> None:
    """Write what was counted."""
    values = {"id": made.id, "incident": made.incident, "counted_at": made.counted_at, "counted_by": made.counted_by}
    session.add(AffectedRow(**values, body=msgspec.to_builtins(made)))
    session.flush()


def latest(session: Session, incident: str) -> Affected | None:
    """What was counted last."""
    query = select(AffectedRow.body).where(AffectedRow.incident == incident).order_by(AffectedRow.id.desc()).limit(1)
    found = session.scalar(query)
    return None if found is None else msgspec.convert(found, Affected)
