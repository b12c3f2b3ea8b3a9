"""What things are, by the kind that their references start with: title, address, department, and what reading one asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy.orm import Session

from headway import (
    catalog,
    dossiers,
    governance,
    identity,
    incidents,
    ledger,
    monitoring,
    portfolio,
    registry,
    scaling,
    serving,
)
from headway.catalog import access, changes
from headway.entrypoints.pages.links import href
from headway.governance import assessments, council, mandates, risks
from headway.kernel.auth import Resource
from headway.kernel.ids import Ref
from headway.kernel.subjects import Subject, UnknownSubject
from headway.value import projections


def subject_of(ref: Ref, title: str, action: str, department: str | None, **attributes: str) -> Subject:
    """Put together what is known of a thing; ``action`` is what reading it asks for."""
    resource = Resource(
        kind=action.partition(":")[0], id=str(ref).partition(":")[2], department=department, attributes=attributes
    )
    return Subject(
        ref=str(ref),
        kind=ref.kind,
        title=title,
        href=href(str(ref)) or "/",
        department=department,
        action=action,
        resource=resource,
    )


def _usecase(session: Session, ref: Ref) -> Subject:
    found = governance.get_usecase(session, ref.slug)
    return subject_of(ref, found.title, "usecase:read", found.department)


def _system(session: Session, ref: Ref) -> Subject:
    found = governance.get_system(session, ref.slug)
    return subject_of(ref, found.title, "system:read", None)


def _vendor(session: Session, ref: Ref) -> Subject:
    found = governance.get_vendor(session, ref.slug)
    return subject_of(ref, found.name, "vendor:read", None)


def _product(session: Session, ref: Ref) -> Subject:
    found = catalog.get_product(session, ref.slug)
    return subject_of(ref, found.slug, "product:read", found.department, steward=found.steward or "")


def _data_access(session: Session, ref: Ref) -> Subject:
    found = access.get_access(session, ref.slug)
    product = catalog.get_product(session, found.product)
    asked = {"owner": found.grantee, "requested_by": found.requested_by, "steward": product.steward or ""}
    return subject_of(ref, f"{found.product}: {found.grantee}", "data:follow", product.department, **asked)


def _contract_change(session: Session, ref: Ref) -> Subject:
    found = changes.get_change(session, ref.slug)
    product = catalog.get_product(session, found.product)
    steward = product.steward or ""
    return subject_of(ref, f"{found.product} {found.version}", "product:read", product.department, steward=steward)


def _model(session: Session, ref: Ref) -> Subject:
    if ref.mark is None:
        model = registry.get_model(session, ref.slug)
        return subject_of(ref, model.name, "model:read", _of_usecase(session, model.usecase))
    version = registry.get_version(session, ref)
    title = f"{version.model} {version.version}"
    return subject_of(ref, title, "model:read", _of_usecase(session, version.usecase))


def _release(session: Session, ref: Ref) -> Subject:
    found = registry.get_release(session, ref.slug)
    asked = {"environment": found.environment, "requested_by": found.requested_by}
    title = f"{found.version.partition(':')[2]} → {found.environment}"
    return subject_of(
        ref, title, "release:read", _of_usecase(session, found.usecase), **asked, **_lane(session, found.usecase)
    )


def _approval(session: Session, ref: Ref) -> Subject:
    found = governance.get_approval(session, ref.slug)
    asked = {"environment": found.environment, "requested_by": found.requested_by}
    title = f"{found.subject.partition(':')[2]} → {found.environment}"
    return subject_of(
        ref, title, "release:read", _of_usecase(session, found.usecase), **asked, **_lane(session, found.usecase)
    )


def _waiver(session: Session, ref: Ref) -> Subject:
    found = governance.get_waiver(session, ref.slug)
    asked = {"environment": found.environment, "requested_by": found.requested_by}
    title = f"{found.control} {found.usecase} → {found.environment}"
    return subject_of(
        ref, title, "gate:read", _of_usecase(session, found.usecase), **asked, **_lane(session, found.usecase)
    )


def _programme(session: Session, ref: Ref) -> Subject:
    found = mandates.get_programme(session, ref.slug)
    place = found.departments[0] if len(found.departments) == 1 else None
    return subject_of(ref, found.title, "programme:read", place, owner=found.sponsor)


def _council(session: Session, ref: Ref) -> Subject:
    found = council.get_body(session, ref.slug)
    return subject_of(ref, found.title, "council:read", found.department)


def _council_item(session: Session, ref: Ref) -> Subject:
    found = council.get_item(session, ref.slug)
    asked = {"environment": found.environment or "", "requested_by": found.requested_by}
    title = f"{found.usecase} → {found.environment}" if found.environment else found.usecase
    return subject_of(ref, title, "council:read", _of_usecase(session, found.usecase), **asked)


def _council_meeting(session: Session, ref: Ref) -> Subject:
    found = council.get_meeting(session, ref.slug)
    body = council.get_body(session, found.body)
    return subject_of(ref, f"{body.title}, {found.starts_at:%Y-%m-%d}", "council:read", body.department)


def _break_glass(session: Session, ref: Ref) -> Subject:
    found = governance.get_break_glass(session, ref.slug)
    resource = governance.break_glass_resource(session, found)
    return Subject(
        ref=str(ref),
        kind=ref.kind,
        title=f"{found.subject.partition(':')[2]} → {found.environment}",
        href=href(str(ref)) or "/",
        department=resource.department,
        action="gate:read",
        resource=resource,
    )


def _assessment(session: Session, ref: Ref) -> Subject:
    found = assessments.get_assessment(session, ref.slug)
    title = f"{assessments.template_of(session, found).title}: {found.usecase}"
    asked = {"requested_by": found.submitted_by or ""}
    return subject_of(ref, title, "assessment:read", _of_usecase(session, found.usecase), **asked)


def _assessment_template(session: Session, ref: Ref) -> Subject:
    return subject_of(ref, assessments.source_of(session, ref.slug).template.title, "policy:read", None)


def _risk(session: Session, ref: Ref) -> Subject:
    found = risks.get_risk(session, ref.slug)
    return subject_of(ref, found.estimate.title, "risk:read", _of_usecase(session, found.usecase))


def _projection(session: Session, ref: Ref) -> Subject:
    found = projections.get_projection(session, ref.slug)
    return subject_of(ref, f"{found.title} ({found.number})", "projection:read", _of_usecase(session, found.usecase))


def _allocation(session: Session, ref: Ref) -> Subject:
    return subject_of(ref, portfolio.get_allocation(session, ref.slug).title, "allocation:read", None)


def _appetite(session: Session, ref: Ref) -> Subject:
    if not ref.slug.isascii() or not ref.slug.isdecimal():
        raise UnknownSubject(f"there is no {ref}", hint="write appetite:VERSION")
    found = mandates.get_appetite(session, int(ref.slug))
    return subject_of(ref, f"Risk appetite, version {found.version}", "appetite:read", None)


def _verdict(session: Session, ref: Ref) -> Subject:
    found = governance.get_verdict(session, ref.slug)
    title = f"{found.subject.partition(':')[2]} → {found.environment}: {found.result}"
    return subject_of(ref, title, "gate:read", _of_usecase(session, found.usecase))


def _run(session: Session, ref: Ref) -> Subject:
    found = registry.get_run(session, ref.slug)
    title = f"{found.model} {found.version}"
    return subject_of(ref, title, "run:read", _of_usecase(session, found.usecase))


def _replay(session: Session, ref: Ref) -> Subject:
    found = portfolio.get_replay(session, ref.slug)
    return subject_of(ref, f"{found.filename} {found.id}", "pilot:read", found.department)


def _pilot(session: Session, ref: Ref) -> Subject:
    found = portfolio.get_pilot(session, ref.slug)
    return subject_of(ref, found.name, "pilot:read", found.department)


def _plan(session: Session, ref: Ref) -> Subject:
    found = scaling.get_plan(session, ref.slug)
    return subject_of(ref, f"{found.usecase} → {found.department}", "scale:read", found.department)


def _dossier(session: Session, ref: Ref) -> Subject:
    found = dossiers.get_dossier(session, ref.slug)
    title = f"{found.title}: {found.usecase or found.quarter}"
    return subject_of(ref, title, dossiers.action_to_read(found), found.department)


def _deployment(session: Session, ref: Ref) -> Subject:
    environment, slash, name = ref.slug.partition("/")
    department = serving.department_of(session, name, environment) if slash else None
    if department is None:
        raise UnknownSubject(f"there is no {ref}", hint="write deployment:ENVIRONMENT/NAME")
    return subject_of(ref, f"{name} ({environment})", "deployment:read", department, environment=environment)


def _alert(session: Session, ref: Ref) -> Subject:
    found = monitoring.get_alert(session, ref.slug)
    department = serving.department_of(session, found.deployment, found.environment)
    title = f"{found.deployment} ({found.environment}): {monitoring.title_of(found.kind)}"
    return subject_of(ref, title, "alert:read", department, environment=found.environment)


def _incident(session: Session, ref: Ref) -> Subject:
    found = incidents.get_incident(session, ref.slug)
    resource = incidents.resource_of(found)
    return Subject(
        ref=str(ref),
        kind=ref.kind,
        title=found.title,
        href=href(str(ref)) or "/",
        department=resource.department,
        action="incident:read",
        resource=resource,
    )


def _department(session: Session, ref: Ref) -> Subject:
    found = identity.get_department(session, ref.slug)
    return subject_of(ref, found.name, "department:read", ref.slug)


def _person(session: Session, ref: Ref) -> Subject:
    found = identity.get_person(session, ref.slug)
    return subject_of(ref, found.name, "person:read", None)


def _pack(session: Session, ref: Ref) -> Subject:
    found = governance.get_pack(session, ref.slug)
    return subject_of(ref, found.id, "policy:read", None)


def _event(session: Session, ref: Ref) -> Subject:
    found = ledger.get_event(session, ref.slug)
    return subject_of(ref, f"{found.type} {found.id}", "ledger:read", None)


def _lane(session: Session, usecase: str | None) -> Mapping[str, str]:
    return {"lane": mandates.lane_of(governance.get_usecase(session, usecase).tier)} if usecase else {}


def _of_usecase(session: Session, usecase: str | None) -> str | None:
    return governance.get_usecase(session, usecase).department if usecase else None


DESCRIBED: Final[Mapping[str, Callable[[Session, Ref], Subject]]] = {
    "usecase": _usecase,
    "system": _system,
    "vendor": _vendor,
    "product": _product,
    "data-access": _data_access,
    "contract-change": _contract_change,
    "model": _model,
    "release": _release,
    "approval": _approval,
    "programme": _programme,
    "waiver": _waiver,
    "council": _council,
    "council-item": _council_item,
    "council-meeting": _council_meeting,
    "break-glass": _break_glass,
    "verdict": _verdict,
    "run": _run,
    "pilot": _pilot,
    "scaleplan": _plan,
    "projection": _projection,
    "dossier": _dossier,
    "assessment": _assessment,
    "assessment-template": _assessment_template,
    "risk": _risk,
    "allocation": _allocation,
    "appetite": _appetite,
    "replay": _replay,
    "deployment": _deployment,
    "alert": _alert,
    "incident": _incident,
    "department": _department,
    "person": _person,
    "pack": _pack,
    "event": _event,
}
"""How each kind is described; decisions and jobs need more than a session."""
