"""Lifting a containment: what an incident stopped decides again, once its corrective actions have ended, by another than who stopped it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from headway import governance, ledger, serving
from headway.incidents import store
from headway.incidents.entities import Incident, Lifting, Stop, ToLift
from headway.incidents.errors import ActionsOpen, SamePerson, WrongState
from headway.incidents.service import registering, timing
from headway.incidents.store import stops as rows
from headway.incidents.tables import StopRow
from headway.kernel import clock
from headway.kernel.auth import Actor, Resource
from headway.kernel.errors import Conflict, Denied
from headway.kernel.ids import Ref

SANDBOX = "sandbox"


def lifting_of(session: Session, incident_id: str) -> Lifting:
    """Tell what lifting would let decide again, what not, and why; changes nothing. Raises UnknownIncident."""
    found = store.need_incident(session, incident_id, clock.now())
    departments = governance.usecase_departments(session)
    lifts = []
    for stop in rows.stops_of(session, found.id):
        if stop.lifted_at is not None:
            continue
        now = _live(session, stop.environment, stop.deployment, stop.deployment_id)
        resumes, why = _prospect(now, f"incident:{found.id}")
        lifts.append(
            ToLift(
                environment=stop.environment,
                deployment=stop.deployment,
                department=departments.get(now.usecase) if now else found.department,
                version=now.version if now else None,
                resumes=resumes,
                why=why,
                stopped_by=stop.stopped_by,
            )
        )
    return Lifting(incident=found.id, lifts=tuple(lifts), open_actions=registering.open_actions(session, found.id))


def _live(session: Session, environment: str, name: str, id: str) -> serving.Deployment | None:
    try:
        found = serving.get_deployment(session, name, environment)
    except serving.UnknownDeployment:
        return None
    return found if found.id == id else None


def _prospect(now: serving.Deployment | None, by: str) -> tuple[bool, str]:
    """Whether a deployment would decide again, and why or why not."""
    if now is None:
        return False, "it was retired since"
    if now.state is serving.DeploymentState.active:
        return False, f"it decides again already, with {now.version}"
    others = [one for one in now.kept_by if one != by]
    if others:
        return False, f"{', '.join(others)} keeps it stopped too"
    if by not in now.kept_by:
        return False, "it was put to work and stopped again since, for another reason"
    return True, f"it will decide with {now.version}"


def lift(
    session: Session, actor: Actor, incident_id: str, reason: str, *, permit: Callable[[str, Resource], None]
) -> tuple[Stop, ...]:
    """Lift the containment: what was stopped decides again where its verdict holds. Nodes follow within five seconds.

    Args: permit: asked for each deployment, to lift and to resume it, before anything is done.
    Raises: UnknownIncident; IncidentInvalid without a reason; WrongState: nothing is stopped by it; ActionsOpen with the corrective
    actions that are not ended; SamePerson: who stopped it above the sandbox does not lift that; Denied.
    """
    found = store.need_incident(session, incident_id, clock.now(), lock=True)
    timing.need_reason(reason)
    if not actor.is_person:
        raise Denied(f"only a person can lift a containment; {actor.ref} is none", hint="sign in as a person")
    planned = lifting_of(session, incident_id)
    _refuse(found, planned, actor)
    for one in planned.lifts:
        permit("incident:lift", resource_to_lift(found, one))
        if one.resumes:
            permit("deployment:resume", _deployment(one))
    done = tuple(_lift(session, actor, found, row, reason.strip()) for row in rows.unlifted(session, found.id))
    _note(session, actor, found, done, reason.strip())
    return done


def resource_to_lift(incident: Incident, one: ToLift) -> Resource:
    """What rules are asked about: who stopped it, and where."""
    attributes = {"environment": one.environment, "requested_by": one.stopped_by}
    return Resource(kind="incident", id=incident.id, department=one.department, attributes=attributes)


def _refuse(incident: Incident, planned: Lifting, actor: Actor) -> None:
    if not planned.lifts:
        raise WrongState(f"nothing is stopped by {incident.id}")
    if planned.open_actions:
        names = "; ".join(planned.open_actions)
        raise ActionsOpen(
            f"corrective actions of {incident.id} are open: {names}",
            hint="end them first, each by its task",
            values={"open_actions": names},
        )
    if any(one.stopped_by == actor.ref and one.environment != SANDBOX for one in planned.lifts):
        raise SamePerson(
            f"{actor.ref} stopped it and cannot lift that",
            hint="somebody else must look at it and lift it",
            values={"rule": "incidents.two_people", "incident": incident.id},
        )


def _lift(session: Session, actor: Actor, incident: Incident, row: StopRow, reason: str) -> Stop:
    by = f"incident:{incident.id}"
    now = _live(session, row.environment, row.deployment, row.deployment_id)
    resumes, told = _prospect(now, by)
    serving.let_off(session, deployment_id=row.deployment_id, by=by)
    if resumes and now is not None:
        told = _resume(session, actor, now, f"{reason} (incident {incident.id} lifted)")
    row.lifted_by, row.lifted_at, row.lifted_because, row.told = actor.ref, clock.now(), reason, told
    session.flush()
    return rows.stop_of(row)


def _resume(session: Session, actor: Actor, one: serving.Deployment, because: str) -> str:
    """Resume it; where its verdict holds no longer it stays suspended, which is told, and the others are lifted all the same."""
    try:
        with session.begin_nested():
            serving.resume(session, actor, name=one.name, environment=one.environment, reason=because)
    except Conflict as refused:
        return f"it stays suspended: {refused.message}"
    return f"it decides again, with {one.version}"


def _note(session: Session, actor: Actor, incident: Incident, done: tuple[Stop, ...], reason: str) -> None:
    named = {f"{one.environment}/{one.deployment}": one.told for one in done}
    usecase = incident.usecases[0] if incident.usecases else None
    payload = {
        "incident": incident.id, "title": incident.title, "department": incident.department, "usecase": usecase,
        "lifted": list(named), "told": named, "reason": reason,
    }  # fmt: skip
    ledger.record(session, actor=actor, type="incident.lifted", subject=Ref("incident", incident.id), payload=payload)


def _deployment(one: ToLift) -> Resource:
    name = f"{one.environment}/{one.deployment}"
    return Resource(kind="deployment", id=name, department=one.department, attributes={"environment": one.environment})
