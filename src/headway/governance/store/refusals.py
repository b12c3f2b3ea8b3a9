"""Refusals of one minute, counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.governance.tables import RefusalRow

KEY = ("minute", "subject", "environment", "code")


def count_refusal(session: Session, values: Mapping[str, object]) -> bool:
    """Count a refusal; True when it is the first of its kind in its minute."""
    new = insert(RefusalRow).values(**values)
    statement = new.on_conflict_do_update(
        constraint="uq_refusals_minute_subject_environment_code",
        set_={"count": RefusalRow.count + new.excluded.count},
    )
    return session.scalar(statement.returning(RefusalRow.id)) == values["id"]


def has_room(session: Session, key: Mapping[str, object], most: int) -> bool:
    """Whether a minute has room for a refusal: it was counted before, or fewer than ``most`` different ones were."""
    here = select(func.count()).select_from(RefusalRow).where(RefusalRow.minute == key["minute"])
    if (session.scalar(here) or 0) < most:
        return True
    same = select(RefusalRow.id).where(*(getattr(RefusalRow, name) == key[name] for name in KEY))
    return session.scalar(same) is not None


def repeated_refusals(session: Session, before: datetime) -> list[RefusalRow]:
    """Those of minutes that are over which came again after they were told; locked."""
    query = select(RefusalRow).where(RefusalRow.minute < before, RefusalRow.count > RefusalRow.told)
    return list(session.scalars(query.order_by(RefusalRow.id).with_for_update(skip_locked=True)))


def forget_refusals(session: Session, before: datetime) -> None:
    """Drop the counts of long ago; the ledger has told them."""
    session.execute(delete(RefusalRow).where(RefusalRow.minute < before, RefusalRow.count == RefusalRow.told))
