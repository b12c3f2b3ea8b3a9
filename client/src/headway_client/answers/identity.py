"""Answers about people, departments, roles and tokens."""

from __future__ import annotations

from datetime import datetime

from headway_client.answer import Answer


class NewToken(Answer):
    """A token just made; ``secret`` is shown this once and stored nowhere, only its ``hash``."""

    id: str
    secret: str
    hash: str
    name: str
    owner: str
    scopes: list[str] | None
    expires_at: datetime | None


class Token(Answer):
    """An API token as it can be shown again: without its secret."""

    id: str
    prefix: str
    name: str
    owner: str
    kind: str
    scopes: list[str] | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class Department(Answer):
    """A part of the organisation; ``region`` is its own or the nearest one above."""

    slug: str
    name: str
    parent: str | None
    region: str | None


class Person(Answer):
    """A human being; ``ref`` is what records name, so that records hold no name."""

    id: str
    ref: str
    name: str
    email: str | None
    is_active: bool
    has_account: bool
    created_at: datetime


class Invitation(Answer):
    """A person who was added, and the code that lets them set a password; the code is shown once."""

    person: Person
    code: str
    expires_at: datetime


class HeldRole(Answer):
    """A role that a principal holds; no department means everywhere."""

    id: str
    principal: str
    role: str
    department: str | None
    source: str
    granted_by: str
    granted_at: datetime


class RoleGrant(Answer):
    """A role held in a department and all below it; no department means everywhere."""

    role: str
    department: str | None


class WhoAmI(Answer):
    """The actor behind a token."""

    ref: str
    name: str
    roles: list[RoleGrant]
    scopes: list[str] | None


class Explanation(Answer):
    """Whether an actor may do an action to a resource, by which rule, and how to get access when not."""

    allowed: bool
    principal: str
    action: str
    resource: str
    department: str | None
    rule: str
    reason: str
    access: str | None


class UserSession(Answer):
    """A person's session in a browser or at a terminal, without its secret."""

    id: str
    person: str
    how: str
    source: str
    agent: str
    created_at: datetime
    last_used_at: datetime
    idle_minutes: int
    expires_at: datetime
    ends_by: datetime
    ended_at: datetime | None


class SignInLink(Answer):
    """A link with which a person signs in once, without a password; the code is shown this once."""

    person: Person
    code: str
    url: str
    expires_at: datetime


class AllowedAction(Answer):
    """An action that is allowed, the rule that allows it, and a role that is enough; None: no role is needed."""

    action: str
    situation: str
    rule: str
    role: str | None


class DepartmentAccess(Answer):
    """The roles that reach a department, and what they allow there."""

    department: str
    roles: list[str]
    actions: list[AllowedAction]


class EffectiveAccess(Answer):
    """What a person or service may do in each department; what ``org`` has is allowed everywhere."""

    principal: str
    name: str
    departments: list[DepartmentAccess]


class GroupRole(Answer):
    """Members of a group at a provider hold a role; no department means everywhere."""

    group: str
    role: str
    department: str | None


class IdentityProvider(Answer):
    """An identity provider that people sign in with; ``source`` is ``api`` or the settings' ``file``."""

    id: str
    label: str
    issuer: str
    client_id: str
    secret_name: str | None
    scopes: list[str]
    groups_claim: str
    group_roles: list[GroupRole]
    creates_people: bool
    mail_domains: list[str]
    trusts_mail: bool
    source: str
    created_at: datetime


class ProviderCheck(Answer):
    """One thing that was looked at when a provider was tested."""

    name: str
    is_good: bool
    message: str
