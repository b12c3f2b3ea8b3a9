"""Rows of failed attempts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.identity.tables import FailureRow


def add_failure(session: Session, keys: Sequence[str], at: datetime) -> None:
    """Note a failed attempt; forget those of more than a day ago."""
    session.execute(insert(FailureRow), [{"key": key, "at": at} for key in keys])
    session.execute(delete(FailureRow).where(FailureRow.key.in_(keys), FailureRow.at < at - timedelta(days=1)))


def count_failures(session: Session, key: str, since: datetime) -> int:
    """Count failed attempts."""
    query = select(func.count()).select_from(FailureRow).where(FailureRow.key == key, FailureRow.at > since)
    return session.scalar(query) or 0


def clear_failures(session: Session, key: str) -> None:
    """Forget failed attempts after a good one."""
    session.execute(delete(FailureRow).where(FailureRow.key == key))
