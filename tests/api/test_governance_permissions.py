"""Who may do what in governance, by the real rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from httpx import Client, Response

from headway import identity
from headway.governance.routes import routers
from headway.kernel.auth import Actor, RoleGrant
from headway.kernel.errors import HeadwayError, problem
from headway.kernel.web import Parts
from headway.registry.routes import router as registry_router
from headway.serving.routes import routers as serving_routers
from tests.factories.asgi import client_of
from tests.factories.governance import ANA, MINIMAL_RISK, SUBJECT_DIGEST


def person(name: str, role: str, department: str | None = None) -> Actor:
    return Actor(ref=f"person:{name}", name=name, roles=(RoleGrant(role=role, department=department),))


ACTORS = {
    "scientist": person("scientist", "data_scientist", "sales"),
    "scientist-hr": person("scientist-hr", "data_scientist", "hr"),
    "employee": person("employee", "employee"),
    "auditor": person("auditor", "auditor"),
    "council": person("council", "council", "sales"),
    "office": person("office", "ai_office"),
    "office-twice": Actor(
        ref="person:office", name="office", roles=(RoleGrant(role="ai_office"), RoleGrant(role="council"))
    ),
    "office-token": Actor(
        ref="person:office",
        name="office",
        roles=(RoleGrant(role="ai_office"),),
        scopes=frozenset({"waiver:*", "break_glass:*"}),
    ),
    "office-token-all": Actor(
        ref="person:office", name="office", roles=(RoleGrant(role="ai_office"),), scopes=frozenset({"release:*"})
    ),
    "operator": person("operator", "operator"),
    "office-sales": person("office-sales", "ai_office", "sales"),
    "service": Actor(ref="service:ci", name="CI", roles=(RoleGrant(role="ai_office"),)),
}


@pytest.fixture
def client(parts: Parts) -> Iterator[Client]:
    rules = {
        "authorizer": identity.CedarAuthorizer(parts.database),
        "authenticate": lambda session, token: ACTORS[token],
    }
    app = FastAPI()
    app.state.parts = Parts(**{**{f: getattr(parts, f) for f in parts.__slots__}, **rules})
    for router in (*routers, registry_router, *serving_routers):
        app.include_router(router)

    @app.exception_handler(HeadwayError)
    def told(request: Request, error: HeadwayError) -> JSONResponse:
        return JSONResponse(problem(error), error.status)

    with parts.database.session() as session:
        for department in ("sales", "hr"):
            identity.ensure_department(session, ANA, department)
    with client_of(app) as made:
        yield made


def test_a_list_of_everything_is_refused_with_the_way_to_ask_for_less(client: Client) -> None:
    def listed(who: str, **params: str) -> Response:
        return client.get("/usecases", params=params, headers={"authorization": f"Bearer {who}"})

    refused = listed("scientist")
    assert refused.status_code == 403
    assert refused.json()["hint"].startswith(
        "ask for what belongs to sales only: ?department=sales, at the terminal --department sales; or ask the AI office"
    )
    assert listed("scientist", department="sales").status_code == 200
    other = listed("scientist", department="hr")
    assert (other.status_code, "belongs to" in other.json()["hint"]) == (403, False)
    assert listed("auditor").status_code == 200


def by(client: Client, who: str, method: str, path: str, json: object = None) -> int:
    return client.request(method, path, json=json, headers={"authorization": f"Bearer {who}"}).status_code


def test_each_role_may_do_its_part_and_no_more(client: Client) -> None:
    leads = {"slug": "leads", "title": "Leads", "department": "sales", "risk": MINIMAL_RISK}
    decide = {"tier": "high", "reasons": "it scores employees too"}
    assert by(client, "auditor", "POST", "/usecases", leads) == 403
    assert by(client, "scientist-hr", "POST", "/usecases", leads) == 403
    assert by(client, "scientist", "POST", "/usecases", leads) == 201
    assert by(client, "scientist-hr", "GET", "/usecases/leads") == 403
    assert by(client, "employee", "PATCH", "/usecases/leads", {"owner": "Me"}) == 403
    assert by(client, "scientist", "PATCH", "/usecases/leads", {"department": "hr"}) == 403
    assert by(client, "scientist", "POST", "/usecases/leads/tier", {}) == 201
    assert by(client, "scientist", "POST", "/usecases/leads/tier", decide) == 403
    assert by(client, "service", "POST", "/usecases/leads/tier", decide) == 403
    assert by(client, "council", "POST", "/usecases/leads/tier", decide) == 201
    gate = f"/usecases/leads/gate?environment=pilot&subject_digest={SUBJECT_DIGEST}"
    assert by(client, "employee", "GET", gate) == 403
    assert by(client, "scientist", "GET", gate) == 200


def test_only_the_council_or_the_ai_office_approve_and_never_their_own_request(client: Client) -> None:
    leads = {"slug": "leads", "title": "Leads", "department": "sales", "risk": MINIMAL_RISK}
    assert by(client, "scientist", "POST", "/usecases", leads) == 201
    wanted = {
        "subject": "model:lead-scoring@1",
        "subject_digest": SUBJECT_DIGEST,
        "environment": "production",
        "usecase": "leads",
    }
    answer = {"reason": "I read all of it"}
    asked = {}
    for who in ("scientist", "office"):
        made = client.post("/approvals", json=wanted, headers={"authorization": f"Bearer {who}"})
        asked[who] = f"/approvals/{made.json()['id']}/approve"
    assert by(client, "office", "POST", asked["office"], answer) == 403
    assert by(client, "service", "POST", asked["scientist"], answer) == 403
    assert by(client, "scientist", "POST", asked["office"], answer) == 403
    assert by(client, "council", "POST", asked["scientist"], answer) == 200


def test_the_quorum_is_set_by_people_of_the_ai_office_of_the_whole_organisation(client: Client) -> None:
    wish = {"needed": 2, "reason": "two departments are affected"}
    for who in ("scientist", "employee", "auditor", "council", "office-sales", "service"):
        assert by(client, who, "PUT", "/quorums/pilot", wish) == 403, who
    assert by(client, "office", "PUT", "/quorums/pilot", wish) == 200
    assert by(client, "employee", "GET", "/quorums") == 200
    assert by(client, "auditor", "GET", "/quorums") == 200


WAIVER = {
    "usecase": "leads",
    "environment": "production",
    "pack": "headway-core",
    "control": "HW-PARITY",
    "reason": "the parity job waits for a repair",
    "compensation": "two analysts compare answers by hand each day",
    "days": 10,
}


def test_waivers_are_asked_for_by_those_at_work_and_granted_by_another_of_the_ai_office(client: Client) -> None:
    leads = {"slug": "leads", "title": "Leads", "department": "sales", "risk": MINIMAL_RISK}
    assert by(client, "scientist", "POST", "/usecases", leads) == 201
    for who in ("employee", "auditor", "council", "scientist-hr", "service"):
        assert by(client, who, "POST", "/waivers", WAIVER) == 403, who
    made = client.post("/waivers", json=WAIVER, headers={"authorization": "Bearer scientist"}).json()
    address, answer = f"/waivers/{made['id']}", {"reason": "for this once"}
    for who in ("scientist", "council", "auditor", "service", "employee"):
        assert by(client, who, "POST", f"{address}/grant", answer) == 403, who
    for who in ("scientist", "council", "auditor", "office-sales"):
        assert by(client, who, "GET", address) == 200, who
    assert by(client, "employee", "GET", address) == 403
    assert by(client, "council", "POST", f"{address}/reject", answer) == 403
    assert by(client, "office-sales", "POST", f"{address}/grant", answer) == 200
    assert by(client, "council", "POST", f"{address}/end", answer) == 403
    assert by(client, "scientist", "POST", f"{address}/end", answer) == 200, "whoever asked may give it up"


def test_nobody_of_the_ai_office_grants_the_own_waiver_with_a_second_role_or_a_token(client: Client) -> None:
    leads = {"slug": "leads", "title": "Leads", "department": "sales", "risk": MINIMAL_RISK}
    assert by(client, "scientist", "POST", "/usecases", leads) == 201
    made = client.post("/waivers", json=WAIVER, headers={"authorization": "Bearer office"}).json()
    for who in ("office", "office-twice", "office-token"):
        refused = client.post(
            f"/waivers/{made['id']}/grant", json={"reason": "I trust me"}, headers={"authorization": f"Bearer {who}"}
        )
        assert refused.status_code == 403, who
        assert refused.json()["values"]["rule"] == "waiver-by-another"
    assert by(client, "service", "POST", f"/waivers/{made['id']}/grant", {"reason": "on her behalf"}) == 403
    assert by(client, "office-sales", "POST", f"/waivers/{made['id']}/grant", {"reason": "for this once"}) == 200


def test_every_fault_of_a_waiver_is_told_at_once(client: Client) -> None:
    leads = {"slug": "leads", "title": "Leads", "department": "sales", "risk": MINIMAL_RISK}
    assert by(client, "scientist", "POST", "/usecases", leads) == 201

    def ask(**changed: object) -> Response:
        return client.post("/waivers", json={**WAIVER, **changed}, headers={"authorization": "Bearer scientist"})

    refused = ask(days=31, reason="short", compensation="none")
    assert refused.status_code == 422
    assert {fault["column"] for fault in refused.json()["faults"]} == {"days", "reason", "compensation"}
    for control in ("HW-TWO-PEOPLE", "HW-TIER", "HW-REVOKED"):
        assert ask(control=control).json()["code"] == "governance.not_waivable"
    assert ask(environment="moon").status_code == 422
    assert ask(usecase="nothing").status_code == 404
    assert ask().status_code == 201 and ask().status_code == 409
    listed = client.get("/waivers?usecase=leads&standing=requested", headers={"authorization": "Bearer scientist"})
    assert [one["control"] for one in listed.json()["items"]] == ["HW-PARITY"]


GLASS = {
    "usecase": "leads",
    "environment": "production",
    "subject": "model:leads@1",
    "subject_digest": SUBJECT_DIGEST,
    "reason": "the model in place refuses every lead",
}


def test_the_glass_is_broken_by_two_of_those_who_decide_or_run_and_by_nobody_alone(client: Client) -> None:
    leads = {"slug": "leads", "title": "Leads", "department": "sales", "risk": MINIMAL_RISK}
    assert by(client, "scientist", "POST", "/usecases", leads) == 201
    assert by(client, "scientist", "POST", "/usecases/leads/tier", {}) == 201
    for who in ("scientist", "employee", "auditor", "service"):
        assert by(client, who, "POST", "/break-glass", GLASS) == 403, who
    made = client.post("/break-glass", json=GLASS, headers={"authorization": "Bearer office"}).json()
    address, answer = f"/break-glass/{made['id']}", {"reason": "it is as bad as she says"}
    for who in ("office", "office-twice", "office-token", "scientist", "auditor", "operator", "service"):
        assert by(client, who, "POST", f"{address}/confirm", answer) == 403, who
    assert by(client, "employee", "GET", address) == 403
    assert by(client, "auditor", "GET", address) == 200
    assert by(client, "council", "POST", f"{address}/confirm", {"reason": "short"}) == 422
    assert by(client, "council", "POST", f"{address}/confirm", answer) == 200
    review = {"finding": "not_justified", "review": "the old version would have done"}
    for who in ("office", "office-twice", "council", "operator", "auditor", "service"):
        assert by(client, who, "POST", f"{address}/review", review) == 403, who
    done = client.post(f"{address}/review", json=review, headers={"authorization": "Bearer office-sales"})
    assert (done.status_code, done.json()["standing"]) == (200, "not_justified")
    listed = client.get("/break-glass?usecase=leads", headers={"authorization": "Bearer auditor"}).json()["items"]
    assert [one["id"] for one in listed] == [made["id"]]


def test_the_requester_cannot_approve_by_a_second_role_a_token_or_a_service(client: Client) -> None:
    """Nor by handing it on: what somebody's token or service does is theirs, and services decide nothing."""
    leads = {"slug": "leads", "title": "Leads", "department": "sales", "risk": MINIMAL_RISK}
    assert by(client, "scientist", "POST", "/usecases", leads) == 201
    wanted = {
        "subject": "model:leads@1",
        "subject_digest": SUBJECT_DIGEST,
        "environment": "production",
        "usecase": "leads",
    }
    made = client.post("/approvals", json=wanted, headers={"authorization": "Bearer office"}).json()
    for who in ("office", "office-twice", "office-token-all", "service"):
        refused = client.post(
            f"/approvals/{made['id']}/approve", json={"reason": "mine"}, headers={"authorization": f"Bearer {who}"}
        )
        assert refused.status_code == 403, who
        assert refused.json()["values"]["rule"] in ("two-people", "people-decide", "token-scope")
    assert by(client, "office-sales", "POST", f"/approvals/{made['id']}/approve", {"reason": "read it"}) == 200
