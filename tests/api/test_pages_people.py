"""Pages about people and departments: what each role sees and may do, links shown once, forms with faults and without."""

from __future__ import annotations

import re

from headway import identity
from headway.entrypoints.pages.access_words import WORDS
from headway.identity import Role
from headway.kernel.web import Parts
from tests.factories.pages import PASSWORD, Browser, application, signed_in, text_of, visitor

OFFICE = (Role.ai_office, None)


def id_of(browser: Browser) -> str:
    assert browser.actor is not None
    return browser.actor.ref.removeprefix("person:")


def test_every_action_has_words() -> None:
    assert set(identity.known_actions()) == set(WORDS)


def test_people_are_listed_by_who_may_see_them(parts: Parts) -> None:
    app = application(parts)
    office = signed_in(parts, "Ada", OFFICE, app=app)
    hers = signed_in(parts, "Helen", (Role.department_head, "hr"), app=app)
    signed_in(parts, "Sam", (Role.employee, "sales"), app=app)
    everybody = office.text("/people")
    assert "Sam" in everybody
    assert "Employee · Sales" in everybody
    assert "Department head · Hr" in everybody
    narrow = hers.text("/people")
    assert "Helen" in narrow
    assert "Sam" not in narrow
    assert "Helen" in office.text("/people?role=department_head&q=hel")
    assert "Nothing matches" in office.text("/people?role=auditor")
    told = office.get("/people?format=csv&role=employee").text
    assert "Employee · Sales" in told
    assert "Helen" not in told
    assert signed_in(parts, "Eve", app=app).get("/people").status_code == 403


def test_a_person_is_added_and_joins_with_the_link_that_is_shown_once(parts: Parts) -> None:
    office = signed_in(parts, "Ada", OFFICE)
    with parts.database.session() as session:
        identity.ensure_department(session, office.actor, "sales")  # type: ignore[arg-type]
    office.get("/people/new")
    wrong = office.send("/people/new", name="", email="nobody")
    assert wrong.status_code == 422
    assert 'href="#f-name"' in wrong.text
    shown = office.send("/people/new", name="Sam", email="sam@example.org", role="employee", department="sales")
    found = re.search(r'data-copy="([^"]+/join#([^"]+))"', shown.text)
    assert found is not None
    sam = visitor(parts)
    sam.get("/join")
    joined = sam.send("/join", code=found.group(2), password="three unrelated words", again="three unrelated words")
    assert joined.url.path == "/"
    assert "Sam" in text_of(joined.text)
    assert "Employee · Sales" in office.text("/people?q=sam")
    office.get("/people/new")
    assert office.send("/people/new", name="Sam", email="sam@example.org").status_code == 409


def test_roles_are_granted_and_revoked_on_the_page_of_a_person(parts: Parts) -> None:
    app = application(parts)
    office, sam = signed_in(parts, "Ada", OFFICE, app=app), signed_in(parts, "Sam", (Role.employee, "sales"), app=app)
    page = f"/people/{id_of(sam)}"
    told = office.text(page)
    assert "What Sam may do" in told
    assert "propose a use case" in told
    office.send(f"{page}/roles", role="auditor", department="")
    assert "Auditor everywhere" in office.text(page)
    with parts.database.session() as session:
        held = identity.held_by(session, [f"person:{id_of(sam)}"])[f"person:{id_of(sam)}"]
    audits = next(one for one in held if one.role is Role.auditor)
    office.send(f"{page}/roles/{audits.id}/revoke")
    assert "Auditor everywhere" not in office.text(page)
    assert "Grant a role" not in sam.text(page)
    sam.get(page)
    assert sam.http.post(f"{page}/roles", data={"role": "ai_office"}).status_code == 403


def test_the_last_of_the_ai_office_cannot_be_revoked(parts: Parts) -> None:
    office = signed_in(parts, "Ada", OFFICE)
    with parts.database.session() as session:
        owner = next(one for one in identity.held_in(session, "org") if one.principal == "person:local")
        identity.revoke_role(session, office.actor, owner.id)  # type: ignore[arg-type]
        mine = identity.held_by(session, [office.actor.ref])[office.actor.ref][0]  # type: ignore[union-attr]
    office.get(f"/people/{id_of(office)}")
    refused = office.send(f"/people/{id_of(office)}/roles/{mine.id}/revoke")
    assert refused.status_code == 409
    assert "nobody else holds the AI office" in refused.text


def test_a_sign_in_link_is_shown_once_and_an_account_is_closed(parts: Parts) -> None:
    app = application(parts)
    office, sam = signed_in(parts, "Ada", OFFICE, app=app), signed_in(parts, "Sam", (Role.employee, "sales"), app=app)
    page = f"/people/{id_of(sam)}"
    office.get(page)
    shown = office.send(f"{page}/link")
    assert "/sign-in/link#" in shown.text
    assert "/sign-in/link#" not in office.get(page).text
    assert sam.get("/people").status_code == 200
    office.get(page)
    office.send(f"{page}/deactivate")
    assert "deactivated" in office.text(page)
    assert sam.get("/people").url.path == "/sign-in"


def test_sessions_are_ended_by_their_person_and_by_the_ai_office_alone(parts: Parts) -> None:
    app = application(parts)
    office, sam = signed_in(parts, "Ada", OFFICE, app=app), signed_in(parts, "Sam", (Role.employee, "sales"), app=app)
    eve = signed_in(parts, "Eve", (Role.employee, "sales"), app=app)
    page = f"/people/{id_of(sam)}"
    assert "Signed in at" in sam.text(page)
    assert "Signed in at" not in eve.text(page)
    token = re.search(r'name="csrf" value="([^"]+)"', eve.get(page).text)
    assert token is not None
    assert eve.http.post(f"{page}/sessions/end", data={"csrf": token.group(1)}).status_code == 403
    office.get(page)
    office.send(f"{page}/sessions/end")
    assert sam.get(page).url.path == "/sign-in"
    sam.send("/sign-in", email="sam@example.org", password=PASSWORD)
    assert sam.get(page).status_code == 200


def test_departments_form_a_tree_that_the_ai_office_grows(parts: Parts) -> None:
    app = application(parts)
    office = signed_in(parts, "Ada", OFFICE, app=app)
    assert "Only the whole organisation so far" in office.text("/departments")
    office.get("/departments/new")
    assert office.send("/departments/new", name=" ").status_code == 422
    made = office.send("/departments/new", name="Field Sales")
    assert made.url.path == "/departments/field-sales"
    office.get("/departments/new?parent=field-sales")
    assert office.send("/departments/new", name="North").url.path == "/departments/north"
    office.get("/departments/new")
    assert office.send("/departments/new", name="North").status_code == 409
    office.get("/departments/north")
    office.send("/departments/north/edit", name="North and East", region="eu")
    told = office.text("/departments/field-sales")
    assert "North and East" in told
    assert "Use cases 0" in told
    hers = signed_in(parts, "Helen", (Role.department_head, "north"), app=app)
    assert "Department head Helen" in office.text("/departments/north")
    assert "North and East" in hers.text("/departments")
    assert hers.get("/departments/field-sales").status_code == 403
    assert hers.get("/departments/new").status_code == 403
