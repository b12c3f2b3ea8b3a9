"""Invariants of the permission rules for any mix of roles, scopes and resources."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.identity import CedarAuthorizer, Role
from headway.kernel.auth import Actor, Resource, RoleGrant
from tests.factories.dose import examples

ASKED = CedarAuthorizer()
DEPARTMENTS = ("org", "sales", "hr")
ACTIONS = (
    "usecase:open",
    "run:train",
    "release:approve",
    "deployment:deploy",
    "ledger:read",
    "role:grant",
    "tier:decide",
)
ENVIRONMENTS = ("sandbox", "pilot", "production", "")
WEIRD = st.text(max_size=12)

grants = st.builds(
    RoleGrant, role=st.sampled_from([role.value for role in Role]), department=st.none() | st.sampled_from(DEPARTMENTS)
)
actors = st.builds(
    Actor,
    ref=st.sampled_from(["person:ada", "person:bo", "service:ci"]),
    name=WEIRD,
    roles=st.lists(grants, max_size=4).map(tuple),
    scopes=st.none() | st.frozensets(st.sampled_from([*ACTIONS, "release:*", "run:*"])),
)
resources = st.builds(
    Resource,
    kind=st.sampled_from(["usecase", "release", "odd kind"]),
    id=WEIRD,
    department=st.none() | st.sampled_from(DEPARTMENTS),
    attributes=st.fixed_dictionaries(
        {},
        optional={
            "environment": st.sampled_from(ENVIRONMENTS),
            "requested_by": st.sampled_from(["person:ada", "person:bo", ""]) | WEIRD,
            "owner": WEIRD | st.none(),
            "other": st.integers() | st.none(),
        },
    ),
)


@settings(max_examples=examples(150), deadline=None)
@given(actors, resources)
def test_nobody_ever_approves_above_the_sandbox_what_they_asked_for(actor: Actor, resource: Resource) -> None:
    own = replace(resource, attributes={**resource.attributes, "requested_by": actor.ref})
    if ASKED.explain(actor, "release:approve", own).allowed:
        assert own.attributes.get("environment") == "sandbox"


@settings(max_examples=examples(100), deadline=None)
@given(actors, resources, st.sampled_from(ACTIONS), grants)
def test_a_further_role_never_takes_a_permission_away(
    actor: Actor, resource: Resource, action: str, grant: RoleGrant
) -> None:
    if ASKED.explain(actor, action, resource).allowed:
        more = replace(actor, roles=(*actor.roles, grant))
        assert ASKED.explain(more, action, resource).allowed


@settings(max_examples=examples(100), deadline=None)
@given(actors, resources, st.sampled_from(ACTIONS))
def test_scopes_only_narrow(actor: Actor, resource: Resource, action: str) -> None:
    if ASKED.explain(actor, action, resource).allowed:
        assert ASKED.explain(replace(actor, scopes=None), action, resource).allowed
        assert actor.scopes is None or {action, action.split(":", maxsplit=1)[0] + ":*"} & actor.scopes


@settings(max_examples=examples(100), deadline=None)
@given(actors, resources, st.sampled_from(ACTIONS))
def test_every_answer_names_a_rule_and_every_refusal_a_way(actor: Actor, resource: Resource, action: str) -> None:
    answer = ASKED.explain(actor, action, resource)
    assert answer.rule
    assert answer.allowed or answer.access
    assert "{" not in (answer.access or "")
