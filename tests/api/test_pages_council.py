"""Pages of the council: set up, filled, reviewed, voted on with a condition, missed, mended."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import openpyxl
import pytest
from sqlalchemy.orm import Session

from headway import governance
from headway.governance import council
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.web import Parts
from tests.factories import inventory
from tests.factories.asgi import client_of
from tests.factories.council import HIGH_RISK
from tests.factories.governance import BEN, SUBJECT, SUBJECT_DIGEST, bring_evidence, open_usecase
from tests.factories.pages import Browser, application, signed_in

RULES = {"title": "AI council", "seats": ["legal", "risk", "privacy"], "quorum": "2", "required": ["legal"], "days": "7",
         "reviews": ["legal", "owner"], "chair": "legal", "tie": "chair", "zone": "Europe/Berlin", "minutes_long": "90"}  # fmt: skip


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
    home = ada.text("/")
    assert "Decided by rules, and what waits for people" in home and "0 days" in home
    assert "Waits for people, the oldest first" in ada.text("/council")
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


def test_a_council_meets_on_pages_and_its_minutes_are_approved(parts: Parts, crew: dict[str, Browser]) -> None:
    ada, leo, rita, pia = (crew[name] for name in ("Ada", "Leo", "Rita", "Pia"))
    with parts.database.session() as session:
        item = ask(session, ada)
    leo.get("/councils/ai-council")
    wrong = leo.send(
        "/councils/ai-council/meetings", dialog="meeting", day="2020-01-01", time="09:00", minutes_long="60"
    )
    assert wrong.status_code == 422 and "a meeting is in the future" in wrong.text
    soon = (clock.now() + timedelta(hours=2)).astimezone(ZoneInfo("Europe/Berlin"))
    told = {"day": f"{soon:%Y-%m-%d}", "time": f"{soon:%H:%M}", "minutes_long": "45", "place": "Room 3"}
    page = leo.send("/councils/ai-council/meetings", **told)
    place = page.url.path
    assert (
        place.startswith("/meetings/cmt_")
        and f"{soon:%H:%M} Europe/Berlin" in page.text
        and "Lead scoring" in page.text
    )
    assert "Open the meeting" not in pia.text(place) and "Open the meeting" in leo.text(place)
    number = item.removeprefix("/council/")
    leo.get(place)
    assert "legal has not read it" in leo.send(f"{place}/strike", item=number, reason="legal has not read it").text
    assert "Put it back" in leo.text(place)
    leo.send(f"{place}/agenda", item=number)
    moved = {**told, "place": "Room 4", "reason": "the room is taken"}
    assert "Room 4" in leo.send(f"{place}/move", **moved).text
    assert "The quorum is not here" in leo.send(f"{place}/open").text
    pia.get(place)
    assert "The quorum is here" in pia.send(f"{place}/attend", seat="privacy").text
    leo.get(place)
    assert "guest without a vote" in leo.send(f"{place}/attend", person="Olga").text
    assert "Close the meeting" not in rita.text(place)
    leo.get(place)
    leo.send(f"{place}/close")
    leo.send(f"{place}/minutes", locale="de")
    assert pia.get(f"{place}/minutes/1/minutes.docx").content.startswith(b"PK")
    assert pia.get(f"{place}/minutes/1/minutes.pdf").content.startswith(b"%PDF")
    leo.get(place)
    assert "approved by Leo" in leo.send(f"{place}/minutes/1/approve").text
    assert "with minutes" in pia.text("/councils/ai-council")
    ada.get("/councils/ai-council")
    other = ada.send("/councils/ai-council/meetings", **told).url.path
    assert "nobody has time" in ada.send(f"{other}/cancel", reason="nobody has time").text


def test_a_council_meets_in_a_rhythm_that_its_form_keeps(parts: Parts, crew: dict[str, Browser]) -> None:
    ada = crew["Ada"]
    ada.get("/councils/ai-council/edit")
    rhythm = {**RULES, "every_weeks": "2", "day": "2040-01-02", "time": "09:30"}
    assert "every 2 weeks" in ada.send("/councils/ai-council/edit", **rhythm).text
    form = ada.get("/councils/ai-council/edit").text
    assert 'value="2040-01-02"' in form and 'value="09:30"' in form and 'value="90"' in form
    with parts.database.session() as session:
        [meeting] = council.list_meetings(session).items
    assert meeting.starts_at == datetime(2040, 1, 2, 8, 30, tzinfo=UTC), "half past nine in Berlin"
    ada.get("/councils/ai-council/edit")
    wrong = ada.send("/councils/ai-council/edit", **{**rhythm, "zone": "Moon/Base"})
    assert wrong.status_code == 422 and "is no time zone" in wrong.text


def test_a_calendar_is_read_without_a_session_and_with_its_secret_alone(parts: Parts, crew: dict[str, Browser]) -> None:
    leo, ada = crew["Leo"], crew["Ada"]
    ada.get("/councils/ai-council")
    day = f"{clock.now() + timedelta(days=3):%Y-%m-%d}"
    ada.send("/councils/ai-council/meetings", day=day, time="09:00", minutes_long="60", place="Room 3")
    leo.get("/calendar")
    page = leo.send("/calendar")
    [address] = set(re.findall(r"/calendars/[\w-]+\.ics", page.text))
    assert address not in leo.text("/calendar"), "shown once"
    with client_of(application(parts)) as anybody:
        answer = anybody.get(address)
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert answer.headers["cache-control"] == "private, no-store"
        [event] = icalendar.Calendar.from_ical(answer.text).walk("VEVENT")
        assert (str(event["SUMMARY"]), str(event["LOCATION"])) == ("AI council", "Room 3")
        assert anybody.get("/calendars/" + "A" * 43 + ".ics").status_code == 404
        leo.get("/calendar")
        leo.send("/calendar/end")
        assert anybody.get(address).status_code == 404
