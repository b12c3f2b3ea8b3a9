"""The permission rules: they fit their schema, and each role may do what it should and nothing else."""

from __future__ import annotations

import json
import re
from importlib import resources

import cedarpy
import pytest

from headway import identity
from headway.identity import CedarAuthorizer, Role
from headway.identity.adapters import authorizer, narrowed, rules
from headway.identity.cedar import entities_of, in_scope, request_of
from headway.kernel.auth import SYSTEM, Actor, Resource, RoleGrant
from headway.kernel.errors import Denied

ASKED = CedarAuthorizer()
RELEASE = {"environment": "production", "requested_by": "person:bo"}


def schema_text() -> str:
    return (resources.files("headway.identity") / "policies" / "schema.cedarschema").read_text()


def person(*roles: str, name: str = "ada", scopes: frozenset[str] | None = None) -> Actor:
    """An actor with roles written ``role`` (everywhere) or ``role@department``."""
    grants = [RoleGrant(role=text.partition("@")[0], department=text.partition("@")[2] or None) for text in roles]
    return Actor(ref=f"person:{name}", name=name.capitalize(), roles=tuple(grants), scopes=scopes)


def thing(kind: str = "usecase", department: str | None = "sales", **attributes: str | None) -> Resource:
    return Resource(kind=kind, id="x", department=department, attributes=attributes)


def allowed(actor: Actor, action: str, resource: Resource | None = None) -> bool:
    return ASKED.explain(actor, action, resource or thing()).allowed


def test_every_rule_fits_the_schema() -> None:
    result = cedarpy.validate_policies(rules().text, schema_text())
    assert result.validation_passed, [str(error) for error in result.errors]


def test_the_schema_finds_a_rule_on_an_attribute_that_is_not_always_there() -> None:
    wrong = "forbid (principal, action, resource) when { resource.asked_by == principal.ref };"
    assert not cedarpy.validate_policies(wrong, schema_text()).validation_passed


def test_every_rule_says_its_name_and_how_to_get_access() -> None:
    policies = json.loads(cedarpy.policies_to_json_str(rules().text))["staticPolicies"]
    assert len(rules().access) == len(policies) > 10
    assert all(text.strip() for text in rules().access.values())


def test_entities_always_carry_every_attribute_of_the_schema() -> None:
    empty = entities_of(Actor(ref="person:x", name="X"), Resource(kind="k", id="i"), ["org"])
    cedarpy.Entities.from_json_str(json.dumps(empty), schema_text())
    [what] = [entity for entity in empty if entity["uid"] == {"type": "Thing", "id": "k:i"}]
    texts = ("environment", "requested_by", "confirmed_by", "owner", "lane", "seats", "steward")
    assert what["attrs"] == {"kind": "k", **dict.fromkeys(texts, "")}


def test_an_entity_that_lacks_an_attribute_is_an_error_not_a_pass() -> None:
    actor, resource = person("ai_office"), thing("release", requested_by="person:ada", environment="production")
    entities = entities_of(actor, resource, ["sales", "org"])
    attrs = entities[1]["attrs"]
    assert isinstance(attrs, dict)
    del attrs["requested_by"]
    with pytest.raises(ValueError, match="does not conform to the schema"):
        cedarpy.Entities.from_json_str(json.dumps(entities), schema_text())
    result = cedarpy.is_authorized(
        request_of(actor, "release:approve", resource), rules().policies, entities, rules().schema
    )
    assert not result.allowed


def test_an_error_while_evaluating_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def incomplete(actor: Actor, resource: Resource, line: tuple[str, ...]) -> list[dict[str, object]]:
        built = entities_of(actor, resource, line)
        attrs = built[1]["attrs"]
        assert isinstance(attrs, dict)
        return [built[0], {**built[1], "attrs": {k: v for k, v in attrs.items() if k != "requested_by"}}, *built[2:]]

    monkeypatch.setattr(authorizer, "entities_of", incomplete)
    authorizer.decide.cache_clear()
    answer = ASKED.explain(person("ai_office"), "release:approve", thing("release", **RELEASE))
    assert (answer.allowed, answer.rule) == (False, "not-evaluated")
    with pytest.raises(Denied):
        ASKED.check(person("ai_office"), "release:approve", thing("release", **RELEASE))


def test_without_a_role_nothing_is_allowed() -> None:
    nobody = person()
    for action in ("usecase:open", "usecase:read", "ledger:read", "run:train", "department:manage"):
        assert not allowed(nobody, action)


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("employee", ["usecase:open", "usecase:read"], ["run:train", "product:read", "ledger:read", "decision:read"]),
        ("data_scientist", ["run:train", "product:register", "release:request"], ["deployment:deploy", "ledger:read"]),
        ("data_owner", ["product:register", "outcome:import"], ["run:train", "release:request"]),
        ("department_head", ["usecase:update", "deployment:suspend"], ["deployment:deploy", "release:approve"]),
        ("sponsor", ["usecase:update", "pilot:start"], ["tier:decide", "run:train"]),
        ("council", ["tier:decide", "ledger:read"], ["deployment:deploy", "run:train", "ledger:erase"]),
        ("auditor", ["ledger:read", "ledger:export", "decision:read"], ["usecase:open", "ledger:erase", "run:train"]),
        ("operator", ["deployment:deploy", "grant:create", "job:cancel"], ["release:approve", "role:grant"]),
        ("ai_office", ["role:grant", "ledger:erase", "run:train", "person:manage"], []),
    ],
)
def test_each_role_may_what_it_is_for(role: str, may: list[str], may_not: list[str]) -> None:
    actor = person(f"{role}@sales")
    assert [action for action in may if not allowed(actor, action)] == []
    assert [action for action in may_not if allowed(actor, action)] == []
    assert [action for action in may if allowed(actor, action, thing(department="hr"))] == []
    assert [action for action in may if not allowed(person(role), action, thing(department="hr"))] == []


def test_a_role_reaches_below_its_department_and_not_above() -> None:
    scientist = person("data_scientist@sales")
    line = ("sales-emea", "sales", "org")
    entities = entities_of(scientist, thing(department="sales-emea"), line)
    request = request_of(scientist, "run:train", thing(department="sales-emea"))
    assert cedarpy.is_authorized(request, rules().policies, entities, rules().schema).allowed
    assert not allowed(scientist, "run:train", thing(department=None))


def test_nobody_approves_their_own_release_whatever_their_roles() -> None:
    everything = [role.value for role in Role]
    own = thing("release", **{**RELEASE, "requested_by": "person:ada"})
    assert not allowed(person(*everything), "release:approve", own)
    assert allowed(person(*everything), "release:approve", thing("release", **RELEASE))
    assert ASKED.explain(person(*everything), "release:approve", own).rule == "two-people"


def test_in_the_sandbox_one_person_is_enough() -> None:
    own = thing("release", environment="sandbox", requested_by="person:ada")
    assert allowed(person("data_scientist@sales"), "release:approve", own)
    assert allowed(person("ai_office"), "release:approve", own)


@pytest.mark.parametrize("environment", ["pilot", "production", "", None, "Sandbox", "sandbox "])
def test_every_environment_but_the_sandbox_needs_two_people(environment: str | None) -> None:
    own = thing("release", environment=environment, requested_by="person:ada")
    assert ASKED.explain(person("ai_office"), "release:approve", own).rule == "two-people"


def test_an_approval_that_does_not_say_who_asked_is_refused() -> None:
    for missing in ({"environment": "production"}, {"environment": "production", "requested_by": None}):
        answer = ASKED.explain(person("ai_office"), "release:approve", thing("release", **missing))
        assert (answer.allowed, answer.rule) == (False, "approval-names-requester")


def test_services_do_not_decide() -> None:
    service = Actor(ref="service:ci", name="ci", roles=(RoleGrant(role="ai_office"),))
    for action in ("release:approve", "tier:decide", "role:grant", "person:link", "provider:manage"):
        assert ASKED.explain(service, action, thing("release", **RELEASE)).rule == "people-decide"
    assert allowed(service, "gate:evaluate")


def test_the_platform_itself_may_housekeep_but_not_decide() -> None:
    assert allowed(SYSTEM, "deployment:suspend")
    assert not allowed(SYSTEM, "release:approve", thing("release", **RELEASE))
    impostor = Actor(ref="person:headway", name="Headway")
    assert not allowed(impostor, "deployment:suspend")


def test_a_scope_narrows_what_the_roles_allow() -> None:
    narrow = person("ai_office", scopes=frozenset({"run:train", "product:*"}))
    assert allowed(narrow, "run:train")
    assert allowed(narrow, "product:register")
    answer = ASKED.explain(narrow, "role:grant", thing())
    assert (answer.allowed, answer.rule) == (False, "token-scope")
    assert not allowed(person(scopes=frozenset({"run:train"})), "run:train")


@pytest.mark.parametrize(
    ("scopes", "action", "inside"),
    [
        (None, "run:train", True),
        ([], "run:train", False),
        (["run:train"], "run:train", True),
        (["run:*"], "run:train", True),
        (["*"], "run:train", False),
        (["run"], "run:train", False),
        (["run:t*"], "run:train", False),
        (["runs:*"], "run:train", False),
    ],
)
def test_scopes_are_actions_or_nouns(scopes: list[str] | None, action: str, inside: bool) -> None:
    assert in_scope(scopes, action) is inside


def test_one_may_see_and_end_ones_own_tokens_and_jobs_only() -> None:
    nobody = person()
    assert allowed(nobody, "token:revoke", thing("token", owner="person:ada"))
    assert not allowed(nobody, "token:revoke", thing("token", owner="person:bo"))
    assert allowed(person("operator"), "token:create", thing("token", owner="service:crm"))
    assert not allowed(person("operator"), "token:create", thing("token", owner="person:bo"))


def test_an_action_that_no_rule_knows_is_refused() -> None:
    answer = ASKED.explain(person("ai_office"), "run:fly", thing())
    assert (answer.allowed, answer.rule) == (False, "not-evaluated")
    assert "run:fly" in answer.reason


def test_a_refusal_names_the_rule_and_how_to_get_access() -> None:
    with pytest.raises(Denied) as refused:
        ASKED.check(person("employee@sales"), "run:train", thing("run"))
    assert refused.value.values == {"rule": "data-scientists-build", "action": "run:train", "resource": "run:x"}
    assert refused.value.hint == "ask the AI office for the role data_scientist in sales"
    assert refused.value.message == "Ada may not run:train run:x in sales: no rule allows it"


def test_a_refusal_that_only_the_ai_office_could_turn_names_it() -> None:
    answer = ASKED.explain(person("employee"), "role:grant", thing(department=None))
    assert answer.rule == "ai-office-governs"
    assert "AI office" in str(answer.access)
    assert "the whole organisation" in str(answer.access)


ANSWERED_BY = {
    "discount:set": "department_head",
    "appetite:confirm": "sponsor",
    "rights:confirm": "sponsor",
    "data:grant": "data_owner",
    "data:query": "data_owner",
}
"""Who alone does what not even the AI office may."""
NAMED = {"mandate:sign", "assessment:answer", "contract:answer"}
"""What only the person may do whom the thing names, whatever roles others hold."""


def test_every_action_of_the_schema_is_open_to_somebody_and_closed_to_nobodies() -> None:
    actions = [part.strip().strip('"') for part in schema_text().split("action\n")[1].split("appliesTo")[0].split(",")]
    assert len(actions) > 40
    resource = thing("release", **RELEASE)
    for action in actions:
        named = thing("release", **RELEASE, owner=person("ai_office").ref) if action in NAMED else resource
        assert allowed(person(ANSWERED_BY.get(action, "ai_office")), action, named), action
        assert not allowed(person(), action, resource), action
        assert ASKED.explain(person(), action, resource).access, action


@pytest.mark.parametrize("role", [None, *Role])
def test_what_a_role_allows_is_what_the_rules_answer_to_its_holder(role: Role | None) -> None:
    actor = person(role.value) if role else person()
    told = {one.action: one.situation.value for one in identity.role_access(role)}
    for action in rules().actions:
        found = told.get(action)
        elsewhere = {"environment": "production", "requested_by": "person:bo"}
        assert allowed(actor, action, thing(**elsewhere)) == (found == "any"), action
        assert allowed(actor, action, thing(**elsewhere | {"environment": "sandbox"})) == (found in ("any", "sandbox"))
        assert allowed(actor, action, thing(**elsewhere, owner=actor.ref)) == (found in ("any", "own"))


def test_the_rules_that_win_over_every_role_are_the_forbidding_ones() -> None:
    assert set(identity.forbidding_rules()) == set(re.findall(r'@id\("([a-z-]+)"\)[^;]*?\nforbid ', rules().text))


OWN = """
@id("own-rule")
@access("ask somebody else")
forbid (principal, action == Action::"run:train", resource)
unless { resource in principal.held.ai_office };
"""


@pytest.mark.parametrize(
    "text",
    [
        "permit (principal, action, resource);",
        OWN.replace("forbid (", "permit (").replace("unless", "when"),
        OWN + OWN.replace("own-rule", "other").replace("forbid", "permit"),
        OWN.replace('@id("own-rule")', ""),
        OWN.replace('@access("ask somebody else")', ""),
        OWN.replace("own-rule", "two-people"),
        OWN.replace("run:train", "run:fly"),
        OWN.replace("principal.held.ai_office", "principal.held.king"),
        "this is no rule",
        OWN + OWN,
    ],
)
def test_rules_of_the_organisation_only_forbid_and_fit_the_schema(text: str) -> None:
    with pytest.raises(identity.NarrowingInvalid):
        narrowed(text)


def test_rules_of_the_organisation_are_evaluated_with_the_others() -> None:
    scientist, texts = frozenset({"data_scientist"}), (("environment", "production"),)
    plain = authorizer.decide("person:ada", scientist, "run:train", "run", texts, is_in_scope=True)
    found = authorizer.decide("person:ada", scientist, "run:train", "run", texts, is_in_scope=True, own=OWN)
    assert (plain.allowed, found.allowed, found.rule) == (True, False, "own-rule")
    assert narrowed(OWN).access["own-rule"] == "ask somebody else"
    office = authorizer.decide(
        "person:ada", frozenset({"ai_office"}), "run:train", "run", texts, is_in_scope=True, own=OWN
    )
    assert office.allowed
