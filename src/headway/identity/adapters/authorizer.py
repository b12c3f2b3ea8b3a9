"""Cedar, which evaluates the rules."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources

import cedarpy
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from headway.identity import store
from headway.identity.access import line_of, roles_reaching
from headway.identity.cedar import entities_of, in_scope, request_of, texts_of
from headway.identity.entities import ROOT, Explanation, Role
from headway.identity.errors import NarrowingInvalid
from headway.kernel.auth import SYSTEM, Actor, Resource, RoleGrant
from headway.kernel.database import Database
from headway.kernel.errors import Denied
from headway.kernel.logs import logger


@dataclass(frozen=True, slots=True)
class Rules:
    """The policy set, parsed once, its schema, and what each rule says about getting access."""

    policies: cedarpy.PolicySet
    schema: cedarpy.Schema
    access: Mapping[str, str]
    forbidding: tuple[str, ...]
    actions: tuple[str, ...]
    text: str


@cache
def rules() -> Rules:
    """Read the rules that come with this version; raises ValueError when one has no id or no way to access."""
    folder = resources.files("headway.identity") / "policies"
    texts = {entry.name: entry.read_text() for entry in folder.iterdir() if entry.name.endswith(".cedar")}
    text = "\n".join(texts[name] for name in sorted(texts))
    access: dict[str, str] = {}
    forbidding: list[str] = []
    for policy in json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values():
        notes = policy.get("annotations", {})
        if not notes.get("id") or not notes.get("access") or notes["id"] in access:
            raise ValueError(f"a rule needs an @id of its own and an @access: {notes}")
        access[notes["id"]] = notes["access"]
        if policy["effect"] == "forbid":
            forbidding.append(notes["id"])
    known = schema_text()
    actions = tuple(re.findall(r'"([a-z_]+:[a-z]+)"', known))
    schema = cedarpy.Schema.from_str(known)
    return Rules(cedarpy.PolicySet.from_str(text), schema, access, tuple(forbidding), actions, text)


def schema_text() -> str:
    """The schema that every rule fits."""
    return (resources.files("headway.identity") / "policies" / "schema.cedarschema").read_text()


@lru_cache(maxsize=16)
def narrowed(own: str) -> Rules:
    """The rules that come with this version together with the organisation's own, which forbid and never permit.

    Raises: NarrowingInvalid: they are no Cedar, would permit something, or do not fit the schema.
    """
    base = rules()
    if not own:
        return base
    try:
        policies = json.loads(cedarpy.policies_to_json_str(own))
    except ValueError as error:
        raise NarrowingInvalid(f"these are no Cedar policies: {error}") from error
    notes = [(one["effect"], one.get("annotations", {})) for one in policies["staticPolicies"].values()]
    access = {str(note.get("id", "")): str(note.get("access", "")) for _, note in notes}
    if policies.get("templates") or any(effect != "forbid" for effect, _ in notes):
        raise NarrowingInvalid("an organisation's own rules only forbid")
    if (
        len(access) != len(notes)
        or not all(name and said for name, said in access.items())
        or set(access) & set(base.access)
    ):
        raise NarrowingInvalid("each of an organisation's own rules needs an @id of its own and an @access")
    text = f"{base.text}\n{own}"
    found = cedarpy.validate_policies(text, schema_text())
    if not found.validation_passed:
        raise NarrowingInvalid("; ".join(str(error) for error in found.errors))
    together = {**base.access, **access}
    return Rules(
        cedarpy.PolicySet.from_str(text), base.schema, together, (*base.forbidding, *access), base.actions, text
    )


@lru_cache(maxsize=16)
def actions_of(own: str) -> frozenset[str]:
    """The actions that an organisation's own rules speak about; every other is answered without them."""
    return frozenset(re.findall(r'Action::"([a-z_]+:[a-z]+)"', own))


class CedarAuthorizer:
    """Answers by the Cedar rules in ``policies/`` and the organisation's own, which only forbid.

    Whatever is not allowed, or cannot be evaluated, is refused.
    """

    def __init__(self, database: Database | None = None) -> None:
        """Take the database whose departments form the tree; without one, every department lies below the root."""
        # A connection of its own: callers hold one of the pool already, and must not wait for a second.
        self._engine = create_engine(database.url, poolclass=NullPool) if database else None
        self._parents: dict[str, str | None] = {}
        self._own: dict[int, str] = {0: ""}  # a version is never changed
        self._lock = threading.Lock()

    def check(self, actor: Actor, action: str, resource: Resource) -> None:
        """Return when allowed; raise Denied with the rule's id and how to get access when not."""
        answer = self.explain(actor, action, resource)
        if not answer.allowed:
            raise Denied(
                answer.reason,
                hint=answer.access,
                values={"rule": answer.rule, "action": action, "resource": answer.resource},
            )

    def allows(self, actor: Actor, action: str, resource: Resource) -> bool:
        """Tell whether an actor may do an action to a resource; for showing and hiding, where ``check`` refuses."""
        return _evaluate(
            actor, action, resource, self._line(resource.department), self._narrowing(actor, action)
        ).allowed

    def explain(self, actor: Actor, action: str, resource: Resource) -> Explanation:
        """Tell whether an actor may do an action to a resource, by which rule, and how to get access when not."""
        line, own = self._line(resource.department), self._narrowing(actor, action)
        found = _evaluate(actor, action, resource, line, own)
        where = f" in {resource.department}" if resource.department else ""
        subject = f"{actor.name} may not {action} {resource.kind}:{resource.id}{where}"
        access: str | None = None
        if found.allowed:
            rule, reason = found.rule, f"allowed by the rule {found.rule}"
        elif found.error is not None:
            log = logger("identity")
            log.error("permission.not_evaluated", action=action, resource=resource.kind, error=found.error)
            rule, reason = "not-evaluated", f"{subject}: the rules could not be evaluated ({found.error})"
            access = "tell the operator of this system; nothing is allowed that cannot be checked"
        elif found.rule is not None:
            rule, reason = found.rule, f"{subject}: the rule {found.rule} forbids it"
            access = narrowed(own).access[rule]
        else:
            rule, access = _nearest(actor, action, resource, line, own)
            access = "; or ".join(text for text in (self._narrower(actor, action, resource), access) if text)
            reason = f"{subject}: no rule allows it"
        place = resource.department or "the whole organisation"
        return Explanation(
            allowed=found.allowed,
            principal=actor.ref,
            action=action,
            resource=f"{resource.kind}:{resource.id}",
            department=resource.department,
            rule=rule or "",
            reason=reason,
            access=access.replace("{department}", place) if access else None,
        )

    def _narrower(self, actor: Actor, action: str, resource: Resource) -> str | None:
        """Tell how to ask for less: lists say in the attribute ``filter`` what they can be narrowed by."""
        name = resource.attributes.get("filter")
        if name is None or resource.department is not None:
            return None
        held = sorted({grant.department for grant in actor.roles if grant.department})
        seen = [one for one in held if self.allows(actor, action, replace(resource, department=one))]
        if not seen:
            return None
        what = seen[0] if name == "department" else "NAME"
        return f"ask for what belongs to {', '.join(seen)} only: ?{name}={what}, at the terminal --{name} {what}"

    def _line(self, department: str | None) -> tuple[str, ...]:
        """The department and those above it. A parent never changes, so only unknown departments are looked up."""
        if department is None or self._engine is None:
            return (ROOT,) if department in (None, ROOT) else (department, ROOT)
        if department not in self._parents:
            with self._lock, Session(self._engine) as session:
                self._parents = store.parents(session)
        return line_of(department, self._parents)

    def _narrowing(self, actor: Actor, action: str) -> str:
        """The organisation's own rules in force, as text; empty when they say nothing of an action.

        Which version is in force was read when the actor was recognised, so that a new one counts from the next request on.
        """
        if self._engine is None or actor.ref == SYSTEM.ref:
            return ""
        version = actor.narrowing
        if version is None or version not in self._own:
            with self._lock, Session(self._engine) as session:
                version = store.narrowing_version(session) if version is None else version
                found = store.narrowing(session, version)
                if found is not None:
                    self._own[version] = found.policies
        own = self._own[version]
        return own if action in actions_of(own) else ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the rules answered: the rule that allows or forbids, or why they could not be evaluated."""

    allowed: bool
    rule: str | None
    error: str | None


def _evaluate(actor: Actor, action: str, resource: Resource, line: tuple[str, ...], own: str = "") -> Found:
    roles, inside = roles_reaching(actor.roles, line), in_scope(actor.scopes, action)
    try:
        return decide(actor.ref, roles, action, resource.kind, texts_of(resource), is_in_scope=inside, own=own)
    except ValueError as error:
        return Found(allowed=False, rule=None, error=str(error))


@lru_cache(maxsize=65_536)
def decide(
    ref: str,
    roles: frozenset[str],
    action: str,
    kind: str,
    texts: tuple[tuple[str, str], ...],
    *,
    is_in_scope: bool,
    own: str = "",
) -> Found:
    """Ask Cedar, once for each different question. Args: own: the organisation's own rules, evaluated with the others.

    Rules see of a department only which of the actor's roles reach it, and of a resource neither id nor name, so the
    question is asked about the root with those roles. A test holds this against asking about each department itself.

    Raises: ValueError: the rules could not be evaluated; that is not remembered.
    """
    known = narrowed(own)
    actor = Actor(
        ref=ref,
        name=ref,
        roles=tuple(RoleGrant(role=role) for role in sorted(roles)),
        scopes=None if is_in_scope else frozenset(),
    )
    resource = Resource(kind=kind, id="any", attributes=dict(texts))
    result = cedarpy.is_authorized(
        request_of(actor, action, resource), known.policies, entities_of(actor, resource, (ROOT,)), known.schema
    )
    if result.diagnostics.errors:
        raise ValueError("; ".join(result.diagnostics.errors))
    names = [result.diagnostics.id_annotations_by_reason[reason] for reason in result.diagnostics.reasons]
    rule = min(names, key=list(known.access).index, default=None)
    return Found(allowed=bool(result.allowed), rule=rule, error=None)


def _nearest(actor: Actor, action: str, resource: Resource, line: tuple[str, ...], own: str) -> tuple[str, str | None]:
    """Find the rules that would let the actor through with one more role; the AI office is named last."""
    found: list[str] = []
    for role in sorted(Role, key=lambda role: role is Role.ai_office):
        tried = replace(actor, roles=(*actor.roles, RoleGrant(role=role.value, department=line[0])))
        answer = _evaluate(tried, action, resource, line, own)
        if answer.allowed and answer.rule is not None and answer.rule not in found:
            found.append(answer.rule)
    if not found:
        return "no-rule", "no role allows this; ask the AI office"
    named = found[:-1] or found
    return named[0], "; or ".join(rules().access[rule] for rule in named)
