"""Containment: stopping, in one act, every deployment that an incident reaches, after it was shown which, which not, and why."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from headway import governance, ledger, serving
from headway.incidents import store
from headway.incidents.entities import Containment, Incident, IncidentState, ToStop
from headway.incidents.errors import WrongState
from headway.incidents.service import registering, timing
from headway.incidents.service.affecting import scope_of
from headway.incidents.service.tracing import Reach
from headway.incidents.store import stops as stop_rows
from headway.kernel import clock
from headway.kernel.auth import Actor, Resource
from headway.kernel.ids import Ref
from headway.kernel.settings import ENVIRONMENTS
from headway.kernel.storage import Storage


def containment_of(session: Session, incident_id: str, storage: Storage | None = None) -> Containment:
    """Tell which deployments would be stopped now, which not, and why; changes nothing. Raises UnknownIncident, IncidentInvalid."""
    found = store.need_incident(session, incident_id, clock.now())
    reach, _ = scope_of(session, found, storage)
    departments = governance.usecase_departments(session)
    whole = {(window.environment, window.deployment, window.usecase) for window in reach.windows}
    stops: list[ToStop] = []
    stays: list[ToStop] = []
    for environment in ENVIRONMENTS:
        for one in serving.live_deployments(session, environment):
            arms = {arm.release for arm in one.arms if arm.release is not None}
            hit = sorted(arms & set(reach.releases))
            is_named = (one.environment, one.name, one.usecase) in whole
            if not hit and not is_named and one.usecase not in reach.usecases:
                continue
            why = _why(hit=bool(hit), is_named=is_named, state=one.state.value)
            told = ToStop(
                environment=one.environment,
                deployment=one.name,
                usecase=one.usecase,
                department=departments.get(one.usecase),
                version=one.version,
                state=one.state.value,
                why=why,
                reason=one.reason,
            )
            stops_now = (bool(hit) or is_named) and one.state is serving.DeploymentState.active
            (stops if stops_now else stays).append(told)
    return Containment(incident=found.id, stops=tuple(stops), stays=tuple(stays))


def _why(*, hit: bool, is_named: bool, state: str) -> str:
    if not hit and not is_named:
        return "it decides with another version, which the incident does not reach"
    through = (
        "it decides with a version that the incident reaches" if hit else "the incident is about all that it decides"
    )
    return through if state == "active" else f"{through}, and is {state} already"


def contain(
    session: Session,
    actor: Actor,
    incident_id: str,
    reason: str,
    *,
    permit: Callable[[str, Resource], None],
    storage: Storage | None = None,
) -> Containment:
    """Suspend everything at work that an incident reaches, and note it as contained. Nodes follow within five seconds.

    Args: permit: asked for each deployment, so that one act stops nothing that the actor could not stop alone.
    Raises: UnknownIncident, IncidentInvalid; WrongState: it is closed; Denied: nothing is stopped then.
    """
    found = store.need_incident(session, incident_id, clock.now(), lock=True)
    timing.need_reason(reason)
    if found.state is IncidentState.closed:
        raise WrongState(f"{incident_id} is closed", hint="open it again first: headway incident reopen")
    planned = containment_of(session, incident_id, storage)
    for one in planned.stops:
        permit("deployment:suspend", _resource(one))
    reach, _ = scope_of(session, found, storage)
    for one in planned.stops:
        _stop(session, actor, found, one, reach, reason.strip())
    _note(session, actor, found, planned, reason)
    return Containment(incident=found.id, stops=planned.stops, stays=planned.stays)


def _stop(  # noqa: PLR0917  what is stopped, and what is kept stopped
    session: Session, actor: Actor, found: Incident, one: ToStop, reach: Reach, reason: str
) -> None:
    """Suspend a deployment and keep it so until the incident's containment is lifted."""
    because = f"{reason} (incident {found.id})"
    serving.suspend(session, actor, name=one.deployment, environment=one.environment, reason=because)
    named = {(window.environment, window.deployment, window.usecase) for window in reach.windows}
    is_whole = (one.environment, one.deployment, one.usecase) in named
    place = {"name": one.deployment, "environment": one.environment}
    made = serving.keep(session, **place, by=f"incident:{found.id}", releases=reach.releases, is_whole=is_whole)
    stop_rows.add(
        session,
        {
            "incident": found.id,
            "deployment_id": made.id,
            "environment": one.environment,
            "deployment": one.deployment,
            "stopped_by": actor.ref,
            "stopped_at": clock.now(),
            "reason": reason,
        },
    )


def _note(session: Session, actor: Actor, found: Incident, planned: Containment, reason: str) -> None:
    stopped = [f"{one.environment}/{one.deployment}" for one in planned.stops]
    payload = {
        "incident": found.id,
        "title": found.title,
        "stopped": stopped,
        "count": len(stopped),
        "reason": reason.strip(),
    }
    ledger.record(session, actor=actor, type="incident.stopped", subject=Ref("incident", found.id), payload=payload)
    if found.state is IncidentState.open:
        registering.mark_contained(session, actor, found.id, reason)


def _resource(one: ToStop) -> Resource:
    name = f"{one.environment}/{one.deployment}"
    attributes = {"environment": one.environment}
    return Resource(kind="deployment", id=name, department=one.department, attributes=attributes)
