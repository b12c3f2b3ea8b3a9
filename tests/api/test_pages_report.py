"""The report of a pilot as a page: what it shows, what can be taken away, what can be done from it and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from headway import portfolio
from headway.identity import Role
from headway.kernel.web import Parts
from headway.portfolio.entities import PilotRequest
from headway.portfolio.report import markdown_of
from headway.portfolio.service import finish_pilot
from tests.factories.pages import Browser, application, signed_in, text_of
from tests.unit.test_portfolio_report import card, findings, whole

REQUEST = PilotRequest(
    name="lead-scoring",
    solution="sales.lead-scoring",
    department="sales",
    filename="leads.csv",
    file_key="uploads/00",
    file_digest="sha256-00",
    label="converted",
    positive="yes",
    time=None,
    ordered=False,
    subject=None,
    exclude=(),
    value_per_success=None,
    cost_per_action=None,
)


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    parts.jobs.define("pilot", portfolio.pilot_job)
    return application(parts)


@pytest.fixture
def dana(parts: Parts, app: FastAPI) -> Iterator[Browser]:
    yield signed_in(parts, "Dana Smith", (Role.data_scientist, "sales"), app=app)


def begun(parts: Parts, who: Browser) -> str:
    assert who.actor is not None
    with parts.database.session() as session:
        shelf = portfolio.shelf(None)
        return portfolio.start_pilot(session, who.actor, parts.jobs, shelf, request=REQUEST).id


def ended(parts: Parts, who: Browser) -> str:
    pilot = begun(parts, who)
    assert who.actor is not None
    facts: dict[str, Any] = whole() | {"suspects": [{"column": "duration", "reason": "known only afterwards"}]}
    with parts.database.session() as session:
        finish_pilot(
            session,
            parts.storage,
            who.actor,
            pilot,
            result=facts["result"],
            report=facts,
            markdown=markdown_of(findings(card())),
        )
    return pilot


def test_the_report_shows_every_part_with_warnings_first(dana: Browser, parts: Parts) -> None:
    page = dana.get(f"/pilots/{ended(parts, dana)}/report")
    assert page.status_code == 200
    shown = text_of(page.text)
    order = [shown.index(words) for words in ("Read this first", "What it does", "How good it is", "Why it decides so")]
    assert order == sorted(order)
    for words in (
        "Legal class",
        "projected, not measured",
        "What is missing before production",
        "Exclude and run again",
    ):
        assert words in shown
    assert page.text.count("<figure") == 5  # gains, calibration, scores, importances, one example
    assert page.text.count("Show as table") == 5
    assert "style=" not in page.text.split("<main")[1].replace("<style", "")


@pytest.mark.parametrize(
    ("format", "start", "media"),
    [("pdf", b"%PDF", "application/pdf"), ("md", b"# Pilot", "text/markdown"), ("json", b"{", "application/json")],
)
def test_the_report_is_taken_away(dana: Browser, parts: Parts, format: str, start: bytes, media: str) -> None:
    pilot = ended(parts, dana)
    got = dana.get(f"/pilots/{pilot}/report?format={format}")
    assert got.content.startswith(start)
    assert got.headers["content-type"].startswith(media)
    assert f'{pilot}.{format}"' in got.headers["content-disposition"]


def test_a_pilot_without_its_end_has_no_report_yet(dana: Browser, parts: Parts) -> None:
    pilot = begun(parts, dana)
    assert str(dana.get(f"/pilots/{pilot}/report").url).endswith(f"/pilots/{pilot}")


def test_leaving_a_column_out_begins_a_new_pilot(dana: Browser, parts: Parts) -> None:
    pilot = ended(parts, dana)
    parts.storage.create("uploads/00", b"a,converted\n1,yes\n")
    page = dana.get(f"/pilots/{pilot}/report")
    assert f'action="/pilots/{pilot}/repeat"' in page.text
    told = dana.send(f"/pilots/{pilot}/repeat", exclude="duration")
    assert not str(told.url).endswith(pilot)
    with parts.database.session() as session:
        newest = portfolio.list_pilots(session)[0][0]
    assert (newest.state, newest.request["exclude"]) == ("running", ["duration"])


def test_readers_may_read_and_no_more(dana: Browser, parts: Parts, app: FastAPI) -> None:
    pilot = ended(parts, dana)
    employee = signed_in(parts, "Eve Employee", (Role.employee, "sales"), app=app)
    shown = employee.get(f"/pilots/{pilot}/report").text
    assert "What it does" in shown
    for hidden in ("Ask for promotion", "/repeat", "Clear with a reason"):
        assert hidden not in shown
    stranger = signed_in(parts, "Fay Finance", (Role.data_scientist, "finance"), app=app)
    for address in ("", "?format=pdf", "?format=json"):
        assert stranger.get(f"/pilots/{pilot}/report{address}").status_code == 403
