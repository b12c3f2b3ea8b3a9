"""Set-up from an empty installation: six steps judged by what is there, skipped and taken up again."""

from __future__ import annotations

from headway import identity
from headway.identity import Role
from headway.kernel.web import Parts
from tests.factories.governance import ANA, open_usecase
from tests.factories.pages import application, signed_in, text_of, visitor

STEPS = ("organisation", "sign-in", "council", "policies", "inventory", "product")


def test_the_first_person_is_led_through_six_steps_from_an_empty_home(parts: Parts) -> None:
    with parts.database.session() as session:
        code = identity.setup_home(session).setup_code
    ada = visitor(parts)
    ada.get("/setup")
    typed = {"code": code, "name": "Ada", "email": "ada@example.org"}
    password = "three unrelated words"
    shown = ada.send("/setup", **typed, password=password, again=password)
    assert shown.url.path == "/setup/organisation"
    assert 'aria-current="step"' in shown.text
    assert "Skip for now" in shown.text
    assert ada.send("/setup/organisation", lines=" ").status_code == 422
    shown = ada.send("/setup/organisation", lines="Sales\nHuman Resources\n")
    assert "Human Resources" in shown.text
    assert "Next step" in shown.text
    shown = ada.send("/setup/organisation", lines="Finance\nSales")
    assert shown.status_code == 409
    assert "Finance" in shown.text  # as it was typed, and not added without the other
    with parts.database.session() as session:
        assert "finance" not in {one.slug for one in identity.list_departments(session)}
    for step in STEPS[1:]:
        assert ada.get(f"/setup/{step}").status_code == 200
    assert "One person alone cannot bring anything above the sandbox" in ada.text("/setup/council")


def test_seats_are_given_and_two_people_are_asked_for(parts: Parts) -> None:
    app = application(parts)
    office = signed_in(parts, "Ada", (Role.ai_office, None), app=app)
    sam = signed_in(parts, "Sam", (Role.employee, "sales"), app=app)
    assert sam.actor is not None
    assert "One person alone" in office.text("/setup/council")
    assert office.send("/setup/council", person="").status_code == 422
    shown = office.send("/setup/council", person=sam.actor.ref, role="council", department="sales")
    assert "Two people above the sandbox" in shown.text
    assert sam.get("/setup/council").status_code == 403


def test_the_quorum_is_set_with_the_seats_and_says_where_too_few_may_decide(parts: Parts) -> None:
    app = application(parts)
    office = signed_in(parts, "Ada", (Role.ai_office, None), app=app)
    signed_in(parts, "Cora", (Role.council, "sales"), app=app)
    with parts.database.session() as session:
        identity.ensure_department(session, ANA, "hr")
    assert "fewer may decide" not in office.text("/setup/council")
    assert office.send("/setup/council/quorum", pilot="0", reason="nobody").status_code == 422
    shown = office.send("/setup/council/quorum", pilot="1", production="2", reason="Customers are affected")
    assert shown.url.path == "/setup/council" and "The quorum is set" in shown.text
    told = text_of(shown.text)
    assert "Production needs 2, and fewer may decide in hr" in told.lower() or "fewer may decide in Hr" in told
    assert "1 person may decide there" in told and "Customers are affected" in told
    assert "The quorum is as it was" in office.send("/setup/council/quorum", reason="To be sure").text
    shown = office.send("/setup/council/quorum", pilot="3", production="3", reason="More eyes")
    assert "2 people may decide there" in text_of(shown.text)


def test_set_up_goes_on_where_something_is_missing(parts: Parts) -> None:
    app = application(parts)
    office = signed_in(parts, "Ada", (Role.ai_office, None), app=app)
    assert office.get("/setup/next").url.path == "/setup/organisation"
    with parts.database.session() as session:
        identity.ensure_department(session, ANA, "sales")
        open_usecase(session)
    assert office.get("/setup/next").url.path == "/setup/sign-in"  # the owner of the command line counts as nobody
    signed_in(parts, "Sam", (Role.employee, "sales"), app=app)
    assert office.get("/setup/next").url.path == "/setup/council"
