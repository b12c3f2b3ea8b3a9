"""What computing costs: set by API, page, terminal and client, priced into what a hold-out measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from typer.testing import CliRunner

from headway import ledger
from headway.identity import Role
from headway.kernel import clock, terminal
from headway.kernel.web import Parts
from headway.portfolio.cli import benefits_app
from headway.portfolio.routes import router as portfolio_router
from headway.value.routes import router
from headway_client import Client as HeadwayClient
from tests.api.test_value_faces import PAGE, promised
from tests.factories.asgi import AppTransport
from tests.factories.identity import api, client, join, local_owner
from tests.factories.measured import Experiment, bring, decide, prepared
from tests.factories.pages import signed_in

RATES = {"cpu_hour": "3600.00 EUR", "thousand_decisions": "10.00 EUR", "month": "304.36 EUR", "reason": "finance, Q1"}


@pytest.fixture
def told(parts: Parts, tmp_path: Path) -> Experiment:
    """A deployment with decisions and what came of them, from a pilot that projects a value."""
    made = prepared(parts, tmp_path)
    promised(parts)
    bring(made, decide(made, 500), lambda arm: 0.5 if arm == "champion" else 0.2, seed=3)
    return made


def amount(text: str) -> Decimal:
    return Decimal(text.split(maxsplit=1)[0])


def note_job(parts: Parts, seconds: float) -> None:
    """The job that the pilot ran as, as a worker leaves it."""
    with parts.database.session() as session:
        session.execute(
            text(
                "insert into kernel.jobs (id, name, status, payload, actor, done, total, message, attempts, created_at, ended_at) "
                "values ('job_x', 'pilot', 'done', '{}', '{\"ref\": \"person:ana\"}', 1, 1, '', 1, now(), now())"
            )
        )
        session.execute(
            text(
                "insert into kernel.job_steps (job_id, position, name, attempts, started_at, ended_at, cpu_seconds) "
                "values ('job_x', 0, 'train', 1, now(), now(), :seconds)"
            ),
            {"seconds": seconds},
        )


def test_what_was_metered_is_priced_and_taken_off_what_was_measured(told: Experiment) -> None:
    note_job(told.parts, 7.5)
    _, token = local_owner(told.parts.database)
    with client(api(told.parts, [router, portfolio_router]), token) as owner:
        before: dict[str, Any] = owner.get("/deployments/leads/value").json()
        assert before["running"] is None and before["worth"]["running"] is None
        made = owner.post("/rates", json=RATES)
        assert made.status_code == 201 and made.json()["valid_from"] == clock.now().date().isoformat()
        after: dict[str, Any] = owner.get("/deployments/leads/value").json()
    running = after["running"]
    # 7.5 s at 3,600 an hour; 500 decisions of both arms at 10 the thousand; one day of a month.
    assert (running["jobs"], running["jobs_cost"], running["shared_by"]) == (1, "7.50 EUR", 1)
    assert (running["decisions"], running["decisions_cost"]) == (500, "5.00 EUR")
    assert (running["days"], running["time_cost"]) == (1, "10.00 EUR")
    assert running["total"] == "22.50 EUR" == after["worth"]["running"]
    for end in ("expected", "low", "high"):
        assert amount(after["worth"]["net"][end]) == amount(before["worth"]["net"][end]) - Decimal("22.50")
    steps = {step["name"]: amount(step["amount"]) for step in after["worth"]["steps"]}
    assert list(steps)[-2:] == ["running", "measured"] and steps["running"] == Decimal("-22.50")
    assert sum(list(steps.values())[:-1]) == steps["measured"]


def test_a_cost_in_another_currency_is_told_and_not_taken_off(told: Experiment) -> None:
    _, token = local_owner(told.parts.database)
    dollars = {**RATES, **{name: RATES[name].replace("EUR", "USD") for name in RATES if name != "reason"}}
    with client(api(told.parts, [router, portfolio_router]), token) as owner:
        owner.post("/rates", json=dollars)
        one = owner.get("/deployments/leads/value").json()
        again = owner.post("/rates", json=RATES)
    assert one["running"]["total"].endswith("USD") and one["worth"]["running"] is None
    assert again.status_code == 422 and "rates are kept in USD" in again.json()["detail"]


def test_rates_leave_an_entry_and_are_never_changed(parts: Parts) -> None:
    _, token = local_owner(parts.database)
    with client(api(parts, [router]), token) as owner:
        made = owner.post("/rates", json={**RATES, "valid_from": "2026-01-01"}).json()
        assert [one["id"] for one in owner.get("/rates").json()["items"]] == [made["id"]]
        wrong = owner.post("/rates", json={**RATES, "cpu_hour": "cheap", "month": "-1 EUR", "reason": " "})
        assert wrong.status_code == 422
        assert {fault["column"] for fault in wrong.json()["faults"]} == {"cpu_hour", "month", "reason"}
    with parts.database.session() as session:
        [event] = ledger.find(session, type="rates.set").items
    assert event.subject == f"rates:{made['id']}" and event.payload is not None
    assert (event.payload["cpu_hour"], event.payload["valid_from"]) == ("3600.00 EUR", "2026-01-01")
    for change in ("update value.rates set month = '0.00 EUR'", "delete from value.rates"):
        with pytest.raises(IntegrityError, match="never changed"), parts.database.session() as session:
            session.execute(text(change))


@pytest.mark.parametrize("role", [Role.auditor, Role.department_head, Role.sponsor])
def test_others_read_and_do_not_set(parts: Parts, role: Role) -> None:
    _, secret = join(parts.database, "Somebody", (role, None))
    with client(api(parts, [router]), secret) as caller:
        assert caller.get("/rates").status_code == 200
        assert caller.post("/rates", json=RATES).status_code == 403
    shown = signed_in(parts, "Somebody Else", (role, None)).text("/rates")
    assert "Nobody has said what computing costs" in shown and "Set the rates" not in shown
    assert signed_in(parts, "Somebody There", (role, "sales")).get("/rates").status_code == 403


def test_the_page_sets_them_and_says_each_fault_at_its_field(told: Experiment) -> None:
    office = signed_in(told.parts, "Olga", (Role.ai_office, None))
    office.get("/rates")
    wrong = office.send("/rates", **{**RATES, "cpu_hour": "cheap", "valid_from": "soon"})
    assert wrong.status_code == 422 and "write a day as 2026-12-31" in wrong.text and 'value="cheap"' in wrong.text
    wrong = office.send("/rates", **{**RATES, "cpu_hour": "cheap", "valid_from": "2026-01-01"})
    assert wrong.status_code == 422 and "is not an amount of money" in wrong.text
    tomorrow = (clock.now() + timedelta(days=2)).date().isoformat()
    for day in ("2026-01-01", tomorrow):
        office.get("/rates")
        assert "The rates are set" in office.send("/rates", **{**RATES, "valid_from": day}).text
    text = office.text("/rates")
    assert text.count("in force") == 1 and "€3,600" in text and "finance, Q1" in text
    value = office.text(PAGE)
    assert "Cost of running" in value and "500 decisions of both arms" in value
    assert "nobody has said what computing costs" not in value


def test_terminal_and_client_do_too(told: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = local_owner(told.parts.database)

    def at_its_place() -> HeadwayClient:
        app = api(told.parts, [])
        for one in (router, portfolio_router):
            app.include_router(one, prefix="/api/v1")
        return HeadwayClient("http://headway", token, transport=AppTransport(app))

    @contextmanager
    def connect() -> Iterator[HeadwayClient]:
        with at_its_place() as made:
            yield made

    monkeypatch.setattr(terminal, "connect", connect)
    with at_its_place() as caller:
        made = caller.rates.set(cpu_hour="1 EUR", thousand_decisions="2 EUR", month="3 EUR", reason="finance")
        assert [one.id for one in caller.rates.list()] == [made.id] and made.month == "3.00 EUR"
    amounts = ["--cpu-hour", "3600 EUR", "--thousand-decisions", "10 EUR", "--month", "0 EUR"]
    done = CliRunner().invoke(benefits_app, ["set-rates", *amounts, "--from", "2026-01-01", "--reason", "finance, Q1"])
    assert done.exit_code == 0, done.output
    listed = CliRunner().invoke(benefits_app, ["rates"])
    assert "3600.00 EUR" in listed.output and "finance, Q1" in listed.output
    shown = CliRunner().invoke(benefits_app, ["show", "lead-scoring", "--deployment", "leads"])
    assert "running: " in shown.output and "for 500 decisions" in shown.output
