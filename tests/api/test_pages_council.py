"""Pages of the council: set up, filled, reviewed, voted on with a condition, missed, mended."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import openpyxl
import pytest
from sqlalchemy.orm import Session

from headway import governance, portfolio
from headway.governance import council, risks
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.web import Parts
from headway.portfolio import Asked, Draft, Limits
from headway.value import projections
from tests.factories import inventory
from tests.factories.asgi import client_of
from tests.factories.council import HIGH_RISK
from tests.factories.governance import BEN, SUBJECT, SUBJECT_DIGEST, bring_evidence, open_usecase
from tests.factories.pages import Browser, application, signed_in
from tests.factories.papers import opened_by_libreoffice, printed_by_khal, soffice
from tests.factories.projections import assumptions
from tests.factories.risks import estimate

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
        body = council.get_body(session, "ai-council")
    assert (body.quorum, body.high_risk_lacks) == (3, ("risk", "validator"))
    assert "this council decides without: risk, independent validator." in ada.text("/councils/ai-council")


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
    pia.get(place)
    wrong = pia.send(f"{place}/conditions/{one.id}/give", owner="Nobody at all", reason="because")
    assert wrong.status_code == 422 and "is nobody who is active here" in wrong.text
    pia.get(place)
    assert "Given" in pia.send(f"{place}/conditions/{one.id}/give", owner="Pia", reason="Olga is ill").text
    assert "Olga is ill" in pia.text(place)
    assert "Given" in pia.send(f"{place}/conditions/{one.id}/give", owner="Olga", reason="Olga is back").text
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


def test_minutes_open_in_libreoffice_and_meetings_in_a_calendar(
    parts: Parts, crew: dict[str, Browser], tmp_path: Path
) -> None:
    soffice()
    ada, leo, pia = (crew[name] for name in ("Ada", "Leo", "Pia"))
    with parts.database.session() as session:
        item = ask(session, ada)
    soon = (clock.now() + timedelta(hours=2)).astimezone(ZoneInfo("Europe/Berlin"))
    told = {"day": f"{soon:%Y-%m-%d}", "time": f"{soon:%H:%M}", "minutes_long": "45", "place": "Room 3; the old one"}
    leo.get("/councils/ai-council")
    place = leo.send("/councils/ai-council/meetings", **told).url.path
    leo.get("/calendar")
    [address] = set(re.findall(r"/calendars/[\w-]+\.ics", leo.send("/calendar").text))
    leo.get(place)
    leo.send(f"{place}/open")
    pia.get(place)
    pia.send(f"{place}/attend", seat="privacy")
    leo.get(item)
    leo.send(f"{item}/vote", choice="no", reason="äöü & <the notice> is missing")
    for act in ("close", "minutes", "minutes/1/approve"):
        leo.get(place)
        leo.send(f"{place}/{act}", locale="en")
    word = pia.get(f"{place}/minutes/1/minutes.docx").content
    read = opened_by_libreoffice(tmp_path, {"minutes.docx": word}, "txt:Text (encoded):UTF8")["minutes.docx"]
    for part in ("AI council", "Room 3; the old one", "Lead scoring", "äöü & <the notice> is missing"):
        assert part in read, part
    with client_of(application(parts)) as anybody:
        feed = anybody.get(address).text
    ends = soon + timedelta(minutes=45)
    assert printed_by_khal(tmp_path, feed) == [
        f"{soon:%Y-%m-%d %H:%M}|{ends:%H:%M}|AI council|Room 3; the old one|CONFIRMED "
    ]


def test_the_share_that_rules_decided_and_the_age_of_all_others_are_shown(
    parts: Parts, crew: dict[str, Browser]
) -> None:
    ada, olga = crew["Ada"], crew["Olga"]
    began = clock.now()
    with parts.database.session() as session:
        open_usecase(session, slug="drafting", title="Drafts of letters")
        governance.classify(session, BEN, "drafting")
        until = (began + timedelta(days=90)).date()
        asked = governance.ask_umbrella(session, BEN, "drafting", conditions="none", tier="minimal", valid_until=until)
        governance.approve_umbrella(session, ada.actor, asked.id)
        for number in range(3):
            what = f"drafts of letters, part {number}"
            governance.register_use(session, olga.actor, asked.id, department="sales", what_for=what)
        for number in range(24):
            with clock.fixed(began - timedelta(days=30 + number)):
                open_usecase(session, slug=f"idea-{number}", title=f"Idea {number}", risk=None)
    shown, home = ada.text("/council"), ada.text("/")
    assert "75.0 % of the intake of minimal risk" in shown and "Ada approved the pattern" in shown and "All 24" in shown
    for number in range(24):
        assert f"Idea {number} waits for its tier {30 + number} days" in shown
    assert shown.index("Idea 23 ") < shown.index("Idea 0 "), "the oldest first"
    assert "75.0 %" in home and "53 days" in home and "Rules decided 75.0 %" in home


def test_a_case_shows_what_it_brings_what_it_risks_and_what_it_asks_for(parts: Parts, crew: dict[str, Browser]) -> None:
    leo = crew["Leo"]
    with parts.database.session() as session:
        place = ask(session, crew["Ada"])
    assert "What it brings, risks and takes" not in leo.text(place), "nobody wrote anything down yet"
    with parts.database.session() as session:
        projections.set_discount_rate(session, BEN, percent="9", reason="finance")
        worth = projections.project(
            session, BEN, usecase="lead-scoring", title="First", assumptions=assumptions(draws=1000)
        )
        risks.add_risk(session, BEN, usecase="lead-scoring", estimate=estimate())
        open_usecase(session, slug="churn", title="Churn")
        for name, people in (("lead-scoring", 1.5), ("churn", 2.0)):
            asked = Asked(
                budget="100 EUR", value="900 EUR", reason="two engineers", people=people, compute_hours=40, months=6
            )
            portfolio.request_resources(session, BEN, name, asked)
        limits = Limits(budget=15_000, people=1_000)
        draft = Draft(title="Spring", starts=date(2027, 1, 1), ends=date(2027, 7, 1), limits=limits)
        round_ = portfolio.draft_allocation(session, BEN, draft)
    shown, page = leo.text(place), leo.get(place).text
    assert "What it brings, risks and takes" in shown and "in four of five draws); a loss in" in shown
    assert "1 open risk; €" in shown and "40 hours of computing, 1.5 people for 6 months" in shown
    assert "In the round Spring more is asked for than there is of: budget" in shown
    for path in ("/usecases/lead-scoring/projection", "/usecases/lead-scoring/risks", f"/allocations/{round_.id}"):
        assert f'href="{path}"' in page and leo.get(path).status_code == 200, path
    whole = worth.result.npv.p50.partition(".")[0]
    assert f"€{int(whole):,}"[:-1] in shown, "the figure of the projection itself"
