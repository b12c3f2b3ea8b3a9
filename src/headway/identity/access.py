"""Effective access: in each department, what a principal may do, by which rule, and which role gives it.

Of a department the rules see only which roles reach it, so they are asked once for each set of roles, not once for
each department.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from headway.identity.entities import ROOT, AllowedAction, DepartmentAccess, Situation
from headway.kernel.auth import RoleGrant

Ask = Callable[[frozenset[str], str, Situation], str | None]
"""The rule that allows an action to holders of these roles in a situation, or None."""


def line_of(department: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """Name a department and those above it, nearest first, ending in the root."""
    line: list[str] = []
    at: str | None = department
    while at is not None and at in parents:
        line.append(at)
        at = parents[at]
    return tuple(line) or (department, ROOT)


def roles_reaching(grants: Iterable[RoleGrant], line: tuple[str, ...]) -> frozenset[str]:
    """Name the roles that are held in a department or above it."""
    return frozenset(grant.role for grant in grants if (grant.department or ROOT) in line)


def access_by_department(
    grants: Iterable[RoleGrant], parents: Mapping[str, str | None], actions: Iterable[str], ask: Ask
) -> tuple[DepartmentAccess, ...]:
    """Tell what holders of these grants may do in every department, parents before children.

    Args: parents: the tree, each department's parent; actions: all there are.
    """
    held, known = tuple(grants), tuple(actions)

    @cache
    def allowed(roles: frozenset[str]) -> tuple[AllowedAction, ...]:
        found = (_allowed(roles, action, ask) for action in known)
        return tuple(action for action in found if action is not None)

    lines = sorted((line_of(slug, parents) for slug in parents), key=lambda line: (len(line), line[0]))
    return tuple(
        DepartmentAccess(department=line[0], roles=tuple(sorted(roles)), actions=allowed(roles))
        for line in lines
        for roles in [roles_reaching(held, line)]
    )


def _allowed(roles: frozenset[str], action: str, ask: Ask) -> AllowedAction | None:
    """Find the widest situation in which an action is allowed, and one role that is enough for it."""
    for situation in Situation:
        rule = ask(roles, action, situation)
        if rule is not None:
            enough = (role for role in sorted(roles) if ask(frozenset({role}), action, situation) == rule)
            alone = ask(frozenset(), action, situation) == rule
            role = None if alone else next(enough, None)
            return AllowedAction(action=action, situation=situation, rule=rule, role=role)
    return None
