"""Pages of the council: set up, filled, reviewed, voted on with a condition, missed, mended."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy.orm import Session

from headway import governance
from headway.governance import council
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.web import Parts
from tests.factories import inventory
from tests.factories.council import HIGH_RISK
from tests.factories.governance import BEN, SUBJECT, SUBJECT_DIGEST, bring_evidence, open_usecase
from tests.factories.pages import Browser, application, signed_in

RULES = {"title": "AI council", "seats": ["legal", "risk", "privacy"], "quorum": "2", "required": ["legal"], "days": "7",
         "reviews": ["legal", "owner"], "chair": "legal", "tie": "chair"}  # fmt: skip


@pytest.fixture
def crew(parts: Parts) -> dict[str, Browser]:
    """People who are signed in, and a use case of high tier owned by Olga."""
    app = application(parts)
    found = {"Olga": signed_in(parts, "Olga", (Role.department_head, "sales"), app=app)}
    found["Ada"] = signed_in(parts, "Ada", (Role.ai_office, None), app=app)
    for name in ("Leo", "Rita", "Pia"):
        found[name] = signed_in(parts, name, (Role.council, None), app=app)
    with parts.database.session() as session:
        open_usecase(session, risk=HIGH_RISK, owner="Olga")
        bring_evidence(session)
        inventory.add_version(session, "lead-scoring", SUBJECT_DIGEST)
        governance.classify(session, BEN, "lead-scoring")
    ada = found["Ada"]
    ada.get("/councils/new")
    page = ada.send("/councils/new", **RULES)
    assert page.url.path == "/councils/ai-council", page.text
    for seat, name in (("legal", "Leo"), ("risk", "Rita"), ("privacy", "Pia")):
        page = ada.send("/councils/ai-council/seat", seat=seat, person=name, kind="holder")
        assert page.status_code == 200 and name in page.text
    return found


def ask(session: Session, browser: Browser) -> str:
    """Ask for the approval as somebody; gives the address of its item."""
    governance.request_approval(
        session, browser.actor, subject=SUBJECT, subject_digest=SUBJECT_DIGEST, environment="production",
        usecase="lead-scoring",
    )  # fmt: skip
    return f"/council/{council.list_items(session).items[0].id}"


def test_a_council_is_set_up_with_faults_beside_the_fields(parts: Parts, crew: dict[str, Browser]) -> None:
    ada = crew["Ada"]
    ada.get("/councils/new")
    wrong = ada.send("/councils/new", **{**RULES, "title": "Other", "chair": "finance", "days": "99"})
    assert wrong.status_code == 422 and "the chair&#39;s seat finance is no seat of this council" in wrong.text
    ada.get("/councils/ai-council")
    page = ada.send("/councils/ai-council/seat", seat="legal", person="Nobody at all", kind="holder")
    assert page.status_code == 422 and "is nobody who is active here" in page.text
    shown = ada.text("/council")
    assert "AI council" in shown and "Nothing is or was before the council" in shown
    ada.get("/councils/ai-council/edit")
    assert "Kept" in ada.send("/councils/ai-council/edit", **{**RULES, "quorum": "3"}).text
    with parts.database.session() as session:
        assert council.get_body(session, "ai-council").quorum == 3


def test_a_case_goes_through_on_pages_and_a_missed_condition_is_mended(parts: Parts, crew: dict[str, Browser]) -> None:
    ada, leo, rita, pia, olga = (crew[name] for name in ("Ada", "Leo", "Rita", "Pia", "Olga"))
    with parts.database.session() as session:
        place = ask(session, ada)
    assert "You take no part in this" in ada.text(place)
    assert "vote for Legal" in leo.text("/council") and "Lead scoring" in leo.text("/council")
    olga.get(place)
    assert "Reviewed" in olga.send(f"{place}/review", part="owner", supports="yes", text="the team is ready").text
    leo.get(place)
    leo.send(f"{place}/review", part="legal", supports="yes", text="lawful with notice")
    pia.get(place)
    page = pia.send(f"{place}/condition", text="tell people that a model ranks them", owner="Olga", days="0")
    assert "Proposed" in page.text
    rita.get(place)
    assert "You take no part" in rita.send(f"{place}/recuse", reason="my sister leads the vendor").text
    leo.get(place)
    refused = leo.send(f"{place}/vote", choice="yes", reason="x")
    assert refused.status_code == 422 and "write 3 to" in refused.text
    leo.get(place)
    leo.send(f"{place}/vote", choice="yes", reason="lawful with the notice")
    shown = leo.text(place)
    assert "can fill it" in shown and "Ada" in shown, "risk is empty, and the page says who mends it"
    pia.get(place)
    done = pia.send(f"{place}/vote", choice="yes", reason="with the condition")
    assert "The council said yes" in done.text and "2 yes, 0 no, 0 abstain" in done.text
    _missed_and_mended(parts, place, olga, pia)
    book = openpyxl.load_workbook(io.BytesIO(ada.get("/council?format=xlsx").content))
    cells = [cell.value for row in book.active.iter_rows() for cell in row]
    assert {"approved", "council", "2/0/0"} <= set(cells)
    assert "Dissent" not in leo.text(place) and "Leo voted yes for legal" in leo.text(place)


def _missed_and_mended(parts: Parts, place: str, olga: Browser, pia: Browser) -> None:
    with parts.database.session() as session:
        [one] = council.list_conditions(session)
    with parts.database.session() as session:
        assert council.missed_of(session, ["lead-scoring"]), "it was due with the decision"
    assert "missed" in olga.text("/council")
    olga.get(place)
    assert "Shown" in olga.send(f"{place}/conditions/{one.id}/met", reason="the notice is on the page").text
    pia.get(place)
    assert "Accepted" in pia.send(f"{place}/conditions/{one.id}/accept", reason="seen it there").text
    with parts.database.session() as session:
        assert council.missed_of(session, ["lead-scoring"]) == {}


def test_a_vote_is_handed_on_and_taken_back(parts: Parts, crew: dict[str, Browser]) -> None:
    ada, leo = crew["Ada"], crew["Leo"]
    leo.get("/councils/ai-council")
    until = f"{clock.now() + timedelta(days=9):%Y-%m-%d}"
    page = leo.send("/councils/ai-council/delegate", seat="legal", taker="Pia", until=until)
    assert "Leo lets Pia vote until" in page.text
    with parts.database.session() as session:
        [given] = council.get_body(session, "ai-council").delegations
    page = leo.send(f"/councils/ai-council/delegations/{given.id}/end")
    assert "Leo lets Pia vote" not in page.text
    assert ada.get("/council").status_code == 200
    refused = leo.send("/councils/ai-council/delegate", seat="legal", taker="Pia", until="2020-01-01")
    assert refused.status_code == 422 and "within 90 days" in refused.text
