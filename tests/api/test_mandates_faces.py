"""Mandates through the API, at the terminal, in the client and on pages: drafted by one, signed by the sponsor, missed by many."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from headway import identity
from headway.governance.mandates import cli
from headway.identity import Role
from headway.kernel import clock, terminal
from headway.kernel.web import Parts
from headway_client import Client, Conflict, Denied
from tests.factories.asgi import AppTransport
from tests.factories.governance import ANA
from tests.factories.pages import Browser, application, signed_in

SAID = {
    "purpose": "Win more deals with less cold calling",
    "budget_minor": 25_000_000,
    "currency": "EUR",
    "people": 3.5,
}


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    with parts.database.session() as session:
        for slug in ("sales", "hr"):
            identity.ensure_department(session, ANA, slug)
    return application(parts)


@pytest.fixture
def cleo(app: FastAPI, parts: Parts) -> Browser:
    """The sponsor, who holds no role at all."""
    return signed_in(parts, "Cleo Sponsor", app=app)


@pytest.fixture
def ada(app: FastAPI, parts: Parts) -> Browser:
    return signed_in(parts, "Ada", (Role.ai_office, None), app=app)


@pytest.fixture
def emil(app: FastAPI, parts: Parts) -> Browser:
    return signed_in(parts, "Emil", (Role.employee, "sales"), app=app)


def client_of(app: FastAPI, browser: Browser) -> Client:
    secret = next(iter(browser.http.cookies.values()))
    return Client("http://headway.test", secret, transport=AppTransport(app))


def opened(client: Client, sponsor: Browser) -> None:
    assert sponsor.actor is not None
    client.programmes.open(slug="growth", title="Growth", sponsor=sponsor.actor.ref, departments=["sales"])


def wanted(days: int = 200) -> dict[str, Any]:
    today = clock.now().date()
    return {**SAID, "valid_from": today, "valid_until": today + timedelta(days=days)}


def test_one_drafts_in_the_browser_the_sponsor_signs_and_intake_opens(
    parts: Parts, app: FastAPI, ada: Browser, cleo: Browser, emil: Browser
) -> None:
    assert "No programme yet" in ada.text("/programmes")
    assert 'href="/programmes/new"' in ada.get("/programmes").text
    of_sales = signed_in(parts, "Olaf", (Role.ai_office, "sales"), app=app)
    # It is open to the AI office of the whole organisation alone.
    assert 'href="/programmes/new"' not in of_sales.get("/programmes").text
    ada.get("/programmes/new")
    made = ada.send("/programmes/new", title="Growth", slug="growth", sponsor="Cleo Sponsor", departments="sales")
    assert made.url.path == "/programmes/growth", made.text
    # intake is closed, and whoever proposes reads why and whom to ask
    emil.get("/usecases/new")
    refused = emil.send("/usecases/new", title="Ordering of calls", department="sales", purpose="call the likeliest")
    assert refused.status_code == 409
    assert "intake is closed in sales: the programme Growth has no mandate" in refused.text
    assert "Cleo Sponsor" in refused.text
    today = clock.now().date()
    ada.get("/programmes/growth")
    wrong = ada.send(
        "/programmes/growth/draft", purpose="short", budget="much", people="x", valid_from="", valid_until=""
    )
    assert wrong.status_code == 422 and "Write such as 250000 EUR" in wrong.text
    done = ada.send(
        "/programmes/growth/draft", purpose=SAID["purpose"], budget="250000 EUR", people="3,5",
        valid_from=today.isoformat(), valid_until=(today + timedelta(days=300)).isoformat(),
    )  # fmt: skip
    assert "Waits for the sponsor's signature" in done.text.replace("&#39;", "'")
    assert '/sign"' not in done.text, "who drafted it cannot sign"
    assert "Growth" in cleo.text("/programmes")
    page = cleo.get("/programmes/growth")
    action = page.text.partition('action="/mandates/')[2].partition('"')[0]
    signed = cleo.send(f"/mandates/{action}")
    assert "in force" in signed.text and "Signed and sealed" in signed.text
    emil.get("/usecases/new")
    proposed = emil.send("/usecases/new", title="Ordering of calls", department="sales", purpose="call the likeliest")
    assert proposed.url.path.startswith("/usecases/"), proposed.text
    envelope = cleo.get(f"/mandates/{action.partition('/')[0]}/envelope")
    assert json.loads(envelope.content)["payloadType"] == "application/vnd.headway.mandate+json"


def test_the_list_is_exported_and_tells_what_is_closed(app: FastAPI, ada: Browser, cleo: Browser) -> None:
    opened(client_of(app, ada), cleo)
    assert "Intake is closed in 1 programme" in ada.text("/programmes")
    sheet = openpyxl.load_workbook(io.BytesIO(ada.get("/programmes?format=xlsx").content)).active
    assert sheet is not None
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["Growth"]


def test_who_may_see_and_do_what(ada: Browser, cleo: Browser, emil: Browser, app: FastAPI, parts: Parts) -> None:
    office, sponsor, employee = client_of(app, ada), client_of(app, cleo), client_of(app, emil)
    opened(office, cleo)
    draft = office.programmes.draft("growth", **wanted())
    for nobody in (employee, office):
        with pytest.raises(Denied):
            nobody.mandates.sign(draft.id, digest=draft.digest)
    with pytest.raises(Denied):
        employee.programmes.draft("growth", **wanted())
    assert sponsor.mandates.sign(draft.id, digest=draft.digest).state == "in_force"
    assert [one.slug for one in employee.programmes.list()] == ["growth"]
    stranger = client_of(app, signed_in(parts, "Hugo", (Role.employee, "hr"), app=app))
    assert list(stranger.programmes.list()) == []
    with pytest.raises(Denied):
        stranger.programmes.show("growth")
    with pytest.raises(Denied):
        stranger.mandates.show(draft.id)
    with pytest.raises(Denied):
        employee.mandates.withdraw(draft.id, reason="I would like it to end")
    assert sponsor.mandates.withdraw(draft.id, reason="the money is needed elsewhere").state == "withdrawn"
    assert not employee.programmes.intake("sales").is_open


def test_the_terminal_does_the_whole_way(app: FastAPI, ada: Browser, cleo: Browser) -> None:
    speaking = [client_of(app, ada)]

    @contextmanager
    def connect() -> Iterator[Client]:
        yield speaking[0]

    terminal.set_connector(connect)
    run = CliRunner()

    def told(*arguments: str) -> Any:
        found = run.invoke(cli.mandate_app, [*arguments, "--output", "json"])
        assert found.exit_code == 0, (found.output, found.exception)
        return json.loads(found.stdout)

    assert cleo.actor is not None
    told("open", "growth", "--title", "Growth", "--sponsor", cleo.actor.ref, "--department", "hr")
    assert told("change", "growth", "--department", "sales", "--department", "hr")["departments"] == ["hr", "sales"]
    assert not told("intake", "sales")["is_open"]
    until = (clock.now().date() + timedelta(days=20)).isoformat()
    draft = told(
        "draft", "growth", "--purpose", SAID["purpose"], "--budget-minor", "100", "--people", "1.5",
        "--from", clock.now().date().isoformat(), "--until", until,
    )  # fmt: skip
    speaking[0] = client_of(app, cleo)
    assert told("sign", draft["id"], "--digest", draft["digest"])["state"] == "ending"
    assert [one["id"] for one in told("list", "growth")["items"]] == [draft["id"]]
    assert told("programmes")["items"][0]["ends_on"] == until
    assert told("show", draft["id"])["people"] == 1.5
    assert told("withdraw", draft["id"], "--reason", "the money is needed elsewhere")["state"] == "withdrawn"
    with pytest.raises(Conflict):
        client_of(app, ada).mandates.withdraw(draft["id"], reason="the money is needed elsewhere")
