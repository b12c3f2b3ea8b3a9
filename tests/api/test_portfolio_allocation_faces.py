"""Means by API, client, terminal and page: asked for, a round drafted by one and decided by another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO

import httpx
import openpyxl
import pytest
from typer.testing import CliRunner, Result

from headway import identity
from headway.entrypoints.stack import listening
from headway.governance import mandates
from headway.governance.mandates import Limit, LimitKind
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.web import Parts
from headway.portfolio.cli import allocations_app
from headway_client import Client, Denied, Invalid
from tests.factories.governance import ANA, BEN, open_usecase
from tests.factories.identity import join
from tests.factories.pages import HOST, Browser, application, form_of, signed_in

NAMES = ("churn", "forecast", "leads")


@dataclass(frozen=True, slots=True)
class Doors:
    """The AI office at an API and at the terminal; the council and a head at pages."""

    office: Client
    council: Browser
    head: Browser

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(allocations_app, list(words))


@pytest.fixture
def doors(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doors]:
    ruled = replace(parts, authorizer=identity.CedarAuthorizer(parts.database), authenticate=identity.authenticate)
    with parts.database.session() as session:
        for name in NAMES:
            open_usecase(session, slug=name)
    _, token = join(parts.database, "Olga", (Role.ai_office, None))
    app = application(parts)
    with listening(ruled) as url, Client(url, token) as client:
        monkeypatch.setattr(terminal, "connect", lambda: Client(url, token))
        council = signed_in(parts, "Cora", (Role.council, None), app=app)
        yield Doors(client, council, signed_in(parts, "Hedy", (Role.department_head, "sales"), app=app))


def test_from_what_is_asked_to_a_choice_that_differs(doors: Doors) -> None:
    client = doors.office
    assert "Nothing was asked for yet" in doors.head.text("/usecases/leads/resources")
    doors.head.get("/usecases/leads/resources")
    told = doors.head.send(
        "/usecases/leads/resources",
        budget="100 EUR",
        value="1000 EUR",
        people="1,5",
        months="12",
        reason="two engineers",
    )
    assert told.status_code == 200 and "two engineers" in told.text and "claimed" in told.text
    by_command = doors.run("ask", "forecast", "--budget", "100 EUR", "--value", "400 EUR", "--reason", "a year")
    assert by_command.exit_code == 0, by_command.output
    client.allocations.request("churn", budget="100 EUR", value="10 EUR", reason="the law", is_must=True)
    assert [one.people for one in client.allocations.requests("leads")] == [150]

    drafted = doors.run(
        "draft",
        "--title",
        "Winter",
        "--starts",
        "2027-01-01",
        "--ends",
        "2027-07-01",
        "--budget",
        "200 EUR",
        "--output",
        "json",
    )
    assert drafted.exit_code == 0, drafted.output
    round_ = client.allocations.show(json.loads(drafted.stdout)["id"])
    assert round_.best["chosen"] == ["churn", "leads"] and round_.starts == date(2027, 1, 1)
    with pytest.raises(Denied):
        client.allocations.decide(round_.id, chosen=round_.best["chosen"])  # who drafted it does not decide

    page = f"/allocations/{round_.id}"
    shown = doors.council.text(page)
    assert "Winter" in shown and "too much is asked for" in shown
    doors.council.get(page)
    compared = doors.council.send(f"{page}/compare", chosen=["churn", "forecast"])
    assert "€600" in compared.text and 'name="reason.forecast"' in compared.text
    refused = decide(doors.council, compared.text, page, {})
    assert refused.status_code == 422 and "say why forecast is chosen" in refused.text
    reasons = {"reason.forecast": "the board asked", "reason.leads": "data are late"}
    decided = decide(doors.council, refused.text, page, reasons)
    assert decided.status_code == 200 and "Decided by Cora" in decided.text and "the board asked" in decided.text
    kept = client.allocations.show(round_.id)
    assert (kept.state, kept.cost_of_difference, kept.best["chosen"]) == ("decided", 60_000, ["churn", "leads"])
    listed = doors.run("list")
    assert "600.00 EUR" in listed.output and "decided" in listed.output
    book = openpyxl.load_workbook(BytesIO(doors.council.get(f"{page}?format=xlsx").content))
    assert "the board asked" in {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "€600" in doors.council.text("/allocations")


def decide(browser: Browser, shown: str, page: str, reasons: dict[str, str]) -> httpx.Response:
    """Press the second button of the form: it sends the same fields elsewhere."""
    assert f'formaction="{page}/decide"' in shown
    fields = form_of(shown, f"{page}/compare") | {"chosen": ["churn", "forecast"]} | reasons
    return browser.http.post(f"{page}/decide", data=fields, headers={"referer": f"{HOST}{page}", "origin": HOST})


def test_limits_of_the_risk_appetite_are_told_at_every_door(doors: Doors, parts: Parts) -> None:
    client = doors.office
    for name in ("leads", "forecast"):
        client.allocations.request(name, budget="100 EUR", value="1000 EUR", reason="two engineers")
    period = {"starts": date(2027, 1, 1), "ends": date(2027, 7, 1)}
    early = client.allocations.draft(title="Early", **period)
    with parts.database.session() as session:
        mandates.estimate_stakes(session, ANA, "leads", money_minor=900_00, currency="EUR")
        limit = Limit(kind=LimitKind.money, scope="", most=1_000_00, currency="EUR")
        made = mandates.adopt_appetite(session, ANA, [limit], "what the board can bear this year")
        mandates.confirm_appetite(session, BEN, made.version, digest=made.digest)
    assert "Another risk appetite is in force by now" in doors.council.text(f"/allocations/{early.id}")
    round_ = client.allocations.draft(title="Late", **period)
    assert round_.best["chosen"] == ["leads"] and round_.limits["appetite"]["ceilings"][0]["unknown"] == ["forecast"]
    said = doors.run("show", round_.id)
    assert "from the risk appetite, version 1" in said.output and "1000.00 EUR" in said.output, said.output
    page = f"/allocations/{round_.id}"
    shown = doors.council.text(page)
    assert "From the risk appetite, version 1" in shown and "nobody estimated it" in shown
    assert "Another risk appetite" not in shown
    compared = doors.council.send(f"{page}/compare", chosen=["leads", "forecast"]).text
    assert (
        "Limits that this choice goes past" in compared and "Risk appetite, Money at risk in each use case" in compared
    )


def test_faults_are_told_at_their_fields(doors: Doors) -> None:
    doors.head.get("/usecases/leads/resources")
    refused = doors.head.send("/usecases/leads/resources", budget="much", reason="", months="12", people="-1")
    assert refused.status_code == 422 and "is no amount" in refused.text
    refused = doors.head.send("/usecases/leads/resources", budget="much", reason="", months="12", people="")
    assert "is not an amount of money" in refused.text and "say what the means are for" in refused.text
    with pytest.raises(Invalid, match="there is no projection of it"):
        doors.office.allocations.request("leads", budget="1 EUR", reason="an engineer")
    with pytest.raises(Invalid, match="nobody asked for anything yet"):
        doors.office.allocations.draft(title="Winter", starts=date(2027, 1, 1), ends=date(2027, 7, 1))
    doors.office.allocations.request("leads", budget="1 EUR", value="2 EUR", reason="an engineer")
    with pytest.raises(Invalid, match="the round counts in EUR, not in USD"):
        doors.office.allocations.draft(
            title="Winter", starts=date(2027, 1, 1), ends=date(2027, 7, 1), limits={"budget": "5 USD"}
        )
    done = doors.run(
        "draft", "--title", "W", "--starts", "2027-01-01", "--ends", "2026-01-01", "--department-budget", "sales"
    )
    assert done.exit_code != 0


def test_heads_ask_for_their_own_and_do_not_see_rounds(doors: Doors) -> None:
    assert doors.head.get("/allocations").status_code == 403
    assert "Means" not in doors.head.get("/").text.partition("</nav>")[0]
    doors.council.get("/usecases/leads/resources")
    assert doors.council.http.post("/usecases/leads/resources", data={}).status_code == 403
