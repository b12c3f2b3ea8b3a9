"""Incidents by API, client, terminal and pages: everybody reports, those who may look into it, another closes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from headway import governance, incidents
from headway.identity import Role
from headway.incidents.cli import app as commands
from headway.kernel import clock, terminal
from headway.kernel.web import Parts
from headway_client import Client as HeadwayClient
from headway_client.errors import Denied
from tests.factories.asgi import AppTransport
from tests.factories.governance import BEN, MINIMAL_RISK, open_usecase
from tests.factories.identity import client, join
from tests.factories.pages import application, signed_in

NOW = datetime(2026, 11, 26, 16, 30, tzinfo=UTC)
TOLD = {"title": "Wrong salaries", "what": "A batch of salaries was off by a factor of ten"}
RULED_OUT = {"severity": "low", "harm": [], "widespread": False, "personal_data_breach": False}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed(NOW):
        yield


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    with parts.database.session() as session:
        open_usecase(session, risk={**MINIMAL_RISK, "annex_iii": ["4a"], "vendor_supplied": False})
        governance.classify(session, BEN, "lead-scoring")
    parts.jobs.define(incidents.JOB, incidents.counting_job)
    return application(parts)


@pytest.mark.parametrize(
    ("role", "department", "reads", "manages", "judges"),
    [
        (Role.operator, "sales", True, True, False),
        (Role.department_head, "sales", True, True, False),
        (Role.council, "sales", True, False, True),
        (Role.ai_office, None, True, True, True),
        (Role.auditor, "sales", True, False, False),
        (Role.data_scientist, "sales", True, False, False),
        (Role.employee, "sales", False, False, False),
        (Role.operator, "hr", False, False, False),
    ],
)
def test_roles_of_the_department_decide_who_reads_manages_and_judges(  # noqa: PLR0917  a case a parameter
    app: FastAPI,
    parts: Parts,
    role: Role,
    department: str | None,
    reads: bool,
    manages: bool,
    judges: bool,
) -> None:
    _, reporter = join(parts.database, "Erik", (Role.employee, "sales"))
    with client(app, reporter) as erik:
        made = erik.post("/api/v1/incidents", json={**TOLD, "concerns": ["usecase:lead-scoring"]})
        assert made.status_code == 201 and made.json()["department"] == "sales"
        place = f"/api/v1/incidents/{made.json()['id']}"
        assert erik.get(place).status_code == 200, "who reported it follows it"
        assert erik.patch(place, json={"severity": "low"}).status_code == 403
    _, secret = join(parts.database, "Somebody", (role, department))
    with client(app, secret) as caller:
        assert caller.get(place).status_code == (200 if reads else 403)
        listed = caller.get("/api/v1/incidents", params={"department": "sales"})
        assert listed.status_code == (200 if reads else 403)
        assert caller.patch(place, json={"severity": "high"}).status_code == (200 if manages else 403)
        judged = caller.post(f"{place}/clocks/GDPR-33/judge", json={"reason": "no personal data is in it"})
        assert judged.status_code == (200 if judges else 403)
        published = caller.post("/api/v1/incidents/clocks", json={"text": "id: x"})
        assert published.status_code == (422 if role is Role.ai_office else 403)


def test_nobody_learns_of_things_by_naming_them(app: FastAPI, parts: Parts) -> None:
    _, secret = join(parts.database, "Hanna", (Role.employee, "hr"))
    with client(app, secret) as hanna:
        refused = hanna.post("/api/v1/incidents", json={**TOLD, "concerns": ["usecase:lead-scoring"]})
        assert refused.status_code == 403
        assert hanna.post("/api/v1/incidents", json=TOLD).status_code == 201
        mine = hanna.get("/api/v1/incidents", params={"opened_by": hanna.get("/api/v1/whoami").json()["ref"]})
        assert mine.json()["total"] == 1


def test_the_way_from_report_to_close_by_the_client(app: FastAPI, parts: Parts) -> None:
    _, one = join(parts.database, "Olga", (Role.ai_office, None))
    _, two = join(parts.database, "Carl", (Role.council, None))
    with (
        HeadwayClient("http://headway", one, transport=AppTransport(app)) as olga,
        HeadwayClient("http://headway", two, transport=AppTransport(app)) as carl,
    ):
        made = olga.incidents.report(**TOLD, concerns=["usecase:lead-scoring"], harm=["death"])  # type: ignore[arg-type]
        view = olga.incidents.show(made.id)
        states = {kept.id: kept.state for kept in view.clocks}
        assert (states["AIA-73-4"], "AIA-73-2" in states) == ("running", False)
        assert {place.jurisdiction: place.answer for place in view.places}["EU"] == "yes"
        assert next(due.name for due in olga.incidents.deadlines().items) in states
        started = olga.incidents.count_affected(made.id)
        assert started.job.startswith("job_") and olga.incidents.affected(made.id).affected is None
        parts.jobs.run_now(incidents.JOB, {"incident": made.id}, BEN)
        counted = olga.incidents.affected(made.id)
        assert counted.affected is not None and counted.affected.found.decisions == 0 and not counted.is_stale
        assert olga.incidents.containment(made.id).stops == []
        olga.incidents.place(made.id, jurisdiction="EU", is_in=False, reason="it happened in New York")
        olga.incidents.update(made.id, severity="low", cause="a unit was changed in the source")
        assert olga.incidents.show(made.id).before_closing == []
        olga.incidents.mark_contained(made.id, reason="switched off")
        olga.incidents.mark_corrected(made.id, reason="a check was added")
        with pytest.raises(Denied):
            olga.incidents.close(made.id, reason="done")
        assert carl.incidents.close(made.id, reason="looked at").state == "closed"
        assert olga.incidents.list(state="closed").total == 1
        assert olga.incidents.reopen(made.id, reason="again").state == "open"
        assert {kept.id for kept in olga.incidents.clocks().items} == {
            "eu-ai-act-incidents", "gdpr-breaches", "own-incidents",
        }  # fmt: skip


def test_the_terminal_reports_and_shows_why_clocks_run(
    app: FastAPI, parts: Parts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, token = join(parts.database, "Olga", (Role.ai_office, None))

    @contextmanager
    def connect() -> Iterator[HeadwayClient]:
        with HeadwayClient("http://headway", token, transport=AppTransport(app)) as made:
            yield made

    monkeypatch.setattr(terminal, "connect", connect)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(commands, list(arguments))
        assert done.exit_code == 0, done.output
        return done.output

    shown = run(
        "report", TOLD["title"], "--what", TOLD["what"], "--about", "usecase:lead-scoring", "--widespread", "no"
    )
    assert "AIA-73-2" in shown and "nobody knows yet: harm" in shown and "AIA-73-3" in shown
    incident = next(word for word in shown.split() if word.startswith("inc_"))
    assert "AIA-73-3" not in run("update", incident, "--harm", "none", "--breach", "no").replace("stopped", "")[:400]
    assert "New York" in run("place", incident, "EU", "--not-in", "--reason", "New York")
    assert "judged" in run("judge", incident, "OWN-CAUSE", "--reason", "an exercise")
    assert incident in run("list", "--usecase", "lead-scoring") and "Report the death" in run("clocks")
    assert "would stop: 0" in run("contain", incident)
    assert "OWN-" in run("deadlines") and "nothing here yet" in run("list", "--late")
    for verb, word in (("contained", "contained"), ("reopen", "open")):
        assert word in run(verb, incident, "--reason", "so it is")
    file = tmp_path / "ours.yaml"
    file.write_text(
        "id: ours\nversion: '1'\ntitle: Ours\nas_of: '2026-11-01'\ntime_zone: Europe/Berlin\nclocks: []\n",
        encoding="utf-8",
    )
    assert "ours" in run("publish-clocks", str(file))
    assert CliRunner().invoke(commands, ["update", incident, "--breach", "maybe"]).exit_code == 2


def test_pages_report_tell_judge_and_close(app: FastAPI, parts: Parts) -> None:
    erik = signed_in(parts, "Erik", (Role.employee, "sales"), app=app)
    olga = signed_in(parts, "Olga", (Role.ai_office, None), app=app)
    assert "No incident" in erik.text("/incidents")
    erik.get("/incidents/new?about=usecase:lead-scoring")
    assert erik.send("/incidents/new", **{**TOLD, "what": "short"}).status_code == 422
    done = erik.send("/incidents/new", **TOLD)
    place = done.url.path
    assert place.startswith("/incidents/inc_") and "Clocks that may apply run" in done.text
    assert "Tell more" not in erik.text(place) and "Wrong salaries" in erik.text("/incidents")
    shown = olga.text(place)
    assert "Report the death of a person" in shown and "Nobody knows yet: what harm it did" in shown
    assert "Local Law 144" not in shown, "it is known not to be in New York City"
    olga.get(f"{place}/edit")
    told = olga.send(
        f"{place}/edit", severity="high", harm="health", widespread="no", personal_data_breach="no",
        started_at="2026-11-20T08:00", cause="a unit was changed in the source",
    )  # fmt: skip
    assert "the clocks were asked anew" in told.text and "ruled out" in told.text
    assert (
        "2026-11-20" in olga.get(f"{place}/edit").text
        and "has not come yet" in olga.send(f"{place}/edit", started_at="2027-01-01T00:00").text
    )
    assert "Nothing that it reaches is at work" in olga.text(f"{place}/containment")
    assert olga.send(f"{place}/containment", reason=" ").status_code == 422
    olga.get(place)
    assert olga.send(f"{place}/affected").url.path.startswith("/jobs/job_")
    parts.jobs.run_now(incidents.JOB, {"incident": place.rpartition("/")[2]}, BEN)
    assert "0 known subjects" in olga.text(place)
    olga.get(place)
    judged = olga.send(f"{place}/clocks/AIA-73-2/judge", reason="a rehearsal, nobody was harmed")
    assert "judged not due" in judged.text
    assert olga.send(f"{place}/jurisdictions", jurisdiction="US-NYC", is_in="yes", reason="").status_code == 422
    placed = olga.send(f"{place}/jurisdictions", jurisdiction="US-NYC", is_in="yes", reason="the branch there uses it")
    assert "Local Law 144" in placed.text
    for verb in ("contained", "corrected"):
        olga.get(place)
        olga.send(f"{place}/{verb}", reason="it was switched off and mended")
    assert "Tell the sponsor and the AI office" in olga.text("/incidents/deadlines")
    olga.get(place)
    refused = olga.send(f"{place}/close", reason="over")
    assert refused.status_code == 409 and "meet OWN-TELL" in refused.text
    olga.send(f"{place}/clocks/OWN-TELL/judge", reason="the sponsor was in the room")
    assert "Closed by" in olga.send(f"{place}/close", reason="looked at with sales").text
    olga.get(place)
    assert "Noted" not in olga.send(f"{place}/reopen", reason="again").text
    assert olga.get("/incidents?format=xlsx").content[:2] == b"PK"
    assert "own-incidents@1.0.0" in olga.text("/incidents/clocks")
    assert olga.send("/incidents/clocks", text="id: x").status_code == 422
