"""The report of a pilot set as a PDF, from the facts kept at its end; nothing is computed anew."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import documents, identity
from headway.portfolio import store
from headway.portfolio.document import document_of
from headway.portfolio.errors import PilotRunning


def print_report(session: Session, pilot_id: str) -> bytes:
    """Set a finished pilot's report as tagged PDF, dated by the pilot's end; raises PilotRunning before it."""
    row = store.need_pilot(session, pilot_id)
    if row.report is None or row.ended_at is None:
        raise PilotRunning(f"pilot {pilot_id} is {row.state} and has no report")
    names = {one.slug: one.name for one in identity.list_departments(session)}
    return documents.pdf(
        document_of(
            row.report,
            organisation=names[identity.ROOT],
            department=names.get(row.department, row.department),
            made_on=row.ended_at.date(),
        )
    )
