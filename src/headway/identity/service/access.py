"""What a principal may do where: for pages that show it, and for lists narrowed to what one may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from headway.identity import store
from headway.identity.access import Ask, access_by_department
from headway.identity.adapters import actions_of, decide, rules
from headway.identity.entities import LANES, ROOT, AllowedAction, EffectiveAccess, Role, Situation
from headway.identity.service.narrowing import narrowing_in_force
from headway.identity.service.roles import get_actor
from headway.kernel.auth import Actor, Authorizer, Resource, RoleGrant
from headway.kernel.errors import Scalar
from headway.kernel.listing import ListQuery


def known_actions() -> tuple[str, ...]:
    """Name all actions that there are rules about."""
    return rules().actions


def effective_access(session: Session, principal: str) -> EffectiveAccess:
    """Tell for each department which actions a principal may do, by which rule and role; raises PersonNotFound.

    It is what their roles allow: a token's scopes may narrow it further.
    """
    actor = get_actor(session, principal)
    found = narrowing_in_force(session)
    ask = _asking(actor.ref, found.policies if found else "")
    departments = access_by_department(actor.roles, store.parents(session), rules().actions, ask)
    return EffectiveAccess(principal=principal, name=actor.name, departments=departments)


def role_access(role: Role | None) -> tuple[AllowedAction, ...]:
    """Tell what a person may do where they hold one role, and below; None: what everybody may without any."""
    grants = (RoleGrant(role=role.value),) if role else ()
    [found] = access_by_department(grants, {ROOT: None}, rules().actions, _asking("person:somebody"))
    return found.actions


def roles_able(actions: Iterable[str]) -> Mapping[str, frozenset[Role]]:
    """Tell for each action which roles may do it above the sandbox where they are held, by the rules of this version alone."""
    ask = _asking("person:somebody")
    return {
        action: frozenset(role for role in Role if ask(frozenset({role.value}), action, Situation.any))
        for action in actions
    }


def forbidding_rules() -> Mapping[str, str]:
    """The rules that win over every role, each with how to get past it."""
    return {name: rules().access[name] for name in rules().forbidding}


def departments_where(
    authorizer: Authorizer,
    session: Session,
    actor: Actor,
    action: str,
    *,
    attributes: Mapping[str, Scalar] | None = None,
) -> frozenset[str] | None:
    """Name the departments in which an actor may do an action to a thing with these attributes; None: everywhere."""
    known = attributes or {}
    if actor.narrowing is None:  # one answer for all departments, and one look at which rules are in force
        actor = replace(actor, narrowing=store.narrowing_version(session))
    if authorizer.allows(actor, action, Resource(kind="any", id="any", attributes=known)):
        return None
    return frozenset(
        slug
        for slug in store.parents(session)
        if authorizer.allows(actor, action, Resource(kind="any", id="any", department=slug, attributes=known))
    )


def sees_person(authorizer: Authorizer, session: Session, actor: Actor, person_id: str) -> bool:
    """Tell whether an actor may see a person: one who holds a role where the actor may see people."""
    within = departments_where(authorizer, session, actor, "person:read")
    if within is None:
        return True
    asked = ListQuery(filters={"id": (person_id,)}, limit=1, within=within)
    return bool(within and store.find_people(session, asked).items)


def _asking(ref: str, own: str = "") -> Ask:
    """Ask the rules, those of the organisation too; what is allowed in one lane is told as allowed."""

    def ask(roles: frozenset[str], action: str, situation: Situation) -> str | None:
        narrowing = own if action in actions_of(own) else ""
        for lane in LANES if narrowing else ("",):
            texts = (*_texts(situation, ref), ("lane", lane))
            found = decide(ref, roles, action, "any", texts, is_in_scope=True, own=narrowing)
            if found.allowed:
                return found.rule
        return None

    return ask


def _texts(situation: Situation, ref: str) -> tuple[tuple[str, str], ...]:
    """What the rules are told of a thing: above the sandbox, and asked for by somebody else, unless said otherwise."""
    environment = "sandbox" if situation is Situation.sandbox else "production"
    owner = ref if situation is Situation.own else ""
    return (("environment", environment), ("requested_by", "person:somebody-else"), ("owner", owner))
