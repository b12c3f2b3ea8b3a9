"""All SQL on replays: rows inside, entities out."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from headway.portfolio.errors import UnknownReplay
from headway.portfolio.replay.entities import Replay, ReplayState
from headway.portfolio.tables import ReplayRow


def add_replay(session: Session, row: ReplayRow) -> None:
    """Note a replay."""
    session.add(row)
    session.flush()


def need_replay(session: Session, replay_id: str, *, lock: bool = False) -> ReplayRow:
    """A replay's row; raises UnknownReplay."""
    query = select(ReplayRow).where(ReplayRow.id == replay_id)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise UnknownReplay(f"no replay {replay_id!r}", hint="see 'headway replays list'")
    return row


def list_replays(session: Session, *, usecase: str | None, limit: int, before: str | None) -> list[Replay]:
    """Replays, newest first."""
    query = select(ReplayRow).order_by(ReplayRow.id.desc()).limit(limit)
    if usecase:
        query = query.where(ReplayRow.usecase == usecase)
    if before:
        query = query.where(ReplayRow.id < before)
    return [replay_of(row) for row in session.scalars(query)]


def replay_of(row: ReplayRow) -> Replay:
    """Make the entity of a row."""
    return Replay(
        id=row.id,
        usecase=row.usecase,
        department=row.department,
        state=ReplayState(row.state),
        job=row.job,
        filename=row.filename,
        request=row.request,
        report=row.report,
        error=row.error,
        started_by=row.started_by,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
