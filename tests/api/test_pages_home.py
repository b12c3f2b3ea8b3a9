"""The home page: what each role finds there, and what it does not."""

from __future__ import annotations

import pytest

from headway.identity import Role
from headway.kernel.web import Parts
from tests.factories.pages import signed_in, text_of
from tests.factories.serving import deployed, prepare_keys, released


@pytest.fixture
def live(parts: Parts) -> Parts:
    prepare_keys(parts)
    deployed(parts, released(parts))
    return parts


def test_the_ai_office_sees_first_steps_and_how_things_stand(live: Parts) -> None:
    shown = signed_in(live, "Ada", (Role.ai_office, None)).text("/")
    for told in ("First steps", "Live use cases", "High risk", "What is blocked, and by whom", "Projected value"):
        assert told in shown
    assert "not measured" in shown
    assert "Newest in the ledger" in shown


def test_each_role_finds_what_is_its_own(live: Parts) -> None:
    scientist = signed_in(live, "Sid", (Role.data_scientist, "sales")).text("/")
    assert "Your pilots" in scientist and "Start a pilot" in scientist
    assert "Newest in the ledger" not in scientist and "First steps" not in scientist
    council = signed_in(live, "Cleo", (Role.council, None)).text("/")
    assert "Waiting for your answer" in council and "Your pilots" not in council
    operator = signed_in(live, "Opal", (Role.operator, "sales")).get("/")
    assert "/deployments/leads?environment=sandbox" in operator.text
    elsewhere = signed_in(live, "Fynn", (Role.operator, "finance")).get("/")
    assert "/deployments/leads" not in elsewhere.text
    aude = signed_in(live, "Aude", (Role.auditor, None))
    home = aude.get("/").text
    auditor = text_of(home)
    assert "Newest in the ledger" in auditor and 'hx-get="/home/newest"' in home
    newest = aude.text("/home/newest")
    assert "Newest in the ledger" in newest and "role.granted" in newest
    assert signed_in(live, "Hal", (Role.auditor, "finance")).get("/home/newest").status_code == 403
    assert "Newest verdicts of gates" in auditor and 'href="/verdicts/' in home
    assert "No gate has signed a verdict yet" in signed_in(live, "Audrey", (Role.auditor, "finance")).text("/")


def test_an_employee_learns_what_is_live_and_may_propose(live: Parts) -> None:
    shown = signed_in(live, "Emil", (Role.employee, "sales")).text("/")
    assert "AI at work in your departments" in shown and "Propose a use case" in shown
    assert "Projected value" not in shown


def test_without_a_role_the_page_says_whom_to_ask(live: Parts) -> None:
    shown = signed_in(live, "Nora").text("/")
    assert "You hold no role yet" in shown
    assert "Live use cases" not in shown
