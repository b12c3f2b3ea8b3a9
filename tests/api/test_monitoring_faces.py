"""Monitoring by API, client, terminal: the same figures and alerts, for who may see the deployment's department."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from headway import monitoring
from headway.identity import Role
from headway.kernel import clock, terminal
from headway.kernel.web import Parts
from headway.monitoring.cli import app as commands
from headway.monitoring.routes import router
from headway_client import AsyncClient
from headway_client import Client as HeadwayClient
from tests.factories.asgi import AppTransport
from tests.factories.identity import api, client, join, local_owner
from tests.factories.watched import Company, watched


@pytest.fixture
def company(parts: Parts) -> Iterator[Company]:
    """A week that is much unlike the reference, judged."""
    with clock.fixed(datetime(2026, 3, 2, 9, tzinfo=UTC)) as held:
        made = watched(parts, held)
        for _ in range(7):
            made.day(mean=1500.0)
        made.judge()
        yield made


def at_its_place(parts: Parts) -> FastAPI:
    app = api(parts, [])
    app.include_router(router, prefix="/api/v1")
    parts.jobs.define(monitoring.JOB, monitoring.monitoring_job)
    return app


def alert_of(company: Company) -> monitoring.Alert:
    [alert] = company.alerts(kind="inputs")
    return alert


def test_the_api_shows_what_was_judged_and_takes_answers(company: Company) -> None:
    _, token = local_owner(company.parts.database)
    alert = alert_of(company)
    with client(at_its_place(company.parts), token) as owner:
        shown = owner.get("/api/v1/deployments/leads/monitoring", params={"environment": "sandbox"}).json()
        assert shown["has_reference"] and len(shown["days"]) == 7
        places = shown["days"][-1]["places"]
        assert places["balance"]["psi"] > places["balance"]["limit"] > places["balance"]["noise"] > 0
        assert alert.id in [one["id"] for one in shown["alerts"]]
        listed = owner.get("/api/v1/alerts", params={"kind": "inputs", "state": "open"}).json()
        assert [one["id"] for one in listed["items"]] == [alert.id] and listed["total"] == 1
        taken = owner.post(f"/api/v1/alerts/{alert.id}/acknowledge", json={"reason": "I look into it"}).json()
        assert taken["state"] == "acknowledged" and taken["acknowledged_because"] == "I look into it"
        closed = owner.post(f"/api/v1/alerts/{alert.id}/close", json={"reason": "a campaign"}).json()
        assert closed["state"] == "closed"
        again = owner.post(f"/api/v1/alerts/{alert.id}/close", json={"reason": "again"})
        assert again.status_code == 409 and again.json()["code"] == "monitoring.alert_closed"
        assert owner.post(f"/api/v1/alerts/{alert.id}/close", json={"reason": ""}).status_code == 422
        assert owner.get("/api/v1/alerts/alr_none").json()["code"] == "monitoring.unknown_alert"
        started = owner.post("/api/v1/deployments/leads/monitoring/run", json={"environment": "sandbox"})
        assert started.status_code == 202 and started.json()["job"].startswith("job_")
        assert owner.get("/api/v1/deployments/nobody/monitoring").status_code == 404


@pytest.mark.parametrize(
    ("role", "department", "reads", "answers", "runs"),
    [
        (Role.operator, "sales", True, True, True),
        (Role.data_scientist, "sales", True, True, True),
        (Role.department_head, "sales", True, True, False),
        (Role.council, "sales", True, False, False),
        (Role.auditor, "sales", True, False, False),
        (Role.data_owner, "sales", None, False, False),  # reads alerts about their data, and no deployment
        (Role.employee, "sales", False, False, False),
        (Role.operator, "hr", False, False, False),
    ],
)
def test_roles_of_the_department_decide_who_sees_and_answers(
    *, company: Company, role: Role, department: str, reads: bool | None, answers: bool, runs: bool
) -> None:
    _, secret = join(company.parts.database, "Somebody", (role, department))
    alert = alert_of(company)
    with client(at_its_place(company.parts), secret) as caller:
        shown = caller.get("/api/v1/deployments/leads/monitoring")
        one = caller.get(f"/api/v1/alerts/{alert.id}")
        run = caller.post("/api/v1/deployments/leads/monitoring/run", json={"environment": "sandbox"})
        answered = caller.post(f"/api/v1/alerts/{alert.id}/acknowledge", json={"reason": "seen"})
    assert shown.status_code == (200 if reads else 403)
    assert one.status_code == (403 if reads is False else 200)
    assert answered.status_code == (200 if answers else 403)
    assert run.status_code == (202 if runs else 403)


def test_the_python_client_reads_it_in_both_forms(company: Company) -> None:
    _, token = local_owner(company.parts.database)
    with HeadwayClient("http://headway", token, transport=AppTransport(at_its_place(company.parts))) as caller:
        shown = caller.monitors.show("leads", environment="sandbox")
        alerts = caller.alerts.list(deployment="leads", kind="inputs")
        one = caller.alerts.acknowledge(alerts.items[0].id, reason="seen")
    assert shown.days[-1].places["balance"].psi > 0
    assert shown.latest is not None and shown.latest.columns[0].column == "age"
    assert one.state == "acknowledged"

    async def read() -> int:
        transport = httpx.ASGITransport(app=at_its_place(company.parts))
        async with AsyncClient("http://headway", token, transport=transport) as caller:
            return (await caller.alerts.list(state="acknowledged")).total

    assert asyncio.run(read()) == 1


def test_the_terminal_shows_columns_alerts_and_takes_answers(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = local_owner(company.parts.database)

    @contextmanager
    def connect() -> Iterator[HeadwayClient]:
        with HeadwayClient("http://headway", token, transport=AppTransport(at_its_place(company.parts))) as made:
            yield made

    monkeypatch.setattr(terminal, "connect", connect)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(commands, list(arguments))
        assert done.exit_code == 0, done.output
        return done.stdout if "json" in arguments else done.output

    shown = run("show", "leads")
    assert "judged through 2026-03-08 against 2000 rows of training" in shown
    assert shown.index("balance") < shown.index("Age in years"), "the farthest column comes first"
    assert json.loads(run("show", "leads", "--output", "json"))["has_reference"] is True
    [one] = json.loads(run("alerts", "--kind", "inputs", "--output", "json"))["items"]
    assert "inputs" in run("alerts")
    assert "balance" in run("alert", one["id"]) and "psi" in run("alert", one["id"])
    assert "acknowledged" in run("acknowledge", one["id"], "--reason", "I look")
    assert "closed" in run("close", one["id"], "--reason", "it is meant to be so")
