"""Templates of one's own by API, page, terminal and client; the council's seats and the tasks of assessments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from typer.testing import CliRunner

from headway import collaboration, ledger
from headway.entrypoints.pages.assessment_templates import BEGINNING
from headway.governance import assessments, council
from headway.governance.assessments import Standing, TemplateClosed, TemplateInvalid
from headway.governance.assessments.cli import app as cli
from headway.governance.assessments.routes import router
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway_client import Client as HeadwayClient
from tests.factories.asgi import AppTransport
from tests.factories.governance import open_usecase
from tests.factories.identity import api, client, join, local_owner
from tests.factories.pages import signed_in

OWNER = Actor(ref="person:local", name="Local owner")
SECOND = BEGINNING.replace("1.0.0", "1.1.0").replace("How do we leave", "How and when do we leave")
RULES = council.BodyRules(seats=("legal", "risk"), quorum=2)
ANSWERS = {"vendors": "Acme AG", "exit": "in 30 days with all of our data", "months": 24, "alternatives": "two"}


@pytest.fixture
def home(parts: Parts) -> Parts:
    with parts.database.session() as session:
        open_usecase(session, risk={"vendor_supplied": True})
    return parts


def need(parts: Parts, template: str = "procurement") -> assessments.Need:
    with parts.database.session() as session:
        return next(one for one in assessments.of_usecase(session, "lead-scoring") if one.template == template)


def test_an_own_template_is_due_answered_signed_and_keeps_its_questions_when_a_new_version_comes(home: Parts) -> None:
    _, token = local_owner(home.database)
    paul, pauls = join(home.database, "Paul", (Role.employee, "sales"))
    with client(api(home, [router]), token) as office:
        made = office.post("/assessment-templates", json={"text": BEGINNING})
        assert made.status_code == 201 and made.json()["template"]["is_own"] is True
        assert [one["id"] for one in office.get("/assessment-templates").json()["items"]][-1] == "procurement"
        assert office.get("/assessment-templates/procurement/source").json()["text"] == BEGINNING
        office.post("/assessors", json={"seat": "procurement", "person": paul.ref}).raise_for_status()
    assert (need(home).standing, need(home).why) == (
        Standing.due,
        "a vendor supplies it, or nobody knows whether one does",
    )
    with client(api(home, [router]), pauls) as his:
        opened = his.post("/usecases/lead-scoring/assessments", json={"template": "procurement"}).json()
        with home.database.session() as session:
            assessments.publish_template(session, OWNER, SECOND)
        place = f"/assessments/{opened['id']}"
        assert his.post(f"{place}/answers", json={"answers": {"price": 3}}).status_code == 422
        his.post(f"{place}/answers", json={"answers": ANSWERS}).raise_for_status()
        his.post(f"{place}/submit").raise_for_status()
    with client(api(home, [router]), token) as office:
        signed = office.post(f"{place}/sign", json={"remark": "read"}).json()
        assert (signed["state"], signed["template_version"]) == ("signed", "1.0.0")
        office.post("/assessment-templates/procurement/retire", json={"reason": "buyers do it in their own tool"})
        assert office.get("/assessment-templates/procurement").status_code == 404
        assert office.get(place).json()["answers"] == ANSWERS  # what was answered stays
    with home.database.session() as session:
        found = assessments.get_assessment(session, signed["id"])
        told = assessments.need_of(session, found)
        assert (told.standing, told.newest) == (Standing.signed, found)
        assert assessments.template_of(session, found).questions[1].text.startswith("How do we leave")
        types = [one.type for one in ledger.find(session, subject=Ref("assessment-template", "procurement")).items]
    assert types == ["assessment_template.retired", *["assessment_template.published"] * 2]


def test_what_is_no_template_or_no_newer_version_is_refused_with_every_fault(home: Parts) -> None:
    with home.database.session() as session:
        assessments.publish_template(session, OWNER, BEGINNING)
    for wrong, told in (
        (BEGINNING, "write a higher one"),
        ("- a list", "is a mapping"),
        ("id: [", "not YAML"),
        ("id: legal\nversion: 2", "comes with the product"),
        ("x" * 200_001, "at most"),
    ):
        with home.database.session() as session, pytest.raises(TemplateInvalid, match=told):
            assessments.publish_template(session, OWNER, wrong)
    with home.database.session() as session:
        with pytest.raises(TemplateInvalid, match="at least"):
            assessments.retire_template(session, OWNER, "procurement", " ")
        assessments.retire_template(session, OWNER, "procurement", "no longer ours")
        with pytest.raises(TemplateClosed):
            assessments.retire_template(session, OWNER, "procurement", "again")


def test_the_database_keeps_what_was_published(home: Parts) -> None:
    with home.database.session() as session:
        assessments.publish_template(session, OWNER, BEGINNING)
    for change in ("set text = 'x'", "set version = '9.0.0'"):
        with pytest.raises(IntegrityError, match="never changed"), home.database.session() as session:
            session.execute(text(f"update governance.assessment_templates {change}"))
    with pytest.raises(IntegrityError, match="never changed"), home.database.session() as session:
        session.execute(text("delete from governance.assessment_templates"))


def test_only_who_manages_policy_publishes(home: Parts) -> None:
    _, token = join(home.database, "Paul", (Role.data_scientist, "sales"))
    with client(api(home, [router]), token) as his:
        assert his.post("/assessment-templates", json={"text": BEGINNING}).status_code == 403
        assert his.get("/assessment-templates/legal").json()["is_own"] is False
        assert his.get("/assessment-templates/legal/source").status_code == 404


def test_a_seat_of_the_council_is_a_seat_of_its_assessments(home: Parts) -> None:
    lena, _ = join(home.database, "Lena", (Role.council, None))
    omar, _ = join(home.database, "Omar", (Role.council, None))
    with home.database.session() as session:
        council.set_body(session, OWNER, "ai", title="AI council", department=None, rules=RULES)
        assert assessments.holders(session, "legal", "sales") == ()
        council.seat_member(session, OWNER, "ai", seat="legal", person=lena.ref)
        council.seat_member(session, OWNER, "ai", seat="legal", person=omar.ref, kind=council.MemberKind.deputy)
        assert assessments.holders(session, "legal", "sales") == (lena.ref, omar.ref)
        assert assessments.holders(session, "risk", "sales") == ()
        made = assessments.open_assessment(session, lena, usecase="lead-scoring", template="legal")
        assessments.answer(session, lena, made.id, {"liability": "the seller, under the contract of 2025"})
        council.unseat_member(session, OWNER, "ai", seat="legal", person=lena.ref)
        assert assessments.holders(session, "legal", "sales") == (omar.ref,)


def test_whoever_holds_the_seat_has_it_as_a_task_until_it_is_submitted(home: Parts) -> None:
    paul, _ = join(home.database, "Paul", (Role.employee, "sales"))
    with home.database.session() as session:
        assessments.publish_template(session, OWNER, BEGINNING)
        without = assessments.open_assessment(session, OWNER, usecase="lead-scoring", template="legal")
        assert without.task is None  # nobody holds the seat
        assessments.appoint(session, OWNER, seat="procurement", person=paul.ref)
        made = assessments.open_assessment(session, OWNER, usecase="lead-scoring", template="procurement")
        assert made.task is not None
        task = collaboration.get_task(session, made.task)
        assert (task.assignee, task.subject) == (paul.ref, f"assessment:{made.id}")
        assert task.due_on is not None and (task.due_on - made.opened_at.date()).days == 14
        assessments.answer(session, paul, made.id, ANSWERS)
        assessments.submit(session, paul, made.id)
        assert collaboration.get_task(session, made.task).state is collaboration.TaskState.done


def test_page_terminal_and_client_do_the_same(home: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = signed_in(home, "Ada", (Role.ai_office, None))
    assert "procurement_assessment" in ada.text("/assessment-templates/new")
    wrong = ada.send("/assessment-templates", text="id: legal")
    assert wrong.status_code == 422 and "comes with the product" in wrong.text
    assert "Your own" in ada.send("/assessment-templates", text=BEGINNING).text
    shown = ada.text("/assessment-templates/procurement")
    assert "How do we leave" in shown and "Write the next version" in shown
    assert "How do we leave" in ada.text("/assessment-templates/new?of=procurement")
    assert "/assessment-templates/procurement" in ada.get("/assessors").text
    assert "Comes with Headway" in ada.text("/assessment-templates/legal")
    app = api(home, [])
    app.include_router(router, prefix="/api/v1")
    _, token = local_owner(home.database)
    file = tmp_path / "second.yaml"
    file.write_text(SECOND)

    @contextmanager
    def connect() -> Iterator[HeadwayClient]:
        with HeadwayClient("http://headway", token, transport=AppTransport(app)) as made:
            yield made

    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, list(words))
        assert done.exit_code == 0, done.output
        return done.output

    monkeypatch.setattr(terminal, "connect", connect)
    assert '"1.1.0"' in run("publish", str(file), "--output", "json")
    assert run("template", "procurement") == SECOND
    assert "procurement" in run("templates")
    assert "procurement" in run("retire", "procurement", "--reason", "no longer")
    assert "Retired" in ada.text("/assessment-templates/procurement")
    with connect() as python:
        third = python.assessment_templates.publish(text=SECOND.replace("1.1.0", "1.2.0"))
        assert third.template.version == "1.2.0" and third.retired_at is None
        assert python.assessment_templates.show("procurement").seat == "procurement"
        assert python.assessment_templates.source("procurement").text == third.text
        assert python.assessment_templates.retire("procurement", reason="done").retired_because == "done"
    german = signed_in(home, "Greta", (Role.ai_office, None), language="de")
    assert "Vorlage" in german.text("/assessment-templates/new")
