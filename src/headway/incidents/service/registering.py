"""The register: opened by a person, told more of, moved on, closed by another person than the one who opened it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy.orm import Session

from headway import governance, identity, ledger
from headway.incidents import saying, store
from headway.incidents.entities import Answer, Incident, IncidentState, IncidentView, Place
from headway.incidents.errors import IncidentInvalid, SamePerson, WrongState
from headway.incidents.saying import Wanted
from headway.incidents.service import timing
from headway.incidents.service.tracing import reach_of
from headway.incidents.store import clocks as clock_rows
from headway.incidents.store import stops as stop_rows
from headway.kernel import clock
from headway.kernel.auth import Actor, Resource
from headway.kernel.errors import Denied, Fault
from headway.kernel.ids import Ref, new_id
from headway.kernel.listing import Found, ListQuery
from headway.kernel.storage import Storage


def open_incident(session: Session, actor: Actor, wanted: Wanted, storage: Storage | None = None) -> Incident:
    """Open an incident; what nobody has told yet stays unknown, and every clock that it may start runs.

    Args: storage: to look into bundles, where contracts or columns are named.
    Raises: IncidentInvalid with every fault; identity.DepartmentNotFound; Denied when no person reports.
    """
    if not actor.is_person:
        raise Denied(f"only a person can open an incident; {actor.ref} is none", hint="sign in as a person")
    now = clock.now()
    told = {**asdict(wanted), "found_by": wanted.found_by or actor.name, "concerns": wanted.concerns}
    _check({name: value for name, value in told.items() if value is not None}, now)
    concerns = tuple(dict.fromkeys([*wanted.concerns, *([f"alert:{wanted.alert}"] if wanted.alert else [])]))
    usecases = sorted(reach_of(session, concerns, storage).usecases)
    values = {
        **told,
        "id": new_id("inc"),
        "title": " ".join(wanted.title.split()),
        "what": wanted.what.strip(),
        "department": _department(session, wanted.department, usecases),
        "concerns": list(concerns),
        "usecases": usecases,
        "harm": None if wanted.harm is None else [one.value for one in wanted.harm],
        "found_at": wanted.found_at or wanted.aware_at or now,
        "aware_at": wanted.aware_at or now,
        "state": IncidentState.open.value,
        "opened_by": actor.ref,
        "opened_at": now,
        "changed_at": now,
    }
    store.add_incident(session, values)
    made = store.need_incident(session, str(values["id"]), now, lock=True)
    _tell(session, actor, "incident.opened", made, **_payload(made, saying.FIELDS))
    timing.settle(session, actor, made)
    return store.need_incident(session, made.id, now)


def update_incident(
    session: Session,
    actor: Actor,
    incident_id: str,
    changes: Mapping[str, object],
    *,
    reason: str = "",
    storage: Storage | None = None,
) -> Incident:
    """Tell more of an incident, or tell it otherwise; clocks follow.

    Args: changes: by the names of ``saying.FIELDS``; None says that nobody knows any more.
    Raises: UnknownIncident; IncidentInvalid with every fault; WrongState: it is closed.
    """
    now = clock.now()
    found = _unclosed(session, incident_id)
    unknown = sorted(set(changes) - set(saying.FIELDS))
    if unknown:
        message = f"{', '.join(unknown)} cannot be changed"
        raise IncidentInvalid(message, faults=[Fault(rule="incident.field", column=unknown[0], message=message)])
    whole = {name: getattr(found, name) for name in saying.FIELDS} | dict(changes)
    needed = {"title", "what", "found_by", "found_at", "aware_at"}
    _check({name: value for name, value in whole.items() if value is not None or name in needed}, now)
    values = {name: _kept(value) for name, value in changes.items()}
    if "concerns" in values:
        values["usecases"] = sorted(reach_of(session, [str(one) for one in whole["concerns"] or ()], storage).usecases)
    store.change_incident(session, found.id, {**values, "changed_at": now})
    made = store.need_incident(session, found.id, now)
    changed = [name for name in changes if getattr(made, name) != getattr(found, name)]
    if changed:
        _tell(session, actor, "incident.updated", made, **_payload(made, changed), reason=reason.strip() or None)
        timing.settle(session, actor, made)
    return store.need_incident(session, found.id, now)


def _kept(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def place_incident(
    session: Session, actor: Actor, incident_id: str, *, jurisdiction: str, is_in: bool, reason: str
) -> Place:
    """Say that an incident is, or is not, in a jurisdiction, above what its use cases say; clocks follow.

    Raises: UnknownIncident; WrongState: it is closed; IncidentInvalid without a reason or a name.
    """
    found = _unclosed(session, incident_id)
    timing.need_reason(reason)
    name = jurisdiction.strip()
    if not name or len(name) > 40:
        message = "name a jurisdiction, as EU or US-CO"
        raise IncidentInvalid(message, faults=[Fault(rule="incident.place", column="jurisdiction", message=message)])
    place = Place(
        jurisdiction=name,
        answer=Answer.yes if is_in else Answer.no,
        sources=(),
        said_by=actor.ref,
        said_at=clock.now(),
        reason=reason.strip(),
    )
    store.put_place(session, found.id, place)
    _tell(session, actor, "incident.placed", found, jurisdiction=name, is_in=is_in, reason=place.reason)
    timing.settle(session, actor, store.need_incident(session, found.id, clock.now()))
    return place


def mark_contained(session: Session, actor: Actor, incident_id: str, reason: str) -> Incident:
    """Say that an incident does no more harm, and how that was reached; raises UnknownIncident, WrongState, IncidentInvalid."""
    found = _unclosed(session, incident_id)
    timing.need_reason(reason)
    if found.state is not IncidentState.open:
        raise WrongState(f"{incident_id} is {found.state.value}")
    return _move(session, actor, found, IncidentState.contained, reason)


def mark_corrected(session: Session, actor: Actor, incident_id: str, reason: str) -> Incident:
    """Say that the causes of an incident are mended; the cause must be known and every corrective action ended.

    Raises: UnknownIncident; WrongState with what is missing; IncidentInvalid without a reason.
    """
    found = _unclosed(session, incident_id)
    timing.need_reason(reason)
    missing = saying.before_closing(found, (), open_actions(session, found.id))
    if missing or found.state not in (IncidentState.open, IncidentState.contained):
        raise WrongState(
            f"{incident_id} is {found.state.value}; before it is corrected: {'; '.join(missing) or 'nothing'}"
        )
    return _move(session, actor, found, IncidentState.corrected, reason)


def close_incident(session: Session, actor: Actor, incident_id: str, reason: str) -> Incident:
    """Close an incident: its cause is known, its actions are done, each clock was met, ruled out or judged not due.

    Raises: UnknownIncident; SamePerson: who opened it does not close it; WrongState with all that is missing;
    IncidentInvalid without a reason; Denied when no person closes.
    """
    found = _unclosed(session, incident_id)
    timing.need_reason(reason)
    if not actor.is_person:
        raise Denied(f"only a person can close an incident; {actor.ref} is none", hint="sign in as a person")
    if actor.ref == found.opened_by:
        raise SamePerson(
            f"{actor.ref} opened {incident_id} and cannot close it",
            hint="somebody else must look at it and close it",
            values={"rule": "incidents.two_people", "incident": incident_id},
        )
    missing = saying.before_closing(
        found, clock_rows.clocks_of(session, found.id, clock.now()), open_actions(session, found.id)
    )
    if missing:
        raise WrongState(f"{incident_id} cannot be closed yet: {'; '.join(missing)}", hint=missing[0])
    now = clock.now()
    values = {"closed_by": actor.ref, "closed_at": now, "closed_because": reason.strip()}
    return _move(session, actor, found, IncidentState.closed, reason, values)


def reopen_incident(session: Session, actor: Actor, incident_id: str, reason: str) -> Incident:
    """Open an incident again that was thought to be over; clocks that were met or judged stay so.

    Raises: UnknownIncident; WrongState: it is open; IncidentInvalid without a reason.
    """
    found = store.need_incident(session, incident_id, clock.now(), lock=True)
    timing.need_reason(reason)
    if found.state is IncidentState.open:
        raise WrongState(f"{incident_id} is open")
    values = dict.fromkeys(("closed_by", "closed_at", "closed_because", "contained_at", "corrected_at"))
    return _move(session, actor, found, IncidentState.open, reason, values)


def open_actions(session: Session, incident_id: str) -> tuple[str, ...]:
    """The corrective actions of an incident that are not ended: the open tasks on it."""
    return tuple(one.title for one in timing.actions_of(session, incident_id))


def get_incident(session: Session, incident_id: str) -> Incident:
    """Read an incident; raises UnknownIncident."""
    return store.need_incident(session, incident_id, clock.now())


def view_incident(session: Session, incident_id: str) -> IncidentView:
    """Read an incident with its jurisdictions and clocks; raises UnknownIncident."""
    found = get_incident(session, incident_id)
    kept = tuple(clock_rows.clocks_of(session, found.id, clock.now()))
    return IncidentView(
        incident=found,
        places=timing.places_of(session, found),
        clocks=kept,
        stops=tuple(stop_rows.stops_of(session, found.id)),
        before_closing=()
        if found.state is IncidentState.closed
        else saying.before_closing(found, kept, open_actions(session, found.id)),
    )


def find_incidents(session: Session, asked: ListQuery) -> Found[Incident]:
    """Search, filter, sort and leaf through the register, the newest first; raises BadListing."""
    return store.find_incidents(session, asked, clock.now())


def incidents_about(session: Session, usecases: Collection[str], limit: int = 50) -> tuple[Incident, ...]:
    """The newest incidents that touch one of some use cases."""
    return tuple(store.incidents_about(session, usecases=usecases, at=clock.now(), limit=limit)) if usecases else ()


def resource_of(incident: Incident) -> Resource:
    """What rules are asked about; who opened it is part of it, since another closes it."""
    attributes = {"requested_by": incident.opened_by, "owner": incident.opened_by}
    return Resource(kind="incident", id=incident.id, department=_place(incident.department), attributes=attributes)


def resource_of_drafts(incident: Incident) -> Resource:
    """What rules are asked about for drafts: they hold what use cases and deployments say, so that who reported it has no part."""
    return Resource(kind="incident", id=incident.id, department=_place(incident.department))


def report_resource(actor: Actor) -> Resource:
    """What rules are asked about when somebody reports: everybody may, about anything that they may read."""
    return Resource(kind="incident", id="new", attributes={"owner": actor.ref})


def _place(department: str) -> str | None:
    return None if department == identity.ROOT else department


def _department(session: Session, wanted: str | None, usecases: Sequence[str]) -> str:
    if wanted is not None:
        return identity.get_department(session, wanted).slug
    known = {governance.get_usecase(session, slug).department for slug in usecases}
    return known.pop() if len(known) == 1 else identity.ROOT


def _check(values: Mapping[str, object], now: datetime) -> None:
    faults = saying.faults(values, now)
    if faults:
        raise IncidentInvalid("; ".join(fault.message for fault in faults), faults=faults)


def _unclosed(session: Session, incident_id: str) -> Incident:
    found = store.need_incident(session, incident_id, clock.now(), lock=True)
    if found.state is IncidentState.closed:
        raise WrongState(f"{incident_id} is closed", hint="open it again first: headway incident reopen")
    return found


def _move(  # noqa: PLR0917  what is written with a state
    session: Session,
    actor: Actor,
    found: Incident,
    state: IncidentState,
    reason: str,
    values: Mapping[str, object] | None = None,
) -> Incident:
    now = clock.now()
    stamps = {IncidentState.contained: {"contained_at": now}, IncidentState.corrected: {"corrected_at": now}}
    written = {"state": state.value, "changed_at": now, **stamps.get(state, {}), **(values or {})}
    store.change_incident(session, found.id, written)
    made = store.need_incident(session, found.id, now)
    verb = "reopened" if state is IncidentState.open else state.value
    _tell(session, actor, f"incident.{verb}", made, state=state.value, reason=reason.strip())
    timing.settle(session, actor, made)
    return store.need_incident(session, found.id, now)


def _payload(incident: Incident, names: Collection[str]) -> dict[str, object]:
    return {name: getattr(incident, name) for name in names}


def _tell(session: Session, actor: Actor, type: str, incident: Incident, **more: object) -> None:
    base = {"incident": incident.id, "title": incident.title, "department": incident.department}
    usecase = incident.usecases[0] if incident.usecases else None
    payload = {**base, "usecase": usecase, "usecases": list(incident.usecases), **more}
    ledger.record(session, actor=actor, type=type, subject=Ref("incident", incident.id), payload=payload)
