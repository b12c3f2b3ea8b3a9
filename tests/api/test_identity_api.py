"""Identity over HTTP: shapes, statuses, refusals that name rule and way, and no way around the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI

from headway import identity
from headway.identity import Role
from headway.identity.routes import routers
from headway.kernel import clock
from headway.kernel.database import Database
from headway.kernel.web import Parts
from tests.factories.identity import PASSWORD, api, client, join, local_owner


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    """The identity API."""
    return api(parts, routers)


def test_the_way_of_a_stranger_from_set_up_to_a_colleague(app: FastAPI, database: Database) -> None:
    with database.session() as session:
        code = identity.setup_home(session).setup_code
    anonymous = client(app, None)
    body = {"code": code, "name": "Ada", "email": "ada@example.org", "password": PASSWORD}
    made = anonymous.post("/setup", json=body)
    assert made.status_code == 201
    ada = client(app, made.json()["secret"])
    me = ada.get("/whoami").json()
    assert (me["name"], me["roles"]) == ("Ada", [{"role": "ai_office", "department": None}])
    assert ada.post("/departments", json={"slug": "sales", "region": "EU"}).status_code == 201
    invited = ada.post("/people", json={"name": "Bo", "email": "bo@example.org"}).json()
    granted = {"principal": invited["person"]["ref"], "role": "data_scientist", "department": "sales"}
    assert ada.post("/roles", json=granted).status_code == 201
    joined = anonymous.post("/sessions/join", json={"code": invited["code"], "password": PASSWORD})
    assert joined.status_code == 201
    assert client(app, joined.json()["secret"]).get("/whoami").json()["roles"] == [
        {"role": "data_scientist", "department": "sales"}
    ]
    assert anonymous.post("/setup", json=body).status_code == 409


def test_without_or_with_a_wrong_token_the_answer_is_401(app: FastAPI, database: Database) -> None:
    local_owner(database)
    for token in (None, "hwy_x_y", "nonsense"):
        answer = client(app, token).get("/whoami")
        assert answer.status_code == 401
        assert answer.json()["hint"]


def test_a_refusal_names_the_rule_and_the_way(app: FastAPI, database: Database) -> None:
    local_owner(database)
    _, secret = join(database, "Bo", (Role.employee, None))
    answer = client(app, secret).post("/people", json={"name": "Eve", "email": "eve@example.org"})
    assert answer.status_code == 403
    assert answer.json()["values"]["rule"] == "ai-office-governs"
    assert "AI office" in answer.json()["hint"]


def test_nobody_but_the_ai_office_changes_who_may_what(app: FastAPI, database: Database) -> None:
    owner, _ = local_owner(database)
    bo, secret = join(database, "Bo", *((role, None) for role in Role if role is not Role.ai_office))
    caller = client(app, secret)
    attempts = [
        caller.post("/roles", json={"principal": bo.ref, "role": "ai_office"}),
        caller.post("/departments", json={"slug": "mine"}),
        caller.patch("/departments/org", json={"name": "Mine"}),
        caller.post("/people", json={"name": "E", "email": "e@example.org"}),
        caller.post("/people/local/deactivate"),
        caller.post(f"/people/{bo.ref.removeprefix('person:')}/invite"),
    ]
    assert [answer.status_code for answer in attempts] == [403] * len(attempts)
    with database.session() as session:
        held = identity.list_roles(session, principal=owner.ref).items
    assert caller.delete(f"/roles/{held[0].id}").status_code == 403


def test_wrong_passwords_are_counted_over_http(app: FastAPI, database: Database) -> None:
    local_owner(database)
    join(database, "Bo")
    anonymous = client(app, None)
    wrong = {"email": "bo@example.org", "password": "wrong"}
    assert [anonymous.post("/sessions", json=wrong).status_code for _ in range(6)] == [401] * 5 + [429]
    right = {"email": "bo@example.org", "password": PASSWORD}
    assert anonymous.post("/sessions", json=right).status_code == 429


def test_an_unknown_account_and_a_wrong_password_look_the_same(app: FastAPI, database: Database) -> None:
    local_owner(database)
    join(database, "Bo")
    anonymous = client(app, None)
    known = anonymous.post("/sessions", json={"email": "bo@example.org", "password": "wrong"})
    unknown = anonymous.post("/sessions", json={"email": "who@example.org", "password": "wrong"})
    assert known.json() == unknown.json()


def test_a_session_ends_by_signing_out(app: FastAPI, database: Database) -> None:
    local_owner(database)
    join(database, "Bo")
    token = client(app, None).post("/sessions", json={"email": "bo@example.org", "password": PASSWORD}).json()
    caller = client(app, token["secret"])
    assert caller.get("/whoami").status_code == 200
    assert caller.delete("/sessions/current").json()["ended_at"]
    assert caller.get("/whoami").status_code == 401


def test_sessions_are_seen_and_ended_by_their_person_and_the_ai_office_alone(app: FastAPI, database: Database) -> None:
    _, office = local_owner(database)
    _, eve_secret = join(database, "Eve", *((role, None) for role in Role if role is not Role.ai_office))
    bo, bo_secret = join(database, "Bo")
    firefox = {"user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    body = {"email": "bo@example.org", "password": PASSWORD}
    other = client(app, None).post("/sessions", json=body, headers=firefox).json()
    bob, eve, ada = client(app, bo_secret), client(app, eve_secret), client(app, office)
    listed = bob.get("/sessions").json()["items"]
    assert {held["agent"] for held in listed} == {"Firefox on Windows", "unknown device"}
    assert not any("hash" in held or "secret" in held for held in listed)
    assert eve.get("/sessions", params={"person": bo.ref}).status_code == 403
    assert eve.delete(f"/sessions/{other['id']}").status_code == 403
    assert eve.delete("/sessions", params={"person": bo.ref}).status_code == 403
    assert ada.get("/sessions", params={"person": bo.ref}).json()["items"] == listed
    assert bob.delete(f"/sessions/{other['id']}").status_code == 200
    ended = client(app, other["secret"]).get("/whoami")
    assert (ended.status_code, ended.json()["code"]) == (401, "identity.session_ended")
    assert [held["person"] for held in ada.delete("/sessions", params={"person": bo.ref}).json()["items"]] == [bo.ref]
    assert bob.get("/whoami").status_code == 401
    assert ada.get("/whoami").status_code == 200
    assert ada.get("/sessions", params={"person": "service:crm"}).status_code == 422
    assert ada.delete("/sessions/ses_none").status_code == 404


def test_identity_providers_are_kept_by_the_ai_office_and_seen_by_auditors(app: FastAPI, database: Database) -> None:
    _, office = local_owner(database)
    _, watching = join(database, "Ada", (Role.auditor, None))
    _, secret = join(database, "Bo", (Role.operator, None))
    ada, eve, bob = client(app, office), client(app, watching), client(app, secret)
    body = {
        "label": "Work",
        "issuer": "http://localhost:9",
        "client_id": "headway",
        "secret_name": "env:HEADWAY_SECRET_WORK",
    }
    assert bob.post("/identity-providers", json={"id": "work", **body}).status_code == 403
    made = ada.post("/identity-providers", json={"id": "work", **body})
    assert made.status_code == 201
    assert made.json()["scopes"] == ["openid", "profile", "email"]
    assert ada.post("/identity-providers", json={"id": "work", **body}).status_code == 409
    groups = [{"group": "g", "role": "auditor", "department": None}]
    assert ada.put("/identity-providers/work", json=body | {"group_roles": groups}).json()["group_roles"] == groups
    assert ada.put("/identity-providers/other", json=body).status_code == 404
    assert [p["id"] for p in eve.get("/identity-providers").json()["items"]] == ["work"]
    assert bob.get("/identity-providers/work").status_code == 403
    checks = {c["name"]: c["is_good"] for c in ada.post("/identity-providers/work/test").json()["items"]}
    assert checks == {"discovery": False, "secret": False}
    wrong = ada.post("/identity-providers", json=body | {"id": "x", "secret_name": "env:HOME", "scopes": ["email"]})
    assert (wrong.status_code, len(wrong.json()["faults"])) == (422, 2)
    assert ada.delete("/identity-providers/work").status_code == 200
    assert ada.get("/identity-providers/work").status_code == 404


def test_a_link_made_by_the_ai_office_signs_in_once(app: FastAPI, database: Database) -> None:
    _, office = local_owner(database)
    bo, secret = join(database, "Bo", (Role.operator, None))
    assert client(app, secret).post("/people/bo@example.org/link").status_code == 403
    link = client(app, office).post("/people/bo@example.org/link").json()
    assert link["url"] == f"http://127.0.0.1:8460/sign-in/link#{link['code']}"
    made = client(app, None).post("/sessions/link", json={"code": link["code"]})
    assert made.status_code == 201
    assert client(app, made.json()["secret"]).get("/whoami").json()["ref"] == bo.ref
    again = client(app, None).post("/sessions/link", json={"code": link["code"]})
    assert (again.status_code, again.json()["code"]) == (403, "identity.code_refused")


def test_one_changes_ones_own_password_and_narrow_tokens_do_not(app: FastAPI, database: Database) -> None:
    local_owner(database)
    _, secret = join(database, "Bo")
    bob = client(app, secret)
    body = {"old_password": PASSWORD, "new_password": "four odd green ladders"}
    narrow = bob.post("/tokens", json={"name": "x", "scopes": ["run:read"]}).json()["secret"]
    assert client(app, narrow).post("/people/me/password", json=body).json()["values"]["rule"] == "token-scope"
    wrong = [bob.post("/people/me/password", json=body | {"old_password": "no"}).status_code for _ in range(6)]
    assert wrong == [403] * 5 + [429]
    with clock.fixed(datetime.now(UTC) + timedelta(minutes=16)):
        assert bob.post("/people/me/password", json=body).status_code == 200
        assert bob.get("/whoami").status_code == 200
        old = {"email": "bo@example.org", "password": PASSWORD}
        assert client(app, None).post("/sessions", json=old).status_code == 401


def test_a_session_lives_as_long_as_the_settings_say(parts: Parts, database: Database) -> None:
    app = api(replace(parts, settings=replace(parts.settings, session_idle_minutes=5, session_days=1)), routers)
    local_owner(database)
    join(database, "Bo")
    body = {"email": "bo@example.org", "password": PASSWORD}
    with clock.fixed(datetime(2026, 3, 2, 12, tzinfo=UTC)) as held:
        secret = client(app, None).post("/sessions", json=body).json()["secret"]
        held.advance(timedelta(minutes=4))
        assert client(app, secret).get("/whoami").status_code == 200
        held.advance(timedelta(minutes=5))
        assert client(app, secret).get("/whoami").json()["code"] == "identity.session_expired"


def test_tokens_are_made_listed_and_revoked_by_their_owner_alone(app: FastAPI, database: Database) -> None:
    local_owner(database)
    _, ada_secret = join(database, "Ada", (Role.operator, None))
    bo, bo_secret = join(database, "Bo")
    ada, bob = client(app, ada_secret), client(app, bo_secret)
    made = bob.post("/tokens", json={"name": "laptop", "scopes": ["usecase:read"]}).json()
    assert made["secret"].startswith("hwy_")
    listed = bob.get("/tokens").json()["items"]
    assert {token["name"] for token in listed} == {"laptop"}
    assert not any("secret" in token or "hash" in token for token in listed)
    assert ada.get("/tokens", params={"owner": bo.ref}).status_code == 403
    assert ada.delete(f"/tokens/{made['id']}").status_code == 403
    narrow = client(app, made["secret"])
    assert narrow.post("/tokens", json={"name": "wide"}).json()["values"]["rule"] == "token-scope"
    assert bob.delete(f"/tokens/{made['id']}").status_code == 200
    assert narrow.get("/whoami").status_code == 401


def test_operators_make_tokens_for_services_and_not_for_the_platform(app: FastAPI, database: Database) -> None:
    local_owner(database)
    _, secret = join(database, "Ada", (Role.operator, None))
    ada = client(app, secret)
    made = ada.post("/tokens", json={"name": "crm", "service": "crm", "scopes": ["decide"]})
    assert made.status_code == 201
    assert made.json()["owner"] == "service:crm"
    assert ada.post("/tokens", json={"name": "x", "service": "headway"}).status_code == 403
    assert ada.post("/tokens", json={"name": "x", "service": "no good"}).status_code == 422
    _, other = join(database, "Bo")
    assert client(app, other).post("/tokens", json={"name": "x", "service": "crm"}).status_code == 403


def test_why_not_is_explained_for_oneself_and_by_those_who_may_for_others(app: FastAPI, database: Database) -> None:
    _, owner_secret = local_owner(database)
    bo, secret = join(database, "Bo", (Role.employee, "sales"))
    asked = {"action": "run:train", "department": "sales"}
    own = client(app, secret).get("/permissions/explain", params=asked).json()
    assert (own["allowed"], own["rule"]) == (False, "data-scientists-build")
    assert own["access"] == "ask the AI office for the role data_scientist in sales"
    by_office = client(app, owner_secret).get("/permissions/explain", params={**asked, "principal": bo.ref}).json()
    assert by_office == own
    other = client(app, secret).get("/permissions/explain", params={**asked, "principal": "person:local"})
    assert other.status_code == 403
    yes = client(app, secret).get("/permissions/explain", params={"action": "usecase:open", "department": "sales"})
    assert (yes.json()["allowed"], yes.json()["rule"]) == (True, "employees-propose")


def test_effective_access_is_shown_to_oneself_and_to_those_who_watch(app: FastAPI, database: Database) -> None:
    _, office = local_owner(database)
    bo, secret = join(database, "Bo", (Role.data_scientist, "sales"))
    _, eve_secret = join(database, "Eve", (Role.employee, None))
    path = f"/people/{bo.ref.removeprefix('person:')}/access"
    own = client(app, secret).get(path).json()
    places = {place["department"]: place for place in own["departments"]}
    assert list(places) == ["org", "sales"]
    in_sales = {action["action"]: action for action in places["sales"]["actions"]}
    assert in_sales["run:train"] == {
        "action": "run:train",
        "situation": "any",
        "rule": "data-scientists-build",
        "role": "data_scientist",
    }
    assert in_sales["deployment:deploy"]["situation"] == "sandbox"
    assert (in_sales["token:create"]["situation"], in_sales["token:create"]["role"]) == ("own", None)
    assert {action["situation"] for action in places["org"]["actions"]} == {"own"}
    assert client(app, office).get(path).json() == own
    assert client(app, eve_secret).get(path).status_code == 403
    assert client(app, office).get("/people/nobody/access").status_code == 404


def test_two_people_are_asked_for_by_the_rule(app: FastAPI, database: Database) -> None:
    owner, secret = local_owner(database)
    asked = {"action": "release:approve", "environment": "production", "requested_by": owner.ref}
    answer = client(app, secret).get("/permissions/explain", params=asked).json()
    assert (answer["allowed"], answer["rule"]) == (False, "two-people")
    other = client(app, secret).get("/permissions/explain", params={**asked, "requested_by": "person:bo"}).json()
    assert other["allowed"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/departments", {"slug": ""}),
        ("/departments", {"slug": "Not A Slug"}),
        ("/people", {"name": "X", "email": "no address"}),
        ("/roles", {"principal": "person:local", "role": "king"}),
        ("/roles", {"principal": "nobody", "role": "auditor"}),
        ("/tokens", {"name": "x", "expires_at": "2001-01-01T00:00:00Z"}),
        ("/tokens", {"name": "x", "expires_at": "soon"}),
    ],
)
def test_malformed_input_is_422_and_changes_nothing(
    app: FastAPI, database: Database, path: str, body: dict[str, object]
) -> None:
    _, secret = local_owner(database)
    before = client(app, secret).get("/tokens").json()["items"]
    assert client(app, secret).post(path, json=body).status_code == 422
    assert len(client(app, secret).get("/tokens").json()["items"]) == len(before)


def test_a_token_of_a_service_lends_nobody_more_than_they_may(app: FastAPI, database: Database) -> None:
    _, office = local_owner(database)
    client(app, office).post("/departments", json={"slug": "sales"})
    for name, role, department in (("ci", "ai_office", None), ("batch", "operator", "sales")):
        body = {"principal": f"service:{name}", "role": role, "department": department}
        assert client(app, office).post("/roles", json=body).status_code == 201
    _, secret = join(database, "Bo", (Role.operator, "sales"))
    wanted = {"name": "mine", "service": "ci", "department": "sales"}
    refused = client(app, secret).post("/tokens", json=wanted)
    assert refused.status_code == 403
    assert refused.json()["values"]["rule"] == "service-within-roles"
    assert "AI office" in refused.json()["hint"]
    assert client(app, secret).post("/tokens", json=wanted | {"scopes": ["role:grant"]}).status_code == 403
    assert client(app, secret).post("/tokens", json=wanted | {"scopes": ["decide"]}).status_code == 201
    assert client(app, secret).post("/tokens", json=wanted | {"service": "batch"}).status_code == 201
    assert client(app, office).post("/tokens", json=wanted).status_code == 201
