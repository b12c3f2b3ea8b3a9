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
    for router in routers:
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
