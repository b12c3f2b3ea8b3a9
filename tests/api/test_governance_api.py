"""Governance over HTTP: shapes, statuses, and the same refusals as everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from httpx import Client

from headway import governance, identity
from headway.governance.adapters import built_in_packs
from headway.governance.routes import routers
from headway.kernel.auth import Actor
from headway.kernel.errors import HeadwayError, Unauthenticated, problem
from headway.kernel.web import Parts
from tests.factories.asgi import client_of
from tests.factories.governance import ANA, BEN, JOB, MINIMAL_RISK, SUBJECT, SUBJECT_DIGEST, bring_evidence
from tests.integration.test_governance_switching import house

CLEO = Actor(ref="person:cleo", name="Cleo")
ACTORS = {"ana": ANA, "ben": BEN, "cleo": CLEO, "job": JOB}


def actor_of(session: object, token: str) -> Actor:
    if token not in ACTORS:
        raise Unauthenticated("nobody has this token")
    return ACTORS[token]


@pytest.fixture
def client(parts: Parts) -> Iterator[Client]:
    app = FastAPI()
    app.state.parts = Parts(**{**{f: getattr(parts, f) for f in parts.__slots__}, "authenticate": actor_of})
    for router in routers:
        app.include_router(router)

    @app.exception_handler(HeadwayError)
    def told(request: Request, error: HeadwayError) -> JSONResponse:
        return JSONResponse(problem(error), error.status)

    with client_of(app, "ana") as made:
        yield made


@pytest.fixture
def usecase(client: Client, parts: Parts) -> str:
    with parts.database.session() as session:
        identity.ensure_department(session, ANA, "sales")
    body = {"slug": "leads", "title": "Leads", "department": "sales", "risk": MINIMAL_RISK}
    assert client.post("/usecases", json=body).status_code == 201
    return "leads"


def test_a_use_case_is_opened_changed_and_listed(client: Client, usecase: str) -> None:
    shown = client.get(f"/usecases/{usecase}").json()
    assert shown["owner"] is None
    assert "name the accountable owner" in shown["missing"]
    changed = client.patch(f"/usecases/{usecase}", json={"owner": "Olga", "risk": {"profiling": None}}).json()
    assert changed["owner"] == "Olga"
    assert "profiling" not in changed["risk"]
    listed = client.get("/usecases", params={"department": "sales"}).json()
    assert [u["slug"] for u in listed["items"]] == ["leads"]
    assert listed["next"] is None
    assert client.post("/usecases", json={"slug": "leads", "title": "L", "department": "sales"}).status_code == 409
    assert client.get("/usecases/none").json()["code"] == "governance.usecase_unknown"
    assert client.patch(f"/usecases/{usecase}", json={"tier": "minimal"}).status_code == 422


def test_a_tier_is_decided_by_rules_with_a_trace_or_by_a_person_with_reasons(client: Client, usecase: str) -> None:
    decision = client.post(f"/usecases/{usecase}/tier", json={})
    assert decision.status_code == 201
    assert decision.json()["tier"] == "minimal"
    assert {"rule", "expression", "source", "result", "why"} <= set(decision.json()["trace"][0])
    assert client.post(f"/usecases/{usecase}/tier", json={"tier": "high"}).status_code == 422
    by_hand = {"tier": "high", "reasons": "it scores employees too"}
    assert client.post(f"/usecases/{usecase}/tier", json=by_hand).json()["method"] == "person"
    assert [d["tier"] for d in client.get(f"/usecases/{usecase}/tier").json()["items"]] == ["high", "minimal"]


def test_a_gate_answers_with_every_control_and_takes_no_facts(client: Client, usecase: str) -> None:
    asked = {"environment": "production", "subject_digest": SUBJECT_DIGEST, "quality_score": "1", "facts": "{}"}
    result = client.get(f"/usecases/{usecase}/gate", params=asked).json()
    assert result["result"] == "block"
    by_id = {c["id"]: c for c in result["controls"]}
    assert by_id["HW-QUALITY"]["status"] == "indeterminate"
    assert "bring the data quality to 0.95 or above" in result["missing"]
    assert client.get(f"/usecases/{usecase}/gate", params={"environment": "moon"}).status_code == 422
    assert client.get(f"/usecases/{usecase}/gate", params={"environment": "pilot"}).status_code == 404


def test_only_what_people_attest_comes_in_over_the_api(client: Client, usecase: str) -> None:
    body = {"type": "dpia", "subject": "usecase:leads", "subject_digest": SUBJECT_DIGEST, "facts": {"page": 3}}
    made = client.post("/evidence", json=body)
    assert made.status_code == 201
    assert made.json()["producer"] == "person:ana"
    for token, kind in (("ana", "eval_report"), ("job", "eval_report"), ("job", "dpia")):
        headers = {"authorization": f"Bearer {token}"}
        refused = client.post("/evidence", json={**body, "type": kind}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "governance.evidence_refused")
    found = client.get("/evidence", params={"subject": "usecase:leads"}).json()["items"]
    assert [e["type"] for e in found] == ["dpia"]


def test_approval_needs_a_second_person(client: Client, parts: Parts, usecase: str) -> None:
    wanted = {
        "subject": "model:lead-scoring@1",
        "subject_digest": SUBJECT_DIGEST,
        "environment": "production",
        "usecase": usecase,
    }
    asked = client.post("/approvals", json=wanted).json()
    answer = {"reason": "read it"}
    refused = client.post(f"/approvals/{asked['id']}/approve", json=answer)
    assert (refused.status_code, refused.json()["code"]) == (403, "governance.same_person")
    with parts.database.session() as session:
        bring_evidence(session)
    ben = {"authorization": "Bearer ben"}
    drifted = client.post(f"/approvals/{asked['id']}/approve", json=answer, headers=ben)
    assert (drifted.status_code, drifted.json()["code"]) == (409, "governance.approval_drift")
    again = client.post("/approvals", json=wanted).json()
    assert again["id"] != asked["id"]
    assert client.post(f"/approvals/{again['id']}/approve", json=answer, headers=ben).json()["state"] == "approved"
    assert client.post(f"/approvals/{asked['id']}/reject", json=answer).json()["state"] == "rejected"
    assert client.get("/approvals", params={"state": "approved"}).json()["items"][0]["approved_by"] == "person:ben"
    assert client.post("/approvals/apr_none/approve", json=answer).status_code == 404


def test_a_verdict_is_explained_with_its_envelope(client: Client, parts: Parts, usecase: str) -> None:
    with parts.database.session() as session:
        verdict = governance.issue_verdict(
            session,
            parts.signer,
            parts.storage,
            actor=ANA,
            environment="sandbox",
            subject=SUBJECT,
            subject_digest=SUBJECT_DIGEST,
            usecase=usecase,
        )
    shown = client.get(f"/verdicts/{verdict.id}").json()
    assert shown["result"] == "warn"
    assert shown["facts"]["gate"] == {"environment": "sandbox", "revoked": False}
    assert client.get(f"/verdicts/{verdict.id}/envelope").json()["payloadType"].endswith("verdict+json")
    assert client.get("/verdicts", params={"usecase": usecase}).json()["items"][0]["id"] == verdict.id
    assert client.get("/verdicts/vdt_none").status_code == 404
    assert client.get(f"/usecases/{usecase}/gate", params={"environment": "sandbox"}).json()["result"] == "warn"
    assert client.get("/revocations").json() == {"items": [], "next": None}


def test_packs_are_shown_and_no_token_is_no_answer(client: Client) -> None:
    listed = client.get("/packs").json()["items"]
    assert {p["id"] for p in listed} == {"eu-ai-act-core", "headway-core"}
    digest = listed[0]["digest"]
    assert client.get(f"/packs/{listed[0]['id']}", params={"digest": digest}).json()["controls"]
    assert client.get("/packs/none").status_code == 404
    assert client.get("/packs", headers={"authorization": "Bearer nobody"}).status_code == 401


def test_what_a_pack_would_change_is_answered_and_nothing_is_stored(client: Client, usecase: str) -> None:
    core = next(one for one in built_in_packs() if one.pack.id == "headway-core")
    text = json.dumps({**core.body, "version": "9.0.0", "title": "Another"})
    found = client.post("/packs/diff", json={"new": text}).json()
    assert (
        found["old"] == f"headway-core@{core.pack.version}" and found["changes"][0]["fields"][0]["after"] == "Another"
    )
    impact = client.post("/packs/impact", json={"pack": text, "on": "2099-01-01"}).json()
    assert (impact["looked_at"], impact["on"]) == (1, "2099-01-01") and "headway-core@9.0.0" in impact["packs_after"]
    refused = client.post("/packs/impact", json={"pack": "id: x"})
    assert refused.status_code == 422 and len(refused.json()["faults"]) > 3
    assert client.post("/packs/diff", json={"new": text, "old_version": "0"}).status_code == 404
    assert "9.0.0" not in {one["version"] for one in client.get("/packs").json()["items"]}


def test_an_own_pack_is_published_switched_and_covered_by_the_api(client: Client, usecase: str) -> None:
    made = client.post("/packs", json={"pack": house()})
    assert made.status_code == 201 and made.json()["is_on"] is False
    on = client.post("/packs/house/switch", json={"is_on": True, "reason": "asked for"}).json()
    assert (on["is_on"], on["switched"]["reason"]) == (True, "asked for")
    assert {one["id"] for one in client.get("/packs/published").json()["items"] if one["is_on"]} >= {"house"}
    assert client.get("/packs/house/envelope").json()["payloadType"].endswith("pack+json")
    rows = client.get("/packs/crosswalk").json()["items"]
    assert {"HOUSE-1"} == {id for row in rows for id in row["controls"].get("house", [])}
    covered = client.get(f"/usecases/{usecase}/coverage").json()
    (pack,) = [one for one in covered["packs"] if one["pack"] == "house"]
    assert (pack["applies"], pack["passed"], pack["is_on"]) == (1, 0, True)
    off = client.post("/packs/headway-core/switch", json={"is_on": False, "reason": "in the way"})
    assert (off.status_code, off.json()["code"]) == (409, "governance.pack_needed")


def test_what_uses_each_field_is_told_and_follows_the_packs_that_are_on(client: Client, usecase: str) -> None:
    found = client.get("/packs/uses").json()["items"]
    owner = next(one for one in found if (one["form"], one["field"]) == ("usecase", "owner"))
    assert "headway-core/HW-OWNER" in owner["asked_by"] and {use["kind"] for use in owner["uses"]} == {
        "gate",
        "search",
        "notice",
    }
    assert all(one["asked_by"] or one["uses"] for one in found)
    assert client.get("/packs/uses", params={"field": "risk.materiality"}).json()["items"] == []
    client.post("/packs/sr-26-2/switch", json={"is_on": True, "reason": "models of the bank"})
    (asked,) = client.get("/packs/uses", params={"field": "materiality"}).json()["items"]
    assert {name.partition("/")[0] for name in asked["asked_by"]} == {"sr-26-2"}
    assert client.get("/packs/uses", headers={"authorization": "Bearer nobody"}).status_code == 401


def test_an_approval_is_asked_for_under_the_right_name(client: Client, parts: Parts, usecase: str) -> None:
    with parts.database.session() as session:
        bring_evidence(session)
    wanted = {
        "subject": "model:harmless@1",
        "subject_digest": SUBJECT_DIGEST,
        "environment": "production",
        "usecase": usecase,
    }
    refused = client.post("/approvals", json=wanted)
    assert refused.status_code == 422
    assert "not of model:harmless@1" in refused.json()["detail"]


def test_a_quorum_is_shown_set_and_kept(client: Client, usecase: str) -> None:
    listed = client.get("/quorums").json()["items"]
    assert [(one["environment"], one["needed"], one["changed_by"]) for one in listed] == [
        ("pilot", 1, None), ("production", 1, None),
    ]  # fmt: skip
    made = client.put("/quorums/production", json={"needed": 2, "reason": "the council decided so"}).json()
    assert (made["needed"], made["changed_by"], made["reason"]) == (2, "person:ana", "the council decided so")
    bad = client.put("/quorums/production", json={"needed": 0, "reason": "why"})
    assert (bad.status_code, bad.json()["code"]) == (422, "governance.quorum_invalid")
    assert bad.json()["faults"][0]["column"] == "needed"
    assert client.put("/quorums/sandbox", json={"needed": 2, "reason": "why"}).status_code == 422
    assert client.put("/quorums/production", json={"needed": 2}).status_code == 422
    wanted = {
        "subject": "model:lead-scoring@1",
        "subject_digest": SUBJECT_DIGEST,
        "environment": "production",
        "usecase": usecase,
    }
    asked = client.post("/approvals", json=wanted).json()
    assert (asked["needed"], asked["votes"]) == (2, [])
    address, answer = f"/approvals/{asked['id']}", {"reason": "read it"}
    ben, cleo = ({"authorization": f"Bearer {who}"} for who in ("ben", "cleo"))
    first = client.post(f"{address}/approve", json=answer, headers=ben).json()
    assert (first["state"], first["approved_by"], [one["person"] for one in first["votes"]]) == (
        "requested", None, ["person:ben"],
    )  # fmt: skip
    again = client.post(f"{address}/approve", json=answer, headers=ben)
    assert (again.status_code, again.json()["code"]) == (409, "governance.already_voted")
    assert client.get(address).json()["votes"] == first["votes"]
    done = client.post(f"{address}/approve", json={"reason": "figures hold"}, headers=cleo).json()
    assert (done["state"], done["approved_by"]) == ("approved", "person:cleo")
    assert [(one["person"], one["reason"]) for one in done["votes"]] == [
        ("person:ben", "read it"), ("person:cleo", "figures hold"),
    ]  # fmt: skip
    assert client.get("/approvals", params={"usecase": usecase}).json()["items"][0] == done
