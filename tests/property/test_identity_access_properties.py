"""Remembered answers are the answers that Cedar gives about each department, one by one."""

from __future__ import annotations

from functools import cache

import cedarpy
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.identity import Role, Situation
from headway.identity.access import access_by_department, line_of
from headway.identity.adapters import decide, rules
from headway.identity.cedar import entities_of, in_scope, request_of, texts_of
from headway.kernel.auth import Actor, Resource, RoleGrant
from tests.factories.dose import examples

DEPARTMENTS = [f"d{n}" for n in range(6)]
trees = st.lists(st.integers(0, 5), min_size=6, max_size=6).map(
    lambda ups: {
        "org": None,
        **{name: "org" if up >= n else f"d{up}" for n, (name, up) in enumerate(zip(DEPARTMENTS, ups, strict=True))},
    }
)
grants = st.builds(
    RoleGrant, role=st.sampled_from([r.value for r in Role]), department=st.none() | st.sampled_from(DEPARTMENTS)
)
held = st.lists(grants, max_size=4).map(tuple)
actors = st.builds(
    Actor,
    ref=st.sampled_from(["person:ada", "service:crm", "service:headway"]),
    name=st.just("A"),
    roles=held,
    scopes=st.none() | st.frozensets(st.sampled_from(["run:*", "release:approve", "token:read"])),
)
actions = st.sampled_from(rules().actions)
owners = st.sampled_from(["", "person:ada", "person:bo", "service:crm"])
attributes = st.fixed_dictionaries(
    {"environment": st.sampled_from(["sandbox", "production", ""]), "requested_by": owners, "owner": owners}
)


def cedar(actor: Actor, action: str, resource: Resource, line: tuple[str, ...]) -> bool:
    """Ask Cedar about this department and this thing itself."""
    entities = entities_of(actor, resource, line)
    return bool(
        cedarpy.is_authorized(request_of(actor, action, resource), rules().policies, entities, rules().schema).allowed
    )


@settings(max_examples=examples(300), deadline=None)
@given(trees, actors, actions, attributes)
def test_a_remembered_answer_is_the_one_for_the_department(
    parents: dict[str, str | None], actor: Actor, action: str, about: dict[str, str]
) -> None:
    for department in parents:
        line = line_of(department, parents)
        resource = Resource(kind="release", id="x", department=department, attributes=about)
        reaching = frozenset(grant.role for grant in actor.roles if (grant.department or "org") in line)
        inside = in_scope(actor.scopes, action)
        found = decide(actor.ref, reaching, action, "release", texts_of(resource), is_in_scope=inside)
        assert found.allowed == cedar(actor, action, resource, line), department


@settings(max_examples=examples(25), deadline=None)
@given(trees, held)
def test_effective_access_agrees_with_cedar_for_each_department_and_action(
    parents: dict[str, str | None], roles: tuple[RoleGrant, ...]
) -> None:
    actor = Actor(ref="person:ada", name="Ada", roles=roles)
    about = {
        Situation.any: {"environment": "production", "requested_by": "person:bo", "owner": ""},
        Situation.sandbox: {"environment": "sandbox", "requested_by": "person:bo", "owner": ""},
        Situation.own: {"environment": "production", "requested_by": "person:bo", "owner": "person:ada"},
    }

    def ask(some: frozenset[str], action: str, situation: Situation) -> str | None:
        resource = Resource(kind="any", id="any", attributes=about[situation])
        found = decide("person:ada", some, action, "any", texts_of(resource), is_in_scope=True)
        return found.rule if found.allowed else None

    @cache
    def one_by_one(department: str, action: str, situation: Situation) -> bool:
        resource = Resource(kind="any", id="any", department=department, attributes=about[situation])
        return cedar(actor, action, resource, line_of(department, parents))

    places = access_by_department(roles, parents, rules().actions, ask)
    assert {place.department for place in places} == set(parents)
    [place] = [place for place in places if place.department == "d5"]
    told = {entry.action: entry.situation for entry in place.actions}
    for action in rules().actions:
        widest = next((s for s in Situation if one_by_one("d5", action, s)), None)
        assert told.get(action) == widest, action
