"""The value of a use case by API, client, terminal and page: the same figures, for who may read decisions and outcomes."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from headway.identity import Role
from headway.kernel import clock, terminal
from headway.kernel.ids import new_id
from headway.kernel.web import Parts
from headway.portfolio.cli import benefits_app
from headway.portfolio.routes import router
from headway.portfolio.tables import PilotRow
from headway_client import AsyncClient
from headway_client import Client as HeadwayClient
from tests.factories.asgi import AppTransport
from tests.factories.identity import api, client, join, local_owner
from tests.factories.measured import Experiment, bring, decide, prepared
from tests.factories.pages import signed_in

PAGE = "/usecases/lead-scoring/value"


def promised(parts: Parts) -> str:
    """Note a finished pilot that projects a value, as its job would leave it."""
    name = new_id("plt")
    projection = {
        "cases": 1000,
        "actions": 100,
        "success_rate_ranked": 0.5,
        "success_rate_random": 0.2,
        "gain": {"expected": "3600.00 EUR", "low": "2400.00 EUR", "high": "4800.00 EUR"},
    }
    parts.storage.replace("reports/pilots/one/report.md", b"# A report")
    with parts.database.session() as session:
        session.add(
            PilotRow(
                id=name,
                name="lead-scoring",
                solution="sales.lead-scoring",
                department="sales",
                state="done",
                job="job_x",
                filename="leads.csv",
                request={"value_per_success": "120.00 EUR", "cost_per_action": "4.00 EUR", "positive": None},
                steps={"usecase": {"usecase": "lead-scoring"}, "training": {"ref": "model:lead-scoring@3"}},
                report={"projection": projection},
                report_key="reports/pilots/one/report.md",
                started_by="person:ana",
                started_at=clock.now(),
                ended_at=clock.now(),
            )
        )
    return name


@pytest.fixture
def experiment(parts: Parts, tmp_path: Path) -> Experiment:
    made = prepared(parts, tmp_path)
    promised(parts)
    return made


@pytest.fixture
def told(experiment: Experiment) -> Experiment:
    """With decisions and what came of them: a clear gain."""
    bring(experiment, decide(experiment, 500), lambda arm: 0.5 if arm == "champion" else 0.2, seed=3)
    return experiment


def test_the_api_tells_both_by_use_case_and_by_deployment(told: Experiment) -> None:
    _, token = local_owner(told.parts.database)
    with client(api(told.parts, [router]), token) as owner:
        whole = owner.get("/usecases/lead-scoring/value").json()
        one = owner.get("/deployments/leads/value", params={"environment": "sandbox"}).json()
        assert whole["deployments"] == [one]
        assert whole["promise"]["gain"]["expected"] == "3600.00 EUR" and whole["promise"]["made_this_version"] is False
        assert one["promise"]["made_this_version"] is True
        assert one["level"] == "measured" and one["worth"]["steps"][0]["amount"] == "3600.00 EUR"
        assert one["need"]["detectable"] == pytest.approx(0.03)
        waiting = owner.get("/deployments/leads/value", params={"environment": "sandbox", "window_days": 30}).json()
        assert waiting["champion"]["due"] == 0 and waiting["level"] == "projected"
        assert owner.get("/deployments/leads/value", params={"window_days": 0}).status_code == 422
        assert owner.get("/deployments/nobody/value").status_code == 404
        assert owner.get("/usecases/nobody/value").status_code == 404


@pytest.mark.parametrize(
    ("role", "department", "may"),
    [
        (Role.department_head, "sales", True),
        (Role.auditor, "sales", True),
        (Role.data_scientist, "sales", True),
        (Role.data_owner, "sales", False),  # reads outcomes, not decisions
        (Role.employee, "sales", False),
        (Role.department_head, "hr", False),
    ],
)
def test_who_reads_decisions_and_outcomes_there_reads_their_value(
    experiment: Experiment, role: Role, department: str, may: bool
) -> None:
    parts = experiment.parts
    _, secret = join(parts.database, "Somebody", (role, department))
    with client(api(parts, [router]), secret) as caller:
        answers = [
            caller.get(path).status_code for path in ("/usecases/lead-scoring/value", "/deployments/leads/value")
        ]
    assert answers == [200 if may else 403] * 2
    browser = signed_in(parts, "Somebody Else", (role, department))
    assert browser.get(PAGE).status_code == (200 if may else 403)
    assert (f'href="{PAGE}"' in browser.get("/usecases/lead-scoring").text) == may


def test_the_python_client_reads_it_in_both_forms(told: Experiment) -> None:
    _, token = local_owner(told.parts.database)
    with HeadwayClient("http://headway", token, transport=AppTransport(at_its_place(told.parts))) as caller:
        whole = caller.usecases.value("lead-scoring")
        one = caller.deployments.value("leads", environment="sandbox")
    assert whole.deployments[0].level == one.level == "measured"
    assert one.effect is not None and one.effect.low > 0
    assert one.worth is not None and one.worth.net.expected.endswith(" EUR")

    async def read() -> str:
        transport = httpx.ASGITransport(app=at_its_place(told.parts))
        async with AsyncClient("http://headway", token, transport=transport) as caller:
            return (await caller.deployments.value("leads", window_days=30)).level

    assert asyncio.run(read()) == "projected"


def at_its_place(parts: Parts) -> FastAPI:
    app = api(parts, [])
    app.include_router(router, prefix="/api/v1")
    return app


def test_the_terminal_shows_it_in_lines_and_as_json(told: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = local_owner(told.parts.database)

    @contextmanager
    def connect() -> Iterator[HeadwayClient]:
        with HeadwayClient("http://headway", token, transport=AppTransport(at_its_place(told.parts))) as made:
            yield made

    monkeypatch.setattr(terminal, "connect", connect)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(benefits_app, ["show", "lead-scoring", *arguments])
        assert done.exit_code == 0, done.output
        return done.stdout if "json" in arguments else done.output

    shown = run()
    assert "projected: 3600.00 EUR" in shown and "measured" in shown and "the hold-out shows a gain" in shown
    detailed = run("--deployment", "leads")
    assert "hold_out" in detailed and "rates" in detailed
    assert json.loads(run("--output", "json"))["deployments"][0]["level"] == "measured"
    assert json.loads(run("--deployment", "none", "--output", "json"))["deployments"] == []


def test_a_page_shows_what_the_api_tells_and_leads_to_the_decisions(told: Experiment) -> None:
    _, token = local_owner(told.parts.database)
    with client(api(told.parts, [router]), token) as owner:
        one: dict[str, Any] = owner.get("/deployments/leads/value").json()
    head = signed_in(told.parts, "Hedda", (Role.department_head, "sales"))
    text = head.text(PAGE)
    assert "Projected value €3,600" in text
    net = float(one["worth"]["net"]["expected"].split()[0])
    assert f"Measured value €{net:,.0f}" in text
    assert f"{100 * one['effect']['difference']:.1f} points" in text
    assert (
        "split as planned" in text and "From projected to measured value" in text and "Evidence level Measured" in text
    )
    assert head.shown is not None
    behind = {unescape(link) for link in re.findall(r'href="(/decisions\?[^"]+)"', head.shown.text)}
    assert len(behind) == 2
    for link in behind:
        arm = one["champion"] if "arm=champion" in link else one["hold_out"]
        assert f"of {arm['decisions']}" in head.text(link)


def test_a_page_in_german_and_with_a_window(told: Experiment) -> None:
    head = signed_in(told.parts, "Hedda", (Role.department_head, "sales"), language="de")
    text = head.text(PAGE)
    assert "Gemessener Nutzen" in text and "Prüfung der Aufteilung" in text
    waiting = head.text(f"{PAGE}?window_days=30")
    assert "innerhalb von 30 Tagen" in waiting


def test_empty_states_teach(parts: Parts, tmp_path: Path) -> None:
    made = prepared(parts, tmp_path, holdout_share=0.0)
    scientist = signed_in(parts, "Sia", (Role.data_scientist, "sales"))
    text = scientist.text(PAGE)
    assert "No hold-out: nothing can be measured" in text and "Deploy with a hold-out" in text
    assert "Deploy with a hold-out" not in signed_in(parts, "Aude", (Role.auditor, "sales")).text(PAGE)
    assert made.folder.exists()


def test_without_outcomes_it_says_how_they_come(experiment: Experiment) -> None:
    scientist = signed_in(experiment.parts, "Sia", (Role.data_scientist, "sales"))
    text = scientist.text(PAGE)
    assert "No outcome is known yet" in text and "How outcomes are imported" in text and "Projected only" in text


def test_a_use_case_without_deployment_offers_a_pilot(parts: Parts) -> None:
    from tests.factories.governance import open_usecase

    with parts.database.session() as session:
        open_usecase(session, slug="churn")
    head = signed_in(parts, "Hedda", (Role.department_head, "sales"))
    assert "Nothing to measure yet" in head.text("/usecases/churn/value")


def test_the_home_page_fetches_what_was_measured_for_who_may_read_it(told: Experiment) -> None:
    head = signed_in(told.parts, "Hedda", (Role.department_head, "sales"))
    assert 'hx-get="/home/value"' in head.get("/").text
    shown = head.get("/home/value")
    assert "measured" in shown.text and "€" in shown.text and f'href="{PAGE}?deployment=sandbox/leads"' in shown.text
    elsewhere = signed_in(told.parts, "Hannes", (Role.department_head, "hr"))
    assert "No hold-out has measured a value yet" in elsewhere.get("/home/value").text
    nobody = signed_in(told.parts, "Nora")
    assert nobody.get("/home/value").status_code == 403 and 'hx-get="/home/value"' not in nobody.get("/").text
