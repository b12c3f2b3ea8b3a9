"""Clocks of incidents: asked anew at each change, kept as rows, judged by people, told before they end and when they have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.orm import Session

from headway import collaboration, governance, ledger
from headway.incidents import adapters, cases, clockfile, clocks, saying, store
from headway.incidents.calendars import reminds_at
from headway.incidents.entities import (
    Answer,
    CaseFacts,
    Clock,
    ClockSet,
    ClockState,
    Deadline,
    Incident,
    IncidentState,
    Place,
    Reading,
    Start,
)
from headway.incidents.errors import ClocksPublished, IncidentInvalid, WrongState
from headway.incidents.store import clocks as rows
from headway.incidents.tables import ClockRow
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.errors import Fault, NotFound
from headway.kernel.ids import Ref
from headway.kernel.paging import MAX_LIMIT


def sets_in_force(session: Session) -> tuple[ClockSet, ...]:
    """The files of clocks that count: of each name the one published last, else the one that comes with Headway."""
    found = {one.id: one for one in adapters.shipped()}
    published: dict[str, ClockSet] = {}
    for one in rows.published_sets(session):
        published.setdefault(one.id, one)
    return tuple(one for _, one in sorted({**found, **published}.items()))


def publish_clocks(session: Session, actor: Actor, text: str) -> ClockSet:
    """Publish a file of clocks, which counts from now on; every open incident is asked anew.

    Publishing the same file again changes nothing. Raises ClocksInvalid with every fault; ClocksPublished: this version
    has another content.
    """
    body = adapters.plain(text)
    made = clockfile.read(body, published_by=actor.ref, published_at=clock.now())
    for known in (*rows.published_sets(session), *adapters.shipped()):
        if (known.id, known.version) == (made.id, made.version):
            if known.digest == made.digest:
                return known
            raise ClocksPublished(
                f"{made.id}@{made.version} was published with another content", hint="raise the version"
            )
    rows.add_set(session, made, clockfile.plain(body))
    payload = {"set": f"{made.id}@{made.version}", "title": made.title, "digest": made.digest}
    ledger.record(
        session, actor=actor, type="incident.clocks_published", subject=Ref("clocks", made.id), payload=payload
    )
    for incident in store.unclosed(session):
        settle(session, actor, store.need_incident(session, incident, clock.now(), lock=True))
    return made


def cases_of(session: Session, incident: Incident) -> tuple[CaseFacts, ...]:
    """What the inventory knows of the use cases concerned now."""
    found = []
    for slug in incident.usecases:
        try:
            found.append(governance.get_usecase(session, slug))
        except NotFound:
            continue
    return cases.of_all(found)


def places_of(session: Session, incident: Incident) -> tuple[Place, ...]:
    """The jurisdictions of an incident, those it is not in too."""
    known = {rule.jurisdiction for kept in sets_in_force(session) for rule in kept.clocks}
    looked_at = {name for kept in sets_in_force(session) for name, _ in kept.nothing_known}
    said = store.places_of(session, incident.id)
    return clocks.places_of(cases_of(session, incident), known | looked_at, said)


def read(session: Session, incident: Incident) -> tuple[Reading, ...]:
    """Ask every clock that counts about an incident; writes nothing."""
    occurred = incident.started_at or incident.aware_at
    moments: Mapping[Start, datetime] = {"aware": incident.aware_at, "occurred": occurred, "opened": incident.opened_at}
    said = store.places_of(session, incident.id)
    return clocks.readings(
        saying.facts_of(incident), cases_of(session, incident), said, sets_in_force(session), moments
    )


def settle(session: Session, actor: Actor, incident: Incident) -> None:
    """Let the clocks of an incident follow what is known now: start what may apply, stop what is ruled out, meet what was done."""
    if incident.state is IncidentState.closed:
        return
    kept = rows.clock_rows(session, incident.id, lock=True)
    for reading in read(session, incident):
        row = kept.get(reading.rule.id)
        if reading.answer is not Answer.no:
            _run(session, actor, incident, reading, row)
        elif row is not None and row.state == ClockState.running.value:
            rows.read_anew(row, reading)
            row.state, row.reason = ClockState.stopped.value, reading.why
            _tell(session, actor, "incident.clock_stopped", incident, row, reason=reading.why)
    session.flush()
    if incident.cause is not None:
        meet(session, actor, incident, "cause", "the cause was written down")
    if incident.contained_at is not None:
        meet(session, actor, incident, "containment", "it was contained")


def _run(session: Session, actor: Actor, incident: Incident, reading: Reading, row: ClockRow | None) -> None:
    if row is None:
        _tell(session, actor, "incident.clock_started", incident, rows.add_clock(session, incident.id, reading))
        return
    was_stopped = row.state == ClockState.stopped.value
    if row.state == ClockState.running.value or was_stopped:
        rows.read_anew(row, reading)
        row.state, row.reason = ClockState.running.value, None
    if was_stopped:
        row.reminded_at = row.escalated_at = None
        _tell(session, actor, "incident.clock_started", incident, row)


def meet(
    session: Session, actor: Actor, incident: Incident, by: str, because: str, *, clock_id: str | None = None
) -> list[str]:
    """Note the running clocks as met that ask for what was done; one of them when it is named. Returns their ids."""
    met = []
    for row in rows.clock_rows(session, incident.id, lock=True).values():
        if row.state != ClockState.running.value or row.rule["met_by"] != by or clock_id not in (None, row.id):
            continue
        row.state, row.reason = ClockState.met.value, because
        row.settled_by, row.settled_at = actor.ref, clock.now()
        session.flush()
        _tell(session, actor, "incident.clock_met", incident, row, reason=because)
        met.append(row.id)
    return met


def judge_clock(session: Session, actor: Actor, incident_id: str, clock_id: str, reason: str) -> Clock:
    """Say, as a person and with a reason, that a clock is not due; it stays so.

    Raises: UnknownIncident, UnknownClock; WrongState: it does not run; IncidentInvalid without a reason.
    """
    incident = store.need_incident(session, incident_id, clock.now(), lock=True)
    need_reason(reason)
    row = rows.need_clock(session, incident.id, clock_id)
    if row.state != ClockState.running.value or incident.state is IncidentState.closed:
        raise WrongState(f"{clock_id} of {incident_id} does not run: it is {row.state}")
    row.state, row.reason = ClockState.judged.value, reason.strip()
    row.settled_by, row.settled_at = actor.ref, clock.now()
    session.flush()
    _tell(session, actor, "incident.clock_judged", incident, row, reason=reason.strip())
    return rows.clock_of(row, clock.now())


def need_reason(reason: str) -> None:
    """Raise IncidentInvalid where nobody says why."""
    if not reason.strip():
        fault = Fault(rule="incident.reason", column="reason", message="give a reason")
        raise IncidentInvalid("give a reason", faults=[fault])


def remind_due(session: Session) -> int:
    """Tell of clocks that end soon, and raise the alarm for those that have ended, each once; returns how many were told.

    Safe to repeat and to run in two processes at once: rows that another holds are left to it.
    """
    now, told = clock.now(), 0
    due = [row for row in rows.running(session) if _is_due(row, now)]
    known = store.incidents_of(session, {row.incident for row in due}, now)
    for listed in due:
        row = rows.need_clock(session, listed.incident, listed.id)
        if row.state != ClockState.running.value or not _is_due(row, now):
            continue
        if row.until < now:
            row.escalated_at = now
            _tell(session, SYSTEM, "incident.clock_passed", known[row.incident], row)
        else:
            row.reminded_at = now
            _tell(session, SYSTEM, "incident.clock_ending", known[row.incident], row)
        told += 1
    return told


def _is_due(row: ClockRow, now: datetime) -> bool:
    if row.until < now:
        return row.escalated_at is None
    return row.reminded_at is None and now >= reminds_at(row.since, row.until)


def deadlines(session: Session, *, within: frozenset[str] | None = None) -> tuple[Deadline, ...]:
    """Everything of incidents that is due, the first first.

    Args: within: departments whose incidents the asker may see; None for all.
    """
    now = clock.now()
    found = rows.running(session)
    known = store.incidents_of(session, {row.incident for row in found}, now)
    due = [_deadline(known[row.incident], rows.clock_of(row, now)) for row in found]
    listed = [one for one in (*due, *_actions_due(session, now)) if within is None or one.department in within]
    return tuple(sorted(listed, key=lambda one: (one.due, one.incident, one.name)))


def actions_of(session: Session, incident_id: str) -> tuple[collaboration.Task, ...]:
    """The open tasks on an incident, which are its corrective actions."""
    return collaboration.list_tasks(session, subject=f"incident:{incident_id}", limit=MAX_LIMIT).items


def _actions_due(session: Session, now: datetime) -> list[Deadline]:
    """The corrective actions of incidents that are not closed and have a day; due when that day is over."""
    open_ids = store.unclosed(session)
    known = store.incidents_of(session, open_ids, now)
    found = []
    for incident in known.values():
        for task in actions_of(session, incident.id):
            if task.due_on is not None:
                due = datetime.combine(task.due_on + timedelta(days=1), time(), UTC)
                found.append(
                    Deadline(
                        incident=incident.id,
                        title=incident.title,
                        department=incident.department,
                        kind="action",
                        name=task.id,
                        what=task.title,
                        due=due,
                        is_late=due < now,
                        jurisdiction=None,
                        owner=task.assignee,
                    )
                )
    return found


def _deadline(incident: Incident, kept: Clock) -> Deadline:
    return Deadline(
        incident=incident.id,
        title=incident.title,
        department=incident.department,
        kind="clock",
        name=kept.id,
        what=kept.title,
        due=kept.until,
        is_late=kept.is_late,
        jurisdiction=kept.jurisdiction,
        owner=None,
    )


def _tell(  # noqa: PLR0917  what is told of a clock
    session: Session, actor: Actor, type: str, incident: Incident, row: ClockRow, reason: str | None = None
) -> None:
    rule: Mapping[str, object] = row.rule
    payload = {
        "incident": incident.id,
        "title": incident.title,
        "clock": row.id,
        "what": rule["title"],
        "set": row.set_name,
        "set_digest": row.set_digest,
        "jurisdiction": rule["jurisdiction"],
        "since": row.since,
        "until": row.until,
        "ends": f"{row.until:%Y-%m-%d %H:%M} UTC",
        "why": row.why,
        "reason": reason,
    }
    ledger.record(session, actor=actor, type=type, subject=Ref("incident", incident.id), payload=payload)
