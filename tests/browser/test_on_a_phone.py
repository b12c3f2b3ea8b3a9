"""The essential steps on a phone, by touch: the menu opens and nothing scrolls sideways."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.factories.browser import Watched
from tests.factories.lived_in import PASSWORD, LivedIn

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


def by_menu(here: Watched, name: str) -> None:
    """Open the menu and go to a page of it."""
    page = here.page
    page.tap(".menu-button")
    expect(page.locator("#side")).to_be_in_viewport()
    page.locator("#side").get_by_role("link", name=name).tap()
    page.wait_for_load_state()
    here.rest()


def test_sign_in_propose_comment_and_reject_on_a_phone(lived_in: LivedIn, window: Open) -> None:
    here = window(None, size="phone", has_touch=True)
    page = here.page
    here.open("/sign-in")
    page.fill("#f-email", lived_in.people["ada"].email)
    page.fill("#f-password", PASSWORD)
    page.tap("text=Sign in >> nth=-1")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    here.rest()
    assert here.complaints() == []

    by_menu(here, "Use cases")
    assert here.complaints() == []
    page.tap("a[href='/usecases/new']")
    page.wait_for_url("**/usecases/new")
    page.fill("#f-title", "Plan shifts")
    page.select_option("#f-department", "hr")
    here.rest()
    assert here.complaints() == []
    page.tap("#new-usecase .form-foot button")
    page.wait_for_url("**/usecases/plan-shifts*")
    here.rest()
    page.fill("#together #f-text", "Who is asked before?")
    page.tap("#together button.btn-primary")
    expect(page.locator("#together .said")).to_contain_text("Who is asked before?")
    here.rest()
    assert here.complaints() == []

    with lived_in.client("dora") as dora:
        asked = dora.post("/releases", {"version": lived_in.version, "environment": "production"})
    by_menu(here, "Approvals")
    page.locator(f"a[href='/approvals/{asked['approval']}']").first.tap()
    page.wait_for_url("**/approvals/*")
    here.rest()
    page.tap("button[data-open=reject]")
    here.rest()
    assert here.complaints() == []
    page.fill("#reject textarea", "Not before the pilot has run for a month")
    page.tap("#reject .btn-danger, #reject .btn-primary")
    expect(page.locator("h1")).to_contain_text("rejected", ignore_case=True)
    here.rest()
    assert here.complaints() == []


def test_the_tab_one_is_on_is_in_sight(lived_in: LivedIn, window: Open) -> None:
    here = window("ada", size="phone", has_touch=True)
    for tab in ("", "/value"):
        here.open(f"/usecases/lead-scoring{tab}")
        expect(here.page.locator(".tabs [aria-current]").first).to_be_in_viewport(ratio=0.95)
