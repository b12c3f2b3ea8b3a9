"""What references name, across all domains: title, address, department, who may read it, who has to do with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress

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
from headway.catalog import access
from headway.entrypoints import told
from headway.entrypoints.pages.links import href
from headway.governance import assessments, council, mandates, risks
from headway.governance.mandates.routes.appetites import seen_by
from headway.identity import Role
from headway.kernel.auth import Authorizer, Resource
from headway.kernel.errors import Invalid, NotFound
from headway.kernel.ids import Ref
from headway.kernel.jobs import Jobs
from headway.kernel.subjects import Subject, UnknownSubject
from headway.value import projections

MOST_APPROVERS = 100
_APPROVING = (Role.council, Role.ai_office)
_OWNING = (Role.data_owner, Role.department_head)
_OVERSEEING = (Role.ai_office, Role.operator)
_ANSWERING = {
    "waiver": "waiver:grant",
    "break-glass": "break_glass:confirm",
    "programme": "programme:manage",
    "assessment": "assessment:sign",
    "data-access": "data:grant",
}
"""What somebody must be allowed to, to answer what was asked for; ``release:approve`` for everything else."""


class EverySubject:
    """Knows the things of every domain, by the kind that their references start with."""

    def __init__(self, authorizer: Authorizer, jobs: Jobs, lake: Callable[[], catalog.Lake]) -> None:
        self._authorizer = authorizer
        self._jobs = jobs
        self._lake = lake
        self._kinds: Mapping[str, Callable[[Session, Ref], Subject]] = {
            "usecase": _usecase,
            "system": _system,
            "vendor": _vendor,
            "product": _product,
            "data-access": _data_access,
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
            "decision": self._decision,
            "job": self._job,
        }

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of things that can be spoken about."""
        return tuple(self._kinds)

    def describe(self, session: Session, ref: Ref | str) -> Subject:
        """Describe a thing; raises UnknownSubject, also for kinds that nobody knows."""
        try:
            meant = ref if isinstance(ref, Ref) else Ref.parse(ref)
        except Invalid as error:
            raise UnknownSubject(error.message, hint=error.hint) from error
        known = self._kinds.get(meant.kind)
        if known is None:
            raise UnknownSubject(f"things of the kind {meant.kind!r} cannot be spoken about")
        try:
            return known(session, meant)
        except UnknownSubject:
            raise
        except (NotFound, Invalid) as error:
            raise UnknownSubject(error.message, hint=error.hint) from error

    def titles(self, session: Session, refs: Collection[str]) -> Mapping[str, str]:
        """How people call things; use cases, which lists name most, are read at once."""
        slugs = {ref: ref.removeprefix("usecase:") for ref in refs if ref.startswith("usecase:")}
        named = governance.usecase_titles(session, set(slugs.values()))
        found = {ref: named[slug] for ref, slug in slugs.items() if slug in named}
        for ref in set(refs) - set(slugs):
            with suppress(UnknownSubject):
                found[ref] = self.describe(session, ref).title
        return found

    def may_read(self, session: Session, person: str, ref: Ref | str) -> bool:
        """Whether a person may read a thing, with the roles they hold now."""
        try:
            found = self.describe(session, ref)
            actor = identity.get_actor(session, person)
        except NotFound:
            return False
        about = seen_by(actor) if found.kind == "appetite" else found.resource
        return self._authorizer.allows(actor, found.action, about)

    def responsible(self, session: Session, ref: Ref | str) -> tuple[str, ...]:
        """Who answers for a thing: who owns, sponsors or opened its use case, who began or asked for it."""
        try:
            named = tuple(_named(session, self._jobs, Ref.parse(str(ref))))
        except (NotFound, Invalid):
            return ()
        found = [identity.find_person(session, text) for text in named if text]
        return tuple(dict.fromkeys(person.ref for person in found if person is not None))

    def approvers(self, session: Session, ref: Ref | str) -> tuple[str, ...]:
        """Who may approve what was asked for: a release, an approval, a waiver, a break-glass, access to data; for an item of
        the council, who speaks for its seats, never who asked; for a meeting, its members.
        """
        kind, _, name = str(ref).partition(":")
        if kind == "council-item":
            return council.speakers_of(session, name)
        if kind == "council-meeting":
            return council.members_of(session, council.get_meeting(session, name).body)
        roles = _OWNING if kind == "data-access" else _APPROVING
        return self._who(session, ref, roles, _ANSWERING.get(kind, "release:approve"))

    def overseers(self, session: Session, ref: Ref | str) -> tuple[str, ...]:
        """Who is alarmed about a thing: the AI office and the operators of its department."""
        return self._who(session, ref, _OVERSEEING, "deployment:suspend")

    def _who(self, session: Session, ref: Ref | str, roles: Collection[Role], action: str) -> tuple[str, ...]:
        """The active people who hold one of some roles and may do an action to a thing."""
        try:
            about = self.describe(session, ref)
        except UnknownSubject:
            return ()
        return self._able(session, roles, action, about.resource)

    def told(self, session: Session, ref: Ref | str, event: str, environment: str | None) -> tuple[str, ...]:
        """Who is told of an event about a thing because the decision rights say so."""
        return told.told(session, str(ref), event, environment)

    def operators(self, session: Session, ref: Ref | str) -> tuple[str, ...]:
        """Who holds the role to run what belongs to a thing's department."""
        try:
            asked = self.describe(session, ref)
        except UnknownSubject:
            return ()
        place = Resource(kind="deployment", id="all", department=asked.department, attributes={"environment": ""})
        return self._able(session, (Role.operator,), "deployment:resume", place)

    def _able(self, session: Session, roles: Iterable[Role], action: str, about: Resource) -> tuple[str, ...]:
        """The active people among those who hold some roles that may do something now."""
        held = [one for role in roles for one in identity.list_roles(session, role=role, limit=1000).items]
        people = dict.fromkeys(one.principal for one in held if one.principal.startswith("person:"))
        active = identity.people_of(session, people)
        able = [
            ref
            for ref in people
            if ref in active
            and active[ref].is_active
            and self._authorizer.allows(identity.get_actor(session, ref), action, about)
        ]
        return tuple(able[:MOST_APPROVERS])

    def _decision(self, session: Session, ref: Ref) -> Subject:
        found, _ = serving.get_decision(self._lake(), ref.slug)
        department = serving.department_of(session, found.deployment, found.environment)
        attributes = {"environment": found.environment}
        title = f"{found.deployment} {found.id}"
        return _subject(ref, title, "decision:read", department, **attributes)

    def _job(self, session: Session, ref: Ref) -> Subject:
        job = self._jobs.get(session, ref.slug)
        return _subject(ref, f"{job.name} {job.id}", "job:read", None, owner=job.actor)


def _subject(ref: Ref, title: str, action: str, department: str | None, **attributes: str) -> Subject:
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
    return _subject(ref, found.title, "usecase:read", found.department)


def _system(session: Session, ref: Ref) -> Subject:
    found = governance.get_system(session, ref.slug)
    return _subject(ref, found.title, "system:read", None)


def _vendor(session: Session, ref: Ref) -> Subject:
    found = governance.get_vendor(session, ref.slug)
    return _subject(ref, found.name, "vendor:read", None)


def _product(session: Session, ref: Ref) -> Subject:
    found = catalog.get_product(session, ref.slug)
    return _subject(ref, found.slug, "product:read", found.department)


def _data_access(session: Session, ref: Ref) -> Subject:
    found = access.get_access(session, ref.slug)
    department = catalog.get_product(session, found.product).department
    asked = {"owner": found.grantee, "requested_by": found.requested_by}
    return _subject(ref, f"{found.product}: {found.grantee}", "data:follow", department, **asked)


def _model(session: Session, ref: Ref) -> Subject:
    if ref.mark is None:
        model = registry.get_model(session, ref.slug)
        return _subject(ref, model.name, "model:read", _of_usecase(session, model.usecase))
    version = registry.get_version(session, ref)
    title = f"{version.model} {version.version}"
    return _subject(ref, title, "model:read", _of_usecase(session, version.usecase))


def _release(session: Session, ref: Ref) -> Subject:
    found = registry.get_release(session, ref.slug)
    asked = {"environment": found.environment, "requested_by": found.requested_by}
    title = f"{found.version.partition(':')[2]} → {found.environment}"
    return _subject(
        ref, title, "release:read", _of_usecase(session, found.usecase), **asked, **_lane(session, found.usecase)
    )


def _approval(session: Session, ref: Ref) -> Subject:
    found = governance.get_approval(session, ref.slug)
    asked = {"environment": found.environment, "requested_by": found.requested_by}
    title = f"{found.subject.partition(':')[2]} → {found.environment}"
    return _subject(
        ref, title, "release:read", _of_usecase(session, found.usecase), **asked, **_lane(session, found.usecase)
    )


def _waiver(session: Session, ref: Ref) -> Subject:
    found = governance.get_waiver(session, ref.slug)
    asked = {"environment": found.environment, "requested_by": found.requested_by}
    title = f"{found.control} {found.usecase} → {found.environment}"
    return _subject(
        ref, title, "gate:read", _of_usecase(session, found.usecase), **asked, **_lane(session, found.usecase)
    )


def _programme(session: Session, ref: Ref) -> Subject:
    found = mandates.get_programme(session, ref.slug)
    place = found.departments[0] if len(found.departments) == 1 else None
    return _subject(ref, found.title, "programme:read", place, owner=found.sponsor)


def _council(session: Session, ref: Ref) -> Subject:
    found = council.get_body(session, ref.slug)
    return _subject(ref, found.title, "council:read", found.department)


def _council_item(session: Session, ref: Ref) -> Subject:
    found = council.get_item(session, ref.slug)
    asked = {"environment": found.environment or "", "requested_by": found.requested_by}
    title = f"{found.usecase} → {found.environment}" if found.environment else found.usecase
    return _subject(ref, title, "council:read", _of_usecase(session, found.usecase), **asked)


def _council_meeting(session: Session, ref: Ref) -> Subject:
    found = council.get_meeting(session, ref.slug)
    body = council.get_body(session, found.body)
    return _subject(ref, f"{body.title}, {found.starts_at:%Y-%m-%d}", "council:read", body.department)


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
    return _subject(ref, title, "assessment:read", _of_usecase(session, found.usecase), **asked)


def _assessment_template(session: Session, ref: Ref) -> Subject:
    return _subject(ref, assessments.source_of(session, ref.slug).template.title, "policy:read", None)


def _risk(session: Session, ref: Ref) -> Subject:
    found = risks.get_risk(session, ref.slug)
    return _subject(ref, found.estimate.title, "risk:read", _of_usecase(session, found.usecase))


def _projection(session: Session, ref: Ref) -> Subject:
    found = projections.get_projection(session, ref.slug)
    return _subject(ref, f"{found.title} ({found.number})", "projection:read", _of_usecase(session, found.usecase))


def _allocation(session: Session, ref: Ref) -> Subject:
    return _subject(ref, portfolio.get_allocation(session, ref.slug).title, "allocation:read", None)


def _appetite(session: Session, ref: Ref) -> Subject:
    if not ref.slug.isascii() or not ref.slug.isdecimal():
        raise UnknownSubject(f"there is no {ref}", hint="write appetite:VERSION")
    found = mandates.get_appetite(session, int(ref.slug))
    return _subject(ref, f"Risk appetite, version {found.version}", "appetite:read", None)


def _verdict(session: Session, ref: Ref) -> Subject:
    found = governance.get_verdict(session, ref.slug)
    title = f"{found.subject.partition(':')[2]} → {found.environment}: {found.result}"
    return _subject(ref, title, "gate:read", _of_usecase(session, found.usecase))


def _run(session: Session, ref: Ref) -> Subject:
    found = registry.get_run(session, ref.slug)
    title = f"{found.model} {found.version}"
    return _subject(ref, title, "run:read", _of_usecase(session, found.usecase))


def _replay(session: Session, ref: Ref) -> Subject:
    found = portfolio.get_replay(session, ref.slug)
    return _subject(ref, f"{found.filename} {found.id}", "pilot:read", found.department)


def _pilot(session: Session, ref: Ref) -> Subject:
    found = portfolio.get_pilot(session, ref.slug)
    return _subject(ref, found.name, "pilot:read", found.department)


def _plan(session: Session, ref: Ref) -> Subject:
    found = scaling.get_plan(session, ref.slug)
    return _subject(ref, f"{found.usecase} → {found.department}", "scale:read", found.department)


def _dossier(session: Session, ref: Ref) -> Subject:
    found = dossiers.get_dossier(session, ref.slug)
    title = f"{found.title}: {found.usecase or found.quarter}"
    return _subject(ref, title, dossiers.action_to_read(found), found.department)


def _deployment(session: Session, ref: Ref) -> Subject:
    environment, slash, name = ref.slug.partition("/")
    department = serving.department_of(session, name, environment) if slash else None
    if department is None:
        raise UnknownSubject(f"there is no {ref}", hint="write deployment:ENVIRONMENT/NAME")
    return _subject(ref, f"{name} ({environment})", "deployment:read", department, environment=environment)


def _alert(session: Session, ref: Ref) -> Subject:
    found = monitoring.get_alert(session, ref.slug)
    department = serving.department_of(session, found.deployment, found.environment)
    title = f"{found.deployment} ({found.environment}): {monitoring.title_of(found.kind)}"
    return _subject(ref, title, "alert:read", department, environment=found.environment)


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
    return _subject(ref, found.name, "department:read", ref.slug)


def _person(session: Session, ref: Ref) -> Subject:
    found = identity.get_person(session, ref.slug)
    return _subject(ref, found.name, "person:read", None)


def _pack(session: Session, ref: Ref) -> Subject:
    found = governance.get_pack(session, ref.slug)
    return _subject(ref, found.id, "policy:read", None)


def _event(session: Session, ref: Ref) -> Subject:
    found = ledger.get_event(session, ref.slug)
    return _subject(ref, f"{found.type} {found.id}", "ledger:read", None)


def _lane(session: Session, usecase: str | None) -> Mapping[str, str]:
    return {"lane": mandates.lane_of(governance.get_usecase(session, usecase).tier)} if usecase else {}


def _of_usecase(session: Session, usecase: str | None) -> str | None:
    return governance.get_usecase(session, usecase).department if usecase else None


def _named(session: Session, jobs: Jobs, ref: Ref) -> Iterator[str | None]:
    """Who is named by a thing, as it was written down: references, mail addresses, names."""
    match ref.kind:
        case "usecase" | "council-item":
            yield from _of_case(session, ref.slug) if ref.kind == "usecase" else _of_item(session, ref.slug)
        case "model" if ref.mark is not None:
            version = registry.get_version(session, ref)
            yield version.made_by
            yield from _of_case(session, version.usecase)
        case "model":
            yield from _of_case(session, registry.get_model(session, ref.slug).usecase)
        case "release" | "approval" | "waiver" | "break-glass" | "programme" | "assessment" | "data-access":
            yield _requester(session, ref)
        case "verdict":
            yield governance.get_verdict(session, ref.slug).issued_by
        case "pilot" | "scaleplan" | "system" | "vendor" | "dossier" | "product":
            yield _began(session, ref)
        case "job":
            yield jobs.get(session, ref.slug).actor
        case "alert":
            alert = monitoring.get_alert(session, ref.slug)
            yield from _named(session, jobs, Ref("deployment", f"{alert.environment}/{alert.deployment}"))
        case "incident":
            yield from _of_incident(session, ref.slug)
        case "deployment":
            environment, _, name = ref.slug.partition("/")
            found = serving.get_deployment(session, name, environment)
            yield found.created_by
            yield from _of_case(session, found.usecase)


def _of_item(session: Session, item_id: str) -> Iterator[str | None]:
    item = council.get_item(session, item_id)
    yield from (item.requested_by, *(one.owner for one in item.conditions))
    yield from _of_case(session, item.usecase)


def _requester(session: Session, ref: Ref) -> str:
    match ref.kind:
        case "release":
            named = registry.get_release(session, ref.slug).requested_by
        case "programme":
            named = mandates.get_programme(session, ref.slug).sponsor
        case "data-access":
            named = access.get_access(session, ref.slug).requested_by
        case "break-glass":
            named = governance.get_break_glass(session, ref.slug).requested_by
        case "assessment":
            one = assessments.get_assessment(session, ref.slug)
            named = one.submitted_by or one.opened_by
        case "waiver":
            named = governance.get_waiver(session, ref.slug).requested_by
        case _:
            named = governance.get_approval(session, ref.slug).requested_by
    return named


def _began(session: Session, ref: Ref) -> str:
    """Who started it or wrote it down."""
    if ref.kind == "pilot":
        return portfolio.get_pilot(session, ref.slug).started_by
    if ref.kind == "dossier":
        return dossiers.get_dossier(session, ref.slug).made_by
    if ref.kind == "scaleplan":
        return scaling.get_plan(session, ref.slug).started_by
    if ref.kind == "product":
        return catalog.get_product(session, ref.slug).registered_by
    if ref.kind == "system":
        return governance.get_system(session, ref.slug).opened_by
    return governance.get_vendor(session, ref.slug).opened_by


def _of_incident(session: Session, incident_id: str) -> Iterator[str | None]:
    found = incidents.get_incident(session, incident_id)
    yield found.opened_by
    for slug in found.usecases:
        yield from _of_case(session, slug)


def _of_case(session: Session, slug: str | None) -> Iterator[str | None]:
    if slug is not None:
        case = governance.get_usecase(session, slug)
        yield from (case.owner, case.sponsor, case.opened_by)
