"""All SQL on the register: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, cast, func, literal, select, true
from sqlalchemy.orm import Session

from headway.incidents.entities import Answer, Harm, Incident, IncidentState, Place, RiskToPersons, Severity
from headway.incidents.errors import UnknownIncident
from headway.incidents.tables import ClockRow, IncidentRow, PlaceRow
from headway.kernel import listing
from headway.kernel.listing import Column, Found, Listing, ListQuery

Counted = tuple[datetime | None, int, int]
"""When the first running clock ends, how many run, how many of them are late."""


def add_incident(session: Session, values: Mapping[str, object]) -> None:
    """Write an incident."""
    session.add(IncidentRow(**values))
    session.flush()


def change_incident(session: Session, incident: str, values: Mapping[str, object]) -> None:
    """Write what changed of an incident."""
    row = session.get_one(IncidentRow, incident)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def need_incident(session: Session, incident: str, at: datetime, *, lock: bool = False) -> Incident:
    """Read an incident; ``lock`` makes others that would change it wait. Raises UnknownIncident."""
    row = session.get(IncidentRow, incident, with_for_update=lock or None, populate_existing=True)
    if row is None:
        raise UnknownIncident(f"no incident {incident!r}", hint="see 'headway incident list'")
    return _incidents(session, [row], at)[0]


def unclosed(session: Session) -> list[str]:
    """The incidents that are not closed, in one order, so that two who lock them do not wait for each other."""
    return list(session.scalars(select(IncidentRow.id).where(IncidentRow.state != "closed").order_by(IncidentRow.id)))


def incidents_of(session: Session, ids: Collection[str], at: datetime) -> dict[str, Incident]:
    """Read some incidents by id."""
    rows = session.scalars(select(IncidentRow).where(IncidentRow.id.in_(ids)))
    return {one.id: one for one in _incidents(session, rows, at)}


def incidents_about(session: Session, *, usecases: Collection[str], at: datetime, limit: int) -> list[Incident]:
    """The newest incidents that touch one of some use cases."""
    touches: ColumnElement[bool] = IncidentRow.usecases.op("?|")(_texts(sorted(usecases)))
    query = select(IncidentRow).where(touches).order_by(IncidentRow.id.desc()).limit(limit)
    return _incidents(session, session.scalars(query), at)


def find_incidents(session: Session, asked: ListQuery, at: datetime) -> Found[Incident]:
    """The incidents asked for, the newest first unless another order is wanted."""
    found = listing.find(session, select(IncidentRow), _listing(at), asked)
    return listing.found_as(found, _incidents(session, (row[0] for row in found.items), at))


def put_place(session: Session, incident: str, place: Place) -> None:
    """Write what a person says of a jurisdiction, in place of what was said."""
    values = {
        "is_in": place.answer is Answer.yes,
        "said_by": place.said_by,
        "said_at": place.said_at,
        "reason": place.reason,
    }
    session.merge(PlaceRow(incident=incident, jurisdiction=place.jurisdiction, **values))
    session.flush()


def places_of(session: Session, incident: str) -> list[Place]:
    """What people said of jurisdictions."""
    query = select(PlaceRow).where(PlaceRow.incident == incident).order_by(PlaceRow.jurisdiction)
    return [
        Place(
            jurisdiction=row.jurisdiction,
            answer=Answer.yes if row.is_in else Answer.no,
            sources=(),
            said_by=row.said_by,
            said_at=row.said_at,
            reason=row.reason,
        )
        for row in session.scalars(query)
    ]


def _listing(at: datetime) -> Listing:
    due = (
        select(func.min(ClockRow.until))
        .where(ClockRow.incident == IncidentRow.id, ClockRow.state == "running")
        .scalar_subquery()
    )
    return Listing(
        columns={
            "id": Column(of=IncidentRow.id, is_searched=True),
            "title": Column(of=IncidentRow.title, is_searched=True),
            "what": Column(of=IncidentRow.what, is_searched=True, is_sorted=False),
            "department": Column(of=IncidentRow.department, filter="exact"),
            "state": Column(of=IncidentRow.state, filter="exact", choices=tuple(IncidentState)),
            "severity": Column(of=IncidentRow.severity, filter="exact", choices=tuple(Severity)),
            "usecase": Column(of=IncidentRow.id, filter="exact", is_sorted=False, where=_touches),
            "harm": Column(of=IncidentRow.id, filter="exact", choices=tuple(Harm), is_sorted=False, where=_harms),
            "late": Column(of=due, filter="exact", choices=("yes",), is_sorted=False, where=lambda _: due < at),
            "next_due": Column(of=due, filter="dates"),
            "found_at": Column(of=IncidentRow.found_at, filter="dates"),
            "aware_at": Column(of=IncidentRow.aware_at, filter="dates"),
            "opened_by": Column(of=IncidentRow.opened_by, filter="exact"),
            "opened_at": Column(of=IncidentRow.opened_at, filter="dates"),
            "closed_at": Column(of=IncidentRow.closed_at, filter="dates"),
        },
        key=(IncidentRow.id,),
        sort="opened_at",
        descending=True,
        department=IncidentRow.department,
    )


def _touches(values: Sequence[str]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = IncidentRow.usecases.op("?|")(_texts(values))
    return found


def _harms(values: Sequence[str]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = (
        func.coalesce(IncidentRow.harm.op("?|")(_texts(values)), literal(value=False)) == true()
    )
    return found


def _texts(values: Sequence[str]) -> ColumnElement[Any]:
    return cast(literal(list(values), ARRAY(Text)), ARRAY(Text))


def _incidents(session: Session, rows: Iterable[IncidentRow], at: datetime) -> list[Incident]:
    listed = list(rows)
    counted = _counted(session, [row.id for row in listed], at)
    return [_incident(row, counted.get(row.id, (None, 0, 0))) for row in listed]


def _counted(session: Session, incidents: Collection[str], at: datetime) -> dict[str, Counted]:
    late = func.count().filter(ClockRow.until < at)
    query = (
        select(ClockRow.incident, func.min(ClockRow.until), func.count(), late)
        .where(ClockRow.incident.in_(incidents), ClockRow.state == "running")
        .group_by(ClockRow.incident)
    )
    return {incident: (due, running, over) for incident, due, running, over in session.execute(query)}


def _incident(row: IncidentRow, counted: Counted) -> Incident:
    next_due, running, late = counted
    plain: dict[str, Any] = {
        name: getattr(row, name) for name in Incident.__dataclass_fields__ if hasattr(IncidentRow, name)
    }
    plain |= {
        "concerns": tuple(row.concerns),
        "usecases": tuple(row.usecases),
        "severity": Severity(row.severity) if row.severity else None,
        "harm": None if row.harm is None else tuple(Harm(one) for one in row.harm),
        "risk_to_persons": RiskToPersons(row.risk_to_persons) if row.risk_to_persons else None,
        "state": IncidentState(row.state),
    }
    return Incident(**plain, next_due=next_due, running=running, late=late)
