"""The ledger in a browser: events, proofs, verification, erasing."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from headway import ledger
from headway.identity import Role
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.pages import Browser, signed_in, text_of


@pytest.fixture
def office(parts: Parts) -> Browser:
    return signed_in(parts, "Ada", (Role.ai_office, None))


def recorded(parts: Parts, *, personal: bool = False) -> str:
    with parts.database.session() as session:
        made = ledger.record(
            session,
            actor="service:test",
            type="lead.called",
            subject=Ref("usecase", "leads"),
            payload={"phone": "555-0199"},
            personal=personal,
        )
    ledger.sequence(parts.database, parts.storage, parts.signer)
    return made


def test_events_are_listed_with_who_and_about_what_and_lead_to_their_proof(parts: Parts, office: Browser) -> None:
    event = recorded(parts)
    shown = office.text("/ledger")
    assert "lead.called" in shown and "usecase:leads" in shown
    assert "Ada" in office.text("/ledger?type=role.")
    assert "lead.called" not in office.text("/ledger?type=role.")
    assert "lead.called" in office.text("/ledger?subject=usecase:leads")
    page = office.text(f"/ledger/{event}")
    assert "proof holds" in page and "555-0199" in page
    assert office.get("/ledger/evt_none").status_code == 404


def test_an_event_without_a_checkpoint_waits(parts: Parts, office: Browser) -> None:
    with parts.database.session() as session:
        event = ledger.record(session, actor="service:test", type="lead.called", subject=Ref("usecase", "leads"))
    assert "waits for a checkpoint" in office.text(f"/ledger/{event}")


def test_verifying_tells_what_holds(parts: Parts, office: Browser) -> None:
    recorded(parts)
    office.get("/ledger")
    report = text_of(office.send("/ledger/verify").text)
    assert "The ledger is what was signed" in report


def test_a_long_log_is_verified_as_a_job(parts: Parts, office: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(parts)
    monkeypatch.setattr("headway.entrypoints.pages.ledger.AT_ONCE", 0)
    parts.jobs.define(ledger.VERIFY, ledger.verify_job)
    office.get("/ledger")
    waiting = office.send("/ledger/verify")
    assert waiting.url.path.startswith("/ledger/verifications/")
    assert "every 1s" in waiting.text


def test_who_may_not_read_is_refused_and_who_may_not_erase_sees_no_button(parts: Parts, office: Browser) -> None:
    event = recorded(parts, personal=True)
    employee = signed_in(parts, "Emil", (Role.employee, "sales"))
    assert employee.get("/ledger").status_code == 403
    assert employee.get(f"/ledger/{event}").status_code == 403
    auditor = signed_in(parts, "Aude", (Role.auditor, None))
    shown = auditor.get(f"/ledger/{event}")
    assert "Erase…" not in text_of(shown.text)
    token = re.search(r'name="csrf" value="([^"]+)"', shown.text)
    assert token is not None
    sent = auditor.http.post(f"/ledger/{event}/erase", data={"csrf": token[1], "reason": "I want to"})
    assert sent.status_code == 403


def test_erasing_needs_a_reason_and_keeps_the_proof(parts: Parts, office: Browser) -> None:
    event = recorded(parts, personal=True)
    office.get(f"/ledger/{event}")
    refused = office.send(f"/ledger/{event}/erase", reason="")
    assert (refused.status_code, "Say why it is erased" in text_of(refused.text)) == (422, True)
    done = text_of(office.send(f"/ledger/{event}/erase", reason="asked for by the person").text)
    assert "555-0199" not in done
    assert "It was recorded as personal data and has been forgotten" in done and "proof holds" in done
    plain = recorded(parts)
    assert "Erase…" not in office.text(f"/ledger/{plain}")


def test_an_export_is_a_zip(parts: Parts, office: Browser) -> None:
    recorded(parts)
    found = office.get("/ledger/export")
    with zipfile.ZipFile(io.BytesIO(found.content)) as bundle:
        assert "leaves.jsonl" in bundle.namelist()
