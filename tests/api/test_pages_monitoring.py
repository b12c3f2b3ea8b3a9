"""Pages of monitoring: what was judged, drawn and in a table that can be taken away; alerts and answers to them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from headway import monitoring
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.web import Parts
from headway.monitoring import AlertState
from tests.factories.pages import signed_in
from tests.factories.serving import deployed, prepare_keys, released
from tests.factories.watched import Company, watched

PAGE = "/deployments/leads/monitoring?environment=sandbox"


@pytest.fixture
def company(parts: Parts) -> Iterator[Company]:
    """Eight usual days, then six that are much unlike the reference."""
    with clock.fixed(datetime(2026, 3, 2, 9, tzinfo=UTC)) as held:
        made = watched(parts, held)
        for _ in range(8):
            made.day()
        for _ in range(6):
            made.day(mean=1500.0)
        made.judge()
        yield made


def test_the_page_shows_figures_charts_and_open_alerts(company: Company) -> None:
    head = signed_in(company.parts, "Hedda", (Role.department_head, "sales"))
    text = head.text(PAGE)
    shown = company.shown()
    [alert] = [one for one in shown.alerts if one.kind is monitoring.AlertKind.inputs]
    assert "Inputs have drifted" in text and "Drift by day: balance" in text
    assert "Scores beside the reference" in text and "No outcome is known yet" in text
    assert "Rows of the reference 2,000" in text
    assert shown.latest is not None
    week = next(one for one in shown.latest.columns if one.column == "balance").latest
    assert week is not None
    assert f"{week.psi:.3f}" in text and f"{week.limit:.3f}" in text and f"{week.n:,}" in text
    assert head.shown is not None
    assert f'href="/alerts/{alert.id}"' in head.shown.text
    assert "<svg" in head.shown.text
    assert text.index("balance") < text.index("Age in years"), "the farthest column comes first"
    assert "Drift by day: Age in years" in head.text(f"{PAGE}&column=age")
    assert "Judge now" not in text, "a head reads and answers, operators and scientists have it judged"
    assert f'href="{PAGE}"' in head.get("/deployments/leads?environment=sandbox").text


def test_the_table_is_taken_away_as_a_file(company: Company) -> None:
    head = signed_in(company.parts, "Hedda", (Role.department_head, "sales"))
    lines = head.get(f"{PAGE}&format=csv").text.splitlines()
    assert len(lines) == 8, "six inputs, the scores, and the heading"
    assert "balance" in lines[1]
    assert head.get(f"{PAGE}&format=xlsx").content[:2] == b"PK"


def test_an_alert_is_read_acknowledged_and_closed(company: Company) -> None:
    [alert] = company.alerts(kind="inputs")
    head = signed_in(company.parts, "Hedda", (Role.department_head, "sales"))
    listed = head.text("/alerts")
    assert "Inputs have drifted" in listed and "leads" in listed
    assert alert.id in head.get("/alerts").text and alert.id not in head.get("/alerts?state=closed").text
    text = head.text(f"/alerts/{alert.id}")
    assert "The farthest from the reference first" in text and "balance" in text and "Find out what happened" in text
    refused = head.send(f"/alerts/{alert.id}/acknowledge", reason=" ")
    assert refused.status_code == 422 and "Say why" in refused.text
    head.send(f"/alerts/{alert.id}/acknowledge", reason="I ask the CRM team")
    assert "Hedda looks into it" in head.text(f"/alerts/{alert.id}")
    head.send(f"/alerts/{alert.id}/close", reason="the spring campaign")
    closed = head.text(f"/alerts/{alert.id}")
    assert "Closed by Hedda" in closed and "the spring campaign" in closed
    assert company.alerts(kind="inputs")[0].state is AlertState.closed


def test_an_operator_has_it_judged_now(company: Company) -> None:
    company.parts.jobs.define(monitoring.JOB, monitoring.monitoring_job)
    operator = signed_in(company.parts, "Otto", (Role.operator, "sales"))
    assert "Judge now" in operator.text(PAGE)
    begun = operator.send("/deployments/leads/monitoring/run")
    assert begun.url.path.startswith("/jobs/job_")
    assert "Judging has begun" in begun.text


def test_others_see_neither_page_nor_link(company: Company) -> None:
    [alert] = company.alerts(kind="inputs")
    elsewhere = signed_in(company.parts, "Hannes", (Role.department_head, "hr"))
    assert elsewhere.get(PAGE).status_code == 403
    assert elsewhere.get(f"/alerts/{alert.id}").status_code == 403
    assert alert.id not in elsewhere.get("/alerts").text
    nobody = signed_in(company.parts, "Nora")
    assert nobody.get("/alerts").status_code == 403
    assert 'href="/alerts"' not in nobody.get("/").text
    auditor = signed_in(company.parts, "Aude", (Role.auditor, "sales"))
    page = auditor.get(f"/alerts/{alert.id}")
    assert page.status_code == 200 and "Acknowledge…" not in page.text


def test_pages_speak_german(company: Company) -> None:
    head = signed_in(company.parts, "Hedda", (Role.department_head, "sales"), language="de")
    assert "Drift nach Tag" in head.text(PAGE) and "Offene Warnungen" in head.text(PAGE)
    [alert] = company.alerts(kind="inputs")
    assert "Eingaben haben sich verschoben" in head.text(f"/alerts/{alert.id}")


def test_empty_states_teach(parts: Parts) -> None:
    prepare_keys(parts)
    deployed(parts, released(parts))
    head = signed_in(parts, "Hedda", (Role.department_head, "sales"))
    assert "No reference: drift cannot be judged" in head.text(PAGE)
    assert "No alert" in head.text("/alerts")


def test_nothing_judged_yet_says_when_it_will_be(parts: Parts) -> None:
    with clock.fixed(datetime(2026, 3, 2, 9, tzinfo=UTC)) as held:
        watched(parts, held)
        head = signed_in(parts, "Hedda", (Role.department_head, "sales"))
        assert "Nothing was judged yet" in head.text(PAGE)


def test_a_quarter_of_a_year_is_shown_at_once(company: Company) -> None:
    """Ninety judged days are read, not counted: the service answers in a fraction of what a page may take."""
    for _ in range(76):
        company.day()
    company.judge()
    assert len(company.shown().days) == 89
    with company.parts.database.session() as session:
        taken = []
        for _ in range(5):
            begun = time.process_time()
            monitoring.overview(session, company.parts.storage, name="leads", environment="sandbox")
            taken.append(time.process_time() - begun)
    assert min(taken) < timedelta(milliseconds=100).total_seconds()
