"""Jobs over HTTP: own jobs are open, those of others need a permission."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from httpx import Client

from headway.kernel.auth import Actor, Resource
from headway.kernel.errors import Denied, HeadwayError, Unauthenticated, problem
from headway.kernel.jobs import JobContext
from headway.kernel.routes import router
from headway.kernel.web import Parts
from tests.factories.asgi import client_of

ANNA = Actor(ref="person:anna", name="Anna")
BERT = Actor(ref="person:bert", name="Bert")
OPERATOR = Actor(ref="person:olga", name="Olga")
TOKENS = {"anna": ANNA, "bert": BERT, "olga": OPERATOR}


class OwnersAndOperators:
    """Operators may do what they ask for, others with what is theirs."""

    def check(self, actor: Actor, action: str, resource: Resource) -> None:
        """Refuse all but owner and operator."""
        if actor.ref not in (OPERATOR.ref, resource.attributes["owner"]):
            raise Denied("only operators", hint="ask for the role operator", values={"rule": action})


@pytest.fixture
def client(parts: Parts) -> Iterator[Client]:
    def authenticate(session: object, token: str) -> Actor:
        if token not in TOKENS:
            raise Unauthenticated("unknown token")
        return TOKENS[token]

    app = FastAPI()
    app.include_router(router)
    app.state.parts = replace(parts, authorizer=OwnersAndOperators(), authenticate=authenticate)

    @app.exception_handler(HeadwayError)
    def tell(request: Request, error: HeadwayError) -> JSONResponse:
        return JSONResponse(problem(error), error.status)

    with client_of(app, "") as made:
        yield made


def as_(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {name}"}


@pytest.fixture
def job_id(parts: Parts) -> str:
    def nothing(context: JobContext, payload: dict[str, object]) -> dict[str, object]:
        return {}

    parts.jobs.define("nothing", nothing)
    with parts.database.session() as session:
        return parts.jobs.enqueue(session, "nothing", {"x": 1}, actor=ANNA)


def test_job_is_shown_whole_to_who_asked_for_it(client: Client, job_id: str) -> None:
    shown = client.get(f"/jobs/{job_id}", headers=as_("anna"))
    assert shown.status_code == 200
    told = shown.json()
    assert told.pop("created_at").endswith("Z")
    assert told == {
        "id": job_id,
        "name": "nothing",
        "status": "queued",
        "done": 0,
        "total": 0,
        "message": "",
        "steps": [],
        "result": None,
        "error": None,
        "attempts": 0,
        "started_at": None,
        "ended_at": None,
        "actor": "person:anna",
    }


def test_job_of_another_needs_a_permission(client: Client, job_id: str) -> None:
    for method, path, action in (
        ("GET", f"/jobs/{job_id}", "job:read"),
        ("POST", f"/jobs/{job_id}/cancel", "job:cancel"),
        ("GET", "/jobs", "job:read"),
    ):
        refused = client.request(method, path, headers=as_("bert"))
        assert refused.status_code == 403 and refused.json()["values"] == {"rule": action}
    assert client.get(f"/jobs/{job_id}", headers=as_("olga")).status_code == 200
    assert [job["id"] for job in client.get("/jobs", headers=as_("olga")).json()["items"]] == [job_id]


def test_everybody_lists_their_own_jobs(client: Client, job_id: str) -> None:
    assert [job["id"] for job in client.get("/jobs?mine=true", headers=as_("anna")).json()["items"]] == [job_id]
    assert client.get("/jobs?mine=true", headers=as_("bert")).json() == {"items": [], "next": None}


def test_own_job_can_be_cancelled_once(client: Client, job_id: str) -> None:
    assert client.post(f"/jobs/{job_id}/cancel", headers=as_("anna")).json()["status"] == "cancelled"
    again = client.post(f"/jobs/{job_id}/cancel", headers=as_("anna"))
    assert again.status_code == 409 and "cancelled" in again.json()["detail"]


def test_unknown_job_and_unknown_asker(client: Client) -> None:
    assert client.get("/jobs/job_none", headers=as_("anna")).status_code == 404
    assert client.get("/jobs/job_none").status_code == 401
    assert client.get("/jobs/job_none", headers=as_("eve")).status_code == 401
