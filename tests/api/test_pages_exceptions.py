"""Exceptions from the tier high, by page, API and terminal."""

from __future__ import annotations

import json

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from headway import governance, identity
from headway.governance import Tier, cli
from headway.identity import Role
from headway.kernel.web import Parts
from tests.api.test_governance_cli import run
from tests.factories.governance import ANA, BEN, MINIMAL_RISK
from tests.factories.pages import application, signed_in, text_of

__all__ = ["run"]
WHY = "It only puts applications into the folder of the office that they name."


def high(parts: Parts) -> None:
    with parts.database.session() as session:
        identity.ensure_department(session, ANA, "hr")
        risk = {**MINIMAL_RISK, "annex_iii": ["4a"], "profiling": False}
        governance.open_usecase(session, ANA, slug="letters", title="Sort letters", department="hr", risk=risk)
        assert governance.classify(session, ANA, "letters").tier is Tier.high


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    high(parts)
    return application(parts)


def test_one_person_assesses_on_the_page_and_another_accepts(parts: Parts, app: FastAPI) -> None:
    hedy = signed_in(parts, "Hedy Head", (Role.ai_office, None), app=app)
    cora = signed_in(parts, "Cora Council", (Role.council, None), app=app)
    page = hedy.get("/usecases/letters/risk").text
    assert "Exception under Art. 6(3)" in text_of(page) and 'name="art6_3_accepted"' not in page
    assert "Tier: High risk" in text_of(hedy.send("/usecases/letters/risk", then="decide").text)
    short = hedy.send("/usecases/letters/exceptions", condition="preparatory_task", reasons="because", days="30")
    assert short.status_code == 422 and "at least 40 characters" in text_of(short.text)
    none = hedy.send("/usecases/letters/exceptions", condition="", reasons=WHY, days="30")
    assert none.status_code == 422 and "Choose a condition" in text_of(none.text)
    made = hedy.send("/usecases/letters/exceptions", condition="preparatory_task", reasons=WHY, days="30")
    assert "Somebody else who decides tiers has to accept it" in text_of(made.text)
    with parts.database.session() as session:
        (found,) = governance.list_exceptions(session, "letters")
    assert f"/exceptions/{found.id}/accept" not in hedy.get("/usecases/letters/risk").text
    cora.get("/usecases/letters/risk")
    accepted = text_of(cora.send(f"/exceptions/{found.id}/accept", reason="read it with legal").text)
    assert "Done. Tier: Minimal risk" in accepted and "counts until" in accepted and "from the exception" in accepted
    ended = text_of(cora.send(f"/exceptions/{found.id}/end", reason="the vendor changed it").text)
    assert "Done. Tier: High risk" in ended and "no longer counts" in ended
    stranger = signed_in(parts, "Eva Else", (Role.employee, "hr"), app=app)
    assert f"/exceptions/{found.id}" not in stranger.get("/usecases/letters/risk").text


def test_an_exception_goes_its_way_at_the_terminal(run: CliRunner, parts: Parts) -> None:
    high(parts)
    words = ["assess", "letters", "--condition", "narrow_task", "--reasons", WHY, "--output", "json"]
    made = json.loads(run.invoke(cli.exception_app, words).stdout)
    assert (made["state"], made["counts"]) == ("assessed", False)
    own = run.invoke(cli.exception_app, ["accept", made["id"], "--reason", "mine"])
    assert isinstance(own.exception, Exception) and "cannot accept it" in str(own.exception)
    with parts.database.session() as session:
        governance.answer_exception(session, BEN, made["id"], accept=True, reason="read it")
    listed = json.loads(run.invoke(cli.exception_app, ["list", "letters", "--output", "json"]).stdout)
    assert listed["items"][0]["counts"] is True
    ended = run.invoke(cli.exception_app, ["end", made["id"], "--reason", "changed", "--output", "json"])
    assert json.loads(ended.stdout)["state"] == "ended"
    again = json.loads(run.invoke(cli.exception_app, words).stdout)
    refused = run.invoke(cli.exception_app, ["refuse", again["id"], "--reason", "it ranks", "--output", "json"])
    assert json.loads(refused.stdout)["state"] == "refused"
