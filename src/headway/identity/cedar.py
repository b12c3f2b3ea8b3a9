"""What the rules get to see: an actor, an action and a resource as Cedar entities. One place builds them, complete.

Cedar skips a ``forbid`` whose evaluation fails on a missing attribute. So every attribute is always there, and the
schema refuses what is not.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from headway.identity.entities import ROOT, Role
from headway.kernel.auth import Actor, Resource

_TEXTS = ("environment", "requested_by", "confirmed_by", "owner", "lane", "seats", "steward")


def request_of(actor: Actor, action: str, resource: Resource) -> dict[str, object]:
    """Write a Cedar request."""
    return {
        "principal": {"type": _principal_type(actor), "id": _principal_id(actor)},
        "action": {"type": "Action", "id": action},
        "resource": {"type": "Thing", "id": _thing_id(resource)},
        "context": {"in_scope": in_scope(actor.scopes, action)},
    }


def entities_of(actor: Actor, resource: Resource, line: Sequence[str]) -> list[dict[str, object]]:
    """Write the entities that a request is about.

    Args: line: the resource's department and those above it, nearest first, ending in the root.
    """
    thing: dict[str, object] = {"kind": resource.kind, **dict(texts_of(resource))}
    chain = list(line) or [ROOT]
    departments = {*chain, *(grant.department or ROOT for grant in actor.roles)}
    above = dict(itertools.pairwise(chain))
    who: dict[str, object] = {
        "uid": {"type": _principal_type(actor), "id": _principal_id(actor)},
        "attrs": {"ref": actor.ref, "held": _held(actor)},
        "parents": [],
    }
    what: dict[str, object] = {
        "uid": {"type": "Thing", "id": _thing_id(resource)},
        "attrs": thing,
        "parents": [_department(chain[0])],
    }
    return [who, what, *(_node(slug, above.get(slug)) for slug in sorted(departments))]


def texts_of(resource: Resource) -> tuple[tuple[str, str], ...]:
    """Read the attributes that rules know; what is absent is an empty text."""
    values = [(name, resource.attributes.get(name)) for name in _TEXTS]
    return tuple((name, "" if value is None else str(value)) for name, value in values)


def _node(slug: str, parent: str | None) -> dict[str, object]:
    return {"uid": _department(slug), "attrs": {}, "parents": [] if parent is None else [_department(parent)]}


def in_scope(scopes: Iterable[str] | None, action: str) -> bool:
    """Tell whether scopes (``usecase:read``, ``usecase:*``) let an action through; None lets all through."""
    if scopes is None:
        return True
    noun = action.partition(":")[0]
    return any(scope in (action, f"{noun}:*") for scope in scopes)


def _held(actor: Actor) -> dict[str, list[dict[str, str]]]:
    held: dict[str, list[dict[str, str]]] = {role.value: [] for role in Role}
    for grant in actor.roles:
        held[Role(grant.role).value].append(_department(grant.department or ROOT))
    return held


def _department(slug: str) -> dict[str, str]:
    return {"type": "Department", "id": slug}


def _principal_type(actor: Actor) -> str:
    return "Person" if actor.is_person else "Service"


def _principal_id(actor: Actor) -> str:
    return actor.ref.partition(":")[2]


def _thing_id(resource: Resource) -> str:
    return f"{resource.kind}:{resource.id}"
