"""All SQL on monitoring's tables: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.kernel import listing
from headway.kernel.listing import Column, Found, Listing, ListQuery
from headway.kernel.settings import ENVIRONMENTS, Environment
from headway.monitoring.entities import Alert, AlertKind, AlertState, DayFigures, DayLine, Place, Severity
from headway.monitoring.errors import UnknownAlert
from headway.monitoring.tables import AlertRow, DayRow, OutcomesRow
from headway.serving import ScoredDay

RUNNING = ("open", "acknowledged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A release at work in a deployment of one environment."""

    environment: str
    deployment: str
    release: str

    @property
    def values(self) -> dict[str, str]:
        """As columns have it."""
        return {"environment": self.environment, "deployment": self.deployment, "release": self.release}


def lock_deployment(session: Session, environment: str, deployment: str) -> None:
    """Let nobody else judge this deployment until the transaction ends."""
    name = f"monitoring {environment}/{deployment}"
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


# --- days --------------------------------------------------------------------------------------------------------


def put_day(session: Session, where: Where, figures: DayFigures, line: DayLine, at: datetime) -> None:
    """Keep the figures of a day, in place of those it had."""
    values = {
        "decisions": figures.decisions,
        "is_whole": figures.is_whole,
        "figures": msgspec.to_builtins(figures),
        "places": msgspec.to_builtins(line.places),
        "judged_at": at,
    }
    made = insert(DayRow).values(**where.values, day=figures.day, **values)
    keys = ["environment", "deployment", "release", "day"]
    session.execute(made.on_conflict_do_update(index_elements=keys, set_=values))


def last_whole_day(session: Session, where: Where) -> date | None:
    """The last day that was over when it was judged."""
    query = select(func.max(DayRow.day)).filter_by(**where.values).where(DayRow.is_whole)
    return session.scalar(query)


def judged_days(session: Session) -> dict[Where, tuple[date, datetime]]:
    """The last whole day of every release that was judged, and when that was last done."""
    place = (DayRow.environment, DayRow.deployment, DayRow.release)
    query = select(*place, func.max(DayRow.day), func.max(DayRow.judged_at)).where(DayRow.is_whole).group_by(*place)
    return {
        Where(environment=environment, deployment=name, release=release): (day, at)
        for environment, name, release, day, at in session.execute(query)
    }


def day_lines(session: Session, where: Where, since: date) -> list[DayLine]:
    """The days of a release as charts need them, the first first."""
    query = (
        select(DayRow.day, DayRow.decisions, DayRow.is_whole, DayRow.places)
        .filter_by(**where.values)
        .where(DayRow.day >= since)
        .order_by(DayRow.day)
    )
    return [
        DayLine(day=day, decisions=decisions, is_whole=is_whole, places=msgspec.convert(places, dict[str, Place]))
        for day, decisions, is_whole, places in session.execute(query)
    ]


def latest_figures(session: Session, where: Where) -> DayFigures | None:
    """Every figure of the last day judged."""
    query = select(DayRow.figures).filter_by(**where.values).order_by(DayRow.day.desc()).limit(1)
    found = session.scalar(query)
    return msgspec.convert(found, DayFigures) if found is not None else None


# --- outcomes ----------------------------------------------------------------------------------------------------


def put_outcomes(session: Session, environment: str, deployment: str, days: Iterable[ScoredDay]) -> None:
    """Keep what is known of days, in place of what was."""
    for day in days:
        values = {"decided": day.decided, "known": day.known, "counts": msgspec.to_builtins(day)}
        key = {"environment": environment, "deployment": deployment, "release": day.release, "day": day.day}
        made = insert(OutcomesRow).values(**key, **values)
        session.execute(made.on_conflict_do_update(index_elements=list(key), set_=values))


def outcome_days(session: Session, where: Where, since: date | None = None) -> list[ScoredDay]:
    """What is known of the days of a release, the first first."""
    query = select(OutcomesRow.counts).filter_by(**where.values).order_by(OutcomesRow.day)
    if since is not None:
        query = query.where(OutcomesRow.day >= since)
    return [msgspec.convert(counts, ScoredDay) for counts in session.scalars(query)]


# --- alerts ------------------------------------------------------------------------------------------------------


def alert_of(row: AlertRow) -> Alert:
    """Make the entity of a row."""
    return Alert(
        id=row.id,
        environment=cast(Environment, row.environment),
        deployment=row.deployment,
        release=row.release,
        version=row.version,
        usecase=row.usecase,
        kind=AlertKind(row.kind),
        severity=Severity(row.severity),
        state=AlertState(row.state),
        since=row.since,
        noticed_on=row.noticed_on,
        last_seen=row.last_seen,
        is_over=row.is_over,
        columns=tuple(row.columns),
        evidence=dict(row.evidence),
        opened_at=row.opened_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        acknowledged_because=row.acknowledged_because,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        closed_because=row.closed_because,
    )


def add_alert(session: Session, row: AlertRow) -> None:
    """Note an alert."""
    session.add(row)
    session.flush()


def need_alert(session: Session, alert_id: str, *, lock: bool = False) -> AlertRow:
    """An alert's row; raises UnknownAlert."""
    query = select(AlertRow).where(AlertRow.id == alert_id).execution_options(populate_existing=True)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise UnknownAlert(f"no alert {alert_id!r}", hint="see 'headway monitor alerts'")
    return row


def followed_alerts(session: Session, where: Where) -> dict[AlertKind, AlertRow]:
    """The alerts of a release that are not over, the newest of each kind."""
    query = select(AlertRow).filter_by(**where.values).where(AlertRow.is_over.is_(False)).order_by(AlertRow.opened_at)
    return {AlertKind(row.kind): row for row in session.scalars(query.with_for_update())}


def running_alerts(session: Session, environment: str, deployment: str) -> list[AlertRow]:
    """The alerts of a deployment that are not closed, of whatever release, the newest first."""
    query = select(AlertRow).where(
        AlertRow.environment == environment, AlertRow.deployment == deployment, AlertRow.state.in_(RUNNING)
    )
    return list(session.scalars(query.order_by(AlertRow.opened_at.desc(), AlertRow.id.desc())))


def find_alerts(session: Session, asked: ListQuery, departments: Mapping[str, str]) -> Found[Alert]:
    """The alerts asked for, the newest first unless another order is wanted.

    Args: departments: the department of each use case.
    """
    table = listing.beside_table("departments", departments)
    query = select(AlertRow).outerjoin(table, table.c.key == AlertRow.usecase)
    department = table.c.value
    offered = Listing(
        columns={
            "id": Column(of=AlertRow.id, is_searched=True),
            "deployment": Column(of=AlertRow.deployment, is_searched=True, filter="exact"),
            "environment": Column(of=AlertRow.environment, filter="exact", choices=ENVIRONMENTS),
            "usecase": Column(of=AlertRow.usecase, is_searched=True, filter="exact"),
            "department": Column(of=department, is_searched=True, filter="exact"),
            "version": Column(of=AlertRow.version, is_searched=True, filter="prefix"),
            "release": Column(of=AlertRow.release, filter="prefix", is_sorted=False),
            "kind": Column(of=AlertRow.kind, filter="exact", choices=tuple(AlertKind)),
            "severity": Column(of=AlertRow.severity, filter="exact", choices=tuple(Severity)),
            "state": Column(of=AlertRow.state, filter="exact", choices=tuple(AlertState)),
            "since": Column(of=AlertRow.since),
            "noticed_on": Column(of=AlertRow.noticed_on),
            "last_seen": Column(of=AlertRow.last_seen),
            "opened_at": Column(of=AlertRow.opened_at, filter="dates"),
            "closed_at": Column(of=AlertRow.closed_at, filter="dates"),
        },
        key=(AlertRow.id,),
        sort="opened_at",
        descending=True,
        department=department,
    )
    found = listing.find(session, query, offered, asked)
    return listing.found_as(found, (alert_of(row[0]) for row in found.items))
