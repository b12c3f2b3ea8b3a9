"""Pages of waivers: somebody asks, another person of the AI office grants, every report shows it, the register keeps it."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from fastapi import FastAPI

from headway import governance
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.web import Parts
from tests.factories import inventory
from tests.factories.governance import ANA, BEN, SUBJECT_DIGEST, bring_evidence, open_usecase
from tests.factories.pages import Browser, application, signed_in

NEW = "/waivers/new?usecase=lead-scoring&environment=production"
SAID = {
    "control": "headway-core/HW-PARITY",
    "reason": "the parity job waits for a repair",
    "compensation": "two analysts compare 200 answers a day",
    "days": "12",
}


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    """The application, with a use case whose version lacks its parity report."""
    with parts.database.session() as session:
        open_usecase(session)
        bring_evidence(session, without=("parity_report",))
        inventory.add_version(session, "lead-scoring", SUBJECT_DIGEST)
        governance.classify(session, BEN, "lead-scoring")
    return application(parts)


@pytest.fixture
def dana(parts: Parts, app: FastAPI) -> Browser:
    """A data scientist of sales, who may ask."""
    return signed_in(parts, "Dana", (Role.data_scientist, "sales"), app=app)


@pytest.fixture
def olga(parts: Parts, app: FastAPI) -> Browser:
    """Somebody of the AI office, who may grant."""
    return signed_in(parts, "Olga", (Role.ai_office, None), app=app)


def asked(browser: Browser, **changed: str) -> str:
    """Ask for a waiver; gives its address."""
    browser.get(NEW)
    page = browser.send("/waivers/new", **{**SAID, **changed})
    assert page.url.path.startswith("/waivers/wvr_"), page.text
    return page.url.path


def test_one_asks_another_grants_and_every_report_names_it(dana: Browser, olga: Browser, parts: Parts) -> None:
    assert "Nothing is or was waived" in dana.text("/waivers")
    blocked = dana.get("/usecases/lead-scoring/evidence?environment=production")
    assert NEW.replace("&", "&amp;") in blocked.text
    assert "HW-PARITY: " in dana.text(NEW) and "(blocks now)" in dana.text(NEW)
    assert "HW-TWO-PEOPLE" not in dana.text(NEW)
    address = asked(dana)
    own = dana.text(address)
    assert "You asked for it yourself, somebody else must decide" in own
    assert f'action="{address}/grant"' not in dana.get(address).text
    assert "Waiting for you 1 request" in olga.text("/waivers")
    olga.get(address)
    done = olga.send(f"{address}/grant", reason="enough for twelve days", days="10")
    assert "Waived until" in done.text and "enough for twelve days" in done.text
    waiver = address.rpartition("/")[2]
    shown = dana.get("/usecases/lead-scoring/evidence?environment=production").text
    assert "It rests on 1 exception" in shown and waiver in shown and SAID["compensation"] in shown
    assert "1 waiver is in force" in dana.text("/usecases/lead-scoring")
    assert "It rests on 1 exception" in dana.text("/usecases/lead-scoring/promote")


def test_the_verdict_the_release_and_the_approval_show_what_they_rest_on(
    dana: Browser, olga: Browser, parts: Parts
) -> None:
    address = asked(dana)
    olga.get(address)
    olga.send(f"{address}/grant", reason="enough for twelve days")
    dana.get("/usecases/lead-scoring/promote")
    release = dana.send("/usecases/lead-scoring/promote", environment="production")
    assert "It rests on 1 exception" in release.text
    approval = next(part.split('"')[0] for part in release.text.split('href="') if part.startswith("/approvals/apr_"))
    assert "It rests on 1 exception" in olga.text(approval)
    olga.send(f"{approval}/approve", reason="read, with the waiver")
    with parts.database.session() as session:
        verdict = governance.list_verdicts(session, usecase="lead-scoring").items[0]
        waiver = governance.get_waiver(session, address.rpartition("/")[2])
    assert (verdict.result, verdict.exceptions, verdict.serve_until) == ("warn", (waiver.id,), waiver.ends_at)
    text = dana.text(f"/verdicts/{verdict.id}")
    assert "It rests on 1 exception" in text and "signature holds" in text and "waived" in text


def test_what_is_wrong_is_said_at_the_field_and_kept(dana: Browser) -> None:
    dana.get(NEW)
    again = dana.send("/waivers/new", **{**SAID, "days": "31", "reason": "short"})
    assert again.status_code == 422
    assert "1 to 30 days" in again.text and "reason: write 10" in again.text and SAID["compensation"] in again.text
    dana.get(NEW)
    never = dana.send("/waivers/new", **{**SAID, "control": "headway-core/HW-TWO-PEOPLE"})
    assert never.status_code == 409 and "can never be waived" in never.text


def test_it_is_ended_early_and_taken_back(dana: Browser, olga: Browser) -> None:
    first = asked(dana)
    olga.get(first)
    olga.send(f"{first}/grant", reason="for this once")
    ended = olga.send(f"{first}/end", reason="the job runs again")
    assert "Ended: the control blocks again" in ended.text and "the job runs again" in ended.text
    second = asked(dana)
    assert "Number for this control 2" in dana.text(second)
    taken = dana.send(f"{second}/reject", reason="not needed any more")
    assert "Rejected; the reason is kept with it" in taken.text


def test_the_register_tells_what_ends_soon_what_is_over_and_what_became_the_rule(
    dana: Browser, olga: Browser, parts: Parts
) -> None:
    now = clock.now()
    for days in (50, 25, 0):
        with parts.database.session() as session, clock.fixed(now - timedelta(days=days)):
            wanted = governance.request_waiver(
                session, ANA, usecase="lead-scoring", environment="production", pack="headway-core", control="HW-PARITY",
                days=6, reason=SAID["reason"], compensation=SAID["compensation"],
            )  # fmt: skip
            governance.grant_waiver(session, BEN, wanted.id, "once more")
    text = dana.text("/waivers")
    assert "The exception has become the rule" in text and "3 in a row" in text
    assert "1 waiver ends within a week" in text
    over = dana.text("/waivers?standing=over")
    assert "1 to 2 of 2" in over
    found = dana.get("/waivers?format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(found.content)).worksheets[0]
    cells = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert {"headway-core/HW-PARITY", SAID["compensation"], SAID["reason"], "ending", "over"} <= cells


def test_who_may_not_see_gates_sees_no_waivers(parts: Parts, app: FastAPI, dana: Browser) -> None:
    address = asked(dana)
    stranger = signed_in(parts, "Emil", (Role.employee, "sales"), app=app)
    for path in ("/waivers", address, NEW):
        assert stranger.get(path).status_code == 403, path
    elsewhere = signed_in(parts, "Hugo", (Role.department_head, "hr"), app=app)
    assert "Nothing is or was waived" in elsewhere.text("/waivers") and elsewhere.get(address).status_code == 403
