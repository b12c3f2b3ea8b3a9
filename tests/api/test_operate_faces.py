"""The operate gate by API, client, terminal and page: the same findings, for who may see gates there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from typer.testing import CliRunner

from headway.governance.cli.gates import gate_app
from headway.identity import Role
from headway.kernel import clock, terminal
from headway.serving.routes import routers
from headway_client import AsyncClient
from headway_client import Client as HeadwayClient
from tests.factories.asgi import AppTransport
from tests.factories.identity import api, client, join, local_owner
from tests.factories.operated import Operated, operated
from tests.factories.pages import signed_in

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def company(parts) -> Iterator[Operated]:  # type: ignore[no-untyped-def]  # the fixture of all tests
    """A deployment in production that monitoring forgot a month ago."""
    with clock.fixed(NOON) as held:
        made = operated(parts, held)
        held.advance(timedelta(days=31))
        yield made


def app_of(company: Operated):  # type: ignore[no-untyped-def]
    app = api(company.parts, [])
    for router in routers:
        app.include_router(router, prefix="/api/v1")
    return app


def test_the_api_asks_and_lists_for_who_may(company: Operated) -> None:
    _, token = local_owner(company.parts.database)
    with client(app_of(company), token) as owner:
        assert owner.get("/api/v1/operate/findings").json()["items"] == []
        run = owner.post("/api/v1/operate", json={}).json()
        assert (run["asked"], len(run["warned"]), len(run["findings"])) == (1, 1, 1)
        assert {one["result"] for one in run["answers"]} == {"block"}
        one = owner.post("/api/v1/operate", json={"usecase": "lead-scoring"}).json()
        assert {c["id"]: c["status"] for c in one["answers"][0]["controls"]}["HW-OP-MONITORED"] == "indeterminate"
        [found] = owner.get("/api/v1/operate/findings", params={"state": "warned"}).json()["items"]
        assert (found["control"], found["grace_days"]) == ("HW-OP-MONITORED", 14)
        assert owner.get("/api/v1/operate/findings", params={"state": "suspended"}).json()["total"] == 0
        assert owner.get("/api/v1/operate/findings", params={"state": "asleep"}).status_code == 422
        unknown = owner.post("/api/v1/operate", json={"usecase": "nothing"})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "governance.usecase_unknown")
    for name, role, place, status in (
        ("Opal", Role.operator, "sales", 200),
        ("Fynn", Role.operator, "finance", 403),
        ("Eva", Role.employee, "sales", 403),
    ):
        _, token = join(company.parts.database, name, (role, place))
        with client(app_of(company), token) as person:
            asked = person.post("/api/v1/operate", json={"usecase": "lead-scoring"})
            assert asked.status_code == status, name
            assert (
                person.post("/api/v1/operate", json={}).status_code == 403
            )  # everything is for those who may everywhere
            listed = person.get("/api/v1/operate/findings", params={"department": "sales"})
            assert listed.status_code == status, name


def test_a_held_deployment_says_by_what_and_is_not_resumed(company: Operated) -> None:
    company.run()
    company.days(14)
    company.run()
    _, token = local_owner(company.parts.database)
    with client(app_of(company), token) as owner:
        shown = owner.get("/api/v1/deployments/leads", params={"environment": "production"}).json()
        assert shown["state"] == "suspended"
        assert shown["held"].startswith("suspended by the operate gate: HW-OP-MONITORED, ")
        listed = owner.get("/api/v1/deployments").json()["items"]
        assert [one["state"] for one in listed] == ["suspended"]
        refused = owner.post(
            "/api/v1/deployments/leads/resume", json={"environment": "production", "reason": "I want it"}
        )
        assert (refused.status_code, refused.json()["code"]) == (409, "governance.operate_suspended")
        assert "headway gate operate lead-scoring" in refused.json()["hint"]


def test_terminal_and_client_tell_the_same(company: Operated, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = local_owner(company.parts.database)
    transport = AppTransport(app_of(company))

    def connect() -> HeadwayClient:
        return HeadwayClient("http://here", token, transport=transport)

    monkeypatch.setattr(terminal, "connect", connect)
    runner = CliRunner()
    warned = runner.invoke(gate_app, ["operate", "--output", "json"])
    assert warned.exit_code == 0, warned.output
    assert json.loads(warned.stdout)["asked"] == 1
    told = runner.invoke(gate_app, ["findings", "--output", "json"])
    assert [one["state"] for one in json.loads(told.stdout)["items"]] == ["warned"]
    company.days(14)
    stopped = runner.invoke(gate_app, ["operate", "lead-scoring"])
    assert stopped.exit_code == 5 and "suspended" in stopped.output and "HW-OP-MONITORED" in stopped.output
    listed = runner.invoke(gate_app, ["findings", "--state", "suspended"])
    assert "lead-scoring" in listed.output

    async def ask() -> tuple[int, list[str]]:
        other = httpx.ASGITransport(app=app_of(company))
        async with AsyncClient("http://here", token, transport=other) as asked:
            run = await asked.operate.ask(usecase="lead-scoring")
            found = await asked.operate.findings(state="suspended")
            return run.asked, [one.control for one in found.items]

    assert asyncio.run(ask()) == (1, ["HW-OP-MONITORED"])


def test_the_pages_warn_with_the_day_and_show_what_is_suspended(company: Operated) -> None:
    operator = signed_in(company.parts, "Opal", (Role.operator, "sales"), (Role.auditor, "sales"))
    assert "Nothing at work has lost a control" in operator.text("/operate")
    company.run()
    for page in ("/deployments/leads?environment=production", "/usecases/lead-scoring"):
        shown = operator.text(page)
        assert "The operate gate warns: Monitoring looks at it each day" in shown, page
        assert "It will be suspended on" in shown and "HW-OP-MONITORED" in shown
    assert "warned about" in operator.text("/operate")
    company.days(14)
    operator = signed_in(company.parts, "Otis", (Role.operator, "sales"), (Role.auditor, "sales"))  # sessions end
    operator.get("/usecases/lead-scoring")
    assert operator.send("/operate", usecase="lead-scoring").status_code in (200, 303)
    for page in ("/deployments/leads?environment=production", "/usecases/lead-scoring"):
        shown = operator.text(page)
        assert "Suspended by the operate gate: Monitoring looks at it each day" in shown, page
        assert "It decides nothing until this passes again" in shown
    assert "Resume…" not in operator.text("/deployments/leads?environment=production")
    assert "leads production suspended" in operator.text("/deployments")
    company.monitor()
    operator.get("/usecases/lead-scoring")
    operator.send("/operate", usecase="lead-scoring")
    assert "operate gate: Monitoring" not in operator.text("/usecases/lead-scoring")
    assert "cleared" in operator.text("/operate")
    elsewhere = signed_in(company.parts, "Fynn", (Role.operator, "finance"))
    assert "HW-OP-MONITORED" not in elsewhere.text("/operate")
    assert elsewhere.get("/operate?format=xlsx").status_code == 200
    assert signed_in(company.parts, "Nora").get("/operate").status_code == 403
