"""Pages that only a simulated company has: be somebody else, take it away; in every other home they do not exist."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from headway import identity, ledger
from headway.entrypoints import wiring
from headway.entrypoints.company import marker, wishes
from headway.entrypoints.company.marker import Marker
from headway.identity import Role
from headway.kernel.errors import Conflict
from headway.kernel.web import Parts
from tests.factories.pages import HOST, Browser, application, signed_in, text_of

NAME = "Try Ltd"


@pytest.fixture
def simulated(parts: Parts) -> Parts:
    """A home that says of itself that it holds a simulated company."""
    about = Marker(name=NAME, seed=1, until="2026-01-01", scale=1.0, usecases=40, every=1, state="ready")
    marker.write(parts.settings.home, about)
    (parts.settings.home / "run").mkdir(exist_ok=True)
    return replace(parts, company=NAME)


def _two(parts: Parts) -> tuple[Browser, Browser]:
    app = application(parts)
    return (
        signed_in(parts, "Emil Employee", (Role.employee, "sales"), app=app),
        signed_in(parts, "Cora Council", (Role.council, None), app=app),
    )


def test_in_a_real_home_nobody_can_be_somebody_else(parts: Parts) -> None:
    emil, cora = _two(parts)
    assert cora.actor is not None
    assert "Simulated company" not in emil.get("/").text
    for path in ("/company/people", "/company/wipe"):
        assert emil.get(path).status_code == 404
        sent = emil.http.post(path, data={"person": cora.actor.ref.removeprefix("person:"), "name": NAME})
        assert sent.status_code == 404
    assert "Emil Employee" in emil.get("/").text


def test_one_click_makes_somebody_else_and_the_ledger_says_who_it_was(simulated: Parts) -> None:
    emil, cora = _two(simulated)
    assert emil.actor is not None and cora.actor is not None
    shown = emil.get("/usecases")
    assert "Simulated company" in shown.text and f"{NAME} and all of its people" in shown.text
    listed = emil.get("/company/people?back=/approvals", hx_request="true")
    assert "Cora Council" in listed.text and "<html" not in listed.text
    assert emil.get("/approvals").status_code == 403
    emil.get("/company/people?back=/approvals")
    changed = emil.send("/company/people", person=cora.actor.ref.removeprefix("person:"))
    assert changed.status_code == 200 and changed.url.path == "/approvals"
    assert "Signed in as Cora Council" in changed.text
    with simulated.database.session() as session:
        opened = ledger.find(session, type="session.opened", actor=cora.actor.ref).items[0]
    assert opened.payload is not None
    assert opened.payload["how"] == "company" and opened.payload["made_by"] == emil.actor.ref


def test_whoever_comes_from_elsewhere_changes_nothing(simulated: Parts) -> None:
    emil, cora = _two(simulated)
    assert cora.actor is not None
    person = cora.actor.ref.removeprefix("person:")
    for headers in ({"origin": "https://evil.example"}, {"origin": HOST}):  # another site; our own without a token
        sent = emil.http.post("/company/people", data={"person": person}, headers=headers)
        assert sent.status_code == 403
    assert emil.http.get("/company/people?back=//evil.example/").text.count("evil.example") == 0
    nobody = Browser(application(simulated))
    assert nobody.http.get("/company/people", follow_redirects=False).status_code in (303, 401)
    assert "Signed in as Emil Employee" in emil.get("/").text


def test_the_company_goes_when_its_name_is_typed(simulated: Parts) -> None:
    emil, _ = _two(simulated)
    home = simulated.settings.home
    assert "Everything here is taken away" in emil.text("/company/wipe")
    refused = emil.send("/company/wipe", name="try")
    assert refused.status_code == 422 and "type 'Try Ltd' to take it away" in text_of(refused.text)
    assert not wishes.is_asked(home)
    asked = emil.send("/company/wipe", name=NAME)
    assert asked.status_code == 200
    code = json.loads((home / wishes.WISH).read_text())["code"]
    assert f'data-then="/setup#{code}"' in asked.text
    assert (home / wishes.WISH).stat().st_mode & 0o077 == 0
    assert wishes.take(home) == code and wishes.take(home) is None


def test_a_company_whose_mark_is_gone_is_not_taken_away(simulated: Parts) -> None:
    emil, _ = _two(simulated)
    (simulated.settings.home / "demo" / "company.json").unlink()
    emil.get("/company/wipe")
    assert emil.send("/company/wipe", name=NAME).status_code == 409
    assert not wishes.is_asked(simulated.settings.home)


def test_the_pages_speak_german(simulated: Parts) -> None:
    app = application(simulated)
    emil = signed_in(simulated, "Emil", (Role.employee, "sales"), app=app, language="de")
    told = emil.text("/company/wipe")
    assert "Simulierte Firma" in told and "Neu anfangen" in told


def test_a_real_database_is_refused_in_the_home_of_a_company(simulated: Parts) -> None:
    with simulated.database.session() as session:
        identity.setup_home(session)  # recorded without the mark of a company
    with pytest.raises(Conflict, match="not that of Try Ltd"):
        wiring.build(simulated.settings, simulated.database.url)
    ledger.belong_to(None)
