"""Pages of pilots: a file, its columns, the start, the way to the end; who sees and may do what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Response

from headway import catalog, portfolio
from headway.identity import Role
from headway.kernel.errors import Conflict
from headway.kernel.web import Parts
from headway.portfolio import Pilot
from headway.portfolio.service import fail_pilot
from headway.solutions.sales import lead_scoring
from tests.factories.pages import Browser, application, form_of, signed_in, text_of

EXCEL = "application/octet-stream"


@pytest.fixture
def ready(parts: Parts) -> Parts:
    parts.jobs.define("pilot", portfolio.pilot_job)
    return parts


@pytest.fixture
def app(ready: Parts) -> FastAPI:
    return application(ready)


@pytest.fixture
def dana(ready: Parts, app: FastAPI) -> Iterator[Browser]:
    """A data scientist of sales."""
    yield signed_in(ready, "Dana Smith", (Role.data_scientist, "sales"), app=app)


@pytest.fixture
def leads(tmp_path: Path) -> bytes:
    path = tmp_path / "leads.csv"
    lead_scoring.write_example(path, rows=600, seed=3)
    return path.read_bytes()


def send_file(who: Browser, content: bytes, name: str = "leads.csv", **values: Any) -> Response:
    who.get("/pilots/new")
    return who.send("/pilots/new/file", files={"file": (name, content)}, **values)


def test_a_pilot_starts_in_two_steps_and_the_file_is_sent_once(dana: Browser, ready: Parts, leads: bytes) -> None:
    answers = send_file(dana, leads)
    assert answers.status_code == 200, text_of(answers.text)
    proposal = form_of(answers.text, "/pilots/new")
    guessed = {name: proposal[name] for name in ("label", "positive", "time", "subject", "solution", "name")}
    assert guessed == {
        "label": "converted",
        "positive": "yes",
        "time": "created_at",
        "subject": "lead_id",
        "solution": "sales.lead-scoring",
        "name": "lead-scoring",
    }
    begun = dana.send("/pilots/new", value_per_success="120", cost_per_action="4")
    assert "Read the file" in text_of(begun.text)
    [pilot] = pilots(ready)
    assert str(begun.url).endswith(f"/pilots/{pilot.id}")
    assert (pilot.request["value_per_success"], pilot.request["cost_per_action"]) == ("120.00 EUR", "4.00 EUR")
    assert list(ready.storage.list("uploads")) == [pilot.request["file_key"]]
    assert f'sse-connect="/pilots/{pilot.id}/stream"' in begun.text
    assert "lead-scoring" in dana.text("/pilots")
    heading, row = dana.get("/pilots?format=csv").text.splitlines()
    assert heading.endswith("started_by,started_at")
    assert row.startswith("lead-scoring,running,Lead scoring,")


def test_every_fault_of_the_second_step_is_told_at_its_field(dana: Browser, ready: Parts, leads: bytes) -> None:
    send_file(dana, leads)
    wrong = dana.send("/pilots/new", name="", value_per_success="much", subject="created_at", label="converted")
    assert wrong.status_code == 422
    for field in ("name", "value_per_success"):
        assert f'id="e-{field}"' in wrong.text
    typed = form_of(wrong.text, "/pilots/new")
    assert (typed["value_per_success"], typed["subject"], typed["label"]) == ("much", "created_at", "converted")
    wrong = dana.send("/pilots/new", name="leads", value_per_success="120", ordered="true")
    assert wrong.status_code == 422
    for field in ("subject", "cost_per_action", "ordered"):
        assert f'id="e-{field}"' in wrong.text or field in ("cost_per_action", "ordered")
    assert pilots(ready) == ()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("letter.pdf", b"%PDF-1.7 and more", "a PDF document"),
        ("empty.csv", b"", "the file is empty"),
        ("page.csv", b"<html></html>", "HTML"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    dana: Browser, ready: Parts, name: str, content: bytes, words: str
) -> None:
    refused = send_file(dana, content, name)
    assert refused.status_code == 422
    assert words in text_of(refused.text)
    assert list(ready.storage.list("uploads")) == []


def test_no_file_and_no_department_are_faults(ready: Parts, app: FastAPI) -> None:
    office = signed_in(ready, "Olga Office", (Role.ai_office, None), app=app)
    office.get("/pilots/new")
    refused = office.send("/pilots/new/file", department="")
    assert refused.status_code == 422
    assert 'id="e-file"' in refused.text
    assert 'id="e-department"' in refused.text


def test_the_choice_of_the_success_follows_the_label(dana: Browser, leads: bytes) -> None:
    page = send_file(dana, leads)
    upload = form_of(page.text, "/pilots/new")["upload"]
    part = dana.get(f"/pilots/new/positive?upload={upload}&label=converted", hx_request="true").text
    assert '<option value="yes" selected>' in part
    other = dana.get(f"/pilots/new/positive?upload={upload}&label=lead_id", hx_request="true").text
    assert "<select" not in other


def test_a_use_case_brings_its_department_solution_and_name(dana: Browser, ready: Parts, leads: bytes) -> None:
    from headway import governance

    with ready.database.session() as session:
        assert dana.actor is not None
        governance.open_usecase(
            session,
            dana.actor,
            slug="call-first",
            title="Call first",
            department="sales",
            solution="sales.lead-scoring",
            risk={},
        )
    dana.get("/pilots/new?usecase=call-first")
    answers = dana.send("/pilots/new/file", files={"file": ("leads.csv", leads)})
    assert form_of(answers.text, "/pilots/new")["name"] == "call-first"


def test_a_failed_pilot_says_why_and_what_to_do(dana: Browser, ready: Parts, leads: bytes) -> None:
    send_file(dana, leads)
    dana.send("/pilots/new", exclude="source")
    [pilot] = pilots(ready)
    told = {"code": "x", "detail": "the label has no values", "hint": "choose another column", "status": 422}
    with ready.database.session() as session:
        assert dana.actor is not None
        fail_pilot(session, dana.actor, pilot.id, told)
    page = dana.get(f"/pilots/{pilot.id}")
    shown = text_of(page.text)
    assert "the label has no values" in shown
    assert "choose another column" in shown
    assert "without uploading it" in shown
    again = page.text.split('href="/pilots/new?upload=')[1].split('"')[0].replace("&amp;", "&")
    proposal = form_of(dana.get(f"/pilots/new?upload={again}").text, "/pilots/new")
    assert (proposal["label"], proposal["exclude"]) == ("converted", "source")


def test_a_pilot_that_failed_later_is_taken_up_again(dana: Browser, ready: Parts, leads: bytes) -> None:
    from headway.kernel.errors import problem
    from headway.portfolio import store

    send_file(dana, leads)
    dana.send("/pilots/new")
    [pilot] = pilots(ready)
    with ready.database.session() as session:
        assert dana.actor is not None
        store.put_step(session, store.need_pilot(session, pilot.id), "product", {"product": "sales.leads"})
        fail_pilot(session, dana.actor, pilot.id, problem(Conflict("the gate was closed")))
    assert "the gate was closed" in dana.text(f"/pilots/{pilot.id}")
    dana.send(f"/pilots/{pilot.id}/retry")
    [again] = pilots(ready)
    assert (again.state, again.job == pilot.job) == ("running", False)


def test_others_see_and_do_what_their_roles_say(dana: Browser, ready: Parts, app: FastAPI, leads: bytes) -> None:
    page = send_file(dana, leads)
    upload = form_of(page.text, "/pilots/new")["upload"]
    dana.send("/pilots/new")
    [pilot] = pilots(ready)
    stranger = signed_in(ready, "Fay Finance", (Role.data_scientist, "finance"), app=app)
    assert stranger.get(f"/pilots/{pilot.id}").status_code == 403
    assert stranger.get(f"/pilots/new?upload={upload}").status_code == 403
    assert "lead-scoring" not in stranger.text("/pilots").split("Whose")[0]
    employee = signed_in(ready, "Eve Employee", (Role.employee, "sales"), app=app)
    assert employee.get("/pilots/new").status_code == 403
    assert "/pilots/new" not in employee.get("/pilots").text.split("<main")[0]
    assert employee.get(f"/pilots/{pilot.id}").status_code == 200
    nobody = signed_in(ready, "Nora Nobody", app=app)
    assert nobody.get("/pilots").status_code == 403


def pilots(ready: Parts) -> tuple[Pilot, ...]:
    with ready.database.session() as session:
        return tuple(portfolio.list_pilots(session)[0])


def test_uploads_are_looked_up_by_their_digest(dana: Browser, ready: Parts, leads: bytes) -> None:
    send_file(dana, leads)
    [key] = ready.storage.list("uploads")
    with ready.database.session() as session:
        digest = "sha256-" + key.removeprefix("uploads/")
        assert catalog.find_upload(session, digest, "sales").file_key == key
        with pytest.raises(catalog.UnknownUpload):
            catalog.find_upload(session, digest, "finance")


def test_personal_data_is_marked_masked_and_left_out_at_first(dana: Browser) -> None:
    lines = [f"L{n:04},person{n}@example.org,{n % 7},{'yes' if n % 3 else 'no'}" for n in range(150)]
    answers = send_file(dana, "\n".join(["lead_id,email,visits,converted", *lines]).encode())
    assert answers.status_code == 200
    assert "person1@example.org" not in answers.text
    assert "aaaaaa9@aaaaaaa.aaa" in answers.text
    assert form_of(answers.text, "/pilots/new")["exclude"] == "email"
