"""Assessments by API, page, terminal and client: answered by the seat, signed by another, read by gates, outdated by facts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from typer.testing import CliRunner

from headway import governance, ledger
from headway.governance import assessments
from headway.governance.assessments.cli import app as cli
from headway.governance.assessments.routes import router
from headway.governance.errors import SamePerson
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.auth import Actor
from headway.kernel.errors import Denied
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway.value import projections
from headway_client import Client as HeadwayClient
from tests.factories.asgi import AppTransport
from tests.factories.governance import SUBJECT_DIGEST, open_usecase
from tests.factories.identity import api, client, join, local_owner
from tests.factories.pages import signed_in
from tests.factories.projections import assumptions

PLACE = "/usecases/lead-scoring/assessments"
RISK = {"personal_data": True, "profiling": True, "special_category_data": False, "solely_automated": False}
ANSWERS: dict[str, Any] = {
    "operations": "scores from the customer system, kept for two years",
    "interest": "legitimate interest in calling who is likely to buy",
    "necessity": "each column was tried without",
    "proportionality": "nobody is refused anything",
    "risks": "people are called more often than they like",
    "measures": "an opt-out that is kept by the contract of the data",
    "officer": "go on, and tell people",
    "views": "the works council was told; customers were not asked since they can opt out",
    "residual": "low",
    "consulted": False,
}


@pytest.fixture
def home(parts: Parts) -> Parts:
    with parts.database.session() as session:
        open_usecase(session, risk=RISK)
    return parts


def seated(parts: Parts, name: str, seat: str = "privacy", department: str | None = None) -> tuple[Actor, str]:
    made = join(parts.database, name, (Role.employee, "sales"))
    with parts.database.session() as session:
        owner = Actor(ref="person:local", name="Local owner")
        assessments.appoint(session, owner, seat=seat, person=made[0].ref, department=department)
    return made


def submitted(parts: Parts, actor: Actor) -> str:
    with parts.database.session() as session:
        made = assessments.open_assessment(session, actor, usecase="lead-scoring", template="privacy")
        assessments.answer(session, actor, made.id, ANSWERS)
        return assessments.submit(session, actor, made.id).id


def test_the_seat_answers_another_signs_and_the_gate_counts_it_until_a_fact_changes(home: Parts) -> None:
    owner, token = local_owner(home.database)
    priya, priyas = seated(home, "Priya")
    _, sams = seated(home, "Sam", department="sales")
    _, marias = seated(home, "Maria", "legal")
    app = api(home, [router])
    with client(app, priyas) as caller:
        need = next(one for one in caller.get(PLACE).json()["items"] if one["template"] == "privacy")
        assert need["is_due"] and need["standing"] == "due" and len(need["assessors"]) == 2
        assert need["known"]["purpose"]["source"] == "usecase:lead-scoring" and "purpose" not in need["asked"]
        one = caller.post(PLACE, json={"template": "privacy"}).json()["id"]
        known = caller.post(f"/assessments/{one}/answers", json={"answers": {"purpose": "another"}})
        assert known.status_code == 422 and "the platform knows it" in known.json()["detail"]
        caller.post(f"/assessments/{one}/answers", json={"answers": {**ANSWERS, "officer": "not sure"}})
        early = caller.post(f"/assessments/{one}/submit")
        assert early.status_code == 200, early.text
        assert caller.post(f"/assessments/{one}/answers", json={"answers": {"officer": "sure"}}).status_code == 409
        assert caller.post(f"/assessments/{one}/sign", json={"remark": "fine"}).status_code == 403
    for secret in (token, marias):  # neither the AI office nor another seat answers or, without the council, signs
        with client(app, secret) as caller:
            assert caller.post(f"/assessments/{one}/answers", json={"answers": {"officer": "x y z"}}).status_code == 403
    with client(app, sams) as caller:
        back = caller.post(f"/assessments/{one}/return", json={"remark": "the officer must be sure"})
        assert back.json()["state"] == "returned" and back.json()["evidence"] is None
    with client(app, priyas) as caller:
        again = caller.post(PLACE, json={"template": "privacy"}).json()
        assert again["number"] == 2 and again["answers"]["officer"] == "not sure"  # taken along
        caller.post(f"/assessments/{again['id']}/answers", json={"answers": {"officer": "go on"}})
        assert caller.post(f"/assessments/{again['id']}/submit").json()["state"] == "submitted"
    with home.database.session() as session:
        governance.switch_pack(session, home.signer, owner, "headway-assessments", is_on=True, reason="we ask for them")
    with client(app, sams) as caller:
        done = caller.post(f"/assessments/{again['id']}/sign", json={"remark": "I read it against the records"})
        assert done.json()["state"] == "signed" and done.json()["evidence"].startswith("evd_")
        assert len(caller.get("/assessments", params={"usecase": "lead-scoring"}).json()["items"]) == 2

    def privacy_at_the_gate() -> str:
        with home.database.session() as session:
            found = governance.evaluate_gate(
                session,
                environment="production",
                subject=Ref("bundle", SUBJECT_DIGEST),
                subject_digest=SUBJECT_DIGEST,
                usecase="lead-scoring",
            )
        return next(control.status.value for control in found.controls if control.id == "HW-AS-PRIVACY")

    assert privacy_at_the_gate() == "passed"
    with home.database.session() as session:
        governance.update_usecase(
            session, owner, "lead-scoring", changes={}, risk={**RISK, "special_category_data": True}
        )
    with client(app, sams) as caller:
        need = next(one for one in caller.get(PLACE).json()["items"] if one["template"] == "privacy")
        assert need["standing"] == "outdated" and need["why_outdated"] == ["sys.special_category_data is otherwise now"]
    assert privacy_at_the_gate() != "passed"
    with home.database.session() as session:
        told = [event.type for event in ledger.find(session, subject=f"assessment:{again['id']}").items]
        assert {"assessment.opened", "assessment.submitted", "assessment.signed", "task.created", "task.done"} == set(
            told
        )
        assert priya.ref in {event.actor for event in ledger.find(session, type="assessment.submitted").items}


def test_a_whole_number_that_evidence_tells_is_filled_in_as_it_is(home: Parts) -> None:
    owner, token = local_owner(home.database)
    with home.database.session() as session:
        governance.switch_pack(session, home.signer, owner, "nist-ai-rmf", is_on=True, reason="the board asked for it")
        projections.set_discount_rate(session, owner, percent="9", reason="finance")
        projections.project(session, owner, usecase="lead-scoring", title="First", assumptions=assumptions(draws=1000))
    with client(api(home, [router]), token) as caller:
        found = caller.get(PLACE)
        assert found.status_code == 200, found.text
        need = next(one for one in found.json()["items"] if one["template"] == "finance")
        assert need["known"]["rate"]["value"] == 9 and "rate" not in need["asked"]


def test_service_and_tables_keep_the_rules_too(home: Parts) -> None:
    owner, _ = local_owner(home.database)
    priya, _ = seated(home, "Priya")
    one = submitted(home, priya)
    with pytest.raises(SamePerson), home.database.session() as session:
        assessments.sign(session, priya, one, "fine by me")
    with home.database.session() as session:
        other = assessments.open_assessment(session, owner, usecase="lead-scoring", template="security")
    with pytest.raises(Denied, match="does not hold the seat"), home.database.session() as session:
        assessments.answer(session, owner, other.id, {"access": "nobody but us"})
    with pytest.raises(assessments.AnswersInvalid), home.database.session() as session:
        held = assessments.appoint(session, owner, seat="security", person=owner.ref)
        assert held.department is None
        assessments.submit(session, owner, other.id)
    for change in (
        "update governance.assessments set known = '{}' where id = :one",
        "update governance.assessments set state = 'signed', signed_by = submitted_by, signed_at = now() where id = :one",
        "delete from governance.assessments where id = :one",
        "update governance.assessment_answers set value = '\"other\"' where assessment = :one",
        "insert into governance.assessment_answers (id, assessment, question, value, answered_by, answered_at) "
        "select 'ans_x', assessment, question, value, answered_by, answered_at "
        "from governance.assessment_answers where assessment = :one limit 1",
        "update governance.assessors set person = 'person:eve' where id <> :one",
        "delete from governance.assessors where id <> :one",
    ):
        with pytest.raises(IntegrityError), home.database.session() as session:
            session.execute(text(change), {"one": one})


def test_pages_show_what_is_due_and_keep_what_was_typed(home: Parts) -> None:
    office = signed_in(home, "Olga", (Role.ai_office, None))
    page = office.text("/usecases/lead-scoring/assessments")
    assert "Data protection impact assessment" in page and "nobody holds the seat" in page
    assert "most private employers do not owe a FRIA" in page or "due until it is known" in page
    assert "Seats that nobody holds" in office.text("/assessors")
    assert office.send("/assessors", seat="privacy", person="Nobody Here").status_code == 422
    head = signed_in(home, "Lena", (Role.department_head, "sales"))
    office.get("/assessors")
    assert "The seat is given" in office.send("/assessors", seat="privacy", person="Lena").text
    head.get("/usecases/lead-scoring/assessments")
    shown = head.http.post(
        "/usecases/lead-scoring/assessments",
        data={"csrf": _csrf(head.shown.text if head.shown else ""), "template": "privacy"},
        headers={"origin": "http://headway.test", "referer": "http://headway.test/"},
    )
    assert shown.status_code == 200 and "Only what" not in shown.text and "(c) Which risks" in shown.text
    head.shown = shown
    place = f"/assessments/{str(shown.url).rsplit('/', 1)[1]}"
    partly = {name: value for name, value in ANSWERS.items() if name not in ("consulted", "views")}
    wrong = head.send(f"{place}/answers", **partly, then="submit")
    assert wrong.status_code == 422 and "views is not answered" in wrong.text and "go on, and tell people" in wrong.text
    done = head.send(f"{place}/answers", **partly, views="they were asked", consulted="no", then="submit")
    assert "Submitted; somebody else signs it now" in done.text and "Sign it" not in done.text
    council = signed_in(home, "Carl", (Role.council, None))
    council.get(place)
    signed = council.send(f"{place}/sign", remark="read and agreed", then="sign")
    assert "Kept with your name" in signed.text and "Signed" in signed.text


def _csrf(page: str) -> str:
    return page.split('name="csrf" value="', 1)[1].split('"', 1)[0]


def test_terminal_and_client_do_too(home: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = local_owner(home.database)
    priya, priyas = seated(home, "Priya")
    app = api(home, [])
    app.include_router(router, prefix="/api/v1")
    now = [priyas]

    @contextmanager
    def connect() -> Iterator[HeadwayClient]:
        with HeadwayClient("http://headway", now[0], transport=AppTransport(app)) as made:
            yield made

    monkeypatch.setattr(terminal, "connect", connect)

    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, list(words))
        assert done.exit_code == 0, done.output
        return done.output

    assert "privacy" in run("due", "lead-scoring") and "opened" in run("open", "lead-scoring", "privacy")
    with connect() as caller:
        [one] = caller.assessments.list(usecase="lead-scoring")
        assert {need.template for need in caller.assessments.due("lead-scoring")} >= {"privacy", "fria", "hr"}
    file = tmp_path / "answers.yaml"
    file.write_text(yaml.safe_dump(ANSWERS))
    run("answer", one.id, str(file))
    assert "submitted" in run("submit", one.id) and "usecase:lead-scoring" in run("show", one.id)
    now[0] = token
    assert "signed" in run("sign", one.id, "--remark", "read")
    assert priya.ref in run("seats")
    with connect() as caller:
        assert caller.assessments.show(one.id).answers["consulted"] is False
        assert len(list(caller.assessment_templates.list())) == 7
        [held] = caller.assessors.list()
        assert caller.assessors.dismiss(held.id).ended_at is not None and list(caller.assessors.list()) == []


def test_all_assessments_are_one_list_at_every_door_as_far_as_one_may_read(
    home: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    priya, seat = seated(home, "Priya", department="sales")
    _, auditor = join(home.database, "Amelie", (Role.auditor, None))
    _, there = join(home.database, "Hugo", (Role.department_head, "hr"))
    _, guest = join(home.database, "Gast", (Role.employee, "sales"))
    made = submitted(home, priya)
    with home.database.session() as session:
        open_usecase(session, slug="screening", title="Screening", department="hr")
        open_usecase(session, slug="gone", title="Gone", department="hr")
        governance.retire_usecase(session, priya, "gone", reason="it is replaced")
        each = [one for slug in ("lead-scoring", "screening") for one in assessments.of_usecase(session, slug)]
    app = api(home, [])
    app.include_router(router, prefix="/api/v1")
    with client(app, auditor) as caller:
        told = caller.get("/api/v1/assessment-needs", params={"limit": 100}).json()
        expected = {(one.usecase, one.template): (one.standing, one.why, list(one.assessors)) for one in each}
        shown = {
            (one["usecase"], one["template"]): (one["standing"], one["why"], one["assessors"]) for one in told["items"]
        }
        assert shown == {key: value for key, value in expected.items() if value[0] != "not_due"}
        assert told["standings"]["submitted"] == 1 and sum(told["standings"].values()) == len(each)
        [wait] = caller.get("/api/v1/assessment-needs", params={"standing": "submitted"}).json()["items"]
        assert (wait["assessment"], wait["submitted_by"], wait["assessors"]) == (made, priya.ref, [priya.ref])
        not_due = caller.get("/api/v1/assessment-needs", params={"standing": "not_due"}).json()["items"]
        assert {(one["usecase"], one["template"]) for one in not_due} == set(expected) - set(shown)
        assert caller.get("/api/v1/assessment-needs", params={"sort": "colour"}).status_code == 422
    for token, places in ((there, {"hr"}), (seat, {"sales"})):
        with client(app, token) as caller:
            items = caller.get("/api/v1/assessment-needs").json()["items"]
            assert {one["department"] for one in items} == places
    with client(app, guest) as caller:
        assert caller.get("/api/v1/assessment-needs").status_code == 403
    door = HeadwayClient("http://headway", auditor, transport=AppTransport(app))
    monkeypatch.setattr(terminal, "connect", lambda: door)
    assert [one.assessment for one in door.assessments.find(assessor=priya.ref, department="sales").items] == [made]
    by_command = CliRunner().invoke(cli, ["all", "--seat", "privacy"])
    assert by_command.exit_code == 0 and "1 submitted" in by_command.output, by_command.output
    browser = signed_in(home, "Olga", (Role.ai_office, None))
    page = browser.text("/assessments")
    assert "Screening" in page and "Waits for a signature" in page and "Gone" not in page
    assert "Screening" not in browser.text("/assessments?standing=submitted")
    book = load_workbook(io.BytesIO(browser.get("/assessments?format=xlsx").content))
    assert "Priya" in {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
