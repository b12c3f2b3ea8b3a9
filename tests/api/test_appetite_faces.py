"""The risk appetite through the API, at the terminal, in the client and on pages."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import openpyxl
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from headway.governance.mandates import cli
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.web import Parts
from headway_client import Client, Conflict, Denied, Invalid
from tests.factories.asgi import AppTransport
from tests.factories.governance import open_usecase
from tests.factories.pages import Browser, application, signed_in

WHY = "what the risk committee agreed on"


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    with parts.database.session() as session:
        open_usecase(session)
    return application(parts)


@pytest.fixture
def ada(app: FastAPI, parts: Parts) -> Browser:
    return signed_in(parts, "Ada", (Role.ai_office, None), app=app)


@pytest.fixture
def cleo(app: FastAPI, parts: Parts) -> Browser:
    return signed_in(parts, "Cleo", (Role.sponsor, "sales"), app=app)


def client_of(app: FastAPI, browser: Browser) -> Client:
    secret = next(iter(browser.http.cookies.values()))
    return Client("http://headway.test", secret, transport=AppTransport(app))


def test_one_adopts_in_the_browser_a_sponsor_confirms_and_its_use_is_shown(ada: Browser, cleo: Browser) -> None:
    assert "No risk appetite in force" in ada.text("/appetite")
    wrong = ada.send("/appetite/adopt", tier_high="many", departments="sales", money="much", reason=WHY)
    assert wrong.status_code == 422 and "Write one department a line, as sales=5" in wrong.text
    ada.get("/appetite")
    done = ada.send(
        "/appetite/adopt", tier_high="0", departments="sales=3", people="1000", money="5000 EUR", reason=WHY
    )
    assert "Version 1 waits for a sponsor" in done.text and "/appetite/1/confirm" not in done.text
    cleo.get("/appetite")
    page = cleo.send("/appetite/1/confirm")
    assert "In force: gates ask it from now on" in page.text
    sheet = openpyxl.load_workbook(io.BytesIO(cleo.get("/appetite?format=xlsx").content)).active
    assert sheet is not None
    assert [row[2].value for row in sheet.iter_rows(min_row=2)] == ["0", "1,000", "3", "5000.00 EUR"]
    told = cleo.text("/usecases/lead-scoring/stakes")
    assert "people affected: at most 1,000 for each use case, and nobody estimated" in told
    saved = cleo.send("/usecases/lead-scoring/stakes", people="900", money="4000 EUR")
    assert "It passes no limit of the risk appetite" in saved.text


def test_the_terminal_and_the_client_do_the_same(app: FastAPI, ada: Browser, cleo: Browser) -> None:
    speaking = [client_of(app, ada)]

    @contextmanager
    def connect() -> Iterator[Client]:
        yield speaking[0]

    terminal.set_connector(connect)
    run = CliRunner()

    def told(*arguments: str) -> Any:
        found = run.invoke(cli.appetite_app, [*arguments, "--output", "json"])
        assert found.exit_code == 0, (found.output, found.exception)
        return json.loads(found.stdout)

    limits = ("--tier", "high=2", "--department", "sales=3", "--people", "10", "--money", "5000 EUR")
    made = told("adopt", "--reason", WHY, *limits)
    assert [one["most"] for one in made["limits"]] == [2, 3, 10, 500_000]
    with pytest.raises(Denied):
        client_of(app, ada).appetites.confirm(1, digest=made["digest"])
    speaking[0] = client_of(app, cleo)
    with pytest.raises(Denied):
        speaking[0].appetites.adopt(limits=[{"kind": "people", "most": 1}], reason=WHY)
    assert told("confirm", "1", "--digest", made["digest"])["state"] == "in_force"
    with pytest.raises(Conflict):
        speaking[0].appetites.confirm(1, digest=made["digest"])
    assert told("list")["items"][0]["state"] == "in_force"
    assert [one["used"] for one in told("use")["items"]] == [0, 0, None, None]
    assert told("estimate", "lead-scoring", "--people", "11", "--money", "10 EUR")["money_minor"] == 1000
    found = client_of(app, ada).appetites.stakes("lead-scoring")
    assert found is not None and found.people == 11
    with pytest.raises(Invalid):
        client_of(app, ada).appetites.adopt(limits=[{"kind": "tier", "scope": "huge", "most": 1}], reason=WHY)
