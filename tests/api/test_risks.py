"""The risk register by API, page, terminal and client: estimates stay, treatments are tasks, what is overdue is told."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from typer.testing import CliRunner

from headway import collaboration, governance, ledger
from headway.governance import risks
from headway.governance.risks.cli import app as cli
from headway.governance.risks.routes import router
from headway.identity import Role
from headway.kernel import clock, terminal
from headway.kernel.web import Parts
from headway_client import Client as HeadwayClient
from tests.factories.asgi import AppTransport
from tests.factories.governance import open_usecase
from tests.factories.identity import api, client, join, local_owner
from tests.factories.pages import signed_in
from tests.factories.risks import BODY, estimate

PLACE = "/usecases/lead-scoring/risks"


@pytest.fixture
def home(parts: Parts) -> Parts:
    with parts.database.session() as session:
        open_usecase(session)
    return parts


def in_days(days: int) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


def test_a_risk_is_estimated_treated_and_closed_and_nothing_that_was_said_is_lost(home: Parts) -> None:
    _, head = join(home.database, "Lena", (Role.department_head, "sales"))
    dana, _ = join(home.database, "Dana", (Role.data_scientist, "sales"))
    _, auditor = join(home.database, "Amelie", (Role.auditor, None))
    app = api(home, [router])
    with client(app, head) as caller:
        one = caller.post(PLACE, json=BODY).json()
        # exp(m + s^2/2) of both ranges: 1.72 events a year at 22,941 each.
        assert one["inherent"]["expected"] == pytest.approx(39_538, rel=0.01) and one["version"] == 1
        assert (
            one["residual"]["expected"] < one["inherent"]["expected"]
            and one["residual"]["p95"] < one["inherent"]["p95"]
        )
        wrong = caller.post(PLACE, json={**BODY, "residual_rate": {"low": 9, "high": 9}})
        assert wrong.status_code == 422 and wrong.json()["faults"][0]["column"] == "residual_rate"
        treated = {
            "action": "Watch the share of each source",
            "effect": "noticed in a week",
            "owner": dana.ref,
            "due_on": in_days(20),
        }
        caller.post(f"/risks/{one['id']}/treatments", json={**treated, "cost": "4000 EUR"})
        assert caller.post(f"/risks/{one['id']}/treatments", json={**treated, "owner": "nobody"}).status_code == 422
        again = caller.post(f"/risks/{one['id']}/estimates", json={**BODY, "reason": "three in four years"}).json()
        assert again["version"] == 2 and len(again["treatments"]) == 1
        register = caller.get(PLACE).json()
        assert (
            register["currency"] == "EUR"
            and register["exceedance"]["inherent"][0] >= register["exceedance"]["residual"][0]
        )
    with home.database.session() as session:
        [task] = collaboration.list_tasks(session, assignee=dana.ref).items
        assert task.title == "Watch the share of each source" and task.due_on.isoformat() == in_days(20)
    with client(app, auditor) as caller:
        assert caller.get(PLACE).status_code == 200 and caller.post(PLACE, json=BODY).status_code == 403
    with client(app, head) as caller:
        treatment = again["treatments"][0]["id"]
        done = caller.post(f"/treatments/{treatment}/done", json={"note": "an alert for each source"}).json()
        assert done["treatments"][0]["done_at"] is not None
        assert caller.post(f"/treatments/{treatment}/done", json={"note": "again"}).status_code == 409
        assert caller.post(f"/risks/{one['id']}/close", json={"reason": "the form is gone"}).json()["closed_because"]
        assert caller.post(f"/risks/{one['id']}/estimates", json=BODY).status_code == 409
        after = caller.get(PLACE).json()
        assert after["risks"] == [] and len(after["closed"]) == 1 and after["residual"] is None
    with home.database.session() as session:
        assert collaboration.get_task(session, task.id).state is collaboration.TaskState.done
        told = {event.type for event in ledger.find(session, subject=f"risk:{one['id']}").items}
        assert told == {"risk.added", "risk.estimated", "risk.treated", "risk.treatment_done", "risk.closed"}
    for change in (
        "update governance.risk_estimates set version = 9",
        "delete from governance.risk_estimates",
        "update governance.risks set closed_because = 'other'",
        "update governance.risk_treatments set owner = 'person:eve'",
    ):
        with pytest.raises(IntegrityError), home.database.session() as session:
            session.execute(text(change))


def test_the_page_shows_both_curves_tells_what_is_overdue_and_gives_a_workbook(home: Parts) -> None:
    owner, _ = local_owner(home.database)
    head = signed_in(home, "Lena", (Role.department_head, "sales"))
    page = f"{PLACE}"
    assert "No risk is written down" in head.text(page)
    typed = {name: BODY[name] for name in ("title", "cause", "event", "consequence", "reason")}
    for name in ("inherent_rate", "inherent_impact"):
        typed |= {f"{name}_{end}": str(value) for end, value in BODY[name].items()}
    wrong = head.send(page, **{**typed, "inherent_rate_low": "often"})
    assert wrong.status_code == 422 and "write a number" in wrong.text and "a new web form" in wrong.text
    made = head.send(page, **typed, harm_rights="serious")
    assert made.status_code == 200 and "Nothing is done about it yet" in made.text
    with home.database.session() as session:
        [one] = risks.register_of(session, "lead-scoring").risks
        assert one.inherent == one.residual and one.estimate.harms == {"rights": "serious"}
        risks.treat_risk(
            session,
            owner,
            one.id,
            action="Ask the form's owner",
            effect="no more",
            owner="Lena",
            due_on=clock.now().date(),
        )
    with clock.fixed(clock.now() + timedelta(days=3)):
        late = signed_in(home, "Late Lena", (Role.department_head, "sales"))
        shown = late.get(page)
        assert "Treatments that are overdue" in shown.text and shown.text.count("<svg") >= 2
    book = head.http.get(f"{page}?format=xlsx")
    sheet = load_workbook(io.BytesIO(book.content)).worksheets[0]
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "Leads of a source are ranked too low" in cells and "Rights of people: serious" in cells


def test_terminal_and_client_do_too(home: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, token = local_owner(home.database)
    app = api(home, [])
    app.include_router(router, prefix="/api/v1")

    @contextmanager
    def connect() -> Iterator[HeadwayClient]:
        with HeadwayClient("http://headway", token, transport=AppTransport(app)) as made:
            yield made

    monkeypatch.setattr(terminal, "connect", connect)
    file = tmp_path / "risk.yaml"
    file.write_text(yaml.safe_dump(BODY))

    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, list(words))
        assert done.exit_code == 0, done.output
        return done.output

    assert "ranked too low" in run("add", "lead-scoring", str(file))
    with connect() as caller:
        [one] = caller.risks.register("lead-scoring").risks
        assert one.estimate.inherent_rate.high == estimate().inherent_rate.high
    run("treat", one.id, "--action", "watch it", "--effect", "sooner", "--owner", owner.ref, "--due", in_days(9))
    assert "watch it" in run("show", one.id) and "together a year" in run("list", "lead-scoring")
    run("estimate", one.id, str(file))
    with connect() as caller:
        treatment = caller.risks.show(one.id).treatments[0].id
    run("done", treatment, "--note", "an alert is there")
    assert run("close", one.id, "--reason", "gone with the form")


def test_all_risks_are_one_list_at_every_door_as_far_as_one_may_read(
    home: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    lena, head = join(home.database, "Lena", (Role.department_head, "sales"))
    _, auditor = join(home.database, "Amelie", (Role.auditor, None))
    _, there = join(home.database, "Hugo", (Role.department_head, "hr"))
    _, guest = join(home.database, "Gast")
    with home.database.session() as session:
        open_usecase(session, slug="screening", title="Screening", department="hr")
        first = risks.add_risk(session, lena, usecase="lead-scoring", estimate=estimate(title="Ranked too low"))
        millions = {"low": 9e5, "high": 9e6}
        dear = estimate(title="Turned away", inherent_impact=millions, residual_impact=millions)
        risks.add_risk(session, lena, usecase="screening", estimate=dear)
        foreign = risks.add_risk(session, lena, usecase="screening", estimate=estimate(title="Fined", currency="USD"))
        with clock.fixed(clock.now() - timedelta(days=2)):
            due = clock.now().date()
            risks.treat_risk(session, lena, first.id, action="watch it", effect="sooner", owner=lena.ref, due_on=due)
    app = api(home, [router])
    with client(app, auditor) as caller:
        told = caller.get("/risks").json()
        assert [one["title"] for one in told["items"]] == ["Fined", "Turned away", "Ranked too low"], "by currency"
        assert [(one["currency"], one["risks"]) for one in told["totals"]] == [("EUR", 2), ("USD", 1)]
        assert told["totals"][0]["residual"] == pytest.approx(sum(one["residual"] for one in told["items"][1:]))
        assert told["overdue"] == 1
        late = caller.get("/risks", params={"overdue": "true", "sort": "next_due", "owner": lena.ref}).json()
        assert [(one["id"], one["treatments"], one["overdue"]) for one in late["items"]] == [(first.id, 1, 1)]
        assert caller.get("/risks", params={"sort": "colour"}).status_code == 422
        assert caller.get("/risks", params={"search": "turned SCREEN"}).json()["total"] == 1
    with client(app, there) as caller:
        assert {one["department"] for one in caller.get("/risks").json()["items"]} == {"hr"}
    with client(app, guest) as caller:
        assert caller.get("/risks").status_code == 403
    app.include_router(router, prefix="/api/v1")
    door = HeadwayClient("http://headway", head, transport=AppTransport(app))
    monkeypatch.setattr(terminal, "connect", lambda: door)
    assert [one.title for one in door.risks.find(department="sales").items] == ["Ranked too low"]
    by_command = CliRunner().invoke(cli, ["all", "--overdue"])
    assert by_command.exit_code == 0 and "treatments overdue: 1" in by_command.output, by_command.output
    browser = signed_in(home, "Olga", (Role.ai_office, None))
    page = browser.text("/risks")
    assert "1 treatment is overdue" in page and page.index("Turned away") < page.index("Ranked too low")
    assert "Turned away" not in browser.text("/risks?overdue=yes")
    book = load_workbook(io.BytesIO(browser.get("/risks?format=xlsx&tier=undecided").content))
    cells = [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]
    assert any("Fined" in row and "USD" in row for row in cells)
    assert "Ranked too low" not in signed_in(home, "Ruth", (Role.department_head, "hr")).text("/risks")
    with home.database.session() as session:
        risks.close_risk(session, lena, foreign.id, "the law is gone")
        governance.retire_usecase(session, lena, "lead-scoring", reason="it is replaced")
    with client(app, auditor) as caller:
        for state, title in (("open", "Turned away"), ("closed", "Fined"), ("retired", "Ranked too low")):
            assert [one["title"] for one in caller.get("/risks", params={"state": state}).json()["items"]] == [title]
