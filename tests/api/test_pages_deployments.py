"""Deployments and decisions in a browser: what is shown to whom, what each form does and refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from headway import catalog, identity, ledger, serving
from headway.identity import Role
from headway.kernel.web import Parts
from tests.factories.pages import Browser, signed_in, text_of
from tests.factories.serving import RECORD, SmallNode, deployed, granted, prepare_keys, published, released

PAGE = "/deployments/leads?environment=sandbox"


@pytest.fixture
def live(parts: Parts) -> Parts:
    prepare_keys(parts)
    deployed(parts, released(parts))
    return parts


@pytest.fixture
def operator(live: Parts) -> Browser:
    return signed_in(live, "Opal", (Role.operator, "sales"))


def decided(live: Parts, folder: Path, count: int = 3) -> list[str]:
    """Decisions that were made, shipped and taken in."""
    granted(live)
    serving.publish_due(live)
    node = SmallNode(live, folder / "node")
    made = [name for name, _ in node.decide("leads", [RECORD] * count)]
    node.ship()
    serving.take_in(live.database, live.storage, catalog.lake_of(live), node.key)
    return made


def test_a_list_shows_what_a_role_reaches(live: Parts, operator: Browser) -> None:
    assert "leads sandbox active" in operator.text("/deployments")
    assert "Deploy a version" in operator.text("/deployments")
    elsewhere = signed_in(live, "Fynn", (Role.operator, "finance"))
    assert "Nothing is deployed yet" in elsewhere.text("/deployments")
    assert elsewhere.get(PAGE).status_code == 403
    nobody = signed_in(live, "Nora")
    assert nobody.get(PAGE).status_code == 403
    assert operator.get("/deployments/leads?environment=production").status_code == 404
    assert operator.get("/deployments/none").status_code == 404


def test_the_kill_switch_shows_what_would_stop_and_stops_it(live: Parts, operator: Browser) -> None:
    assert "Kill switch…" in operator.text("/usecases/lead-scoring") and "Kill switch…" in operator.text(
        "/departments/sales"
    )
    shown = operator.text("/kill-switch?usecase=lead-scoring")
    assert "1 deployment would stop" in shown and "leads sandbox" in shown
    again = operator.send("/kill-switch", reason=" ")
    assert (
        again.status_code == 422
        and "reason is needed" in text_of(again.text)
        and "1 deployment would stop" in text_of(again.text)
    )
    done = operator.send("/kill-switch", reason="it harms people")
    assert done.url.path == "/usecases/lead-scoring" and "Stopped: 1" in text_of(done.text)
    assert "suspended" in operator.text(PAGE) and published(live).deployments["leads"].state == "suspended"
    assert "Nothing is at work here" in operator.text("/kill-switch?department=sales")
    assert "kill_switch.pulled" in signed_in(live, "Rita", (Role.auditor, None)).text("/ledger")
    scientist = signed_in(live, "Dora", (Role.data_scientist, "sales"))
    assert scientist.get("/kill-switch?usecase=lead-scoring").status_code == 403
    assert "Kill switch…" not in scientist.text("/usecases/lead-scoring")
    assert operator.get("/kill-switch").status_code == 422


def test_a_page_says_what_decides_and_offers_only_what_is_allowed(live: Parts, operator: Browser) -> None:
    shown = operator.text(PAGE)
    assert "hold out" in shown and "champion" in shown
    assert "http://127.0.0.1:8470/v1/decisions/leads" in shown
    for offered in ("Suspend…", "Limit…", "Retire…", "Make a token", "Import outcomes", "Try it"):
        assert offered in shown
    auditor = signed_in(live, "Aude", (Role.auditor, "sales"))
    shown = auditor.text(PAGE)
    for offered in ("Suspend…", "Limit…", "Retire…", "Make a token", "Import outcomes", "Try it"):
        assert offered not in shown


def test_suspending_and_resuming_tell_nodes_and_need_a_reason(live: Parts, operator: Browser) -> None:
    operator.get(PAGE)
    refused = operator.send("/deployments/leads/suspend", suspend_reason=" ")
    assert refused.status_code == 422
    assert "a reason is needed" in text_of(refused.text)
    done = operator.send("/deployments/leads/suspend", suspend_reason="drift in the leads")
    assert done.status_code == 200
    assert "Suspended; nodes follow within seconds" in text_of(done.text)
    assert published(live).deployments["leads"].state == "suspended"
    assert "drift in the leads" in operator.text(PAGE)
    operator.send("/deployments/leads/resume", resume_reason="looked at it")
    assert published(live).deployments["leads"].state == "active"
    with live.database.session() as session:
        told = ledger.find(session, subject="deployment:sandbox/leads", type="deployment.suspended").items
    assert [one.actor for one in told] == [operator.actor.ref if operator.actor else ""]


def test_who_may_not_change_is_refused_whatever_they_send(live: Parts, operator: Browser) -> None:
    auditor = signed_in(live, "Aude", (Role.auditor, "sales"))
    auditor.get("/settings")
    token = re.search(r'name="csrf" value="([^"]+)"', auditor.get("/deployments").text)
    assert token is not None
    sent = {"csrf": token[1], "environment": "sandbox", "suspend_reason": "I say so", "service": "crm"}
    for verb in ("suspend", "retire", "limit", "grants", "outcomes"):
        assert auditor.http.post(f"/deployments/leads/{verb}", data=sent).status_code == 403, verb
    with live.database.session() as session:
        assert serving.get_deployment(session, "leads", "sandbox").state == "active"


def test_a_limit_keeps_what_was_typed_when_it_is_refused(live: Parts, operator: Browser) -> None:
    operator.get(PAGE)
    refused = operator.send("/deployments/leads/limit", decisions_per_day="5000")
    assert refused.status_code == 409
    assert "at most 1000 decisions a day" in text_of(refused.text)
    assert 'value="5000"' in refused.text
    operator.send("/deployments/leads/limit", decisions_per_day="7")
    assert published(live).deployments["leads"].limits.decisions_per_day == 7


def test_a_token_is_shown_once_with_a_command_and_can_be_revoked(live: Parts, operator: Browser) -> None:
    operator.get(PAGE)
    made = operator.send("/deployments/leads/grants", service="crm", days="30", outcomes="true")
    assert made.status_code == 201
    found = re.search(r"hwy_[A-Za-z0-9_]+", text_of(made.text))
    assert found is not None
    assert f"Authorization: Bearer {found[0]}" in text_of(made.text)
    assert identity.token_hash(found[0]) in published(live).grants
    shown = operator.get(PAGE)
    assert found[0] not in shown.text
    assert "crm" in text_of(shown.text)
    for _ in range(2):
        operator.get(PAGE)
        operator.send("/deployments/leads/grants/revoke")
    assert published(live).grants == {}
    operator.get(PAGE)
    refused = operator.send("/deployments/leads/grants", service="crm", days="0")
    assert (refused.status_code, "Give a number of days" in text_of(refused.text)) == (422, True)


def test_figures_and_decisions_are_counted_and_found(live: Parts, operator: Browser, tmp_path: Path) -> None:
    assert "Nothing was decided" in operator.text("/deployments/leads/figures?environment=sandbox")
    made = decided(live, tmp_path)
    figures = operator.get("/deployments/leads/figures?environment=sandbox", hx_request="true")
    assert "Decisions in 30 days 3" in text_of(figures.text)
    assert figures.text.count("<svg") >= 2
    assert "<html" not in figures.text
    shown = operator.get("/decisions?deployment=leads")
    assert all(f"/decisions/{one}" in shown.text for one in made)
    assert "Nothing matches" in operator.text("/decisions?deployment=leads&arm=nobody")
    elsewhere = signed_in(live, "Fynn", (Role.operator, "finance"))
    assert all(one not in elsewhere.get("/decisions").text for one in made)
    assert elsewhere.get(f"/decisions/{made[0]}").status_code == 403


def test_a_decision_shows_input_to_those_who_may_and_its_chain(live: Parts, operator: Browser, tmp_path: Path) -> None:
    [made] = decided(live, tmp_path, 1)
    assert "What was asked" in operator.text(f"/decisions/{made}")
    assert "personal data" not in operator.text(f"/decisions/{made}")
    council = signed_in(live, "Cleo", (Role.council, "sales"))
    hidden = council.text(f"/decisions/{made}")
    assert "You may not see what was asked about whom" in hidden
    told = json.loads(council.get(f"/decisions/{made}/evidence.json").text)
    assert "input" not in told and told["decision"]["id"] == made
    assert json.loads(operator.get(f"/decisions/{made}/evidence.json").text)["input"]["input"]
    chain = operator.get(f"/decisions/{made}/chain", hx_request="true")
    assert "<html" not in chain.text
    for title in ("Who asked", "The sealed log", "Verdict of the gate", "Model version", "Proofs of the ledger"):
        assert title in text_of(chain.text)


def test_a_young_decision_is_waited_for_and_an_unknown_one_is_not_there(
    live: Parts, operator: Browser, tmp_path: Path
) -> None:
    granted(live)
    serving.publish_due(live)
    node = SmallNode(live, tmp_path / "node")
    [(made, _)] = node.decide("leads", [RECORD])
    assert "On its way from the node" in operator.text(f"/decisions/{made}")
    waiting = operator.get(f"/decisions/{made}/waiting", hx_request="true")
    assert "<html" not in waiting.text and "every 2s" in waiting.text
    node.ship()
    serving.take_in(live.database, live.storage, catalog.lake_of(live), node.key)
    assert operator.get(f"/decisions/{made}/waiting", hx_request="true").headers["hx-redirect"] == f"/decisions/{made}"
    assert operator.get("/decisions/dec_none").status_code == 404


def test_outcomes_come_in_by_file_or_tell_what_is_wrong(live: Parts, operator: Browser, tmp_path: Path) -> None:
    [made] = decided(live, tmp_path, 1)
    operator.get(PAGE)
    wrong = operator.send("/deployments/leads/outcomes", files={"file": ("o.csv", b"decision,outcome\ndec_x,1\n")})
    assert wrong.status_code == 422
    assert "1: no such decision" in text_of(wrong.text)
    done = operator.send(
        "/deployments/leads/outcomes", files={"file": ("o.csv", f"decision,outcome\n{made},1\n".encode())}
    )
    assert "1 outcomes read: 1 new" in text_of(done.text)
    assert "outcome: 1" in operator.text(f"/decisions/{made}")


def test_a_released_version_is_deployed_from_its_form(live: Parts) -> None:
    office = signed_in(live, "Ada", (Role.ai_office, None))
    assert "No version is released yet" in office.text("/deployments/new")
    missing = office.get("/deployments")
    assert missing.status_code == 200
