"""A replay by API, page, terminal and client: started from a file, carried out by its job, told alike everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from headway import ledger, portfolio
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.auth import Actor
from headway.kernel.errors import HeadwayError
from headway.kernel.web import Parts
from headway.portfolio.cli import replays_app
from headway.portfolio.replay.routes import router
from headway_client import Client as HeadwayClient
from tests.factories.asgi import AppTransport
from tests.factories.governance import open_usecase
from tests.factories.identity import api, client, join, local_owner
from tests.factories.pages import Browser, signed_in
from tests.integration.test_portfolio_replay import past

ASKED = {"usecase": "churn", "time": "created", "outcome": "won", "told": "known", "learn_share": "0.4"}
MONEY = {"value_per_success": "100", "cost_per_action": "5 EUR"}
OWNER = Actor(ref="person:local", name="Local owner")


@pytest.fixture
def here(parts: Parts) -> Parts:
    parts.jobs.define(portfolio.REPLAY, portfolio.replay_job)
    with parts.database.session() as session:
        open_usecase(session, slug="churn")
    return parts


def start(parts: Parts, source: Path, **changes: str) -> dict[str, Any]:
    _, token = local_owner(parts.database)
    with client(api(parts, [router]), token) as owner:
        answer = owner.post(
            "/replays", data={**ASKED, **MONEY, **changes}, files={"file": (source.name, source.read_bytes())}
        )
    told: dict[str, Any] = answer.json()
    assert answer.status_code == 202, told
    return told


def test_a_replay_is_told_alike_by_all_faces(here: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = start(here, past(tmp_path, drifts=True))
    scientist = signed_in(here, "Sia", (Role.data_scientist, "sales"))
    assert "Steps" in scientist.text(f"/replays/{begun['replay']}")
    assert here.jobs.run_now(portfolio.REPLAY, {"replay": begun["replay"]}, OWNER) == {"replay": begun["replay"]}
    _, token = local_owner(here.database)
    with HeadwayClient("http://headway", token, transport=AppTransport(at_its_place(here))) as caller:
        [listed] = caller.replays.list(usecase="churn")
        shown = caller.replays.show(begun["replay"])
    assert listed.id == shown.id and shown.state == "done" and shown.report is not None
    report = shown.report
    [inputs] = [one for one in report["alerts"] if one["kind"] == "inputs"]
    noticed = date.fromisoformat(inputs["noticed_on"])
    text = scientist.text(f"/replays/{begun['replay']}")
    assert "inputs have drifted" in text and "visits" in text and f"{noticed.day} {noticed:%b} {noticed.year}" in text
    assert "How well it ranks, by month" in text and "more for 1,000 cases" in text
    assert "leads.csv" in scientist.text("/usecases/churn/work")
    german = signed_in(here, "Gerda", (Role.data_scientist, "sales"), language="de")
    assert "Was bemerkt worden wäre" in german.text(f"/replays/{begun['replay']}")

    @contextmanager
    def connect() -> Iterator[HeadwayClient]:
        with HeadwayClient("http://headway", token, transport=AppTransport(at_its_place(here))) as made:
            yield made

    monkeypatch.setattr(terminal, "connect", connect)
    said = CliRunner().invoke(replays_app, ["show", begun["replay"]])
    assert said.exit_code == 0 and "visits" in said.output and inputs["noticed_on"] in said.output
    assert "acting on the best tenth" in said.output
    with here.database.session() as session:
        kept = [event.type for event in ledger.find(session, subject=f"replay:{begun['replay']}").items]
    assert sorted(kept) == ["replay.finished", "replay.started"]


def test_a_file_that_cannot_be_replayed_says_why_and_the_job_fails(here: Parts, tmp_path: Path) -> None:
    begun = start(here, past(tmp_path), time="industry")
    with pytest.raises(HeadwayError, match="holds no times"):
        here.jobs.run_now(portfolio.REPLAY, {"replay": begun["replay"]}, OWNER)
    with here.database.session() as session:
        found = portfolio.get_replay(session, begun["replay"])
    assert found.state == "failed" and found.error is not None and "holds no times" in found.error["detail"]
    page = signed_in(here, "Sia", (Role.data_scientist, "sales")).text(f"/replays/{begun['replay']}")
    assert "holds no times" in page and "write times as 2026-03-31" in page


def test_the_form_says_each_fault_at_its_field_and_starts_one(here: Parts, tmp_path: Path) -> None:
    source = past(tmp_path)
    scientist = signed_in(here, "Sia", (Role.data_scientist, "sales"))
    wrong = sent(scientist, None, time="", delay_days="soon")
    assert wrong.status_code == 422 and "Choose a file" in wrong.text and "Write a number" in wrong.text
    wrong = sent(scientist, source, learn_share="99")
    assert wrong.status_code == 422 and "learn_share must lie between" in wrong.text
    wrong = sent(scientist, source, value_per_success="much")
    assert wrong.status_code == 422 and "is not an amount of money" in wrong.text
    begun = sent(scientist, source)
    assert "Replay of leads.csv" in begun.text


def sent(browser: Browser, source: Path | None, **changes: str) -> Any:
    browser.get("/replays/new?usecase=churn")
    files = {"file": (source.name, source.read_bytes())} if source else None
    return browser.send(
        "/replays/new", files=files, **{"time": "created", "outcome": "won", "told": "known", **changes}
    )


@pytest.mark.parametrize(("role", "may"), [(Role.auditor, False), (Role.department_head, True), (Role.employee, False)])
def test_who_may_start_a_pilot_may_replay(here: Parts, tmp_path: Path, role: Role, may: bool) -> None:
    _, secret = join(here.database, "Somebody", (role, "sales"))
    source = past(tmp_path)
    with client(api(here, [router]), secret) as caller:
        answer = caller.post("/replays", data=ASKED, files={"file": (source.name, source.read_bytes())})
        assert answer.status_code == (202 if may else 403)
        assert (
            caller.post("/replays", data={**ASKED, "usecase": "nothing"}, files={"file": ("a.csv", b"a")}).status_code
            == 404
        )
    page = signed_in(here, "Somebody Else", (role, "sales")).get("/replays/new?usecase=churn")
    assert page.status_code == (200 if may else 403)


def at_its_place(parts: Parts) -> Any:
    app = api(parts, [])
    app.include_router(router, prefix="/api/v1")
    return app
