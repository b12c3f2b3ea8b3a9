"""Serving over HTTP, with real authentication and the rules in force."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Client

from headway import catalog, identity, serving
from headway.identity import Role
from headway.kernel.web import Parts
from headway.serving.routes import routers
from tests.factories.identity import api, client, join, local_owner
from tests.factories.serving import RECORD, SmallNode, deployed, granted, prepare_keys, published, released
from tests.factories.systems import open_system, open_vendor


@pytest.fixture
def live(parts: Parts) -> Parts:
    prepare_keys(parts)
    deployed(parts, released(parts))
    return parts


@pytest.fixture
def owner(live: Parts) -> Iterator[Client]:
    _, token = local_owner(live.database)
    with client(api(live, routers), token) as made:
        yield made


def as_person(live: Parts, name: str, *roles: tuple[Role, str | None]) -> Client:
    _, token = join(live.database, name, *roles)
    return client(api(live, routers), token)


def test_deployments_are_shown_with_the_address_of_the_node(owner: Client) -> None:
    [one] = owner.get("/deployments").json()["items"]
    assert one["url"] == "http://127.0.0.1:8470/v1/decisions/leads"
    assert one["state"] == "active"
    assert "salt" not in one
    assert owner.get("/deployments/leads").json() == one
    missing = owner.get("/deployments/none")
    assert (missing.status_code, missing.json()["code"]) == (404, "serving.unknown_deployment")
    assert owner.get("/deployments/leads", params={"environment": "production"}).status_code == 404
    assert owner.get("/deployments", params={"environment": "nowhere"}).status_code == 422


def test_the_kill_switch_is_for_who_may_suspend_everywhere_in_the_place(live: Parts, owner: Client) -> None:
    body = {"usecase": "lead-scoring", "reason": "it harms people"}
    with as_person(live, "Dora", (Role.data_scientist, "sales")) as scientist:
        assert scientist.post("/kill-switch", json=body).status_code == 403
    with as_person(live, "Fynn", (Role.operator, "finance")) as elsewhere:
        assert elsewhere.post("/kill-switch", json=body).status_code == 403
        assert elsewhere.post("/kill-switch", json={"department": "sales", "reason": "x"}).status_code == 403
    with as_person(live, "Hedy", (Role.department_head, "sales")) as head:
        made = head.post("/kill-switch", json=body).json()
    assert (made["scope"], [one["state"] for one in made["deployments"]]) == ("usecase:lead-scoring", ["suspended"])
    assert published(live).deployments["leads"].state == "suspended"
    assert owner.post("/kill-switch", json={"reason": "x"}).status_code == 422
    assert owner.post("/kill-switch", json={**body, "reason": ""}).status_code == 422
    assert owner.post("/kill-switch", json={"usecase": "nothing", "reason": "x"}).status_code == 404


def test_the_kill_switch_of_a_vendor_is_for_who_may_suspend_in_the_whole_organisation(
    live: Parts, owner: Client
) -> None:
    with live.database.session() as session:
        open_vendor(session)
        open_system(session, usecases=["lead-scoring"])
    body = {"vendor": "acme", "reason": "their data leaked"}
    with as_person(live, "Hedy", (Role.department_head, "sales")) as head:
        assert head.post("/kill-switch", json=body).status_code == 403
    with as_person(live, "Cora", (Role.council, None)) as council:
        made = council.post("/kill-switch", json=body).json()
    assert (made["scope"], [one["state"] for one in made["deployments"]]) == ("vendor:acme", ["suspended"])
    assert published(live).deployments["leads"].state == "suspended"
    assert owner.post("/kill-switch", json={**body, "vendor": "nobody"}).status_code == 404
    assert owner.post("/kill-switch", json={**body, "usecase": "lead-scoring"}).status_code == 422


def test_a_change_is_published_before_long(owner: Client, live: Parts) -> None:
    assert owner.get("/snapshots/sandbox").status_code == 404
    body = {"environment": "sandbox", "reason": "drift"}
    assert owner.post("/deployments/leads/suspend", json=body).json()["state"] == "suspended"
    assert owner.get("/snapshots/sandbox").json()["epoch"] == 1
    assert owner.post("/deployments/leads/suspend", json=body).status_code == 409
    assert owner.post("/deployments/leads/suspend", json={"environment": "sandbox", "reason": ""}).status_code == 422
    assert owner.post("/deployments/leads/resume", json=body).json()["state"] == "active"
    limited = owner.post("/deployments/leads/limits", json={"environment": "sandbox", "decisions_per_day": 5}).json()
    assert limited["daily_limit"] == 5
    assert published(live).deployments["leads"].limits.decisions_per_day == 5
    assert owner.post("/deployments/leads/retire", json=body).json()["state"] == "retired"
    assert published(live).deployments == {}


def test_a_version_nobody_registered_is_not_deployed(owner: Client) -> None:
    body = {"name": "more", "usecase": "lead-scoring", "version": "model:lead-scoring@9", "environment": "sandbox"}
    assert owner.post("/deployments", json=body).status_code == 404
    assert owner.post("/deployments", json={**body, "holdout_share": 1}).status_code == 422
    assert owner.post("/deployments", json={**body, "usecase": "none"}).json()["code"] == "governance.usecase_unknown"


def test_a_grant_makes_a_token_that_is_worth_nothing_at_the_api(owner: Client, live: Parts) -> None:
    made = owner.post("/grants", json={"deployment": "leads", "environment": "sandbox", "principal": "service:crm"})
    assert made.status_code == 201
    token = made.json()["token"]
    assert identity.token_hash(token) in published(live).grants
    assert token not in str(owner.get("/grants").json())
    with client(api(live, routers), token) as outsider:
        assert outsider.get("/deployments").status_code == 403
    grants = owner.get("/grants", params={"deployment": "leads"}).json()["items"]
    assert {one["scope"] for one in grants} == {"decide", "outcome"}
    for one in grants:
        assert owner.post(f"/grants/{one['id']}/revoke", json={"reason": "over"}).status_code == 200
    assert published(live).grants == {}
    assert owner.post("/grants/grt_none/revoke", json={"reason": "over"}).status_code == 404


def test_a_grant_for_a_token_there_is_makes_none(owner: Client) -> None:
    known = identity.token_hash("hwy_there_already")
    made = owner.post(
        "/grants",
        json={"deployment": "leads", "environment": "sandbox", "token_hash": known, "principal": "service:erp"},
    ).json()
    assert made["token"] is None
    assert {one["token_hash"] for one in made["grants"]} == {known}


def test_roles_decide_who_may_what(live: Parts) -> None:
    suspend = {"environment": "sandbox", "reason": "I say so"}
    grant = {"deployment": "leads", "environment": "sandbox", "principal": "service:crm"}
    with as_person(live, "Eva", (Role.employee, "sales")) as employee:
        refused = employee.post("/deployments/leads/suspend", json=suspend)
        assert refused.status_code == 403
        assert refused.json()["hint"]
        assert employee.post("/grants", json=grant).status_code == 403
    with as_person(live, "Olaf", (Role.operator, "finance")) as elsewhere:
        assert elsewhere.post("/deployments/leads/suspend", json=suspend).status_code == 403
    with as_person(live, "Opal", (Role.operator, "sales")) as operator:
        assert operator.post("/grants", json=grant).status_code == 201
        assert operator.post("/deployments/leads/suspend", json=suspend).status_code == 200


def test_a_list_is_narrowed_to_what_a_role_reaches(live: Parts) -> None:
    with as_person(live, "Opal", (Role.operator, "sales")) as operator:
        refused = operator.get("/deployments")
        assert refused.status_code == 403
        assert "?department=sales" in refused.json()["hint"]
        named = operator.get("/deployments", params={"department": "sales"}).json()["items"]
        assert [one["name"] for one in named] == ["leads"]
        assert operator.get("/deployments", params={"usecase": named[0]["usecase"]}).json()["items"] == named
        assert operator.get("/deployments", params={"department": "finance"}).status_code == 403
        decisions = operator.get("/decisions")
        assert (decisions.status_code, "--deployment NAME" in decisions.json()["hint"]) == (403, True)


def test_decisions_and_outcomes_over_http(owner: Client, live: Parts, tmp_path: Path) -> None:
    granted(live)
    serving.publish_due(live)
    node = SmallNode(live, tmp_path / "node")
    [(decision, _)] = node.decide("leads", [RECORD])
    young = owner.get(f"/decisions/{decision}")
    assert young.status_code == 404
    assert "not yet taken in" in young.json()["detail"]
    node.ship()
    serving.take_in(live.database, live.storage, catalog.lake_of(live), node.key)
    [listed] = owner.get("/decisions", params={"deployment": "leads"}).json()["items"]
    assert listed["id"] == decision
    assert "input" not in listed and "subject" not in listed
    chain = owner.get(f"/decisions/{decision}").json()
    assert {"principal", "segment", "snapshot", "release", "verdict", "usecase", "ledger"} <= {
        one["kind"] for one in chain["links"]
    }
    assert all({"kind", "ref", "digest", "at", "verified", "note", "detail"} == set(one) for one in chain["links"])

    sent = {"file": ("outcomes.csv", f"decision,outcome\n{decision},yes\n".encode())}
    made = owner.post("/outcomes", files=sent)
    assert (made.status_code, made.json()["added"]) == (201, 1)
    broken = owner.post("/outcomes", files={"file": ("outcomes.csv", b"decision,outcome\n,\n")})
    assert broken.status_code == 422
    assert len(broken.json()["faults"]) == 2
    with as_person(live, "Dora", (Role.data_owner, "sales")) as data_owner:
        assert data_owner.post("/outcomes", files=sent).status_code == 403
        scoped = {"deployment": "leads", "environment": "sandbox"}
        assert data_owner.post("/outcomes", data=scoped, files=sent).json()["known"] == 1
    with as_person(live, "Opal", (Role.operator, "sales")) as operator:
        assert operator.get("/decisions").status_code == 403
        assert len(operator.get("/decisions", params={"deployment": "leads"}).json()["items"]) == 1
        assert operator.get(f"/decisions/{decision}").status_code == 200
    with as_person(live, "Olaf", (Role.operator, "finance")) as elsewhere:
        assert elsewhere.get(f"/decisions/{decision}").status_code == 403


def test_a_grant_names_the_owner_of_its_token(owner: Client, live: Parts) -> None:
    with live.database.session() as session:
        actor = identity.get_actor(session, "person:local")
        made = identity.create_token(session, actor, name="mine", scopes=("decide",))
    for known in (made.hash, identity.token_hash("hwy_of_nobody")):
        body = {
            "deployment": "leads",
            "environment": "sandbox",
            "token_hash": known,
            "principal": "person:somebody-else",
        }
        refused = owner.post("/grants", json=body)
        assert (refused.status_code, refused.json()["faults"][0]["rule"]) == (422, "grant.principal")
    body = {"deployment": "leads", "environment": "sandbox", "token_hash": made.hash}
    assert owner.post("/grants", json=body).status_code == 201
