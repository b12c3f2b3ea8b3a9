"""Models over HTTP: shapes, statuses, permissions asked with the right attributes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from httpx import Client

from headway import governance, registry
from headway.kernel.auth import Actor, Resource
from headway.kernel.errors import HeadwayError, Unauthenticated, problem
from headway.kernel.web import Parts
from headway.registry.entities import TrainedModel
from headway.registry.routes import router
from headway.registry.train import fit_model
from tests.factories.asgi import client_of
from tests.factories.governance import ANA, BEN, open_usecase
from tests.factories.suspects import suspected
from tests.factories.training import CODE, contract, leads, spec

ACTORS = {"ana": ANA, "ben": BEN}


class Asked:
    """An authorizer that allows everything and remembers what it was asked."""

    def __init__(self) -> None:
        self.last: tuple[str, str, Resource] | None = None

    def check(self, actor: Actor, action: str, resource: Resource) -> None:
        """Allow."""
        self.last = (actor.ref, action, resource)


def actor_of(session: object, token: str) -> Actor:
    if token not in ACTORS:
        raise Unauthenticated("nobody has this token")
    return ACTORS[token]


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    frame = leads()
    return fit_model(frame, contract(frame), spec(name="lead-scoring"), code=CODE)


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def app(parts: Parts, trained: TrainedModel, asked: Asked) -> FastAPI:
    made = FastAPI()
    changed = {"authenticate": actor_of, "authorizer": asked}
    made.state.parts = Parts(**{**{f: getattr(parts, f) for f in parts.__slots__}, **changed})
    made.include_router(router)

    @made.exception_handler(HeadwayError)
    def told(request: Request, error: HeadwayError) -> JSONResponse:
        return JSONResponse(problem(error), error.status)

    with parts.database.session() as session:
        open_usecase(session)
        governance.classify(session, ANA, "lead-scoring")
        registry.record_run(
            session,
            ANA,
            parts.storage,
            usecase="lead-scoring",
            spec=trained.spec,
            trained=trained,
            run_id="run-1",
        )
    return made


@pytest.fixture
def client(app: FastAPI) -> Iterator[Client]:
    with client_of(app, "ana") as made:
        yield made


@pytest.fixture
def ben(app: FastAPI) -> Iterator[Client]:
    with client_of(app, "ben") as made:
        yield made


def test_models_and_versions_are_listed_and_shown(client: Client, trained: TrainedModel) -> None:
    page = client.get("/models").json()
    assert page["next"] is None
    assert [(m["name"], m["latest"], m["usecase"]) for m in page["items"]] == [("lead-scoring", 1, "lead-scoring")]
    version = client.get("/models/lead-scoring/versions/1").json()
    assert version["ref"] == "model:lead-scoring@1"
    assert version["report"]["metrics"]["roc_auc"] == trained.metrics.roc_auc
    assert version["report"]["policy"]["bands"][0]["name"] == "high"
    listed = client.get("/models/lead-scoring/versions").json()["items"]
    assert [v["digest"] for v in listed] == [version["digest"]]
    missing = client.get("/models/lead-scoring/versions/9")
    assert (missing.status_code, missing.json()["code"]) == (404, "registry.unknown_model")
    assert client.get("/models/nothing").status_code == 404


@pytest.mark.parametrize(("path", "kind"), [("/models", "model"), ("/runs", "run"), ("/releases", "release")])
def test_lists_are_narrowed_to_a_department(client: Client, asked: Asked, path: str, kind: str) -> None:
    client.post("/releases", json={"version": "model:lead-scoring@1", "environment": "sandbox"})
    for department, found in (("sales", 1), ("org", 0), ("nowhere", 0)):
        assert len(client.get(path, params={"department": department}).json()["items"]) == found
        assert asked.last is not None
        assert asked.last[1:] == (
            f"{kind}:read",
            Resource(kind=kind, id="all", department=department, attributes={"filter": "department"}),
        )
    assert len(client.get(path).json()["items"]) == 1


def test_the_card_is_markdown(client: Client) -> None:
    answer = client.get("/models/lead-scoring/versions/1/card")
    assert answer.headers["content-type"].startswith("text/markdown")
    assert answer.text.startswith("# lead-scoring\n")


def test_runs_are_listed_and_shown(client: Client, trained: TrainedModel) -> None:
    assert [run["id"] for run in client.get("/runs", params={"usecase": "lead-scoring"}).json()["items"]] == ["run-1"]
    run = client.get("/runs/run-1").json()
    assert run["digests"]["data"] == trained.digests.data
    assert run["settings"]["label"] == "won"
    assert client.get("/runs/nothing").json()["code"] == "registry.unknown_run"


def test_a_run_is_refused_with_words_before_a_job_is_made(client: Client, parts: Parts) -> None:
    parts.jobs.define("training", registry.training_job)
    assert client.post("/runs", json={"product": "sales.nothing"}).status_code == 404
    assert client.post("/runs", json={"product": "sales.leads", "colour": "red"}).status_code == 422
    with parts.database.session() as session:
        assert parts.jobs.list(session).items == ()


def test_a_release_into_the_sandbox_happens_at_once(client: Client, asked: Asked) -> None:
    made = client.post("/releases", json={"version": "model:lead-scoring@1", "environment": "sandbox"})
    assert made.status_code == 201
    assert (made.json()["status"], made.json()["verdict"]["result"]) == ("released", "warn")
    assert asked.last is not None
    assert asked.last[1] == "release:request" and asked.last[2].department == "sales"
    assert client.get("/releases", params={"environment": "sandbox"}).json()["items"][0]["id"] == made.json()["id"]


def test_a_release_above_asks_for_a_second_person_and_tells_the_rules_who_asked(
    client: Client, ben: Client, asked: Asked
) -> None:
    body = {"version": "model:lead-scoring@1", "environment": "production"}
    release = client.post("/releases", json=body).json()
    assert release["status"] == "requested"
    own = client.post(f"/releases/{release['id']}/approvals", json={"reason": "fine"})
    assert (own.status_code, own.json()["code"]) == (403, "governance.same_person")
    answered = ben.post(f"/releases/{release['id']}/approvals", json={"reason": "read the card"}).json()
    assert answered["status"] == "approved", "the random split and the data's quality still stand against it"
    assert asked.last is not None
    actor, action, resource = asked.last
    assert (actor, action) == (BEN.ref, "release:approve")
    assert dict(resource.attributes) == {"environment": "production", "requested_by": ANA.ref, "lane": "reviewer"}
    blocked = client.post("/releases", json=body)
    assert blocked.status_code == 409
    assert {"HW-CONTRACT", "HW-QUALITY", "HW-TIME-ORDER"} == {fault["rule"] for fault in blocked.json()["faults"]}
    assert client.get(f"/releases/{release['id']}").json()["status"] == "approved"
    rejected = ben.post(f"/releases/{release['id']}/rejection", json={"reason": "train in order of time"})
    assert rejected.json()["status"] == "rejected"


def test_a_release_is_revoked_with_a_reason(client: Client, ben: Client, asked: Asked) -> None:
    body = {"version": "model:lead-scoring@1", "environment": "sandbox"}
    release = client.post("/releases", json=body).json()
    assert release["revoked_at"] is None
    assert client.post(f"/releases/{release['id']}/revocation", json={"reason": ""}).status_code == 422
    revoked = ben.post(f"/releases/{release['id']}/revocation", json={"reason": "it leaks"})
    assert (revoked.status_code, revoked.json()["revoked_by"]) == (200, BEN.ref)
    assert asked.last is not None
    assert asked.last[1] == "release:revoke" and asked.last[2].department == "sales"
    assert asked.last[2].attributes["environment"] == "sandbox"
    assert client.get(f"/releases/{release['id']}").json() == revoked.json()
    again = client.post("/releases", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "governance.subject_revoked")
    wanted = client.post("/releases", json={**body, "environment": "pilot"})
    assert (wanted.status_code, wanted.json()["code"]) == (409, "governance.subject_revoked")


def test_malformed_releases_are_refused(client: Client) -> None:
    for body in (
        {"version": "model:lead-scoring@1", "environment": "moon"},
        {"version": "lead scoring", "environment": "sandbox"},
        {"version": "model:lead-scoring@1"},
    ):
        assert client.post("/releases", json=body).status_code == 422
    assert client.post("/releases/rel_1/approvals", json={"reason": ""}).status_code == 422
    assert client.get("/releases/rel_1").json()["code"] == "registry.unknown_release"


def test_a_suspect_is_cleared_with_a_reason(client: Client, ben: Client, parts: Parts, asked: Asked) -> None:
    path = "/models/lead-scoring/versions/1/clearances"
    body = {"column": "weight", "reason": "weighed before the call is made"}
    refused = ben.post(path, json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "governance.facts_invalid")
    with parts.database.session() as session:
        suspected(session, "weight")
    made = ben.post(path, json=body)
    assert (made.status_code, made.json()["producer"]) == (201, BEN.ref)
    assert asked.last is not None
    assert asked.last[1] == "evidence:record" and asked.last[2].department == "sales"
    assert ben.post(path, json={"column": "weight"}).status_code == 422
    assert ben.post("/models/lead-scoring/versions/9/clearances", json=body).status_code == 404


def test_an_alias_is_moved(client: Client) -> None:
    model = client.put("/models/lead-scoring/aliases/champion", json={"version": 1}).json()
    assert model["aliases"] == {"champion": 1}
    assert client.put("/models/lead-scoring/aliases/champion", json={"version": 2}).status_code == 404


def test_nobody_reads_without_a_token(app: FastAPI) -> None:
    with client_of(app) as nobody:
        assert nobody.get("/models").status_code == 401
        assert nobody.post("/releases", json={}).status_code in (401, 422)
