"""Exceptions from the tier high: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from headway.governance.entities import ExceptionCondition, ExceptionState, TierException
from headway.governance.store.usecases import exception_basis, systems_of
from headway.governance.tables import TierExceptionRow, UseCaseRow

_STORED = tuple(one.name for one in fields(TierException) if one.name != "counts")


def basis_of(session: Session, usecase: str) -> str:
    """Hash what an exception of this use case would be assessed for."""
    return exception_basis(session.get_one(UseCaseRow, usecase, populate_existing=True), systems_of(session, usecase))


def add_exception(session: Session, values: Mapping[str, object]) -> None:
    """Write an assessment."""
    session.add(TierExceptionRow(**values))
    session.flush()


def change_exception(session: Session, exception_id: str, values: Mapping[str, object]) -> None:
    """Write an answer, or an end before its time."""
    row = session.get_one(TierExceptionRow, exception_id)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def get_exception(session: Session, exception_id: str, at: datetime, *, lock: bool = False) -> TierException | None:
    """Read an exception; ``lock`` makes others that would answer it wait."""
    row = session.get(TierExceptionRow, exception_id, with_for_update=lock or None, populate_existing=True)
    return _exception(session, row, at) if row else None


def list_exceptions(session: Session, usecase: str, at: datetime) -> list[TierException]:
    """Read the exceptions of a use case, newest first."""
    query = select(TierExceptionRow).where(TierExceptionRow.usecase == usecase).order_by(TierExceptionRow.id.desc())
    return [_exception(session, row, at) for row in session.scalars(query)]


def cases_with_exceptions(session: Session) -> list[str]:
    """Name the use cases for which an exception was ever accepted."""
    query = select(TierExceptionRow.usecase).where(TierExceptionRow.ends_at.is_not(None)).distinct()
    return sorted(session.scalars(query))


def kept_digest(session: Session, usecase: str) -> str:
    """Read the digest of a use case as it was kept last, whatever has run out since."""
    return str(session.scalar(select(UseCaseRow.digest).where(UseCaseRow.slug == usecase)))


def _exception(session: Session, row: TierExceptionRow, at: datetime) -> TierException:
    is_open = row.state == ExceptionState.accepted and row.ends_at is not None and row.ends_at > at
    values = {name: getattr(row, name) for name in _STORED}
    values |= {"condition": ExceptionCondition(row.condition), "state": ExceptionState(row.state)}
    return TierException(**values, counts=is_open and row.basis == basis_of(session, row.usecase))
