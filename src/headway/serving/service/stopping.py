"""The kill switch: everything that a use case, a department or a vendor has at work stops at once, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from headway import governance, identity, ledger
from headway.kernel import clock
from headway.kernel.auth import Actor, Resource
from headway.kernel.errors import Fault, Invalid
from headway.kernel.ids import Ref
from headway.serving import store
from headway.serving.entities import Deployment, DeploymentState, Stopped
from headway.serving.service.deployments import note


def at_work(
    session: Session, *, usecase: str | None = None, department: str | None = None, vendor: str | None = None
) -> list[Deployment]:
    """The active deployments that the kill switch would stop, in every environment.

    Args: usecase, department, vendor: one of them; a department with all those below it, a vendor with all use cases
    that one of their systems serves.
    Raises: Invalid; governance.UseCaseUnknown; governance.VendorUnknown; identity.DepartmentNotFound.
    """
    rows = store.active_rows(session, _usecases(session, _one(usecase, department, vendor)))
    return [store.deployment_of(row) for row in rows]


def stop(
    session: Session,
    actor: Actor,
    *,
    usecase: str | None = None,
    department: str | None = None,
    vendor: str | None = None,
    reason: str,
) -> Stopped:
    """Suspend everything that is at work for a use case, in a department and those below it, or on a vendor's systems.

    What is suspended already stays so; nothing at work is no fault, so that pulling twice is safe. Each deployment is
    resumed on its own, and needs a valid verdict then.

    Raises: Invalid: not exactly one of them, or no reason; governance.UseCaseUnknown; governance.VendorUnknown;
    identity.DepartmentNotFound.
    """
    about = _one(usecase, department, vendor)
    if not reason.strip():
        raise Invalid("say why", faults=[Fault(rule="required", column="reason", message="a reason is needed")])
    rows = store.active_rows(session, _usecases(session, about), lock=True)
    for row in rows:
        row.state, row.reason, row.changed_at = DeploymentState.suspended.value, reason.strip(), clock.now()
        note(session, actor, row, "deployment.suspended")
    made = tuple(store.deployment_of(row) for row in rows)
    payload: Mapping[str, object] = {
        "reason": reason.strip(),
        "stopped": [f"{one.environment}/{one.name}" for one in made],
    }
    ledger.record(session, actor=actor, type="kill_switch.pulled", subject=about, payload=payload)
    return Stopped(scope=str(about), reason=reason.strip(), deployments=made)


def resource_to_stop(
    session: Session, *, usecase: str | None = None, department: str | None = None, vendor: str | None = None
) -> Resource:
    """What somebody must be allowed to suspend deployments of, to stop all of them; raises as ``at_work``.

    A vendor's systems may serve every department, so that one must be allowed to in the whole organisation.
    """
    about = _one(usecase, department, vendor)
    if about.kind == "vendor":
        return Resource(kind="vendor", id=governance.get_vendor(session, about.slug).slug)
    if about.kind == "usecase":
        case = governance.get_usecase(session, about.slug)
        return Resource(kind="usecase", id=case.slug, department=case.department)
    place = identity.get_department(session, about.slug).slug
    return Resource(kind="department", id=place, department=place)


def _one(usecase: str | None, department: str | None, vendor: str | None) -> Ref:
    given = {"usecase": usecase, "department": department, "vendor": vendor}
    named = [Ref(kind, slug) for kind, slug in given.items() if slug is not None]
    if len(named) != 1:
        message = "name a use case, a department or a vendor, one of them"
        raise Invalid(message, faults=[Fault(rule="exactly_one", column="usecase", message=message)])
    return named[0]


def _usecases(session: Session, about: Ref) -> frozenset[str]:
    if about.kind == "usecase":
        return frozenset([governance.get_usecase(session, about.slug).slug])
    if about.kind == "vendor":
        return governance.usecases_of_vendor(session, about.slug)
    within = {identity.get_department(session, about.slug).slug}
    for one in identity.list_departments(session):  # parents come before children
        if one.parent in within:
            within.add(one.slug)
    return frozenset(
        slug for slug, department in governance.usecase_departments(session).items() if department in within
    )
