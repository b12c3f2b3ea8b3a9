"""Outside libraries: Cedar, which evaluates the rules, and argon2, which hashes passwords."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

import cedarpy
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from headway.identity import store
from headway.identity.cedar import entities_of, request_of
from headway.identity.entities import ROOT, Explanation, Role
from headway.kernel.auth import Actor, Resource, RoleGrant
from headway.kernel.database import Database
from headway.kernel.errors import Denied
from headway.kernel.logs import logger

# 19 MiB, two passes, one lane: OWASP Password Storage Cheat Sheet (2023); a sign-in must not exhaust a small machine.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@dataclass(frozen=True, slots=True)
class Rules:
    """The policy set, parsed once, its schema, and what each rule says about getting access."""

    policies: cedarpy.PolicySet
    schema: cedarpy.Schema
    access: Mapping[str, str]
    text: str


@cache
def rules() -> Rules:
    """Read the rules that come with this version; raises ValueError when one has no id or no way to access."""
    folder = resources.files("headway.identity") / "policies"
    texts = {entry.name: entry.read_text() for entry in folder.iterdir() if entry.name.endswith(".cedar")}
    text = "\n".join(texts[name] for name in sorted(texts))
    access: dict[str, str] = {}
    for policy in json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values():
        notes = policy.get("annotations", {})
        if not notes.get("id") or not notes.get("access") or notes["id"] in access:
            raise ValueError(f"a rule needs an @id of its own and an @access: {notes}")
        access[notes["id"]] = notes["access"]
    schema = cedarpy.Schema.from_str((folder / "schema.cedarschema").read_text())
    return Rules(cedarpy.PolicySet.from_str(text), schema, access, text)


class CedarAuthorizer:
    """Answers by the Cedar rules in ``policies/``. Whatever is not allowed, or cannot be evaluated, is refused."""

    def __init__(self, database: Database | None = None) -> None:
        """Take the database whose departments form the tree; without one, every department lies below the root."""
        # A connection of its own: callers hold one of the pool already, and must not wait for a second.
        self._engine = create_engine(database.url, poolclass=NullPool) if database else None
        self._parents: dict[str, str | None] = {}
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

    def explain(self, actor: Actor, action: str, resource: Resource) -> Explanation:
        """Tell whether an actor may do an action to a resource, by which rule, and how to get access when not."""
        line = self._line(resource.department)
        found = _evaluate(actor, action, resource, line)
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
            access = rules().access[rule]
        else:
            rule, access = _nearest(actor, action, resource, line)
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
        seen = [d for d in held if _evaluate(actor, action, replace(resource, department=d), self._line(d)).allowed]
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
        line: list[str] = []
        at: str | None = department
        while at is not None and at in self._parents:
            line.append(at)
            at = self._parents[at]
        return tuple(line) or (department, ROOT)


@dataclass(frozen=True, slots=True)
class _Found:
    allowed: bool
    rule: str | None
    error: str | None


def _evaluate(actor: Actor, action: str, resource: Resource, line: tuple[str, ...]) -> _Found:
    known = rules()
    try:
        result = cedarpy.is_authorized(
            request_of(actor, action, resource), known.policies, entities_of(actor, resource, line), known.schema
        )
    except ValueError as error:
        return _Found(allowed=False, rule=None, error=str(error))
    names = [result.diagnostics.id_annotations_by_reason[reason] for reason in result.diagnostics.reasons]
    rule = min(names, key=list(known.access).index, default=None)
    if result.diagnostics.errors:
        return _Found(allowed=False, rule=None, error="; ".join(result.diagnostics.errors))
    return _Found(allowed=bool(result.allowed), rule=rule, error=None)


def _nearest(actor: Actor, action: str, resource: Resource, line: tuple[str, ...]) -> tuple[str, str | None]:
    """Find the rules that would let the actor through with one more role; the AI office is named last."""
    found: list[str] = []
    for role in sorted(Role, key=lambda role: role is Role.ai_office):
        tried = replace(actor, roles=(*actor.roles, RoleGrant(role=role.value, department=line[0])))
        answer = _evaluate(tried, action, resource, line)
        if answer.allowed and answer.rule is not None and answer.rule not in found:
            found.append(answer.rule)
    if not found:
        return "no-rule", "no role allows this; ask the AI office"
    named = found[:-1] or found
    return named[0], "; or ".join(rules().access[rule] for rule in named)


def hash_password(password: str) -> str:
    """Hash a password with argon2id."""
    return _hasher.hash(password)


def check_password(password_hash: str | None, password: str) -> bool:
    """Tell whether a password fits; takes the same time when there is no account."""
    try:
        return _hasher.verify(password_hash or _decoy(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _decoy() -> str:
    return _hasher.hash("nobody has this password")
