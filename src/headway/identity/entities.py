"""Who there is: departments, people, roles, tokens, and what a permission check answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from headway.kernel.auth import Actor, RoleGrant

ROOT = "org"
"""Slug of the department that all others lie below."""
LANES = ("reviewer", "council")
"""Who decides on a use case: one other person, or the council. A thing of no known lane is under the rules of both."""


class Role(StrEnum):
    """What a person or service may be asked to answer for, in a department and all below it."""

    ai_office = "ai_office"
    sponsor = "sponsor"
    council = "council"
    department_head = "department_head"
    data_owner = "data_owner"
    data_scientist = "data_scientist"
    auditor = "auditor"
    operator = "operator"
    employee = "employee"


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A part of the organisation; ``region`` is its own or the nearest one above."""

    slug: str
    name: str
    parent: str | None
    region: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A human being; ``ref`` is what records name, so that records hold no name."""

    id: str
    ref: str
    name: str
    email: str | None
    is_active: bool
    has_account: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A person who was added, and the code that lets them set a password; the code is shown once."""

    person: Person
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInLink:
    """A link with which a person signs in once, without a password; the code is shown this once."""

    person: Person
    code: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRole:
    """A role that a principal holds; no department means everywhere.

    ``source`` is ``hand``, or ``provider:ID`` for one that follows from a group there.
    """

    id: str
    principal: str
    role: Role
    department: str | None
    source: str
    granted_by: str
    granted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token as it can be shown again: without its secret."""

    id: str
    prefix: str
    name: str
    owner: str
    kind: Literal["api", "session"]
    scopes: tuple[str, ...] | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token or session just made; ``secret`` is shown this once and stored nowhere, only its ``hash``."""

    id: str
    secret: str
    hash: str
    name: str
    owner: str
    scopes: tuple[str, ...] | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """How long a session lives unused, and at the longest."""

    idle: timedelta = timedelta(hours=8)
    longest: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSession:
    """A person's session in a browser or at a terminal, without its secret.

    ``expires_at`` is when it ends if it is not used again; ``ends_by`` when it ends however busy it is.
    """

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """A session taken up again: who acts, and when it ends if it is not used after now."""

    actor: Actor
    session_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSetup:
    """What a start of the platform has to tell: the local owner's new token, the code of the one-time set-up."""

    token: str | None
    setup_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoAmI:
    """The actor behind a token."""

    ref: str
    name: str
    roles: tuple[RoleGrant, ...]
    scopes: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Whether an actor may do an action to a resource, by which rule, and how to get access when not."""

    allowed: bool
    principal: str
    action: str
    resource: str
    department: str | None
    rule: str
    reason: str
    access: str | None


class Situation(StrEnum):
    """What a thing must be for an action to be allowed: any, one in the sandbox, or one's own."""

    any = "any"
    sandbox = "sandbox"
    own = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedAction:
    """An action that is allowed, the rule that allows it, and a role that is enough; None: no role is needed."""

    action: str
    situation: Situation
    rule: str
    role: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentAccess:
    """The roles that reach a department, and what they allow there."""

    department: str
    roles: tuple[str, ...]
    actions: tuple[AllowedAction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveAccess:
    """What a person or service may do in each department; what ``org`` has is allowed everywhere."""

    principal: str
    name: str
    departments: tuple[DepartmentAccess, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRole:
    """Members of a group at a provider hold a role; no department means everywhere."""

    group: str
    role: Role
    department: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """What is set of an identity provider.

    ``secret_name`` names the client secret (``env:HEADWAY_SECRET_...`` or ``file:NAME``), None: a public client. Without
    ``mail_domains`` any address is let in. ``trusts_mail``: a verified address there is the person who has it here.
    """

    id: str
    label: str
    issuer: str
    client_id: str
    secret_name: str | None = None
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    groups_claim: str = "groups"
    group_roles: tuple[GroupRole, ...] = ()
    creates_people: bool = False
    mail_domains: tuple[str, ...] = ()
    trusts_mail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """An identity provider that people sign in with; ``source`` is ``api`` or the settings' ``file``."""

    id: str
    label: str
    issuer: str
    client_id: str
    secret_name: str | None
    scopes: tuple[str, ...]
    groups_claim: str
    group_roles: tuple[GroupRole, ...]
    creates_people: bool
    mail_domains: tuple[str, ...]
    trusts_mail: bool
    source: Literal["api", "file"]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """A version of rules that the organisation made for itself: Cedar that forbids and never permits. The newest is in force."""

    version: int
    source: str  # what they were made of, as a reference
    policies: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderCheck:
    """One thing that was looked at when a provider was tested."""

    name: str
    is_good: bool
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A sign-in begun at a provider: where to send the browser, and what it must bring back in a cookie."""

    url: str
    binding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A sign-in at a provider that was accepted: the session's token, and where the person wanted to go."""

    token: NewToken
    next: str
