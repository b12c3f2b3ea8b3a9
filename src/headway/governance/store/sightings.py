"""Tools that were seen, what people said of them, and which logs were read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.governance.intake import SightingReport
from headway.governance.tables import GatewayLogRow, SightingReportRow, SightingRow


def get_sighting(session: Session, sighting_id: str, *, lock: bool = False) -> SightingRow | None:
    """Read an item of the queue."""
    return session.get(SightingRow, sighting_id, with_for_update=lock, populate_existing=True)


def find_sighting(session: Session, tool: str, department: str | None) -> SightingRow | None:
    """Read the item of a tool in a department, and make others wait that would change it."""
    query = select(SightingRow).where(SightingRow.tool == tool, SightingRow.department.is_not_distinct_from(department))
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def add_sighting(session: Session, values: Mapping[str, object]) -> bool:
    """Write a new item; False when the tool has one in this department."""
    statement = insert(SightingRow).values(**values).on_conflict_do_nothing().returning(SightingRow.id)
    return session.scalar(statement) is not None


def change_sighting(session: Session, row: SightingRow, values: Mapping[str, object]) -> None:
    """Write changed fields of an item."""
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def list_sightings(
    session: Session, *, state: str | None, within: frozenset[str] | None, reporter: str | None
) -> list[SightingRow]:
    """Read items, the longest waiting first.

    Args: within: departments that somebody may read of, None for all; reporter: only what this person reported.
    """
    query = select(SightingRow).order_by(SightingRow.opened_at, SightingRow.id)
    if state is not None:
        query = query.where(SightingRow.state == state)
    if reporter is not None:
        reported = select(SightingReportRow.sighting).where(SightingReportRow.reporter == reporter)
        query = query.where(SightingRow.id.in_(reported))
    elif within is not None:
        query = query.where(SightingRow.department.in_(sorted(within)))
    return list(session.scalars(query.execution_options(populate_existing=True)))


def add_report(session: Session, values: Mapping[str, object]) -> None:
    """Write what somebody said of a tool."""
    session.execute(insert(SightingReportRow).values(**values))


def reports_of(session: Session, sightings: Collection[str]) -> Mapping[str, list[SightingReport]]:
    """Read what people said, oldest first, by item; with who they are."""
    row = SightingReportRow
    found: defaultdict[str, list[SightingReport]] = defaultdict(list)
    for one in session.scalars(select(row).where(row.sighting.in_(sightings)).order_by(row.id)):
        report = SightingReport(
            reporter=one.reporter, is_unnamed=one.is_unnamed, what_for=one.what_for, reported_at=one.reported_at
        )
        found[one.sighting].append(report)
    return found


def add_log(session: Session, *, digest: str, filename: str, lines: int, by: str, at: datetime) -> bool:
    """Remember that a log was read; False when it was before."""
    values = {"digest": digest, "filename": filename, "lines": lines, "read_by": by, "read_at": at}
    statement = insert(GatewayLogRow).values(**values).on_conflict_do_nothing().returning(GatewayLogRow.digest)
    return session.scalar(statement) is not None
