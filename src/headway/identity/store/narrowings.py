"""Rows of the organisation's own rules."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from headway.identity.entities import Narrowing
from headway.identity.tables import NarrowingRow


def narrowing_version(session: Session) -> int:
    """Read which version is in force; 0: there is none."""
    return session.scalar(select(func.coalesce(func.max(NarrowingRow.version), 0))) or 0


def narrowing(session: Session, version: int) -> Narrowing | None:
    """Read a version."""
    row = session.get(NarrowingRow, version)
    if row is None:
        return None
    return Narrowing(
        version=row.version, source=row.source, policies=row.policies, made_by=row.made_by, made_at=row.made_at
    )


def add_narrowing(session: Session, *, source: str, policies: str, made_by: str, at: datetime) -> int:
    """Write the next version, and return its number; others wait."""
    session.execute(text("select pg_advisory_xact_lock(hashtext('identity.narrowings'))"))
    version = narrowing_version(session) + 1
    values = {"version": version, "source": source, "policies": policies, "made_by": made_by, "made_at": at}
    session.execute(insert(NarrowingRow).values(**values))
    return version
