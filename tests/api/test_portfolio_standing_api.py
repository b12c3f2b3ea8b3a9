"""Stages, retiring and taking up again over HTTP and at the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from httpx import Client
from typer.testing import CliRunner

from headway.governance import cli
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.web import Parts
from headway.portfolio.cli import standings_app
from headway.portfolio.routes import router
from headway_client import Client as HeadwayClient
from tests.factories.asgi import AppTransport
from tests.factories.governance import open_usecase
from tests.factories.identity import api, client, join, local_owner
from tests.factories.inventory import fill


@pytest.fixture
def owner(parts: Parts) -> Iterator[Client]:
    _, token = local_owner(parts.database)
    with parts.database.session() as session:
        fill(session, 24)
        open_usecase(session, slug="leads")
    with client(api(parts, [router]), token) as made:
        yield made


def test_standings_are_searched_filtered_and_counted(owner: Client) -> None:
    found = owner.get("/standings", params={"search": "churn", "sort": "-updated_at", "limit": 3, "tier": "minimal"})
    assert found.status_code == 200
    body = found.json()
    assert body["total"] >= len(body["items"])
    assert {one["usecase"]["tier"] for one in body["items"]} <= {"minimal"}
    counts = owner.get("/standings/counts", params={"search": "churn"}).json()
    assert sum(counts.values()) == owner.get("/standings", params={"search": "churn"}).json()["total"]
    wrong = owner.get("/standings", params={"sort": "colour", "shape": "round", "stage": "asleep"})
    assert wrong.status_code == 422
    assert [fault["column"] for fault in wrong.json()["faults"]] == ["sort", "shape", "stage"]
    assert owner.get("/usecases/leads/standing").json()["stage"] == "proposed"
    assert owner.get("/usecases/nobody/standing").status_code == 404


def test_who_reads_one_department_sees_that_one(owner: Client, parts: Parts) -> None:
    _, secret = join(parts.database, "Hedda", (Role.department_head, "hr"))
    with client(api(parts, [router]), secret) as hedda:
        assert hedda.get("/standings").status_code == 403
        mine = hedda.get("/standings", params={"department": "hr"}).json()["items"]
        assert mine and {one["usecase"]["department"] for one in mine} == {"hr"}
        assert hedda.get("/standings/counts", params={"department": "sales"}).status_code == 403
        assert hedda.post("/usecases/leads/retire", json={"reason": "not mine"}).status_code == 403


def test_a_use_case_is_retired_once_and_taken_up_again(owner: Client) -> None:
    assert owner.post("/usecases/leads/retire", json={"reason": ""}).status_code == 422
    made = owner.post("/usecases/leads/retire", json={"reason": "given up"}).json()
    assert (made["retired_because"], made["retired_by"]) == ("given up", "person:local")
    assert owner.post("/usecases/leads/retire", json={"reason": "again"}).json()["code"] == "governance.usecase_retired"
    assert owner.get("/usecases/leads/standing").json()["stage"] == "retired"
    assert owner.post("/usecases/leads/reopen", json={"reason": "needed"}).json()["retired_at"] is None
    assert owner.post("/usecases/leads/reopen", json={"reason": "needed"}).status_code == 409


def test_a_use_case_with_deployments_is_kept_as_it_was(owner: Client) -> None:
    live = owner.get("/standings", params={"stage": "live"}).json()["items"][0]["usecase"]["slug"]
    refused = owner.post(f"/usecases/{live}/retire", json={"reason": "given up"})
    assert (refused.status_code, refused.json()["code"]) == (409, "portfolio.still_at_work")
    assert owner.get(f"/usecases/{live}/standing").json()["stage"] == "live"


def test_the_terminal_retires_and_reopens(owner: Client, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = local_owner(parts.database)
    app = api(parts, [])
    app.include_router(router, prefix="/api/v1")

    @contextmanager
    def connect() -> Iterator[HeadwayClient]:
        with HeadwayClient("http://headway", token, transport=AppTransport(app)) as made:
            yield made

    monkeypatch.setattr(terminal, "connect", connect)
    runner = CliRunner()
    listed = runner.invoke(standings_app, ["list", "--stage", "live", "--stage", "pilot", "--output", "json"])
    assert {one["stage"] for one in json.loads(listed.stdout)["items"]} == {"live", "pilot"}
    assert "leads" in runner.invoke(standings_app, ["list", "--search", "leads"]).stdout
    counts = json.loads(runner.invoke(standings_app, ["counts", "--output", "json"]).stdout)
    assert sum(counts.values()) == 25
    shown = runner.invoke(standings_app, ["show", "leads"]).stdout
    assert "proposed" in shown and "missing (" in shown
    told = runner.invoke(cli.usecase_app, ["retire", "leads", "--reason", "given up", "--output", "json"])
    assert json.loads(told.stdout)["retired_because"] == "given up"
    told = runner.invoke(cli.usecase_app, ["reopen", "leads", "--reason", "needed"])
    assert told.exit_code == 0 and "retired_because" not in told.stdout
