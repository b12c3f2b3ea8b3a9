"""Locks between transactions."""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session


def lock(session: Session, name: str) -> None:
    """Wait until no other transaction holds the lock of this name."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def lock_everybody(session: Session) -> None:
    """Let nobody else write people, roles or departments until this transaction ends; reading goes on."""
    session.execute(
        text("lock table identity.departments, identity.people, identity.roles in share row exclusive mode")
    )
