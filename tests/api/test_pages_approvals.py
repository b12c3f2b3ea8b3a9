"""Pages on which a version is promoted: one person asks, another one decides, the gate signs, everything stays readable."""

from __future__ import annotations

import json

import pytest
from fastapi import FastAPI

from headway import governance
from headway.identity import Role
from headway.kernel.web import Parts
from tests.factories import inventory
from tests.factories.governance import BEN, SUBJECT_DIGEST, ask, bring_evidence, open_usecase
from tests.factories.pages import Browser, application, signed_in, text_of

PROMOTE = "/usecases/lead-scoring/promote"


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    """The application, with a use case whose version lacks nothing but a second person's yes."""
    with parts.database.session() as session:
        open_usecase(session)
        bring_evidence(session)
        inventory.add_version(session, "lead-scoring", SUBJECT_DIGEST)
        governance.classify(session, BEN, "lead-scoring")
    return application(parts)


@pytest.fixture
def dana(parts: Parts, app: FastAPI) -> Browser:
    """A data scientist of sales, who may ask."""
    return signed_in(parts, "Dana", (Role.data_scientist, "sales"), app=app)


@pytest.fixture
def cora(parts: Parts, app: FastAPI) -> Browser:
    """A member of the council for sales, who may decide."""
    return signed_in(parts, "Cora", (Role.council, "sales"), app=app)


def asked(dana: Browser) -> str:
    """Dana asks for production; gives the address of the approval."""
    dana.get(PROMOTE)
    page = dana.send(PROMOTE, environment="production")
    assert page.url.path.startswith("/releases/"), page.text
    return next(part.split('"')[0] for part in page.text.split('href="') if part.startswith("/approvals/apr_"))


def test_one_asks_and_another_approves_and_the_gate_signs(dana: Browser, cora: Browser, parts: Parts) -> None:
    assert "Only the approval is missing" in dana.text(PROMOTE)
    address = asked(dana)
    own = dana.text(address)
    assert "You asked for it yourself, somebody else must approve" in own
    assert f'action="{address}/approve"' not in dana.get(address).text
    assert "Waiting for you 1 request" in cora.text("/approvals")
    page = cora.get(address)
    assert "Rows it was tested on" not in page.text  # this version's report does not say
    assert "ROC AUC" in page.text
    empty = cora.send(f"{address}/approve", reason=" ")
    assert empty.status_code == 422
    assert "give a reason" in empty.text
    done = cora.send(f"{address}/approve", reason="Evidence read, figures hold")
    assert "Released into production" in done.text
    assert "Evidence read, figures hold" in done.text
    with parts.database.session() as session:
        verdict = governance.list_verdicts(session, usecase="lead-scoring").items[0]
    shown = cora.text(f"/verdicts/{verdict.id}")
    assert "signature holds" in shown
    assert "Evidence read, figures hold" in shown
    envelope = cora.get(f"/verdicts/{verdict.id}/envelope")
    assert json.loads(envelope.content)["payloadType"]
    assert "attachment" in envelope.headers["content-disposition"]


def test_a_refused_answer_opens_its_own_dialog_again_and_says_why_in_it(dana: Browser, cora: Browser) -> None:
    address = asked(dana)
    cora.get(address)
    again = cora.send(f"{address}/reject", reason=" ").text
    assert again.count("data-reopen") == 1, "the other dialog stays closed"
    dialog = again.partition('<dialog id="reject"')[2].partition("</dialog>")[0]
    assert "data-reopen" in dialog.partition(">")[0]
    assert 'role="alert"' in dialog
    assert 'id="e-why-reject"' in dialog
    assert "e-why-approve" not in again


def test_under_a_quorum_of_two_the_gate_opens_at_the_second_yes(
    dana: Browser, cora: Browser, parts: Parts, app: FastAPI
) -> None:
    office = signed_in(parts, "Ada", (Role.ai_office, None), app=app)
    carl = signed_in(parts, "Carl", (Role.council, "sales"), app=app)
    office.get("/policies")
    set_ = office.send("/policies/quorum", production="2", reason="Customers are affected")
    assert "The quorum is set" in set_.text and "set by Ada" in text_of(set_.text)
    assert "2 other people decide" in dana.text(PROMOTE)
    address = asked(dana)
    release = dana.shown.url.path  # type: ignore[union-attr]
    for browser in (cora, carl):
        assert "0 of 2 said yes" in browser.text("/approvals")
    cora.get(address)
    first = cora.send(f"{address}/approve", reason="Evidence read")
    told = text_of(first.text)
    assert "Your yes is kept: 1 of 2" in told and "1 of 2 said yes" in told and "1 more person must say yes" in told
    assert "Cora" in told and "Evidence read" in told and "You said yes" in told
    assert f'action="{address}/approve"' not in first.text and f'action="{address}/reject"' in first.text
    assert "Nothing waits for your answer" in cora.text("/approvals")
    assert "Nothing waits for you" in cora.text("/")
    assert f'action="{release}/approvals"' not in cora.get(release).text
    assert "1 of 2 said yes" in cora.text(release)
    forged = cora.http.post(f"{address}/approve", data={"csrf": csrf_of(first.text), "reason": "twice"})
    assert forged.status_code == 409 and governance_state(parts, address) == "requested"
    with parts.database.session() as session:
        assert governance.list_verdicts(session, usecase="lead-scoring").items == ()
        assert ask(session).result == "block"
    assert "1 of 2 said yes" in carl.text("/approvals") and "1 of 2 said yes" in carl.text("/")
    assert "1 of 2 said yes" in dana.text("/usecases/lead-scoring/work")
    carl.get(address)
    done = carl.send(f"{address}/approve", reason="Figures hold")
    assert "Released into production" in done.text and "2 of 2 said yes" in done.text
    with parts.database.session() as session:
        verdict = governance.list_verdicts(session, usecase="lead-scoring").items[0]
    shown = carl.text(f"/verdicts/{verdict.id}")
    assert "2 of 2 said yes" in shown and "Evidence read" in shown and "Figures hold" in shown


def test_a_no_after_a_yes_ends_it_and_both_stay_readable(
    dana: Browser, cora: Browser, parts: Parts, app: FastAPI
) -> None:
    carl = signed_in(parts, "Carl", (Role.council, "sales"), app=app)
    with parts.database.session() as session:
        governance.set_quorum(session, BEN, "production", needed=2, reason="customers are affected")
    address = asked(dana)
    cora.get(address)
    cora.send(f"{address}/approve", reason="Evidence read")
    carl.get(address)
    no = text_of(carl.send(f"{address}/reject", reason="Test it on the south first").text)
    assert "1 of 2 said yes" in no and "Evidence read" in no and "Test it on the south first" in no
    assert governance_state(parts, address) == "rejected"


def test_the_quorum_is_refused_by_the_form_as_by_the_rules(cora: Browser, parts: Parts, app: FastAPI) -> None:
    office = signed_in(parts, "Ada", (Role.ai_office, None), app=app)
    office.get("/policies")
    for production, reason in (("0", "nobody"), ("10", "everybody"), ("two", "words"), ("", "none"), ("2", " ")):
        shown = office.send("/policies/quorum", production=production, reason=reason)
        assert shown.status_code == 422, production
    assert "between 1 and 9" in office.send("/policies/quorum", pilot="3", production="0", reason="half").text
    with parts.database.session() as session:
        assert [one.needed for one in governance.list_quorums(session)] == [1, 1], "all or nothing"
    shown = office.send("/policies/quorum", pilot="1", production="4", reason="Customers are affected")
    assert "Production needs 4, and fewer may decide in" in text_of(shown.text), "told, and not refused"
    page = cora.get("/policies")
    assert "Quorum: how many must say yes" in page.text and 'action="/policies/quorum"' not in page.text
    forged = cora.http.post("/policies/quorum", data={"csrf": csrf_of(page.text), "pilot": "1", "production": "1"})
    assert forged.status_code == 403


def test_who_asked_cannot_approve_even_by_a_forged_form(parts: Parts, app: FastAPI) -> None:
    office = signed_in(parts, "Ada", (Role.ai_office, None), app=app)
    address = asked(office)
    page = office.get(address)
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    answer = office.http.post(f"{address}/approve", data={"csrf": csrf, "reason": "I trust myself"})
    assert answer.status_code == 403
    assert governance_state(parts, address) == "requested"
    assert "Nothing waits for your answer" in office.text("/approvals")


def test_what_changed_since_is_said_and_cannot_be_approved(dana: Browser, cora: Browser, parts: Parts) -> None:
    address = asked(dana)
    with parts.database.session() as session:
        bring_evidence(session, changed={"eval_report": {"roc_auc": 0.99}})
    page = cora.get(address)
    assert "It can no longer be approved as it stands" in page.text
    assert "new since it was asked" in page.text
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    stale = cora.http.post(f"{address}/approve", data={"csrf": csrf, "reason": "fine"})
    assert stale.status_code == 409
    assert governance_state(parts, address) == "requested"


def test_a_rejection_keeps_its_reason_and_own_requests_can_be_taken_back(dana: Browser, cora: Browser) -> None:
    address = asked(dana)
    cora.get(address)
    no = cora.send(f"{address}/reject", reason="Test it on the south first")
    assert "Test it on the south first" in no.text
    assert "Rejected" in no.text
    again = asked(dana)
    assert again != address
    dana.get(again)
    assert "rejected" in dana.send(f"{again}/reject", reason="Wrong version").text


def test_held_at_the_gate_then_asked_again(dana: Browser, parts: Parts, app: FastAPI) -> None:
    with parts.database.session() as session:
        bring_evidence(session, changed={"leakage_report": {"suspects_open": 1, "open_columns": '["won"]'}})
    office = signed_in(parts, "Ada", (Role.ai_office, None), app=app)
    address = asked(dana)
    office.get(address)
    held = office.send(f"{address}/approve", reason="The column is known beforehand")
    assert "The gate does not let it in yet" in held.text
    release = next(part.split('"')[0] for part in held.text.split('href="') if part.startswith("/releases/"))
    assert "Approved, and held at the gate" in office.text(release)
    blocked = office.send(f"{release}/gate")
    assert blocked.status_code == 409
    assert "No column suspected of telling the answer is left unresolved" in blocked.text


def test_a_released_version_is_revoked_for_good(dana: Browser, cora: Browser, parts: Parts, app: FastAPI) -> None:
    address = asked(dana)
    release = dana.shown.url.path  # type: ignore[union-attr]
    cora.get(address)
    cora.send(f"{address}/approve", reason="Evidence read")
    assert "/revocation" not in cora.get(release).text
    operator = signed_in(parts, "Otto", (Role.operator, "sales"), app=app)
    operator.get(release)
    stopped = operator.send(f"{release}/revocation", reason="It learnt from a leak")
    assert "It learnt from a leak" in stopped.text
    assert "Revoked" in stopped.text


def test_readers_see_and_strangers_do_not(dana: Browser, parts: Parts, app: FastAPI) -> None:
    address = asked(dana)
    release = dana.shown.url.path  # type: ignore[union-attr]
    auditor = signed_in(parts, "Rita", (Role.auditor, None), app=app)
    assert "You can read this, and cannot decide it" in auditor.text(address)
    assert auditor.get(PROMOTE).status_code == 403
    stranger = signed_in(parts, "Sven", (Role.department_head, "hr"), app=app)
    for path in (address, release):
        assert stranger.get(path).status_code == 403
    assert "Lead scoring" not in stranger.text("/approvals")
    assert stranger.get("/approvals/apr_nothing").status_code == 404


def test_policies_show_each_control_with_source_and_confidence(parts: Parts, app: FastAPI) -> None:
    office = signed_in(parts, "Ada", (Role.ai_office, None), app=app)
    assert "EU AI Act, classification and release" in office.text("/policies")
    page = office.text("/policies/eu-ai-act-core")
    assert "AIA Art. 5" in page
    assert "checked with the source" in page
    assert "Rules for the tier" in page
    assert "failed: AIA-50-1; does not apply: AIA-9" in page
    with parts.database.session() as session:
        digest = governance.get_pack(session, "headway-core").digest
    assert "in force" in office.text(f"/policies/headway-core?digest={digest}")
    assert office.get("/policies/nowhere").status_code == 404
    assert signed_in(parts, "Otto", app=app).get("/policies").status_code == 403


def csrf_of(page: str) -> str:
    return page.split('name="csrf" value="')[1].split('"', maxsplit=1)[0]


def governance_state(parts: Parts, address: str) -> str:
    with parts.database.session() as session:
        return governance.get_approval(session, address.rpartition("/")[2]).state.value
