"""Locks between transactions."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def lock(session: Session, name: str) -> None:
    """Wait until no other transaction holds the lock of this name."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
