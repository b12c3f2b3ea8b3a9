"""What references name, across all domains: title, address, department, who may read it, who has to do with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress

from sqlalchemy.orm import Session

from headway import (
    catalog,
    governance,
    identity,
    serving,
)
from headway.entrypoints import told
from headway.entrypoints.described import DESCRIBED, subject_of
from headway.entrypoints.named_people import people_named
from headway.entrypoints.readers import asked_of, readers_of, stewards_of
from headway.governance import council
from headway.governance.mandates.routes.appetites import seen_by
from headway.identity import Role
from headway.kernel.auth import Authorizer, Resource
from headway.kernel.errors import Invalid, NotFound
from headway.kernel.ids import Ref
from headway.kernel.jobs import Jobs
from headway.kernel.subjects import Reader, Subject, UnknownSubject

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
            **DESCRIBED,
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
        if found.kind == "contract-change" and person in asked_of(session, found.ref):
            return True
        about = seen_by(actor) if found.kind == "appetite" else found.resource
        return self._authorizer.allows(actor, found.action, about)

    def responsible(self, session: Session, ref: Ref | str) -> tuple[str, ...]:
        """Who answers for a thing: who owns, sponsors or opened its use case, who began or asked for it."""
        try:
            named = tuple(people_named(session, self._jobs, Ref.parse(str(ref))))
        except (NotFound, Invalid):
            return ()
        found = [identity.find_person(session, text) for text in named if text]
        return tuple(dict.fromkeys(person.ref for person in found if person is not None))

    def approvers(self, session: Session, ref: Ref | str) -> tuple[str, ...]:
        """Who may approve what was asked for: a release, an approval, a waiver, a break-glass, access to data; for an item of
        the council, who speaks for its seats, never who asked; for a meeting, its members; for a change of a contract, who is asked.
        """
        kind, _, name = str(ref).partition(":")
        if kind == "contract-change":
            return asked_of(session, str(ref))
        if kind == "council-item":
            return council.speakers_of(session, name)
        if kind == "council-meeting":
            return council.members_of(session, council.get_meeting(session, name).body)
        roles = _OWNING if kind == "data-access" else _APPROVING
        found = self._who(session, ref, roles, _ANSWERING.get(kind, "release:approve"))
        return tuple(dict.fromkeys([*found, *stewards_of(session, name)])) if kind == "data-access" else found

    def readers(self, session: Session, ref: Ref | str) -> tuple[Reader, ...]:
        """The models that learned from a data product, and their deployments; nothing of other things."""
        kind, _, name = str(ref).partition(":")
        if kind != "product":
            return ()
        return readers_of(session, name, lambda usecase: self.responsible(session, f"usecase:{usecase}"))

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
        return subject_of(ref, title, "decision:read", department, **attributes)

    def _job(self, session: Session, ref: Ref) -> Subject:
        job = self._jobs.get(session, ref.slug)
        return subject_of(ref, f"{job.name} {job.id}", "job:read", None, owner=job.actor)
