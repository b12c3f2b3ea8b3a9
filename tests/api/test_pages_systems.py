"""Pages of systems and vendors: what they show to whom, forms with faults and without, what a system settles on the risk page."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest

from headway import governance, identity
from headway.identity import Role
from headway.kernel.web import Parts
from tests.factories.governance import ANA, MINIMAL_RISK, open_usecase
from tests.factories.pages import Browser, application, signed_in, text_of
from tests.factories.serving import deployed, prepare_keys, published, released
from tests.factories.systems import open_system, open_vendor

OFFICE = (Role.ai_office, None)
UNASKED = {name: value for name, value in MINIMAL_RISK.items() if name != "generates_content"}


@pytest.fixture
def office(parts: Parts) -> Browser:
    with parts.database.session() as session:
        identity.ensure_department(session, ANA, "sales")
        open_usecase(session, risk=UNASKED)
    return signed_in(parts, "Ada", OFFICE)


def test_empty_registers_teach_and_lead_on(office: Browser) -> None:
    systems = office.text("/systems")
    assert "No systems yet" in systems and "Write down a system" in systems and "Vendors" in systems
    assert "No vendors yet" in office.text("/vendors")
    assert 'aria-current="page"' in office.get("/vendors").text


def test_a_vendor_is_written_down_completed_and_assessed(office: Browser) -> None:
    office.get("/vendors/new")
    again = office.send("/vendors/new", name="")
    assert again.status_code == 422 and "A vendor needs a name" in text_of(again.text)
    office.get("/vendors/new")
    bad = office.send("/vendors/new", name="Acme AG", contract_ends="soon")
    assert bad.status_code == 422 and "write a day as 2026-12-31" in text_of(bad.text) and "Acme AG" in bad.text
    office.get("/vendors/new")
    made = office.send("/vendors/new", name="Acme AG", supplies="scores", contract_ends="2027-12-31")
    assert made.url.path == "/vendors/acme-ag"
    shown = text_of(made.text)
    assert "Write the exit plan" in shown and "Have it assessed" in shown and "Nobody has attested one yet" in shown
    saved = office.send("/vendors/acme-ag/edit", exit_plan="by hand", contact="Kim")
    assert "by hand" in saved.text and "Write the exit plan" not in text_of(saved.text)
    assessed = office.send("/vendors/acme-ag/assess", files={"document": ("a.pdf", b"read it all")})
    told = text_of(assessed.text)
    assert "Counts until" in told and "Not in order" not in told
    office.get("/vendors/new")
    taken = office.send("/vendors/new", name="Acme AG")
    assert taken.status_code == 409 and "exists" in text_of(taken.text)


def test_a_system_is_written_down_linked_and_fills_in_the_risk_facts(parts: Parts, office: Browser) -> None:
    with parts.database.session() as session:
        open_vendor(session)
        governance.classify(session, ANA, "lead-scoring")
    office.get("/systems/new?vendor=acme&usecase=lead-scoring")
    refused = office.send("/systems/new", title="Word maker", kind="vendor_supplied", vendor="")
    assert refused.status_code == 422 and "name the vendor" in text_of(refused.text)
    made = office.send("/systems/new", title="Word maker", kind="generative", vendor="acme")
    assert made.url.path == "/systems/word-maker"
    shown = text_of(made.text)
    assert "Lead scoring" in shown and "It generates text, pictures, sound or video: yes" in shown
    assert "transparency duties" in shown
    risk = office.get("/usecases/lead-scoring/risk").text
    told = text_of(risk)
    assert "from the system Word maker , the vendor Acme" in " ".join(told.split()).replace(" ,", " ,")
    assert 'name="vendor_supplied"' not in risk and 'name="generates_content"' not in risk
    assert 'name="departments"' in risk and "from the department" in told
    kept = office.send("/usecases/lead-scoring/risk", departments="hr", then="keep")
    assert "Saved" in text_of(kept.text)
    page = office.text("/usecases/lead-scoring")
    assert "Word maker" in page and "generative" in page
    gone = office.send("/systems/unlink", system="word-maker", usecase="lead-scoring")
    assert gone.url.path == "/usecases/lead-scoring" and "is unknown again" in text_of(gone.text)
    back = office.send("/systems/link", usecase="lead-scoring", system="word-maker")
    assert back.url.path == "/usecases/lead-scoring" and "is filled in" in text_of(back.text)


def test_what_people_said_otherwise_is_told_where_one_links(parts: Parts, office: Browser) -> None:
    with parts.database.session() as session:
        governance.update_usecase(session, ANA, "lead-scoring", changes={}, risk={"vendor_supplied": False})
        open_vendor(session)
        open_system(session)
    office.get("/usecases/lead-scoring")
    refused = office.send("/systems/link", system="scorer")
    told = text_of(refused.text)
    assert refused.status_code == 409 and "vendor_supplied is yes" in told and "vendor_supplied=unknown" in told
    office.get("/usecases/lead-scoring")
    assert "Choose one" in text_of(office.send("/systems/link", system="").text)


def test_retiring_asks_for_a_reason_and_says_what_is_in_the_way(parts: Parts, office: Browser) -> None:
    with parts.database.session() as session:
        open_vendor(session)
        open_system(session, usecases=["lead-scoring"])
    office.get("/vendors/acme")
    refused = office.send("/vendors/acme/retire", reason="over")
    assert refused.status_code == 409 and "still supplies scorer" in refused.text
    office.get("/systems/scorer")
    assert "still rest on scorer" in office.send("/systems/scorer/retire", reason="over").text
    office.get("/systems/scorer")
    office.send("/systems/unlink", usecase="lead-scoring")
    office.get("/systems/scorer")
    assert "Retired" in text_of(office.send("/systems/scorer/retire", reason="replaced").text)
    office.get("/vendors/acme")
    assert office.send("/vendors/acme/retire", reason="").status_code == 422
    assert "the contract ended" in text_of(office.send("/vendors/acme/retire", reason="the contract ended").text)
    assert "Taken up again" in text_of(office.send("/vendors/acme/reopen", reason="back").text)
    office.get("/systems/scorer")
    assert "Taken up again" in text_of(office.send("/systems/scorer/reopen", reason="back").text)
    changed = office.send("/systems/scorer/edit", title="Better", kind="own")
    assert changed.status_code == 422 and "has no vendor" in text_of(changed.text) and "Better" in changed.text
    assert "Saved" in text_of(office.send("/systems/scorer/edit", vendor="").text)


def test_lists_are_narrowed_and_taken_away(parts: Parts, office: Browser) -> None:
    with parts.database.session() as session:
        open_vendor(session)
        open_vendor(session, "bolt", contract_ends=None)
        open_system(session, usecases=["lead-scoring"])
        open_system(session, "writer", kind="generative", vendor="bolt")
    assert "Writer" not in office.text("/systems?vendor=acme") and "Scorer" in office.text(
        "/systems?kind=vendor_supplied"
    )
    book = openpyxl.load_workbook(BytesIO(office.get("/vendors?format=xlsx").content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0][0] == "Name" and [row[0] for row in rows[1:]] == ["Acme", "Bolt"]
    assert "have it assessed" in str(rows[1][-1])
    assert "Scorer,from a vendor,acme,1" in office.get("/systems?format=csv").text
    assert "writer" in office.text("/search?q=writer").lower()


def test_pages_show_versions_by_digest_what_runs_and_the_kill_switch_to_those_who_may(parts: Parts) -> None:
    prepare_keys(parts)
    with parts.database.session() as session:
        identity.ensure_department(session, ANA, "sales")
        open_usecase(session)
        governance.classify(session, ANA, "lead-scoring")
        open_vendor(session)
        open_system(session, usecases=["lead-scoring"])
    subject = released(parts)
    deployed(parts, subject)
    app = application(parts)
    operator = signed_in(parts, "Otto", (Role.operator, None), app=app)
    system = operator.text("/systems/scorer")
    assert subject.removeprefix("sha256-")[:8] in system and "sandbox" in system and "leads" in system
    vendor = operator.get("/vendors/acme").text
    assert "/kill-switch?vendor=acme" in vendor and "leads" in text_of(vendor)
    assert "1 deployment would stop" in operator.text("/kill-switch?vendor=acme")
    done = operator.send("/kill-switch", reason="their data leaked")
    assert done.url.path == "/vendors/acme" and "Stopped: 1" in text_of(done.text)
    assert published(parts).deployments["leads"].state == "suspended"
    stranger = signed_in(parts, "Hugo", (Role.department_head, "hr"), app=app)
    seen = stranger.get("/vendors/acme").text
    assert "/kill-switch" not in seen and "1 use case that you may not see" in text_of(seen)
    assert "Nothing that you may see is at work" in text_of(seen)
    assert stranger.get("/kill-switch?vendor=acme").status_code == 403
    assert stranger.get("/vendors/new").status_code == 403
    nobody = signed_in(parts, "Nina", app=app)
    assert nobody.get("/vendors").status_code == nobody.get("/systems/scorer").status_code == 403
    auditor = signed_in(parts, "Rita", (Role.auditor, None), app=app)
    assert "kill_switch.pulled" in auditor.text("/ledger")
