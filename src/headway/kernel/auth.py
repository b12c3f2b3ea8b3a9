"""Who asks, for what, and the door that answers: shapes shared by every edge. ``identity`` holds the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from headway.kernel.errors import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGrant:
    """A role held in a department and all below it; no department means everywhere."""

    role: str
    department: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person or service that acts. ``ref`` is ``person:ID`` or ``service:NAME``; scopes narrow what a token may.

    ``narrowing``: the version of the organisation's own rules in force when they were recognised, 0 for none; None: not looked up.
    """

    ref: str
    name: str
    roles: tuple[RoleGrant, ...] = ()
    scopes: frozenset[str] | None = None  # None: everything the roles allow
    narrowing: int | None = field(default=None, compare=False)

    @property
    def is_person(self) -> bool:
        """Whether a human being acts."""
        return self.ref.startswith("person:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """The thing acted on, as the rules see it."""

    kind: str
    id: str
    department: str | None = None
    attributes: Mapping[str, Scalar] = field(default_factory=dict)


class Authorizer(Protocol):
    """Answers whether an actor may do an action to a resource."""

    def check(self, actor: Actor, action: str, resource: Resource) -> None:
        """Return when allowed; raise Denied with the rule's id and how to get access when not."""

    def allows(self, actor: Actor, action: str, resource: Resource) -> bool:
        """Tell whether it is allowed; for showing and hiding, where ``check`` refuses."""


SYSTEM = Actor(ref="service:headway", name="Headway")
