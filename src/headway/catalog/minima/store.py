"""All SQL on minima and criticality: rows inside, entities out."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from headway.catalog.minima.entities import Criticality, MinimaVersion, Minimum
from headway.catalog.minima.tables import CriticalityRow, MinimaRow


class Level(NamedTuple):
    """How critical a product is, who said so, when and why."""

    level: Criticality
    set_by: str | None
    set_at: datetime | None
    reason: str


def versions(session: Session) -> tuple[MinimaVersion, ...]:
    """All versions, the one that counts last first."""
    asked = select(MinimaRow).order_by(MinimaRow.valid_from.desc(), MinimaRow.id.desc())
    return tuple(_version(row) for row in session.scalars(asked))


def in_force(session: Session, day: date) -> MinimaVersion | None:
    """The version that counts on a day."""
    asked = select(MinimaRow).where(MinimaRow.valid_from <= day)
    row = session.scalars(asked.order_by(MinimaRow.valid_from.desc(), MinimaRow.id.desc()).limit(1)).one_or_none()
    return _version(row) if row is not None else None


def add_version(session: Session, made: MinimaVersion) -> None:
    """Write a version."""
    plain = {level.value: asdict(one) for level, one in made.minima.items()}
    session.add(
        MinimaRow(
            id=made.id,
            valid_from=made.valid_from,
            minima=plain,
            reason=made.reason,
            set_by=made.set_by,
            set_at=made.set_at,
        )
    )
    session.flush()


def level_of(session: Session, product: str) -> Level:
    """How critical a product is; where nobody chose, standard."""
    row = session.get(CriticalityRow, product, populate_existing=True)
    if row is None:
        return Level(Criticality.standard, None, None, "")
    return Level(Criticality(row.level), row.set_by, row.set_at, row.reason)


def save_level(session: Session, product: str, made: Level) -> None:
    """Write how critical a product is."""
    changed = {"level": made.level.value, "reason": made.reason, "set_by": made.set_by, "set_at": made.set_at}
    statement = upsert(CriticalityRow).values(product=product, **changed)
    session.execute(statement.on_conflict_do_update(index_elements=["product"], set_=changed))


def _version(row: MinimaRow) -> MinimaVersion:
    minima = {Criticality(level): Minimum(**cast(dict[str, Any], plain)) for level, plain in row.minima.items()}
    return MinimaVersion(
        id=row.id, valid_from=row.valid_from, minima=minima, reason=row.reason, set_by=row.set_by, set_at=row.set_at
    )
