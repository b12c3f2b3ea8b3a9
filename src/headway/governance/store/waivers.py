"""Waivers: what was asked for, answered and ended; each read with its place in the line of its control."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_, select, tuple_
from sqlalchemy.orm import Session

from headway.governance import waivers
from headway.governance.entities import Waiver, WaiverStanding, WaiverState
from headway.governance.tables import UseCaseRow, WaiverRow
from headway.kernel import listing
from headway.kernel.listing import Column, Found, Listing, ListQuery
from headway.kernel.settings import ENVIRONMENTS

_LINE = (WaiverRow.usecase, WaiverRow.environment, WaiverRow.pack, WaiverRow.control)
_GRANTED = (WaiverState.granted.value, WaiverState.ended.value)


def add_waiver(session: Session, values: Mapping[str, object]) -> None:
    """Write a request for a waiver."""
    session.add(WaiverRow(**values))
    session.flush()


def change_waiver(session: Session, waiver_id: str, values: Mapping[str, object]) -> None:
    """Write an answer, or an end before its time."""
    row = session.get_one(WaiverRow, waiver_id)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def get_waiver(session: Session, waiver_id: str, at: datetime, *, lock: bool = False) -> Waiver | None:
    """Read a waiver as it stands at a time; ``lock`` makes others that would answer it wait."""
    row = session.get(WaiverRow, waiver_id, with_for_update=lock or None, populate_existing=True)
    return _waivers(session, [row], at)[0] if row else None


def open_waiver(session: Session, wanted: Waiver, at: datetime) -> Waiver | None:
    """Read the request for the same that nobody answered yet."""
    query = select(WaiverRow).where(
        tuple_(*_LINE) == (wanted.usecase, wanted.environment, wanted.pack, wanted.control),
        WaiverRow.subject_digest.is_not_distinct_from(wanted.subject_digest),
        WaiverRow.state == WaiverState.requested.value,
    )
    row = session.scalars(query).first()
    return _waivers(session, [row], at)[0] if row else None


def waivers_in_force(session: Session, *, usecase: str, subject_digest: str, at: datetime) -> list[Waiver]:
    """Read the waivers that count for a subject at a time, in every environment, oldest first."""
    query = (
        select(WaiverRow)
        .where(WaiverRow.usecase == usecase, WaiverRow.ends_at > at, WaiverRow.answered_at <= at)
        .where(or_(WaiverRow.ended_at.is_(None), WaiverRow.ended_at > at))
        .where(or_(WaiverRow.subject_digest.is_(None), WaiverRow.subject_digest == subject_digest))
        .order_by(WaiverRow.id)
    )
    return _waivers(session, session.scalars(query), at)


def all_waivers_in_force(session: Session, usecases: Collection[str], at: datetime) -> list[Waiver]:
    """Read the waivers of some use cases that count at a time, whatever their subject and environment, oldest first."""
    query = (
        select(WaiverRow)
        .where(WaiverRow.usecase.in_(sorted(usecases)), WaiverRow.ends_at > at, WaiverRow.answered_at <= at)
        .where(or_(WaiverRow.ended_at.is_(None), WaiverRow.ended_at > at))
        .order_by(WaiverRow.id)
    )
    return _waivers(session, session.scalars(query), at)


def list_waivers(
    session: Session,
    *,
    usecase: str | None,
    environment: str | None,
    standing: WaiverStanding | None,
    before: str | None,
    limit: int,
    at: datetime,
) -> list[Waiver]:
    """Read waivers, newest first."""
    query = select(WaiverRow).order_by(WaiverRow.id.desc()).limit(limit)
    if usecase is not None:
        query = query.where(WaiverRow.usecase == usecase)
    if environment is not None:
        query = query.where(WaiverRow.environment == environment)
    if standing is not None:
        query = query.where(_standing(at) == standing.value)
    if before is not None:
        query = query.where(WaiverRow.id < before)
    return _waivers(session, session.scalars(query), at)


def find_waivers(session: Session, asked: ListQuery, at: datetime) -> Found[Waiver]:
    """Read the waivers asked for, newest first unless another order is wanted."""
    query = select(WaiverRow).join(UseCaseRow, UseCaseRow.slug == WaiverRow.usecase)
    found = listing.find(session, query, _listing(at), asked)
    return listing.found_as(found, _waivers(session, (row[0] for row in found.items), at))


def _listing(at: datetime) -> Listing:
    return Listing(
        columns={
            "id": Column(of=WaiverRow.id, is_searched=True),
            "usecase": Column(of=WaiverRow.usecase, is_searched=True, filter="exact"),
            "department": Column(of=UseCaseRow.department, filter="exact"),
            "environment": Column(of=WaiverRow.environment, filter="exact", choices=ENVIRONMENTS),
            "pack": Column(of=WaiverRow.pack, is_searched=True, filter="exact"),
            "control": Column(of=WaiverRow.control, is_searched=True, filter="exact"),
            "standing": Column(of=_standing(at), filter="exact", choices=tuple(WaiverStanding)),
            "requested_by": Column(of=WaiverRow.requested_by, filter="exact"),
            "requested_at": Column(of=WaiverRow.requested_at, filter="dates"),
            "answered_by": Column(of=WaiverRow.answered_by, filter="exact"),
            "ends_at": Column(of=func.coalesce(WaiverRow.ended_at, WaiverRow.ends_at), filter="dates"),
            "reason": Column(of=WaiverRow.reason, is_searched=True, is_sorted=False),
            "compensation": Column(of=WaiverRow.compensation, is_searched=True, is_sorted=False),
        },
        key=(WaiverRow.id,),
        sort="id",
        descending=True,
        department=UseCaseRow.department,
    )


def _standing(at: datetime) -> ColumnElement[str]:
    """Where a waiver stands at a time, as ``waivers.standing`` says it."""
    return case(
        (WaiverRow.state.not_in(_GRANTED), WaiverRow.state),
        (WaiverRow.ended_at <= at, WaiverStanding.ended.value),
        (WaiverRow.ends_at <= at, WaiverStanding.over.value),
        (WaiverRow.ends_at <= at + waivers.SOON, WaiverStanding.ending.value),
        else_=WaiverStanding.in_force.value,
    )


def _waivers(session: Session, rows: Iterable[WaiverRow], at: datetime) -> list[Waiver]:
    """Make the entities of rows, each numbered among all waivers of its control there."""
    listed = list(rows)
    if not listed:
        return []
    keys = {(row.usecase, row.environment, row.pack, row.control) for row in listed}
    query = select(WaiverRow).where(tuple_(*_LINE).in_(keys)).order_by(WaiverRow.id)
    lines: dict[tuple[str, ...], list[Waiver]] = {}
    for row in session.scalars(query):
        lines.setdefault((row.usecase, row.environment, row.pack, row.control), []).append(_waiver(row))
    found = {one.id: one for line in lines.values() for one in waivers.counted(line, at)}
    return [found[row.id] for row in listed]


def _waiver(row: WaiverRow) -> Waiver:
    return Waiver(
        id=row.id,
        usecase=row.usecase,
        environment=row.environment,
        pack=row.pack,
        control=row.control,
        subject_digest=row.subject_digest,
        reason=row.reason,
        compensation=row.compensation,
        days=row.days,
        state=WaiverState(row.state),
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        answer=row.answer,
        ends_at=row.ends_at,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        ended_because=row.ended_because,
        number=1,
        in_a_row=1,
        standing=WaiverStanding.requested,  # numbered and placed among its line by ``waivers.counted``
    )
