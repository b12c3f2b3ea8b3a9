"""The whole way in a real browser: a file, its pilot, the report, a second person's yes, a deployment, a decision and its proof."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.acts import leads, start_pilot, until_done
from tests.browser.conftest import Open
from tests.factories.browser import Watched
from tests.factories.lived_in import LivedIn

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1500)]
NAME = "whole-way"
WAIT = 120_000


def test_from_a_file_to_a_decision_with_its_proof(lived_in: LivedIn, window: Open, tmp_path: Path) -> None:
    dora = window("dora")
    _pilot_and_report(dora, leads(tmp_path, seed=31))
    approval = _ask_for_promotion(dora)
    _approve(window("grace"), approval)
    _deploy(window("olga"))
    _decide_and_see_the_proof(window("ada"))


def _pilot_and_report(here: Watched, file: Path) -> None:
    """Start the pilot, watch its steps turn, read the report."""
    start_pilot(here, file, NAME)
    expect(here.page.get_by_role("heading", name="Steps")).to_be_visible()
    until_done(here)
    assert here.complaints() == []
    here.page.click("text=Read the report")
    here.page.wait_for_url("**/report")
    here.rest()
    expect(here.page.get_by_role("heading", name="How good it is")).to_be_visible()
    expect(here.page.locator("#good svg").first).to_be_visible()
    assert here.complaints() == []


def _ask_for_promotion(here: Watched) -> str:
    """Say what a file cannot tell, ask for the pilot environment; returns the address of what was asked."""
    page = here.page
    here.open(f"/usecases/{NAME}/edit")
    page.fill("#f-purpose", "Call the leads first that are likeliest to convert")
    page.fill("#f-people_affected", "Leads of the sales department")
    page.fill("#f-success_measure", "Conversions per hundred calls against the hold-out")
    page.fill("#f-owner", "Dora Scientist")
    page.fill("#f-sponsor", "Sven Sponsor")
    page.click("main .form-foot button.btn-primary")
    page.wait_for_url(f"**/usecases/{NAME}")
    here.rest()
    assert here.complaints() == []
    here.open(f"/usecases/{NAME}/promote")
    page.check("input[name=environment][value=pilot]")
    here.rest()
    assert here.complaints() == []
    page.click("button:has-text('Ask for it')")
    page.wait_for_url("**/releases/*")
    here.rest()
    expect(page.get_by_text("You asked for it yourself, somebody else must approve")).to_be_visible()
    assert here.complaints() == []
    return page.url.removeprefix(here.base)


def _approve(here: Watched, asked: str) -> None:
    """A second person reads, and approves with a reason; without one it is not taken."""
    page = here.page
    here.open("/approvals")
    assert here.complaints() == []
    here.open(asked)
    page.click("button[data-open=approve]")
    page.fill("#approve textarea", "The report is sound and the hold-out is large enough")
    page.click("#approve .btn-primary")
    expect(page.locator("h1")).to_contain_text("released", ignore_case=True)
    here.rest()
    assert here.complaints() == []


def _deploy(here: Watched) -> None:
    """Put the released version to work."""
    page = here.page
    here.open("/deployments/new")
    choice = page.locator("#f-release option", has_text=NAME).filter(has_text="ilot").first
    page.select_option("#f-release", str(choice.get_attribute("value")))
    page.fill("#f-name", NAME)
    page.fill("#f-holdout_percent", "10")
    page.fill("#f-subject_field", "lead_id")
    here.rest()
    assert here.complaints() == []
    page.click("main .form-foot button.btn-primary")
    page.wait_for_url(f"**/deployments/{NAME}*")
    here.rest()
    assert here.complaints() == []


def _decide_and_see_the_proof(here: Watched) -> None:
    """Try the deployment in the sandbox, where the node of this home is; then follow the decision to its chain."""
    page = here.page
    here.open(f"/deployments/{NAME}/try?environment=sandbox")
    assert here.complaints() == []
    page.click("main .form-foot button.btn-primary")
    link = page.get_by_role("link", name="Its chain of evidence")
    expect(link).to_be_visible(timeout=WAIT)
    here.rest()
    assert here.complaints() == []
    link.click()
    chain = page.locator("#chain")
    expect(chain.get_by_role("heading", name="Chain of evidence")).to_be_visible(timeout=WAIT)
    expect(chain.get_by_text("holds").first).to_be_visible(timeout=WAIT)
    expect(chain.get_by_text("broken", exact=True)).to_have_count(0)
    here.rest()
    assert here.complaints() == []
